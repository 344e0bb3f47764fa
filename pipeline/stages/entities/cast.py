"""Mentions of persons in one article, brought together by whom they name."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import LONG_PART, Fit, fit, parts_of, sex_of
from pipeline.stages.entities.sexes import likely_sex

Parts = tuple[str, ...]


class _Person:
    """The mentions of one person so far."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.forms: dict[Parts, None] = {}
        self.mentions: list[Mention] = []
        self._starts: list[int] = []
        self._sexes: set[str] = set()

    def fit(self, parts: Parts, sex: str | None) -> Fit:
        if sex and self._sexes and sex not in self._sexes:
            return Fit.NONE
        if parts in self.forms:
            return Fit.SURNAME
        return max(fit(parts, form) for form in self.forms)

    def add(self, mentions: Sequence[Mention], parts: Parts, sex: str | None) -> None:
        self.forms[parts] = None
        self.mentions += mentions
        self._starts += [mention.start for mention in mentions]
        self._starts.sort()
        if sex:
            self._sexes.add(sex)

    def distance(self, mention: Mention) -> tuple[bool, int]:
        """The last mention before `mention` is the nearest; later ones are farther than all before."""
        earlier = bisect_right(self._starts, mention.start)
        if earlier:
            return False, mention.start - self._starts[earlier - 1]
        return True, self._starts[0] - mention.start if self._starts else 0


class _Cast:
    """The persons of an article in the order of their full names, found by the parts of these."""

    def __init__(self) -> None:
        self.persons: list[_Person] = []
        self._by_sign: defaultdict[str, set[_Person]] = defaultdict(set)

    def add(self, person: _Person, mentions: Sequence[Mention], parts: Parts, sex: str | None) -> None:
        person.add(mentions, parts, sex)
        for sign in (*parts, *_of_spellings(parts)):
            self._by_sign[sign].add(person)

    def new(self) -> _Person:
        self.persons.append(_Person(len(self.persons)))
        return self.persons[-1]

    def best(self, parts: Parts, sex: str | None) -> list[_Person]:
        """Those whom a form of a name fits best, in order; nobody if it fits nobody."""
        # The first or the last part of a form is a part of the name, or its last part a spelling of the name's.
        signs = (parts[0], parts[-1], *_of_spellings(parts))
        near = set().union(*[self._by_sign[sign] for sign in signs])
        if not near:
            return []
        fits = [(person.fit(parts, sex), person) for person in sorted(near, key=lambda one: one.number)]
        best = max(fit for fit, _ in fits)
        return [person for fit, person in fits if fit == best] if best else []


def _of_spellings(parts: Parts) -> tuple[str, ...]:
    """A sign that all spellings of the last part share and no part has; none if it has but one spelling."""
    return (f"{parts[-1][0]} …",) if len(parts[-1]) >= LONG_PART else ()


class _OpenCase(NamedTuple):
    """A mention that may name several persons."""

    mention: Mention
    parts: Parts
    sex: str | None
    candidates: list[_Person]


def persons(mentions: Sequence[Mention], text: str) -> list[list[Mention]]:
    """Full names first; each shorter form goes to the name that it fits best and, of several, is nearest to.

    Where a title tells the sex, it goes to one of that sex, first of all to one who seems to be of it.

    Args:
        mentions: those of persons in an article, in order.
        text: the article.
    """
    cast = _Cast()
    forms: defaultdict[tuple[Parts, str | None], list[Mention]] = defaultdict(list)
    for mention in mentions:
        forms[parts_of(mention.text), sex_of(mention.title)].append(mention)
    open_cases: list[_OpenCase] = []
    for (parts, sex), found in sorted(forms.items(), key=lambda form: (-len(form[0][0]), form[1][0].start)):
        candidates = cast.best(parts, sex) or [cast.new()]
        if len(candidates) > 1:
            open_cases += [_OpenCase(mention, parts, sex, candidates) for mention in found]
        else:
            cast.add(candidates[0], found, parts, sex)
    _settle(open_cases, text)
    return [sorted(person.mentions, key=lambda one: one.start) for person in cast.persons]


def _settle(cases: Sequence[_OpenCase], text: str) -> None:
    titled = {person for case in cases if case.sex for person in case.candidates}
    seeming = {person: likely_sex(person.mentions, text) for person in titled}
    # The titled go first: what they settle is known when the others are.
    for mention, parts, sex, candidates in sorted(cases, key=lambda case: (not case.sex, case.mention.start)):
        possible = [one for one in candidates if one.fit(parts, sex)] or candidates
        likely = [one for one in possible if not (sex and seeming[one] and seeming[one] != sex)]
        fitting = {one for one in possible if sex and seeming[one] == sex}
        _meant(likely or possible, mention, fitting).add([mention], parts, sex)


def _meant(candidates: list[_Person], mention: Mention, fitting: set[_Person]) -> _Person:
    """Who was named before, of these who fits, of these who is nearest."""

    def closeness(person: _Person) -> tuple[bool, bool, int]:
        later, letters = person.distance(mention)
        return later, person not in fitting, letters

    return min(candidates, key=closeness)
