"""Whether what a message says is still there further on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lost(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Paths to what has gone or changed; what was null or empty may be filled."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            if name in after:
                yield from lost(value, after[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(before, list) and before and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from lost(one, other, f"{path}.{number}")
    elif before not in (None, []) and before != after:
        yield path
