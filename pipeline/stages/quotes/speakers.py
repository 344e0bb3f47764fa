"""From the words that refer to a speaker to the full name, through the article's entities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter

from pipeline.record import Entity, ResolvedBy, Speaker
from pipeline.stages.quotes import records
from pipeline.stages.quotes.coreference import Coreference
from pipeline.stages.quotes.decisions import Decision
from pipeline.stages.quotes.phrases import NAME, NOMINAL, RELATIVE, Phrase
from pipeline.text.marks import APOSTROPHES

# Members of an enumeration are slow to reach.
_BY_NAME, _BY_PRONOUN, _BY_TITLE = ResolvedBy.NAME, ResolvedBy.PRONOUN, ResolvedBy.TITLE
_BY_ORGANISATION, _BY_ANONYMOUS = ResolvedBy.ORGANISATION, ResolvedBy.ANONYMOUS
_BY_CONTINUATION = ResolvedBy.CONTINUATION
_start = attrgetter("start")
_AGE = re.compile(r"\d{1,3}-year-old")
_LEAST_WORDS = 2
_AROUND = ".," + APOSTROPHES


@dataclass(slots=True)
class _Known:
    name: str
    by: ResolvedBy
    entity: Entity | None


class Speakers:
    """Names the speakers of one article, in text order: what was named before helps with what follows."""

    def __init__(self, coreference: Coreference) -> None:
        self.coreference = coreference
        self._known: dict[tuple[int, int], _Known | None] = {}
        self._records: dict[tuple[int, int, bool], Speaker] = {}
        self._described: _Known | None = None
        self._last: _Known | None = None
        self._titled: dict[str, Entity] = {}

    def all_of(self, decision: Decision, *, continued: bool = False) -> tuple[Speaker, ...]:
        """Everybody who speaks in a decision, in the order of the text, nobody twice; see `resolve`."""
        if not decision.beside or decision.phrase is None:
            alone = self.resolve(decision.phrase, continued=continued)
            return () if alone is None else (alone,)
        found: dict[str, Speaker] = {}
        for phrase in sorted((decision.phrase, *decision.beside), key=_start):
            speaker = self.resolve(phrase, continued=continued)
            if speaker is not None:
                found.setdefault(speaker.name, speaker)
        return tuple(found.values())

    def resolve(self, phrase: Phrase | None, *, continued: bool = False) -> Speaker | None:
        """The speaker with a full name, None if there are no words for one or if they refer to nobody.

        `continued` tells that the words stand with an earlier quotation of the same speaker.
        """
        if phrase is None:
            return None
        start, end = phrase.start, phrase.end
        if (start, end) in self._known:
            known = self._known[start, end]
        else:
            known = self._known[start, end] = self._identify(phrase)
        if known is None:
            return None
        self._last = known
        if known.entity is not None:
            self.coreference.last_speaker = known.entity.name
        record = self._records.get((start, end, continued))
        if record is None:
            by = _BY_CONTINUATION if continued else known.by
            record = records.speaker(self.coreference.text, start, end, known.name, by)
            self._records[start, end, continued] = record
        return record

    def _identify(self, phrase: Phrase) -> _Known | None:
        text = self.coreference.text[phrase.start : phrase.end]
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
        entity = phrase.mention.entity if phrase.mention else self.coreference.by_words(text)
        if entity is None:
            entity = self.coreference.inside(phrase.start, phrase.end)
        if entity is None:
            return _Known(self.coreference.fuller(self.coreference.without_titles(text)), _BY_NAME, None)
        if entity.type == "PERSON":
            entity = self.coreference.namesake(entity, phrase.start)
            return _Known(self.coreference.fuller(entity.name), _BY_NAME, entity)
        return _Known(entity.name, _BY_ORGANISATION, entity)

    def _nominal(self, phrase: Phrase, text: str) -> _Known:
        flat = " ".join(text.split())
        words = [w.strip(_AROUND).lower() for w in flat.split()]
        entity = self._by_description(phrase, words)
        if entity is not None:
            by = _BY_TITLE if entity.type == "PERSON" else _BY_ORGANISATION
            return _Known(self.coreference.fuller(entity.name), by, entity)
        speech = self.coreference.speech
        is_body = speech.anonymous_marks.isdisjoint(words) and not speech.body_nouns.isdisjoint(words)
        by = _BY_ORGANISATION if is_body else _BY_ANONYMOUS
        self._described = _Known(flat, by, None)
        return self._described

    def _by_description(self, phrase: Phrase, words: list[str]) -> Entity | None:
        """Who is described: the name behind the description, or who was described so before."""
        if words[-1] in self.coreference.speech.several:
            return self.coreference.body(words)  # `the sources`: nobody alone, whoever was said to be one
        key = " ".join(words)
        entity = self.coreference.named_behind(phrase.end)
        if entity is None and words[0] in self.coreference.speech.demonstratives:
            entity = (
                self._titled.get(key)
                or self.coreference.by_role(words, phrase.start)
                or self.coreference.body(words)
                or (self.coreference.in_focus(phrase.start) if self._tells_no_role(words) else None)
            )
        if entity is not None:
            self._titled[key] = entity
        return entity

    def _tells_no_role(self, words: list[str]) -> bool:
        """Whether a description fits whoever is spoken of: `the 45-year-old`, `the former teacher`."""
        if len(words) < _LEAST_WORDS:
            return False
        return words[1] in self.coreference.speech.former or _AGE.fullmatch(words[-1]) is not None

    def _pronoun(self, phrase: Phrase, word: str) -> _Known | None:
        speech = self.coreference.speech
        if word in speech.thing_pronouns and self._described is not None and self._last is self._described:
            return self._described  # `The report said ... It accused ...`
        entity = self.coreference.by_pronoun(word, phrase.start)
        if entity is not None:
            return _Known(self.coreference.fuller(entity.name), _BY_PRONOUN, entity)
        several = self.coreference.several_before(phrase.start) if word in speech.they else None
        if several is not None:
            return _Known(several, _BY_ANONYMOUS, None)
        if self._described is not None and word in speech.going_on_pronouns:
            # Nobody with a name fits: the description that spoke last goes on.
            return _Known(self._described.name, self._described.by, None)
        return None
