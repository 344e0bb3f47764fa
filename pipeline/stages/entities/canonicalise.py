"""Mentions of one article to entities, each under its fullest name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from pipeline.stages.entities.countries import country_code, demonym_code
from pipeline.stages.entities.lexicon import fold
from pipeline.stages.entities.mentions import PLACES, Mention
from pipeline.stages.entities.organisations import (
    abbreviates,
    is_abbreviation,
    shortens,
    spelled_out,
    without_legal_form,
)
from pipeline.stages.entities.persons import Fit, fit, parts_of, sex_of

Group = list[Mention]


def grouped(mentions: Sequence[Mention]) -> Iterator[tuple[str, str, Group]]:
    """Yield (canonical name, label, mentions in order) for each entity that `mentions` name."""
    by_kind: dict[str, Group] = defaultdict(list)
    for mention in sorted(mentions, key=lambda one: (one.start, one.end)):
        by_kind["place" if mention.label in PLACES else mention.label].append(mention)
    for kind, members in by_kind.items():
        groups = _persons(members) if kind == "PERSON" else _things(members)
        for group in groups:
            yield _name(group), _label(group), group


def _label(group: Group) -> str:
    return Counter(mention.label for mention in group).most_common(1)[0][0]


def _name(group: Group) -> str:
    """The fullest form, of equals the most frequent; an abbreviation only if there is nothing else."""
    counts = Counter(mention.text for mention in group)

    def fullness(text: str) -> tuple[bool, int, int]:
        return (not is_abbreviation(text), len(fold(text).split()), counts[text])

    return max(counts, key=fullness)


class _Person:
    """The mentions of one person so far."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        self.forms = [parts]
        self.mentions: Group = []
        self.sexes: set[str] = set()

    def fit(self, parts: tuple[str, ...], sex: str | None) -> Fit:
        if sex and self.sexes and sex not in self.sexes:
            return Fit.NONE
        return max(
            (Fit.SURNAME if form == parts else fit(parts, form) for form in self.forms), default=Fit.NONE
        )

    def add(self, mention: Mention, parts: tuple[str, ...]) -> None:
        if parts not in self.forms:
            self.forms.append(parts)
        self.mentions.append(mention)
        if sex := sex_of(mention.title):
            self.sexes.add(sex)

    def distance(self, mention: Mention) -> tuple[bool, int]:
        """The last mention before `mention` is the nearest; later ones are farther than all before."""
        gaps = [mention.start - one.start for one in self.mentions]
        return min((gap < 0, abs(gap)) for gap in gaps)


def _persons(mentions: Group) -> list[Group]:
    """Full names first; then each shorter form goes to the name that it fits best and is nearest to."""
    persons: list[_Person] = []
    parsed = [(mention, parts_of(mention.text)) for mention in mentions]
    for mention, parts in sorted(parsed, key=lambda pair: (-len(pair[1]), pair[0].start)):
        sex = sex_of(mention.title)
        fits = [(person.fit(parts, sex), person) for person in persons]
        best = max((fit for fit, _ in fits), default=Fit.NONE)
        if best:
            nearest = min((one for fit, one in fits if fit == best), key=lambda one: one.distance(mention))
        else:
            nearest = _Person(parts)
            persons.append(nearest)
        nearest.add(mention, parts)
    return [sorted(person.mentions, key=lambda one: one.start) for person in persons]


def _things(mentions: Group) -> list[Group]:
    """All that are no persons: equal keys, then abbreviations and shortened forms of longer names."""
    groups: dict[str, Group] = defaultdict(list)
    for mention in mentions:
        groups[_key(mention)].append(mention)
    for key in sorted(groups, key=len):
        owners = [
            other for other in groups if other != key and _is_form_of(groups[key], key, groups[other], other)
        ]
        if len(owners) == 1 or (owners and _is_form_of(groups[key], key, groups[owners[0]], owners[0])):
            groups[owners[0]] += groups.pop(key)
    return [sorted(group, key=lambda one: one.start) for group in groups.values()]


def _key(mention: Mention) -> str:
    folded = fold(mention.text).removeprefix("the ")
    if mention.label in PLACES:
        return country_code(folded) or folded
    if mention.label == "NORP":
        return demonym_code(folded) or folded
    return spelled_out(without_legal_form(folded)) if mention.label == "ORG" else folded


def _is_form_of(short: Group, short_key: str, long: Group, long_key: str) -> bool:
    if short[0].label == "NORP" or len(short_key) >= len(long_key):
        return False
    if is_abbreviation(short[0].text):
        return any(abbreviates(short[0].text, one.text) for one in long)
    return short[0].label == "ORG" and shortens(short_key, long_key)
