"""Whether a person is a man or a woman, as far as an article lets one guess: it tells `Mr Hale` from his sister."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from pipeline.stages.entities.lexicon import fold, table
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import parts_of
from pipeline.stages.given_names import sex_of

_KIN_BEFORE = re.compile(r"(?<!\w)([a-z]+)(?:-in-law)?,? \Z")
_LETTERS_BEFORE = 24
_PRONOUN = re.compile(r"(?<!\w)(?:(he|him|his|himself)|(she|her|hers|herself))(?!\w)", re.IGNORECASE)
_LETTERS_AFTER = 160


def likely_sex(mentions: Iterable[Mention], text: str) -> str | None:
    """`m` or `f` for the person of these mentions of `text`, None where nothing speaks for one.

    A noun of kinship right before the name comes first, then the given name, then the pronouns that follow.
    """
    found = list(mentions)
    for vote in (_by_kin, _by_given_name, _by_pronoun):
        votes = Counter(vote(text, mention) for mention in found)
        if votes["m"] != votes["f"]:
            return "m" if votes["m"] > votes["f"] else "f"
    return None


def _by_kin(text: str, mention: Mention) -> str | None:
    before = _KIN_BEFORE.search(text, max(0, mention.start - _LETTERS_BEFORE), mention.start)
    return _kin().get(before[1]) if before else None


@cache
def _kin() -> dict[str, str]:
    return {noun: sex for sex, nouns in table("persons")["kin"].items() for noun in nouns}


def _by_given_name(_: str, mention: Mention) -> str | None:
    parts = parts_of(mention.text)
    if len(parts) == 1:
        return None
    return {"male": "m", "female": "f", None: None}[sex_of(fold(parts[0]))]


def _by_pronoun(text: str, mention: Mention) -> str | None:
    """By the first pronoun behind the name in its paragraph."""
    paragraph = text[mention.end : mention.end + _LETTERS_AFTER].split("\n", 1)[0]
    pronoun = _PRONOUN.search(paragraph)
    return ("m" if pronoun[1] else "f") if pronoun else None
