"""Marks on a text: spans that may lie in each other, or across each other, as properly nested elements.

Spans are half-open ranges of code points, which is what Python's indices are: an emoji of several code points may be
cut by no span of ours, and a letter of another direction is one like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

What = TypeVar("What")


@dataclass(frozen=True, slots=True)
class Mark(Generic[What]):
    """Something about `text[start:end]`. Of marks on the same span the one of lower `rank` is outside."""

    start: int
    end: int
    what: What
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Open(Generic[What]):
    """A mark begins, or goes on (`continued`) where another one that it lies across has ended."""

    mark: Mark[What]
    continued: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of the text, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """The mark that was opened last, of those that are open, ends."""


def nested(text: str, marks: Sequence[Mark[What]]) -> Iterator[Open[What] | Words | Close]:
    """Give the text with its marks, each opened and closed within the one that it was opened in.

    Marks outside of the text are cut to it, and those that are empty then are left out.
    """
    inside = [mark for mark in marks if max(0, mark.start) < min(len(text), mark.end)]
    waiting = sorted(inside, key=_outermost_first, reverse=True)
    edges = {min(mark.end, len(text)) for mark in inside} | {max(mark.start, 0) for mark in inside}
    cut = 0
    opened: list[Mark[What]] = []
    for edge in sorted(edges | {len(text)}):
        if edge > cut:
            yield Words(text[cut:edge])
            cut = edge
        yield from _closed(opened, edge)
        while waiting and max(0, waiting[-1].start) == edge:
            mark = waiting.pop()
            yield from _opened(opened, mark)
    yield from (Close() for _ in opened)


def _outermost_first(mark: Mark[What]) -> tuple[int, int, int]:
    return max(0, mark.start), -mark.end, mark.rank


def _closed(opened: list[Mark[What]], edge: int) -> Iterator[Open[What] | Close]:
    """Close what ends here; what lies inside of it and goes on is closed too, and opened again."""
    ending = next((index for index, mark in enumerate(opened) if mark.end <= edge), None)
    if ending is None:
        return
    above = opened[ending:]
    del opened[ending:]
    yield from (Close() for _ in above)
    for mark in above:
        if mark.end > edge:
            opened.append(mark)
            yield Open(mark, continued=True)


def _opened(opened: list[Mark[What]], mark: Mark[What]) -> Iterator[Open[What]]:
    opened.append(mark)
    yield Open(mark, continued=False)
