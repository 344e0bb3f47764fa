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


@dataclass(frozen=True, slots=True)
class _Cut(Generic[What]):
    """A mark cut to the text."""

    start: int
    end: int
    mark: Mark[What]

    @property
    def outermost_first(self) -> tuple[int, int, int]:
        return self.start, -self.end, self.mark.rank


def nested(text: str, marks: Sequence[Mark[What]]) -> Iterator[Open[What] | Words | Close]:
    """Give the text with its marks, each opened and closed within the one that it was opened in.

    Marks outside of the text are cut to it, and those that are empty then are left out.
    """
    inside = [_Cut(max(0, mark.start), min(len(text), mark.end), mark) for mark in marks]
    inside = sorted((one for one in inside if one.start < one.end), key=lambda one: one.outermost_first)
    waiting = inside[::-1]
    opened: list[_Cut[What]] = []
    position = 0
    for edge in sorted({one.end for one in inside} | {one.start for one in inside} | {len(text)}):
        if edge > position:
            yield Words(text[position:edge])
            position = edge
        yield from _closed(opened, edge)
        while waiting and waiting[-1].start == edge:
            opened.append(waiting.pop())
            yield Open(opened[-1].mark, continued=False)


def _closed(opened: list[_Cut[What]], edge: int) -> Iterator[Open[What] | Close]:
    """Close what ends here; what lies inside of it and goes on is closed too, and opened again."""
    ending = next((index for index, one in enumerate(opened) if one.end == edge), None)
    if ending is None:
        return
    above = opened[ending:]
    del opened[ending:]
    yield from (Close() for _ in above)
    for one in above:
        if one.end > edge:
            opened.append(one)
            yield Open(one.mark, continued=True)
