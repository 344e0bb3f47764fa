"""Mentions of persons in one article, brought together by whom they name."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from typing import NamedTuple

from pipeline.languages.base import Sex
from pipeline.languages.names import Names
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import LONG_PART, Fit, fit, parts_of
from pipeline.stages.entities.sexes import likely_sex
from pipeline.text.folding import fold

Parts = tuple[str, ...]

_JUST_NAMED = 200
"""Characters behind a name within which a surname is still that person's, whoever else the article is about."""
_LONGEST_CONJUNCTION = 5  # characters, with the spaces around it

_MANY_PARTS = 8
_FORMS = 12
"""Forms of one person's name that others are held against: the full name and the first shorter ones."""
_NAMESAKES = 30
"""People whom an article is thought to tell apart who are called by the same words. A mention that may be one of more
is given to one of those who were first named right before it; otherwise the time grows with the square of a list."""
_LIKE = 10
"""People of one surname and one initial, and of one whose spelling is close, whom a form is held against: the first."""


class _Person:
    """The mentions of one person so far."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.forms: dict[Parts, None] = {}
        self.mentions: list[Mention] = []
        self._starts: list[int] = []
        self._sexes: set[Sex] = set()

    def may_be(self, sex: Sex | None) -> bool:
        return not (sex and self._sexes and sex not in self._sexes)

    def fit(self, parts: Parts, sex: Sex | None, names: Names) -> Fit:
        if not self.may_be(sex):
            return Fit.NONE
        if parts in self.forms:
            return Fit.SURNAME
        return max(fit(parts, form, names) for form in islice(self.forms, _FORMS))

    @property
    def first(self) -> int:
        """Where the first mention starts; 0 while there is none."""
        return self._starts[0] if self._starts else 0

    def add(self, mentions: Sequence[Mention], parts: Parts, sex: Sex | None) -> None:
        self.forms[parts] = None
        self.mentions += mentions
        if len(mentions) == 1:
            insort(self._starts, mentions[0].start)
        else:
            self._starts = sorted([*self._starts, *(mention.start for mention in mentions)])
        if sex:
            self._sexes.add(sex)

    def distance(self, mention: Mention) -> tuple[bool, int]:
        """The last mention before `mention` is the nearest; later ones are farther than all before."""
        earlier = bisect_right(self._starts, mention.start)
        if earlier:
            return False, mention.start - self._starts[earlier - 1]
        return True, self._starts[0] - mention.start if self._starts else 0


class _People:
    """The persons of an article in the order of their full names, found by the parts of these."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.persons: list[_Person] = []
        self._by_run: defaultdict[Parts, list[_Person]] = defaultdict(list)
        self._by_surname: defaultdict[tuple[str, str], list[_Person]] = defaultdict(list)
        self._by_spelling: defaultdict[str, list[_Person]] = defaultdict(list)

    def add(self, person: _Person, mentions: Sequence[Mention], parts: Parts, sex: Sex | None) -> None:
        is_new = parts not in person.forms
        person.add(mentions, parts, sex)
        if not is_new:
            return
        for run in _runs(parts):
            self._by_run[run].append(person)
        for initial in {part[0] for part in parts[:-1]} | {""}:
            self._by_surname[parts[-1], initial].append(person)
        for spelling in _spellings(parts[-1]):
            self._by_spelling[spelling].append(person)

    def new(self) -> _Person:
        self.persons.append(_Person(len(self.persons)))
        return self.persons[-1]

    def best(self, parts: Parts, sex: Sex | None) -> list[_Person]:
        """Those whom a form of a name fits best, in order; nobody if it fits nobody."""
        fits = {person: person.fit(parts, sex, self._names) for person in self._by_run.get(parts, ())}
        if Fit.SURNAME not in fits.values():
            for person in self._of_like_surname(parts):
                if person not in fits:
                    fits[person] = person.fit(parts, sex, self._names)
        best = max(fits.values(), default=Fit.NONE)
        fitting = [person for person, fit in fits.items() if fit == best] if best else []
        return sorted(fitting, key=lambda one: one.number)

    def _of_like_surname(self, parts: Parts) -> Iterator[_Person]:
        """Those of whom a name may be a variant: of its surname or a spelling, with its initial among their own."""
        initial = parts[0][0] if len(parts) > 1 else ""
        yield from islice(self._by_surname.get((parts[-1], initial), ()), _LIKE)
        like = [self._by_spelling.get(spelling, ()) for spelling in _spellings(parts[-1])]
        yield from islice(chain.from_iterable(like), _LIKE)


def _runs(parts: Parts) -> Iterator[Parts]:
    """Every row of parts that a form may be; of a name with many parts only its beginnings and its ends."""
    count = len(parts)
    for first in range(count):
        for behind in range(first + 1, count + 1):
            if count <= _MANY_PARTS or first == 0 or behind == count:
                yield parts[first:behind]


