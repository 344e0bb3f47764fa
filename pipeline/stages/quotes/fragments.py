"""Where the quotation marks are: the candidates for a quotation, before anybody asks what they mean.

One pass over each paragraph, left to right, with at most one mark open at a time: a mark of another family
inside an open one is nested and belongs to it. That makes the scan linear whatever the marks do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from pipeline.languages.speech import Speech
from pipeline.text.marks import (
    APOSTROPHES,
    DASHES,
    DOUBLE_CLOSING,
    DOUBLE_OPENING,
    LEFT,
    QUOTATION,
    RIGHT,
    SINGLE_CLOSING,
    SINGLE_OPENING,
)
from pipeline.text.marks import DOUBLE as DOUBLE_MARKS
from pipeline.text.marks import SINGLE as SINGLE_MARKS

# A run of two straight or two grave apostrophes is an old wire's double mark.
# An apostrophe inside a word is no mark.
_MARK = re.compile(rf"[{QUOTATION}](?:(?<![{APOSTROPHES}])|(?<![^\W_].)|(?![^\W_]))")
# Without any of these no mark of the paragraph opens anything: the others are apostrophes.
# It begins with a set of characters, which the engine finds fast.
_PROMISING = re.compile(
    rf"[{DOUBLE_MARKS}{SINGLE_OPENING}'`](?:(?<=[{DOUBLE_MARKS}])|(?<=')'|(?<=`)`|(?<!\w.)\w)"
)
_DOUBLING = f"'`{SINGLE_CLOSING}"
_TWICE = re.compile(rf"([{_DOUBLING}])\1")
_MARKUP = re.compile(r"<[A-Za-z/!][^<>\n]{0,2000}>")
_DOUBLE_OPEN = frozenset(DOUBLE_OPENING)
_DOUBLE_CLOSE = frozenset(DOUBLE_CLOSING)
_SINGLE = frozenset(SINGLE_MARKS)
_INCHES = re.compile(rf"(?:\d[{APOSTROPHES}′]\s?\d{{1,2}}|\d\s?[x×]\s?\d+)\Z")
_OPENING_BEFORE = frozenset("([{<-/…:;,." + DASHES)
_NOT_BEFORE_CLOSE = (_OPENING_BEFORE - frozenset(".,…")) | {SINGLE_OPENING[0], LEFT}


Style = Literal["double", "single"]
"""The family of a candidate's marks."""
DOUBLE: Final = "double"
SINGLE: Final = "single"


