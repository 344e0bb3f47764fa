"""What stands around a name and tells what it is the name of: `Mr`, `said`, `in`, `district`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipeline.languages.names import Names
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.roles import is_made_like_a_role
from pipeline.text.marks import APOSTROPHES

PERSON, ORG, PLACE, SHIP, PEOPLE = "PERSON", "ORG", "GPE", "PRODUCT", "NORP"

Voice = tuple[str, float]
"""A label, and how strongly something speaks for it."""
Voices = Sequence[Voice]

CERTAIN_CUE = 6.0
STRONG_CUE = 2.2
CUE = 0.8
_TITLE = 3.0
_ROLE = 1.5

_LETTERS_BEFORE = 40
_AGE = re.compile(r"\d\d")
_AFTER = re.compile(rf"(?:[{APOSTROPHES}]s)? ?(,?) ?([\w{APOSTROPHES}-]{{1,60}})")


def takes_a_turn(mention: Mention, text: str) -> bool:
    """Whether a line begins with the name in capitals and a colon, as in an interview."""
    at_beginning = mention.start == 0 or text[mention.start - 1] == "\n"
    return at_beginning and mention.text.isupper() and text.startswith(":", mention.end)


def context_cues(mention: Mention, text: str, names: Names) -> Voices:
    """What the title and the words around a mention say of it."""
    voices: list[Voice] = [(PERSON, _TITLE)] if mention.title else []
    before = text[max(0, mention.start - _LETTERS_BEFORE) : mention.start].lower().rsplit(maxsplit=3)
    if before and before[-1] in _cue(names, "name_articles"):
        before.pop()
    if before:
        voices += _voices_before(before, mention, names)
    if after := _AFTER.match(text, mention.end):
        comma, word = after.groups()
        one = word.lower()
        if one in _all_after(names) or (comma and _AGE.fullmatch(one)):
            voices += _cues_after(bool(comma), one, names)
    return voices


def _voices_before(before: Sequence[str], mention: Mention, names: Names) -> Iterator[Voice]:
    """What the last words before a mention say of it."""
    one = before[-1].rstrip(",")
    two = f"{before[-2]} {one}" if len(before) > 1 else one
    if one in _all_before(names) or two in _all_before(names):
        yield from _cues_before(one, two, names)
    if " " in mention.text and (one in names.words("persons", "roles") or is_made_like_a_role(one, names)):
        yield PERSON, _ROLE


def _cues_before(one: str, two: str, names: Names) -> Iterator[Voice]:
    if one in _cue(names, "ship_before"):
        yield SHIP, STRONG_CUE
    if two in _cue(names, "place_surely_before"):
        yield PLACE, CERTAIN_CUE
    elif one in _cue(names, "place_before") or two in _cue(names, "place_before"):
        yield PLACE, STRONG_CUE
    elif one in _cue(names, "place_preposition"):
        yield PLACE, CUE
    if one in _cue(names, "organisation_before") or two in _cue(names, "organisation_before"):
        yield ORG, STRONG_CUE
    if one in _cue(names, "person_verbs"):
        yield PERSON, CUE


def _cues_after(comma: bool, one: str, names: Names) -> Iterator[Voice]:
    if one in _cue(names, "person_after") or (comma and _AGE.fullmatch(one)):
        yield PERSON, STRONG_CUE
    elif one in _cue(names, "person_verbs"):
        yield PERSON, CUE
    elif not comma and one in _cue(names, "place_after"):
        yield PLACE, STRONG_CUE
    elif not comma and one in _cue(names, "organisation_after"):
        yield ORG, CUE
    elif not comma and one in _cue(names, "people_after"):
        yield PEOPLE, STRONG_CUE


@cache
def _cue(names: Names, key: str) -> frozenset[str]:
    return frozenset(names.table("cues").get(key, ()))


@cache
def _all_before(names: Names) -> frozenset[str]:
    """Every word or two that says something before a name; few words do."""
    keys = ("ship_before", "place_surely_before", "place_before", "place_preposition")
    return frozenset().union(*(_cue(names, key) for key in (*keys, "organisation_before", "person_verbs")))


@cache
def _all_after(names: Names) -> frozenset[str]:
    """Every word that says something behind a name."""
    keys = ("person_after", "person_verbs", "place_after", "organisation_after", "people_after")
    return frozenset().union(*(_cue(names, key) for key in keys))
