"""Waiting for what no one announces: a state of several processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PATIENCE_SECONDS = 120.0
_SHORTEST, _LONGEST = 0.05, 0.5


def eventually(look: Callable[[], T | None], *, within: float = _PATIENCE_SECONDS, what: str = "") -> T:
    """Look again and again until what is seen is true; gives it."""
    deadline = time.monotonic() + within
    pause = _SHORTEST
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or look.__name__}; last seen: {seen!r}")
        time.sleep(pause)
        pause = min(_LONGEST, pause * 1.3)
    return seen
