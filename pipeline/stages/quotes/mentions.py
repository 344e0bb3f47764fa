"""Where an article's entities are mentioned, by offset: what the noun-phrase rules look up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.models import Entity

PEOPLE = frozenset({"PERSON"})
BODIES = frozenset({"ORG", "GPE", "NORP", "FAC", "PRODUCT", "WORK_OF_ART", "LAW", "EVENT", "LOC"})


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
                if text[end - 2 : end] in {"'s", "’s"}:
                    end -= 2
                while end > start and text[end - 1] in "'’,;: \n":
                    end -= 1
                if end > start:
                    found.append(Mention(start, end, entity, is_person))
        found.sort(key=lambda m: (m.start, -m.end))
        self.all = found
        self._at: dict[int, Mention] = {}
        self._to: dict[int, Mention] = {}
        for mention in found:
            self._at.setdefault(mention.start, mention)
            self._to.setdefault(mention.end, mention)

    def starting(self, offset: int) -> Mention | None:
        """The longest mention that begins at `offset`."""
        return self._at.get(offset)

    def ending(self, offset: int) -> Mention | None:
        """The longest mention that ends at `offset`."""
        return self._to.get(offset)
