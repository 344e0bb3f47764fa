"""Unicode normal forms in time that is linear in the length of a text."""

from __future__ import annotations

import re
import unicodedata

_LONG = 1_000  # characters up to which the square of the length is no matter
_MOST_MARKS = 30
"""Marks on one letter: no language needs more (the stream-safe text of Unicode's annex 15)."""
_HEAP = re.compile(rf"[^\s\w]{{{_MOST_MARKS + 1},}}+")


def nfkc(text: str) -> str:
    """`text` in NFKC; of a heap of marks on one letter the first ones only.

    The library sorts the marks on a letter by moving each past those before it: 80,000 on one took five seconds.
    """
    if len(text) > _LONG and not text.isascii():
        text = _HEAP.sub(_without_heap, text)
    return unicodedata.normalize("NFKC", text)


def _without_heap(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
