"""An article as questions look at it: its words, who is named in it by all their keys, and who says what.

Each part is looked at when the first question asks for it.
"""

from __future__ import annotations

from functools import cached_property

from pipeline.questions.keys import called, key_of, key_of_speaker
from pipeline.questions.words import EVERY_WORD, TEXT_LIMIT, Term, Vocabulary
from pipeline.record import EnrichedArticle, Polarity, context_of
from pipeline.text.folding import fold


class Words:
    """The stems of a text, for asking whether words and phrases occur in it.

    Args:
        text: whose.
        vocabulary: of all that is asked for.
    """

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._pieces = text.split()
        self.all = frozenset(vocabulary.stems(set(self._pieces)))

    def have(self, term: Term) -> bool:
        """Whether a word occurs, or a phrase with its words one behind the other."""
        if len(term) == 1:
            return term[0] in self.all
        return self.all.issuperset(term) and f" {' '.join(term)} " in self._line

    @cached_property
    def _line(self) -> str:
        return f" {' '.join(EVERY_WORD.stems(self._pieces))} "


class Reading:
    """What there is to ask of one article.

    Args:
        record: with all that was found in it.
        least_confidence: in 0..1; statements that are less sure are passed over.
        vocabulary: the words that are asked for.
    """

    def __init__(
        self, record: EnrichedArticle, *, least_confidence: float = 0.0, vocabulary: Vocabulary = EVERY_WORD
    ) -> None:
        self.record = record
        self._least_confidence = least_confidence
        self._vocabulary = vocabulary
        self._around: dict[int, Words] = {}

    @cached_property
    def words(self) -> Words:
        """Those of the article, as far as the store has an index of them."""
        return Words(self.record.article.text[:TEXT_LIMIT], self._vocabulary)

    @cached_property
    def outlet(self) -> str:
        """The article's, in the form in which outlets are compared."""
        return fold(self.record.article.source)

    @cached_property
    def countries(self) -> frozenset[str]:
        """Those of the places that are named."""
        return frozenset(entity.country for entity in self.record.entities if entity.country)

    @cached_property
    def named(self) -> dict[str, list[str]]:
        """The names of entities by each key under which they are found."""
        named: dict[str, list[str]] = {}
        for entity, keys in zip(self.record.entities, self._keys, strict=True):
            for key in keys:
                named.setdefault(key, []).append(entity.name)
        return named

    @cached_property
    def _keys(self) -> list[set[str]]:
        """The keys under which each entity is found."""
        return [
            {key_of(text, entity.type) for text in (entity.name, *called(entity))}
            for entity in self.record.entities
        ]

    @cached_property
    def quotes(self) -> tuple[int, ...]:
        """The numbers of the statements that are sure enough."""
        least = self._least_confidence
        return tuple(number for number, quote in enumerate(self.record.quotes) if quote.confidence >= least)

    @cached_property
    def polarities(self) -> frozenset[Polarity]:
        """Those of the statements."""
        return frozenset(self.record.quotes[number].polarity for number in self.quotes)

    @cached_property
    def spoken(self) -> dict[str, list[int]]:
        """The numbers of statements by each key under which one of their speakers is found; a number may come again."""
        own = {entity.name: key_of(entity.name, entity.type) for entity in self.record.entities}
        by_key: dict[str, list[int]] = {}
        for number in self.quotes:
            quote = self.record.quotes[number]
            for speaker in quote.speakers or ((quote.speaker,) if quote.speaker else ()):
                by_key.setdefault(key_of_speaker(speaker, own), []).append(number)
        spoken = {key: [*numbers] for key, numbers in by_key.items()}
        for entity, keys in zip(self.record.entities, self._keys, strict=True):
            numbers = by_key.get(own[entity.name])
            if numbers:
                for alias in keys:
                    spoken.setdefault(alias, []).extend(numbers)
        return spoken

    def around(self, number: int) -> Words:
        """The words of a statement, and those around it in its paragraph."""
        words = self._around.get(number)
        if words is None:
            text = context_of(self.record.quotes[number], self.record.article.text)
            words = self._around[number] = Words(text, self._vocabulary)
        return words
