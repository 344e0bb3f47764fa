"""Completes the site: folders stand for the pages in them, a page that is not there is left out, figures are drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

_DOCS = Path(__file__).parent
_RESULTS = _DOCS.parent / "benchmarks" / "results.jsonl"
_DRAWINGS = "<!-- drawings -->"
_WIDTH, _HEIGHT, _MARGIN = 420, 60, 6


def on_config(config: Any) -> Any:
    """Called by mkdocs with mkdocs.yml."""
    config.nav = _there(config.nav)
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with each page: the history of figures is drawn where its mark stands."""
    if _DRAWINGS not in markdown:
        return markdown
    lines = _RESULTS.read_text(encoding="utf-8").splitlines() if _RESULTS.exists() else []
    return markdown.replace(_DRAWINGS, "\n".join(drawings([json.loads(line) for line in lines])))


def drawings(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A heading for each benchmark, and a row for each figure: its course over the commits, and the last value.

    Args:
        results: lines of results.jsonl, the oldest first; see benchmarks/history.py.
    """
    for benchmark in sorted({line["benchmark"] for line in results}):
        lines = [line for line in results if line["benchmark"] == benchmark]
        yield f"\n## {benchmark[:1].upper()}{benchmark[1:]}\n"
        yield f"{_said(lines[0])} to {_said(lines[-1])}; the last on {lines[-1]['machine']}\n"
        yield '<table class="figures"><tbody>'
        for name in dict.fromkeys(name for line in lines for name in line["figures"]):
            values = [(_said(line), line["figures"][name]) for line in lines if name in line["figures"]]
            yield f"<tr><td>{escape(name)}</td><td>{_course(values)}</td><td>{values[-1][1]:,g}</td></tr>"
        yield "</tbody></table>"


def _said(line: dict[str, Any]) -> str:
    return f"{line['commit']} ({line['at'][:10]})"


def _course(values: Sequence[tuple[str, float]]) -> str:
    """An SVG of values in their order, from 0 or the lowest below it; each point says its commit and value."""
    low, high = min(0.0, *(value for _, value in values)), max(value for _, value in values)
    across = (_WIDTH - 2 * _MARGIN) / max(1, len(values) - 1)
    up = (_HEIGHT - 2 * _MARGIN) / ((high - low) or 1.0)
    points = [
        (_MARGIN + number * across, _HEIGHT - _MARGIN - (value - low) * up)
        for number, (_, value) in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{escape(said)}: {value:,g}</title></circle>'
        for (x, y), (said, value) in zip(points, values, strict=True)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="from {values[0][1]:,g} to {values[-1][1]:,g}" fill="currentColor">'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5"/>{dots}</svg>'
    )


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
