"""Where an article's entities are mentioned, by offset: what the noun-phrase rules look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from pipeline.record import Entity
from pipeline.text.marks import APOSTROPHES

PEOPLE = frozenset({"PERSON"})
POSSESSIVES = tuple(f"{mark}s" for mark in APOSTROPHES)
_MARKS = frozenset(",;: \n" + APOSTROPHES)
_MAY_BE_CUT = _MARKS | {"s"}
_starts, _ends = attrgetter("start"), attrgetter("end")


@dataclass(slots=True)
class Mention:
    """One mention of an entity; `is_person` tells whether a human being is meant."""

    start: int
    end: int
    entity: Entity
    is_person: bool


class Mentions:
    """All mentions of an article in text order, with look-ups by first and by last offset."""

    def __init__(self, entities: Sequence[Entity], text: str) -> None:
        found: list[Mention] = []
        for entity in entities:
            is_person = entity.type in PEOPLE
            for span in entity.mentions:
                start, end = span.start, span.end
                if text[end - 1] in _MAY_BE_CUT:
                    end = _end(text, start, end)
                if end > start:
                    found.append(Mention(start, end, entity, is_person))
        # In the order of where they start, and of those that start together the longest first.
        found.sort(key=_ends, reverse=True)
        found.sort(key=_starts)
        self.all = found
        self._at = {mention.start: mention for mention in reversed(found)}
        self._to = {mention.end: mention for mention in reversed(found)}

    def starting(self, offset: int) -> Mention | None:
        """The longest mention that begins at `offset`."""
        return self._at.get(offset)

    def ending(self, offset: int) -> Mention | None:
        """The longest mention that ends at `offset`."""
        return self._to.get(offset)


def _end(text: str, start: int, end: int) -> int:
    """Where a mention ends without a possessive ending and without marks."""
    if text[end - 2 : end] in POSSESSIVES:
        end -= 2
    while end > start and text[end - 1] in _MARKS:
        end -= 1
    return end
