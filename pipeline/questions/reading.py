"""An article as questions look at it: its words, who is named in it by all their keys, and who says what.

Each part is looked at when the first question asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

from pipeline.questions.keys import Names, is_organisation, key_of_speaker
from pipeline.questions.words import TEXT_LIMIT, Stems, Words
from pipeline.record import EnrichedArticle, Entity, Polarity, context_of
from pipeline.stages.entities.key import entity_key
from pipeline.text.folding import fold


class Vocabulary:
    """What is asked for: what else is in an article need not be looked at.

    Args:
        words: the stems; None for all.
        names: the keys; None for all.
        leading: the stems by which questions are looked up.
    """

    def __init__(
        self,
        words: Collection[str] | None = None,
        names: Collection[str] | None = None,
        leading: Collection[str] = (),
    ) -> None:
        self.words = Stems(words, leading)
        self.names = Names(names)


class Reading:
    """What there is to ask of one article.

    Args:
        record: with all that was found in it.
        least_confidence: in 0..1; statements that are less sure are passed over.
        vocabulary: what is asked for.
    """

    def __init__(
        self, record: EnrichedArticle, *, least_confidence: float = 0.0, vocabulary: Vocabulary | None = None
    ) -> None:
        self.record = record
        self._least_confidence = least_confidence
        self._vocabulary = vocabulary or Vocabulary()
        self._around: dict[int, Words] = {}

    @cached_property
    def words(self) -> Words:
        """Those of the article, as far as the store has an index of them."""
        return Words(self.record.article.text[:TEXT_LIMIT], self._vocabulary.words)

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
        """The names of entities by each key that is asked for and under which they are found."""
        named: dict[str, list[str]] = {}
        for entity, keys in self._asked_for:
            for key in keys:
                named.setdefault(key, []).append(entity.name)
        return named

    @cached_property
    def _asked_for(self) -> list[tuple[Entity, frozenset[str]]]:
        """The entities that are found under a key that is asked for, with those keys."""
        keys_of = self._vocabulary.names.keys
        return [(entity, keys) for entity in self.record.entities if (keys := keys_of(entity))]

    @cached_property
    def quotes(self) -> tuple[int, ...]:
        """The numbers of the statements that are sure enough."""
        least = self._least_confidence
        found = [number for number, quote in enumerate(self.record.quotes) if quote.confidence >= least]
        return tuple(found)

    @cached_property
    def polarities(self) -> frozenset[Polarity]:
        """Those of the statements."""
        return frozenset(self.record.quotes[number].polarity for number in self.quotes)

    @cached_property
    def spoken(self) -> dict[str, list[int]]:
        """The numbers of statements by each key that is asked for and by which a speaker of theirs is found.

        A number may come again.
        """
        numbers: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
        quotes = self.record.quotes
        for number in self.quotes:
            for speaker in quotes[number].said_by:
                numbers[speaker.name, is_organisation(speaker)].append(number)
        types = {entity.name: entity.type for entity in self.record.entities}
        also: defaultdict[str, set[str]] = defaultdict(set)
        for entity, keys in self._asked_for:
            also[entity_key(entity.name, entity.type)] |= keys
        spoken: defaultdict[str, list[int]] = defaultdict(list)
        for (name, organisation), said in numbers.items():
            known = types.get(name)
            key = entity_key(name, known) if known else key_of_speaker(name, organisation=organisation)
            found = also.get(key, set())
            for each in found | {key} if self._vocabulary.names.is_asked_for(key) else found:
                spoken[each].extend(said)
        return spoken

    def around(self, number: int) -> Words:
        """The words of a statement, and those around it in its paragraph."""
        words = self._around.get(number)
        if words is None:
            text = context_of(self.record.quotes[number], self.record.article.text)
            words = self._around[number] = Words(text, self._vocabulary.words)
        return words
