"""The quotes stage: from an article and its entities to who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.languages import Languages, installed, spoken
from pipeline.languages.speech import Speech
from pipeline.languages.unread import Unread
from pipeline.record import EnrichedArticle, Quote, QuoteKind, Speaker
from pipeline.record.trusted import with_parts
from pipeline.stages.base import Outcome, Stage
from pipeline.stages.isolation import each
from pipeline.stages.quotes import records
from pipeline.stages.quotes.article import resolve
from pipeline.stages.quotes.decisions import MIXED, Decision

_SHORT = 4  # words in marks that hardly say anything by themselves
_NOT_MEASURED = 0.5
"""The confidence in a speaker where a language says nothing of its rules."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided for one candidate, and why.

    `decision` is the kind of quote or `not a quote`; `rule` decided the speaker or turned the candidate down;
    `runner_up` are the words that refer to the speaker who came second.
    """

    start: int
    end: int
    text: str
    decision: str
    rule: str
    speaker: str | None
    runner_up: str | None
    confidence: float


class QuoteStage(Stage):
    """Fills `quotes` of articles in a language that is known; all others pass through untouched, and are counted.

    Args:
        languages: the languages that are known, by their codes; those that are installed when it is not given.
    """

    name = "quotes"
    needs = ("article", "entities")
    adds = ("quotes",)

    def __init__(self, languages: Languages | None = None) -> None:
        self._languages = installed() if languages is None else languages
        self._unread = Unread()

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Find the quotes of each article, in order."""
        return each(self._enrich, batch)

    def take_counters(self) -> dict[str, int]:
        """Articles passed through unread since the last call."""
        return self._unread.take()

    def explain(self, record: EnrichedArticle) -> list[Explanation]:
        """Say for each candidate of the article what was decided, by which rule, and what came second."""
        language = spoken(self._languages, record.article.language)
        if language is None:
            return []
        text, speech = record.article.text, language.speech
        return [_explanation(text, decision, by, speech) for decision, by in resolve(record, speech)]

    def _enrich(self, record: EnrichedArticle) -> EnrichedArticle:
        language = spoken(self._languages, record.article.language)
        if language is None:
            self._unread.count(record.article.language)
            return record
        text, speech = record.article.text, language.speech
        quotes = [
            _quote(text, decision, decision.kind, by, speech)
            for decision, by in resolve(record, speech)
            if decision.kind is not None
        ]
        return with_parts(record, quotes=tuple(quotes))


def _quote(text: str, decision: Decision, kind: QuoteKind, by: tuple[Speaker, ...], speech: Speech) -> Quote:
    return records.quote(
        text[decision.start : decision.end],
        decision.start,
        kind,
        statement=None if decision.statement is None else f"s{decision.statement}",
        polarity=decision.polarity,
        by=by,
        cue=None if decision.cue is None else records.span(text, *decision.cue),
        confidence=_confidence(text, decision, by, speech),
    )


def _explanation(text: str, decision: Decision, by: tuple[Speaker, ...], speech: Speech) -> Explanation:
    second = decision.runner_up
    return Explanation(
        start=decision.start,
        end=decision.end,
        text=text[decision.start : decision.end],
        decision=decision.kind.value if decision.kind else "not a quote",
        rule=decision.rule.value,
        speaker=" and ".join(speaker.name for speaker in by) or None,
        runner_up=text[second.start : second.end] if second else None,
        confidence=_confidence(text, decision, by, speech),
    )


def _confidence(text: str, decision: Decision, by: tuple[Speaker, ...], speech: Speech) -> float:
    """The share of right decisions that was measured for the rule; 0 where nobody is named.

    Words in marks that are only a part of what is reported are seldom all that somebody said.
    """
    if not by:
        return 0.0
    if decision.likelihood is not None:
        return round(decision.likelihood, 2)
    table = speech.confidences
    if decision.kind is MIXED:
        words = len(text[decision.start : decision.end].split())
        extent = "whole" if decision.whole else "short" if words <= _SHORT else "fragment"
        table = speech.mixed_confidences.get(extent) or table
    measured = table.get(decision.rule)
    return table.get("otherwise", _NOT_MEASURED) if measured is None else measured
