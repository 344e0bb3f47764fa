"""From the words that refer to a speaker to the full name, through the article's entities."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.models import Entity, ResolvedBy
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.cast import Cast
from pipeline.stages.quotes.nouns import NAME, NOMINAL, RELATIVE, Phrase

_SPEAKING_BODIES = frozenset({"ORG", "GPE", "NORP"})
_BODIES = lexicon.role_set("body_nouns")
_ANONYMOUS = lexicon.role_set("anonymous_marks")
_GROUP = frozenset({"they", "their", "we", "it", "its"})


class _Known(NamedTuple):
    name: str
    by: ResolvedBy
    entity: Entity | None


class Named(NamedTuple):
    """A speaker, with the fields of the record's Speaker."""

    start: int
    end: int
    text: str
    name: str
    resolved_by: ResolvedBy


class Speakers:
    """Names the speakers of one article, in text order: what was named before helps with what follows."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self._resolved: dict[tuple[int, int], _Known | None] = {}
        self._described: _Known | None = None
        self._titled: dict[str, Entity] = {}

    def resolve(self, phrase: Phrase, *, continued: bool = False) -> Named | None:
        """The speaker with a full name, None if the words refer to nobody that can be named or described.

        `continued` tells that the words stand with an earlier quotation of the same speaker.
        """
        key = (phrase.start, phrase.end)
        if key not in self._resolved:
            self._resolved[key] = self._identify(phrase)
        known = self._resolved[key]
        if known is None:
            return None
        if known.entity is not None:
            self.cast.last_speaker = known.entity.name
        text = self.cast.text[phrase.start : phrase.end]
        by = ResolvedBy.CONTINUATION if continued else known.by
        return Named(phrase.start, phrase.end, text, known.name, by)

    def _identify(self, phrase: Phrase) -> _Known | None:
        text = self.cast.text[phrase.start : phrase.end]
        if not text.strip():
            return None
        if phrase.shape is NAME or text.startswith("@"):
            return self._named(phrase, text)
        if phrase.shape is NOMINAL:
            return self._nominal(phrase, text)
        if phrase.shape is RELATIVE:
            return self._identify(phrase.head) if phrase.head is not None else None
        return self._pronoun(phrase, text.lower())

    def _named(self, phrase: Phrase, text: str) -> _Known:
        entity = phrase.mention.entity if phrase.mention else self.cast.by_words(text)
        if entity is None:
            entity = self.cast.inside(phrase.start, phrase.end)
        if entity is None:
            return _Known(self.cast.fuller(" ".join(text.split())), ResolvedBy.NAME, None)
        if entity.type == "PERSON":
            entity = self.cast.namesake(entity, phrase.start)
            return _Known(self.cast.fuller(entity.name), ResolvedBy.NAME, entity)
        return _Known(entity.name, ResolvedBy.ORGANISATION, entity)

    def _nominal(self, phrase: Phrase, text: str) -> _Known:
        flat = " ".join(text.split())
        words = [w.strip("'’.,").lower() for w in flat.split()]
        entity = self._by_description(phrase, words)
        if entity is not None:
            by = ResolvedBy.TITLE if entity.type == "PERSON" else ResolvedBy.ORGANISATION
            return _Known(self.cast.fuller(entity.name), by, entity)
        anonymous = any(word in _ANONYMOUS for word in words)
        by = (
            ResolvedBy.ORGANISATION
            if not anonymous and any(w in _BODIES for w in words)
            else ResolvedBy.ANONYMOUS
        )
        self._described = _Known(flat, by, None)
        return self._described

    def _by_description(self, phrase: Phrase, words: list[str]) -> Entity | None:
        """Who is described: the name behind the description, or who was described so before."""
        key = " ".join(words)
        entity = self.cast.named_behind(phrase.end)
        if entity is None and words[0] in {"the", "this", "that"}:
            entity = self._titled.get(key) or self.cast.by_role(words, phrase.start) or self.cast.body(words)
        if entity is not None:
            self._titled[key] = entity
        return entity

    def _pronoun(self, phrase: Phrase, word: str) -> _Known | None:
        entity = self.cast.by_pronoun(word, phrase.start)
        if entity is not None:
            return _Known(self.cast.fuller(entity.name), ResolvedBy.PRONOUN, entity)
        if self._described is not None and word in _GROUP | {"he", "she"}:
            # Nobody with a name fits: the description that spoke last goes on.
            return _Known(self._described.name, self._described.by, None)
        return None
