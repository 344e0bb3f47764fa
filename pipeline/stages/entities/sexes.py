"""Whether a person is a man or a woman, as far as an article lets one guess: it tells `Mr Hale` from his sister."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from pipeline.languages.base import Sex
from pipeline.languages.names import Names
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import parts_of
from pipeline.text.folding import fold

_KIN_BEFORE = re.compile(r"(?<!\w)([a-z]+)(?:-in-law)?,? \Z")
_LETTERS_BEFORE = 24
_LETTERS_AFTER = 160


def likely_sex(mentions: Iterable[Mention], text: str, names: Names) -> Sex | None:
    """That of the person of these mentions of `text`, None where nothing speaks for one.

    A noun of kinship right before the name comes first, then the given name, then the pronouns that follow.
    """
    found = list(mentions)
    for vote in (_by_kin, _by_given_name, _by_pronoun):
        votes = Counter(vote(text, mention, names) for mention in found)
        if votes[Sex.MALE] != votes[Sex.FEMALE]:
            return Sex.MALE if votes[Sex.MALE] > votes[Sex.FEMALE] else Sex.FEMALE
    return None


def _by_kin(text: str, mention: Mention, names: Names) -> Sex | None:
    before = _KIN_BEFORE.search(text, max(0, mention.start - _LETTERS_BEFORE), mention.start)
    return _kin(names).get(before[1]) if before else None


@cache
def _kin(names: Names) -> dict[str, Sex]:
    kin = names.table("persons").get("kin", {})
    return {noun: sex for sex in Sex for noun in kin.get(sex, ())}


def _by_given_name(_: str, mention: Mention, names: Names) -> Sex | None:
    parts = parts_of(mention.text, names)
    if len(parts) == 1:
        return None
    return names.given_names.get(fold(parts[0]))


@cache
def _pronoun(names: Names) -> re.Pattern[str]:
    """A pronoun of a person: the first group is a man's."""
    male, female = (names.any_of("persons", "pronouns", sex) for sex in Sex)
    return re.compile(rf"(?<!\w)(?:({male})|({female}))(?!\w)", re.IGNORECASE)


def _by_pronoun(text: str, mention: Mention, names: Names) -> Sex | None:
    """By the first pronoun behind the name in its paragraph."""
    paragraph = text[mention.end : mention.end + _LETTERS_AFTER].split("\n", 1)[0]
    pronoun = _pronoun(names).search(paragraph)
    return (Sex.MALE if pronoun[1] else Sex.FEMALE) if pronoun else None
