"""Texts that say that they correct or update an earlier one: `CORRECTED-`, `UPDATE 2-`, `(Adds details)`."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache

from pipeline.languages import ENGLISH
from pipeline.text.marks import DASHES

_BEGINNING = 400
"""Characters of headline and lead in which such a mark stands, …"""
_LINES = 4
"""… and lines: the headline, an empty one and what the lead begins with."""


class Take(IntEnum):
    """What a text says of itself."""

    NONE = 0
    UPDATE = 1
    CORRECTION = 2


_NUMBERS = 64
"""Takes of one kind that are told apart by the number in their mark."""


def take_of(text: str) -> int:
    """Which mark stands at the beginning of a text, headline or lead.

    Returns:
        0 without a mark; else a number below 256 that only the same take has: of what kind it is, as `kind_of` says,
        and which (`UPDATE 2` is the second). A correction is the largest.
    """
    beginning = text[:_BEGINNING]
    found = 0
    for line in beginning.split("\n", _LINES)[:_LINES]:
        if marked := _at_the_beginning().match(line):
            found = max(found, _said(marked))
    at = beginning.find("(")
    while at >= 0:
        if marked := _in_brackets().match(beginning, at):
            found = max(found, _said(marked))
        at = beginning.find("(", at + 1)
    return found


def kind_of(take: int) -> Take:
    """The kind of a take."""
    return Take(take // _NUMBERS)


def _said(marked: re.Match[str]) -> int:
    kind = Take.CORRECTION if marked["correction"] else Take.UPDATE
    which = marked.groupdict().get("which") or "0"
    return _NUMBERS * kind + int(which) % _NUMBERS


@cache
def _at_the_beginning() -> re.Pattern[str]:
    """In capitals or with a number before a dash, a colon, a bracket; in any letters before a colon, a long dash."""
    after_a_number, after_capitals = rf" (?P<which>[0-9]{{1,2}})\s?[{DASHES}:(-]", r"(?<=[A-Z])\s?[-(]"
    return re.compile(rf"\W{{0,3}}(?i:{_words()})(?:{after_a_number}|{after_capitals}|\s?[:{DASHES}])")


@cache
def _in_brackets() -> re.Pattern[str]:
    return re.compile(rf"\((?i:{_words()})\b[^()\n]{{0,120}}\)")


def _words() -> str:
    """The marks, those of corrections in a group of that name. Agencies set them in English everywhere."""
    corrections, updates = (
        "|".join(map(re.escape, ENGLISH.table("takes").get(kind, ()))) for kind in ("corrections", "updates")
    )
    return f"(?P<correction>{corrections})|(?:{updates})"
