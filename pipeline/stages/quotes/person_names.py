"""The parts of a person's name: surname, given name, titles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.languages import Sex
from pipeline.languages.speech import Speech
from pipeline.record import Entity
from pipeline.stages.quotes.mentions import POSSESSIVES
from pipeline.text.marks import APOSTROPHES

WORD = re.compile(rf"[\w{APOSTROPHES}-]+")


def surname(entity: Entity) -> str:
    """The last word of a person's name."""
    return entity.name.rsplit(None, 1)[-1]


@lru_cache(maxsize=1 << 12)
def sex_of_name(name: str, speech: Speech) -> Sex | None:
    """The sex that mostly bears one of a person's given names."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    sex_of = speech.sex_of_given_name.get
    return next((sex for word in WORD.findall(plain)[:-1] if (sex := sex_of(word)) is not None), None)


def without_titles(run: str, speech: Speech) -> list[str]:
    """The words of a name from its given name on, or from behind a form of address amid it."""
    words = run.split()
    address = max((n for n, word in enumerate(words[:-1]) if _is_address(word, speech)), default=-1)
    words = words[address + 1 :]
    while len(words) > 1 and _is_no_given_name(words[0], speech):
        words.pop(0)
    return words


def _is_address(word: str, speech: Speech) -> bool:
    return word.rstrip(".").lower() in speech.honorifics


def bare(word: str) -> str:
    """A word without the sign of possession."""
    return word[:-2] if word.endswith(POSSESSIVES) else word


def _is_no_given_name(word: str, speech: Speech) -> bool:
    low = word.rstrip(".").lower()
    return low in speech.honorifics or low in speech.classes or low in speech.person_nouns
