"""Mentions of one article to entities, each under its fullest name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.stages.entities.cast import persons
from pipeline.stages.entities.countries import country_code, country_name, demonym_code
from pipeline.stages.entities.lexicon import NAMES_AT_MOST, fold, words
from pipeline.stages.entities.mentions import PLACES, Mention, usual_label
from pipeline.stages.entities.organisations import (
    abbreviates,
    ends,
    is_abbreviation,
    shortens,
    spelled_out,
    without_legal_form,
)
from pipeline.stages.entities.persons import parts_of, without_style
from pipeline.stages.entities.places import without_descriptor

Group = list[Mention]


class Named(NamedTuple):
    """The mentions of one entity, in order, under its name and label."""

    name: str
    label: str
    mentions: Group


def grouped(mentions: Sequence[Mention], text: str = "") -> Iterator[Named]:
    """Yield the entities that the mentions of an article `text` name."""
    ordered = sorted(mentions, key=lambda one: (one.start, one.end))
    for group in persons([one for one in ordered if one.label == "PERSON"], text):
        yield Named(without_style(_fullest(group, lambda name: len(parts_of(name)))), "PERSON", group)
    for group in _things([one for one in ordered if one.label != "PERSON"]):
        label = usual_label(group)
        yield Named(_name_of_thing(group, label), label, group)


def _fullest(group: Group, size: Callable[[str], int] = lambda name: len(fold(name).split())) -> str:
    """The form with the most parts, of equals the most frequent; capitals and abbreviations come last."""
    forms = [" ".join(mention.text.split()) for mention in group]
    if forms.count(forms[0]) == len(forms):
        return forms[0]
    counts = Counter(forms)

    def fullness(text: str) -> tuple[bool, bool, int, int]:
        return (not is_abbreviation(text), not text.isupper(), size(text), counts[text])

    return max(counts, key=fullness)


def _name_of_thing(group: Group, label: str) -> str:
    name = _fullest(group)
    if label in PLACES:
        code = country_code(name)
        if code and (is_abbreviation(name) or "." in name):
            return country_name(code)
        if name.isupper() and not is_abbreviation(name):
            return name.title()
    return name


class _Key(NamedTuple):
    """What mentions of one thing share by their words alone."""

    kind: str
    words: str


def _things(mentions: Group) -> list[Group]:
    """All that are no persons: equal keys, then abbreviations and shortened forms of longer names."""
    groups: defaultdict[_Key, Group] = defaultdict(list)
    for mention in mentions:
        groups[_key(mention.text, mention.label)].append(mention)
    for key in sorted(groups, key=lambda key: len(key.words)):
        if owner := _owner(key, groups):
            groups[owner] += groups.pop(key)
    return [sorted(group, key=lambda one: one.start) for group in groups.values()]


@lru_cache(maxsize=NAMES_AT_MOST)
def _key(text: str, label: str) -> _Key:
    folded = fold(text).removeprefix("the ")
    if label in PLACES:
        return _Key("place", country_code(folded) or without_descriptor(folded))
    if label == "NORP":
        return _Key("NORP", demonym_code(folded) or folded.removesuffix("s"))
    if label == "ORG":
        return _Key("ORG", spelled_out(without_legal_form(folded)))
    return _Key(label, folded)


def _owner(key: _Key, groups: dict[_Key, Group]) -> _Key | None:
    """The group that the group of `key` is another form of, if there is just one."""
    surface = groups[key][0].text
    if key.kind == "NORP":
        return None
    if is_abbreviation(surface):
        long = [
            other
            for other, found in groups.items()
            if len(other.words) > len(key.words) and any(abbreviates(surface, one.text) for one in found)
        ]
        return long[0] if len(long) == 1 else None
    if key.kind != "ORG" or key.words in words("cues", "generic"):
        return None
    for is_form in (shortens, ends):
        if long := [other for other in groups if other.kind == key.kind and is_form(key.words, other.words)]:
            return (
                long[0]
                if len(long) == 1 or all(shortens(long[0].words, one.words) for one in long[1:])
                else None
            )
    return None
