"""Names of persons: their parts, and whether two can be one person's."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from pipeline.languages.names import Names
from pipeline.text.folding import NAMES_AT_MOST, fold
from pipeline.text.marks import CLOSES, DOUBLE, OPENS, SINGLE_CLOSING, SINGLE_OPENING

LETTERS_BEFORE = 40
"""How far before a name its title begins at most."""

_WORD = re.compile(r"\S+")
_NICKNAME = re.compile(
    rf"(?<=\w)\.? [{OPENS}][^{DOUBLE}{SINGLE_OPENING}{SINGLE_CLOSING}]{{2,30}}[{CLOSES}] (?=\w)"
)
_LONGEST_TITLE = 3
LONG_PART = 6
"""Letters of a part that may be misspelt; shorter ones that differ by one are different names (Anna, Anne)."""


@lru_cache(maxsize=NAMES_AT_MOST)
def title_length(text: str, names: Names) -> int:
    """How many characters at the start of `text` are titles and the white space after them.

    The last word is never taken: a title alone is a name here.
    """
    found = list(_WORD.finditer(text))
    at = 0
    while at < len(found) - 1:
        for length in range(min(_LONGEST_TITLE, len(found) - 1 - at), 0, -1):
            if fold(text[found[at].start() : found[at + length - 1].end()]) in names.titles.all:
                at += length
                break
        else:
            break
    return found[at].start() if at else 0


def title_before(text: str, names: Names) -> str:
    """The title that `text` ends with, folded: `…, said Mrs ` gives `mrs`. Empty when there is none."""
    if not text[-1:].isspace():
        return ""
    text = text[-LETTERS_BEFORE:]
    last = text.rsplit(maxsplit=1)[-1:]
    if not last or fold(last[0]) not in names.titles.last_words:
        return ""
    found = text.split()[-_LONGEST_TITLE:]
    for at, word in enumerate(found):
        if word[0].isupper() and (title := fold(" ".join(found[at:]))) in names.titles.all:
            return title
    return ""


def without_style(name: str, names: Names) -> str:
    """`name` without a style before several parts; `Sir Alec` alone stays as it is."""
    style, _, rest = name.partition(" ")
    return rest if " " in rest and fold(style) in names.titles.styles else name


def without_nickname(name: str) -> str:
    """`name` without what stands in quotation marks amid it: `Karl “Red” Hale` gives `Karl Hale`."""
    return _NICKNAME.sub(" ", name)


@lru_cache(maxsize=NAMES_AT_MOST)
def parts_of(name: str, names: Names) -> tuple[str, ...]:
    """The folded parts of a name, without styles, nicknames and suffixes.

    `J. P. Adams Jr.` gives `("j", "p", "adams")`.
    """
    parts = fold(without_nickname(name)).split()
    if len(parts) > 1 and parts[0] in names.titles.styles:
        del parts[0]
    while len(parts) > 1 and parts[-1] in names.words("persons", "suffixes"):
        parts.pop()
    return tuple(parts)


class Fit(IntEnum):
    """How usual a form is for a name; 0 is no form of it."""

    NONE = 0
    INNER = 1
    GIVEN = 2
    VARIANT = 3
    SURNAME = 4


def fit(short: tuple[str, ...], full: tuple[str, ...], names: Names) -> Fit:
    """How well `short` is a form of the longer name `full`.

    Surnames come before shortened forms (`J. Adams` for `John Quincy Adams`), these before given names,
    these before inner parts (`Lula`, `López`).
    """
    if not short or len(short) > len(full):
        return Fit.NONE
    if full[-len(short) :] == short:
        return Fit.SURNAME
    if _alike(short[-1], full[-1]) and _in_order(short[:-1], full[:-1]):
        return Fit.VARIANT
    if len(short[0]) == 1:
        return Fit.NONE
    if full[: len(short)] == short:
        return Fit.GIVEN
    inner = any(full[at : at + len(short)] == short for at in range(1, len(full) - len(short)))
    return Fit.INNER if inner and short[0] not in names.words("persons", "particles") else Fit.NONE


def _in_order(given: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether each of `given` is, in order, one of `full`, its initial or written out from it."""
    rest = iter(full)
    return all(any(_same_given(one, other) for other in rest) for one in given)


def _same_given(one: str, other: str) -> bool:
    return _alike(one, other) or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _alike(one: str, other: str) -> bool:
    """Whether two parts are spellings of one: the same, or long with one letter more, less or changed."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < LONG_PART or len(long) - len(short) > 1 or short[0] != long[0]:
        return False
    at = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :] or short[at + 1 :] == long[at + 1 :]
