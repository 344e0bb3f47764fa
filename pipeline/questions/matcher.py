"""Which of thousands of questions an article answers.

A question stands in the index under its rarest condition alone: it is looked at only when that occurs. What an article
costs goes by its length, and by how many questions have to be looked at, not by how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import NamedTuple

from pipeline.questions.keys import own_keys
from pipeline.questions.question import Question
from pipeline.questions.reading import Reading, Vocabulary
from pipeline.questions.words import TEXT_LIMIT, Words, terms
from pipeline.record import EnrichedArticle
from pipeline.text.folding import fold


class Match(NamedTuple):
    """A question that an article answers.

    `names` are those of the entities that fit, as the article has them; `quotes` the numbers of the statements in the
    record, none where none was asked for.
    """

    question: Question
    names: tuple[str, ...] = ()
    quotes: tuple[int, ...] = ()


class Mark(NamedTuple):
    """Something that occurs in articles, or not: a word, a key of a name, an outlet."""

    kind: str
    value: str


class Asked:
    """A question as articles are compared with it."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._terms = terms(question.words or "")
        self._names = [own_keys(name) for name in question.names]
        self._speakers = sorted(set().union(*map(own_keys, question.speakers)))
        self._outlets = frozenset(map(fold, question.outlet))
        self._countries = frozenset(question.country)
        self._languages = frozenset(question.language)
        self._polarities = frozenset(question.polarity)
        self._of_statements = question.of_statements

    def conditions(self) -> Iterator[Collection[Mark]]:
        """Conditions that all have to be met; each is, where one of its marks occurs."""
        for keys in self._names:
            yield [Mark("name", key) for key in keys]
        for stem in sorted({stem for term in self._terms for stem in term}):
            yield [Mark("word", stem)]
        for kind, values in (
            ("speaker", self._speakers),
            ("country", self._countries),
            ("outlet", self._outlets),
            ("polarity", self._polarities),
            ("language", self._languages),
        ):
            if values:
                yield [Mark(kind, value) for value in values]

    def match(self, reading: Reading) -> Match | None:
        """The match, None where the article is no answer."""
        if (self._outlets and reading.outlet not in self._outlets) or (
            self._languages and reading.record.article.language not in self._languages
        ):
            return None
        if self._countries and self._countries.isdisjoint(reading.countries):
            return None
        names = self._named(reading) if self._names else ()
        if names is None:
            return None
        if not self._of_statements:
            fits = not self._terms or reading.words.have_all(self._terms)
            return Match(self.question, names) if fits else None
        quotes = tuple([number for number in self._spoken(reading) if self._fits(reading, number)])
        return Match(self.question, names, quotes) if quotes else None

    def _named(self, reading: Reading) -> tuple[str, ...] | None:
        """The names that fit, None where one is asked for in vain."""
        names: set[str] = set()
        for keys in self._names:
            found = [name for key in keys & reading.named.keys() for name in reading.named[key]]
            if not found:
                return None
            names.update(found)
        return tuple(sorted(names))

    def _spoken(self, reading: Reading) -> Collection[int]:
        if not self._speakers:
            return reading.quotes
        spoken = reading.spoken
        return sorted({number for key in self._speakers for number in spoken.get(key, ())})

    def _fits(self, reading: Reading, number: int) -> bool:
        if self._polarities and reading.record.quotes[number].polarity not in self._polarities:
            return False
        return not self._terms or reading.around(number).have_all(self._terms)


class Matcher:
    """Compares articles with many questions at once. For one thread at a time.

    Args:
        questions: to be compared with.
        least_confidence: in 0..1; statements that are less sure are no answer.
    """

    def __init__(self, questions: Iterable[Question], *, least_confidence: float = 0.0) -> None:
        self._asked = [Asked(question) for question in questions]
        self._least_confidence = least_confidence
        conditions = [list(asked.conditions()) for asked in self._asked]
        usual = Counter(mark for some in conditions for marks in some for mark in marks)
        self._index: dict[str, dict[str, list[int]]] = {}
        """The numbers of questions by the kind and the value of what has to occur for one to be looked at."""
        for number, some in enumerate(conditions):
            for kind, value in min(some, key=lambda marks: _rank(marks, usual)):
                self._index.setdefault(kind, {}).setdefault(value, []).append(number)
        self._vocabulary = Vocabulary(
            words={mark.value for mark in usual if mark.kind == "word"},
            names={mark.value for mark in usual if mark.kind in ("name", "speaker")},
            leading=self._index.get("word", ()),
        )

    def __len__(self) -> int:
        """How many questions there are."""
        return len(self._asked)

    def matches(self, record: EnrichedArticle) -> list[Match]:
        """The questions that an article answers, in their order."""
        if not self._asked:
            return []
        self._vocabulary.words.make_room()
        reading = Reading(record, least_confidence=self._least_confidence, vocabulary=self._vocabulary)
        found = (self._asked[number].match(reading) for number in sorted(self._to_look_at(reading)))
        return [match for match in found if match is not None]

    def place(self, match: Match, record: EnrichedArticle) -> int | None:
        """Where the words and names that are asked for stand in the article's text.

        It is the first of them in the paragraph that has most of them, where a phrase or a name counts for more than a
        word; of those that have as many in the first one behind the headline.
        """
        text = record.article.text[:TEXT_LIMIT]
        asked = terms(match.question.words or "")
        if not asked and not match.names:
            return None
        words = Words(text, self._vocabulary.words)
        places = [
            *(islice(words.places(term), _PLACES) for term in asked),
            *([span.start for span in one.mentions] for one in record.entities if one.name in match.names),
        ]
        weights = [*map(len, asked), *(_NAME_WEIGHT for _ in places[len(asked) :])]
        first: dict[int, dict[int, int]] = {}  # place of each word and name by the beginning of the paragraph
        for number, found in enumerate(places):
            for place in found:
                paragraph = first.setdefault(text.rfind("\n", 0, place) + 1, {})
                paragraph[number] = min(place, paragraph.get(number, place))
        headline = 0 if text.startswith(record.article.title or "\n") else -1

        def rank(start: int) -> tuple[int, bool, int]:
            return sum(weights[number] for number in first[start]), start != headline, -start

        best = max(first, key=rank, default=None)
        return None if best is None else min(first[best].values())

    def _to_look_at(self, reading: Reading) -> set[int]:
        return {
            number
            for kind, index in self._index.items()
            for value in index.keys() & _OCCURRING[kind](reading)
            for number in index[value]
        }


_OCCURRING: Mapping[str, Callable[[Reading], AbstractSet[str | None]]] = {
    "name": lambda reading: reading.named.keys(),
    "speaker": lambda reading: reading.spoken.keys(),
    "word": lambda reading: reading.words.leading,
    "country": lambda reading: reading.countries,
    "outlet": lambda reading: {reading.outlet},
    "polarity": lambda reading: reading.polarities,
    "language": lambda reading: {reading.record.article.language},
}
_RARITY = tuple(_OCCURRING)
"""What of a question occurs in the fewest articles, the rarest first."""


_NAME_WEIGHT = 2  # of a word: 1
_PLACES = 200  # of a word that are looked at for where to begin a passage


def _rank(marks: Collection[Mark], usual: Counter[Mark]) -> tuple[int, int, int]:
    """The smaller, the rarer: by the kind, by how many questions ask for it, and by length."""
    kind, value = next(iter(marks))
    return _RARITY.index(kind), max(usual[mark] for mark in marks), -len(value)