def _spellings(part: str) -> list[str]:
    """What two spellings of a part have in common, if it has several: itself, or it with one letter less."""
    if len(part) < LONG_PART:
        return []
    return [part, *dict.fromkeys(part[:at] + part[at + 1 :] for at in range(1, len(part)))]


class _OpenCase(NamedTuple):
    """A mention that may name several persons."""

    mention: Mention
    parts: Parts
    sex: Sex | None
    candidates: list[_Person]


def shared_surnames(mentions: Sequence[Mention], text: str, names: Names) -> dict[int, str]:
    """Where a given name stands, with the name it has in full: `Derek` of `Derek and Joan Pashley` is a Pashley.

    Args:
        mentions: those of persons in an article, in order.
        text: the article.
        names: what is known of its language.
    """
    found: dict[int, str] = {}
    conjunctions = names.words("cues", "conjunctions")
    for mention, following in pairwise(mentions):
        given, _, surname = following.text.partition(" ")
        if (
            surname
            and " " not in mention.text
            and following.start - mention.end <= _LONGEST_CONJUNCTION
            and text[mention.end : following.start].strip() in conjunctions
            and fold(mention.text) in names.given_names
            and fold(given) in names.given_names
        ):
            found[mention.start] = f"{mention.text} {surname.rsplit(' ', 1)[-1]}"
    return found


def persons(
    mentions: Sequence[Mention], text: str, names: Names, shared: Mapping[int, str]
) -> list[list[Mention]]:
    """Full names first; each shorter form goes to the name that it fits best and, of several, is nearest to.

    Where a title tells the sex, it goes to one of that sex, first of all to one who seems to be of it.

    Args:
        mentions: those of persons in an article, in order.
        text: the article.
        names: what is known of its language.
        shared: the names in full of those that are called by their given names alone; see `shared_surnames`.
    """
    people = _People(names)
    forms: defaultdict[tuple[Parts, Sex | None], list[Mention]] = defaultdict(list)
    sexes = names.titles.sex
    for mention in mentions:
        name = shared.get(mention.start, mention.text)
        forms[parts_of(name, names), sexes.get(mention.title)].append(mention)
    open_cases: list[_OpenCase] = []
    for (parts, sex), found in sorted(forms.items(), key=lambda form: (-len(form[0][0]), form[1][0].start)):
        candidates = people.best(parts, sex) or [people.new()]
        if len(candidates) > 1:
            open_cases += [_OpenCase(mention, parts, sex, candidates) for mention in found]
        else:
            people.add(candidates[0], found, parts, sex)
    _settle(open_cases, text, names)
    return [sorted(person.mentions, key=lambda one: one.start) for person in people.persons]


def _settle(cases: Sequence[_OpenCase], text: str, names: Names) -> None:
    cases = list(_narrowed(cases))
    titled = {person for case in cases if case.sex for person in case.candidates}
    seeming = {person: likely_sex(person.mentions, text, names) for person in titled}
    # The titled go first: what they settle is known when the others are.
    for mention, parts, sex, candidates in sorted(cases, key=lambda case: (not case.sex, case.mention.start)):
        possible = [one for one in candidates if one.may_be(sex)] or candidates
        likely = [one for one in possible if not (sex and seeming[one] and seeming[one] != sex)]
        fitting = {one for one in possible if sex and seeming[one] == sex}
        _meant(likely or possible, mention, fitting).add([mention], parts, sex)


def _narrowed(cases: Sequence[_OpenCase]) -> Iterator[_OpenCase]:
    """The cases with no more than `_NAMESAKES` candidates each: those who were first named right before it."""
    firsts: dict[int, tuple[list[int], list[_Person]]] = {}
    for case in cases:
        if len(case.candidates) <= _NAMESAKES:
            yield case
            continue
        key = id(case.candidates)  # of all mentions of a form the same
        if key not in firsts:
            ordered = sorted(case.candidates, key=lambda one: one.first)
            firsts[key] = [one.first for one in ordered], ordered
        starts, ordered = firsts[key]
        behind = max(_NAMESAKES, bisect_right(starts, case.mention.start))
        near = ordered[behind - _NAMESAKES : behind]
        yield case._replace(candidates=sorted(near, key=lambda one: one.number))


def _meant(candidates: list[_Person], mention: Mention, fitting: set[_Person]) -> _Person:
    """Who was named before, of these who fits, of these who is nearest."""
    most = max(len(person.mentions) for person in candidates)

    def closeness(person: _Person) -> tuple[bool, bool, bool, int]:
        later, letters = person.distance(mention)
        is_minor = letters > _JUST_NAMED and 2 * len(person.mentions) < most
        return later, person not in fitting, is_minor, letters

    return min(candidates, key=closeness)
