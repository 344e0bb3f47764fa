"""Mentions of one article to entities, each under its fullest name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipeline.stages.entities.countries import country_code, country_name, demonym_code
from pipeline.stages.entities.lexicon import fold, words
from pipeline.stages.entities.mentions import PLACES, Mention
from pipeline.stages.entities.organisations import (
    abbreviates,
    ends,
    is_abbreviation,
    shortens,
    spelled_out,
    without_legal_form,
)
from pipeline.stages.entities.persons import Fit, fit, parts_of, sex_of, without_style
from pipeline.stages.entities.places import without_descriptor
from pipeline.stages.entities.sexes import likely_sex

Group = list[Mention]


class Named(NamedTuple):
    """The mentions of one entity, in order, under its name and label."""

    name: str
    label: str
    mentions: Group


def grouped(mentions: Sequence[Mention], text: str = "") -> Iterator[Named]:
    """Yield the entities that the mentions of an article `text` name."""
    ordered = sorted(mentions, key=lambda one: (one.start, one.end))
    for group in _persons([one for one in ordered if one.label == "PERSON"], text):
        yield Named(without_style(_fullest(group, lambda name: len(parts_of(name)))), "PERSON", group)
    for group in _things([one for one in ordered if one.label != "PERSON"]):
        label = Counter(mention.label for mention in group).most_common(1)[0][0]
        yield Named(_name_of_thing(group, label), label, group)


def _fullest(group: Group, size: Callable[[str], int] = lambda name: len(fold(name).split())) -> str:
    """The form with the most parts, of equals the most frequent; capitals and abbreviations come last."""
    counts = Counter(" ".join(mention.text.split()) for mention in group)

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


class _Person:
    """The mentions of one person so far."""

    def __init__(self) -> None:
        self.forms: dict[tuple[str, ...], None] = {}
        self.mentions: Group = []
        self.sexes: set[str] = set()

    def fit(self, parts: tuple[str, ...], sex: str | None) -> Fit:
        if sex and self.sexes and sex not in self.sexes:
            return Fit.NONE
        if parts in self.forms:
            return Fit.SURNAME
        return max(fit(parts, form) for form in self.forms)

    def add(self, mention: Mention, parts: tuple[str, ...], sex: str | None) -> None:
        self.forms[parts] = None
        self.mentions.append(mention)
        if sex:
            self.sexes.add(sex)

    def distance(self, mention: Mention) -> tuple[bool, int]:
        """The last mention before `mention` is the nearest; later ones are farther than all before."""
        return min(
            ((one.start > mention.start, abs(one.start - mention.start)) for one in self.mentions),
            default=(True, 0),
        )


def _persons(mentions: Group, text: str) -> list[Group]:
    """Full names first; each shorter form goes to the name that it fits best and, of several, is nearest to.

    Where a title tells the sex, it goes to one of that sex, first of all to one who seems to be of it.
    """
    persons: list[_Person] = []
    forms: defaultdict[tuple[tuple[str, ...], str | None], Group] = defaultdict(list)
    for mention in mentions:
        forms[parts_of(mention.text), sex_of(mention.title)].append(mention)
    open_cases: list[tuple[Mention, tuple[str, ...], str | None, list[_Person]]] = []
    for (parts, sex), found in sorted(forms.items(), key=lambda form: (-len(form[0][0]), form[1][0].start)):
        candidates = _candidates(persons, parts, sex)
        if not candidates:
            candidates = [_Person()]
            persons += candidates
        if len(candidates) > 1:
            open_cases += [(mention, parts, sex, candidates) for mention in found]
            continue
        for mention in found:
            candidates[0].add(mention, parts, sex)
    seeming = {person: likely_sex(person.mentions, text) for case in open_cases for person in case[3]}
    # The titled go first: what they settle is known when the others are.
    for mention, parts, sex, candidates in sorted(open_cases, key=lambda case: (not case[2], case[0].start)):
        possible = [one for one in candidates if one.fit(parts, sex)] or candidates
        likely = [one for one in possible if not (sex and seeming[one] and seeming[one] != sex)]
        _meant(likely or possible, mention, {one for one in possible if sex and seeming[one] == sex}).add(
            mention, parts, sex
        )
    return [sorted(person.mentions, key=lambda one: one.start) for person in persons]


def _candidates(persons: list[_Person], parts: tuple[str, ...], sex: str | None) -> list[_Person]:
    fits = [(person.fit(parts, sex), person) for person in persons]
    best = max((fit for fit, _ in fits), default=Fit.NONE)
    return [person for fit, person in fits if fit == best] if best else []


def _meant(candidates: list[_Person], mention: Mention, fitting: set[_Person]) -> _Person:
    """Who was named before, of these who fits, of these who is nearest."""

    def closeness(person: _Person) -> tuple[bool, bool, int]:
        later, letters = person.distance(mention)
        return later, person not in fitting, letters

    return min(candidates, key=closeness)


class _Key(NamedTuple):
    """What mentions of one thing share by their words alone."""

    kind: str
    words: str


def _things(mentions: Group) -> list[Group]:
    """All that are no persons: equal keys, then abbreviations and shortened forms of longer names."""
    groups: defaultdict[_Key, Group] = defaultdict(list)
    for mention in mentions:
        groups[_key(mention)].append(mention)
    for key in sorted(groups, key=lambda key: len(key.words)):
        if owner := _owner(key, groups):
            groups[owner] += groups.pop(key)
    return [sorted(group, key=lambda one: one.start) for group in groups.values()]


def _key(mention: Mention) -> _Key:
    folded = fold(mention.text).removeprefix("the ")
    if mention.label in PLACES:
        return _Key("place", country_code(folded) or without_descriptor(folded))
    if mention.label == "NORP":
        return _Key("NORP", demonym_code(folded) or folded.removesuffix("s"))
    if mention.label == "ORG":
        return _Key("ORG", spelled_out(without_legal_form(folded)))
    return _Key(mention.label, folded)


def _owner(key: _Key, groups: dict[_Key, Group]) -> _Key | None:
    """The group that the group of `key` is another form of, if there is just one."""
    others = [other for other in groups if other != key and len(other.words) > len(key.words)]
    surface = groups[key][0].text
    if key.kind == "NORP":
        return None
    if is_abbreviation(surface):
        long = [other for other in others if any(abbreviates(surface, one.text) for one in groups[other])]
        return long[0] if len(set(long)) == 1 else None
    if key.kind != "ORG" or key.words in words("cues", "generic"):
        return None
    same = [other for other in others if other.kind == key.kind]
    for is_form in (shortens, ends):
        if long := [other for other in same if is_form(key.words, other.words)]:
            return (
                long[0]
                if len(long) == 1 or all(shortens(long[0].words, one.words) for one in long[1:])
                else None
            )
    return None