@dataclass(slots=True)
class Fragment:
    """A stretch in quotation marks: half-open code-point offsets, marks included.

    `inner` are the words between the marks, and `closed` is false where the paragraph ended first.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    inner: str
    style: Style
    closed: bool


def fragments(text: str, start: int, end: int, speech: Speech) -> list[Fragment]:
    """Find the candidates of the paragraph `text[start:end]`, in order, without overlaps."""
    if _PROMISING.search(text, start, end) is None:
        return []
    return _scan(text, start, end, _elision(speech))


@cache
def _elision(speech: Speech) -> re.Pattern[str]:
    """Words and years that begin with an apostrophe; the mark before them opens nothing."""
    words = "".join(f"{re.escape(word)}|" for word in sorted(speech.elisions, reverse=True))
    return re.compile(rf"(?:{words}\d0s|\d\d)\b", re.IGNORECASE)


def _scan(text: str, start: int, end: int, elision: re.Pattern[str]) -> list[Fragment]:
    found: list[Fragment] = []
    marks = _marks(text, start, end)
    nests = text.find(LEFT, start, end) >= 0 and _nests(marks)
    depth = 0
    opened: tuple[int, int] | None = None
    singles: list[int] = []  # marks since the last double one; looked at only in the gaps between the doubles
    free = start
    for a, mark in marks:
        if opened is None:
            if mark in _SINGLE:
                singles.append(a)
            elif _opens(text, mark, a, start, end):
                if singles:
                    found += _singles(text, singles, free, a, elision)
                    singles = []
                opened = (a, a + len(mark))
        elif mark not in _SINGLE:
            b = a + len(mark)
            closes = _closes(text, mark, a, b, end)
            step = (mark == LEFT and not closes) - (mark == RIGHT and depth > 0) if nests else 0
            depth += step
            if closes and not step:
                inner = text[opened[1] : a].strip()
                found.append(Fragment(opened[0], b, opened[1], a, inner, DOUBLE, closed=True))
                opened, free, depth = None, b, 0
    if opened is not None:
        inner = text[opened[1] : end].strip()
        found.append(Fragment(opened[0], end, opened[1], end, inner, DOUBLE, closed=False))
    elif singles:
        found += _singles(text, singles, free, end, elision)
    return [fragment for fragment in found if fragment.inner]


def _nests(marks: list[tuple[int, str]]) -> bool:
    """Whether curly marks may be nested in themselves: where each that opens has one that closes."""
    shapes = [mark for _, mark in marks]
    return shapes.count(LEFT) == shapes.count(RIGHT) > 1


def _marks(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """All marks that are not part of markup, and where; two apostrophes or graves in a row are taken as one."""
    found = [(mark.start(), mark.group()) for mark in _MARK.finditer(text, start, end)]
    stretch = text[start:end]
    if "<" in stretch:
        found = _outside_markup(found, _MARKUP.finditer(text, start, end))
    return _doubled(found) if _TWICE.search(stretch) else found


def _outside_markup(marks: list[tuple[int, str]], markup: Iterator[re.Match[str]]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    tag = next(markup, None)
    for a, mark in marks:
        while tag is not None and tag.end() <= a:
            tag = next(markup, None)
        if tag is None or a < tag.start():
            found.append((a, mark))
    return found


def _doubled(marks: list[tuple[int, str]]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for a, mark in marks:
        if mark in _DOUBLING and found and found[-1] == (a - 1, mark):
            found[-1] = (a - 1, mark * 2)
        else:
            found.append((a, mark))
    return found


def _opens(text: str, mark: str, first: int, start: int, end: int) -> bool:
    b = first + len(mark)
    if mark in _DOUBLE_OPEN:
        return True
    if mark in _DOUBLE_CLOSE or mark == SINGLE_CLOSING * 2 or b >= end or text[b].isspace():
        return False
    if mark == "``":
        return True
    before = text[first - 1] if first > start else " "
    return not (before.isdigit() or (mark == "''" and before.isalnum()))


def _closes(text: str, mark: str, start: int, behind: int, end: int) -> bool:
    if text[start - 1].isdigit() and _INCHES.search(text, max(0, start - 8), start):
        return False
    if mark in _DOUBLE_CLOSE or mark == SINGLE_CLOSING * 2:
        return True
    if mark in _DOUBLE_OPEN or mark == "``":
        after = text[behind] if behind < end else " "
        return (
            not text[start - 1].isspace() and not after.isalnum() and text[start - 1] not in _NOT_BEFORE_CLOSE
        )
    return mark != "''" or behind >= end or not text[behind].isalnum()


def _singles(text: str, marks: list[int], start: int, end: int, elision: re.Pattern[str]) -> list[Fragment]:
    """The single-quoted stretches of the gap `text[start:end]`, apostrophes told apart."""
    found: list[Fragment] = []
    opened = -1
    held = -1  # a close that might be a plural possessive: taken only if no better one comes
    for at in marks:
        if opened < 0:
            opened = at if _opens_single(text, at, start, end) and not elision.match(text, at + 1) else -1
        elif _closes_single(text, at, start, end):
            if _may_be_possessive(text, at, end):
                held = at
            else:
                found.append(_single(text, opened, at))
                opened = held = -1
    if opened >= 0 and held >= 0:
        found.append(_single(text, opened, held))
    return found


def _opens_single(text: str, at: int, start: int, end: int) -> bool:
    before = text[at - 1] if at > start else " "
    if text[at] == SINGLE_CLOSING or at + 1 >= end or not text[at + 1].isalnum():
        return False
    return before.isspace() or before in _OPENING_BEFORE


def _closes_single(text: str, at: int, start: int, end: int) -> bool:
    if text[at] in SINGLE_OPENING or at <= start or text[at - 1].isspace():
        return False
    return at + 1 >= end or not text[at + 1].isalnum()


def _may_be_possessive(text: str, at: int, end: int) -> bool:
    """Whether the mark may belong to a plural: `the boats' crews`."""
    if text[at - 1] != "s" or at + 2 >= end:
        return False
    return text[at + 1].isspace() and text[at + 2].islower()


def _single(text: str, opening: int, closing: int) -> Fragment:
    inner = text[opening + 1 : closing].strip()
    return Fragment(opening, closing + 1, opening + 1, closing, inner, SINGLE, closed=True)
