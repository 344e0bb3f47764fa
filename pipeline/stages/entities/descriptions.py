"""What an article itself says a person is: the title before the name, the office or trade beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from pipeline.languages.names import Names
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import LETTERS_BEFORE
from pipeline.text.folding import NAMES_AT_MOST, fold
from pipeline.text.marks import APOSTROPHES

_LETTERS_BEHIND = 120
_WORDS = 12  # of a role behind a name at most
_JOINING = frozenset(f"-{APOSTROPHES}")
# Bounded, and without what ends an apposition.
_BEHIND = re.compile(
    rf",(?: aged)?(?: \d{{1,3}},)? ((?:(?:[^\W\d_][\w{APOSTROPHES}.&/-]*+|&) ?){{1,{_WORDS}}})(?=[,.;\n)]|\Z)"
)


def title_of(mentions: Sequence[Mention], text: str) -> str | None:
    """The first title before a mention of a person, as it is written; None if there is none."""
    for mention in mentions:
        if mention.title:
            before = text[max(0, mention.start - LETTERS_BEFORE) : mention.start].split()
            return " ".join(before[-len(mention.title.split()) :]).rstrip(".,") or None
    return None


def role_of(mentions: Sequence[Mention], text: str, names: Names) -> str | None:
    """What the article first says that a person is, by words right before the name or set off behind it.

    `striker Karl Hale`, `Ann Hale, the mayor of Harrow,`: `striker`, `mayor of Harrow`. None where neither is plain.
    """
    for mention in mentions:
        if " " in mention.text and (role := _behind(mention, text, names) or _before(mention, text, names)):
            return role if fold(role) != mention.title else None
    return None


def _behind(mention: Mention, text: str, names: Names) -> str | None:
    if text[mention.end : mention.end + 1] != ",":
        return None
    found = _BEHIND.match(text, mention.end, mention.end + _LETTERS_BEHIND)
    if not found or _seat(names).match(text, found.end()):
        return None
    words = found[1].rstrip(" .").split()
    if words and words[0].lower() in _openings(names):
        del words[0]
    if not words:
        return None
    head = next((at for at, word in enumerate(words) if word.lower() in _prepositions(names)), len(words)) - 1
    if not names.words("cues", "person_verbs").isdisjoint(words[head + 1 :]):  # `a clerk of the court said`
        return None
    return (
        " ".join(words)
        if head >= 0 and _is_role(words[head], names) and _are_attributes(words[:head])
        else None
    )


def _before(mention: Mention, text: str, names: Names) -> str | None:
    """The role right before a name, with what tells of it: `former deputy coach`."""
    words = text[max(0, mention.start - LETTERS_BEFORE) : mention.start].split(" ")[1:]
    if not words or words[-1] or not (words := words[:-1]) or not _is_role(words[-1], names):
        return None
    first = len(words) - 1
    while first and words[first - 1].lower() in names.words("persons", "ranks"):
        first -= 1
    return " ".join(words[first:])


def _are_attributes(words: Iterable[str]) -> bool:
    """Whether words before a role are part of its name: no verb and no clause, which begin otherwise."""
    return all(word.isalpha() or not _JOINING.isdisjoint(word) for word in words)


@lru_cache(maxsize=NAMES_AT_MOST)
def _is_role(word: str, names: Names) -> bool:
    folded = fold(word)
    if not folded or not word[-1:].isalpha():
        return False
    lists = (names.words("persons", "roles"), names.titles.office, names.words("persons", "trades"))
    return any(folded in known for known in lists)


@cache
def _seat(names: Names) -> re.Pattern[str]:
    """What goes on with where the body is at home that a role is in: `president of Harrow, Ohio-based Hale Motors`."""
    return re.compile(rf",? [\w.]{{1,30}}+-{names.any_of('cues', 'seats')}\b")


@cache
def _openings(names: Names) -> frozenset[str]:
    """What an apposition opens with: articles and possessives."""
    return names.words("cues", "articles") | names.words("persons", "possessives")


@cache
def _prepositions(names: Names) -> frozenset[str]:
    return names.words("cues", "head_before") | names.words("persons", "of_a_role")
