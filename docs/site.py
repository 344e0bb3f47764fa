"""Completes the site's navigation: folders stand for the pages in them, and a page that is not there is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_DOCS = Path(__file__).parent


def on_config(config: Any) -> Any:
    """Called by mkdocs with mkdocs.yml."""
    config.nav = _there(config.nav)
    return config


def _there(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for entry in entries:
        ((title, target),) = entry.items()
        if isinstance(target, list):
            found.append({title: _there(target)})
        elif target.endswith("/"):
            pages = sorted(path.relative_to(_DOCS).as_posix() for path in (_DOCS / target).glob("*.md"))
            found.append({title: pages})
        elif (_DOCS / target).is_file():
            found.append({title: target})
    return found
