"""The quotes stage: from an article and its entities to who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.record import EnrichedArticle, Quote, QuoteKind, Speaker
from pipeline.stages.base import Outcome, Stage
from pipeline.stages.isolation import each
from pipeline.stages.quotes import lexicon, records
from pipeline.stages.quotes.article import resolve
from pipeline.stages.quotes.decisions import Decision

_CONFIDENCES = lexicon.confidences()
_OTHERWISE = _CONFIDENCES["otherwise"]


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
    """Fills `quotes` of English articles; others, and those of unknown language, pass through untouched."""

    name = "quotes"
    needs = ("article", "entities")
    adds = ("quotes",)

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Find the quotes of each article, in order."""
        return each(_enrich, batch)

    def explain(self, record: EnrichedArticle) -> list[Explanation]:
        """Say for each candidate of the article what was decided, by which rule, and what came second."""
        if not _is_english(record):
            return []
        text = record.article.text
        return [_explanation(text, decision, speaker) for decision, speaker in resolve(record)]


def _is_english(record: EnrichedArticle) -> bool:
    language = record.article.language
    return language is not None and language.replace("_", "-").split("-")[0].lower() == "en"


def _enrich(record: EnrichedArticle) -> EnrichedArticle:
    if not _is_english(record):
        return record
    text = record.article.text
    quotes = [
        _quote(text, decision, decision.kind, speaker)
        for decision, speaker in resolve(record)
        if decision.kind is not None
    ]
    return record.model_copy(update={"quotes": tuple(quotes)})


def _quote(text: str, decision: Decision, kind: QuoteKind, speaker: Speaker | None) -> Quote:
    said = text[decision.start : decision.end]
    cue = None if decision.cue is None else records.span(text, *decision.cue)
    confidence = _confidence(decision, speaker)
    return records.quote(said, decision.start, kind, by=speaker, cue=cue, confidence=confidence)


def _explanation(text: str, decision: Decision, speaker: Speaker | None) -> Explanation:
    second = decision.runner_up
    return Explanation(
        start=decision.start,
        end=decision.end,
        text=text[decision.start : decision.end],
        decision=decision.kind.value if decision.kind else "not a quote",
        rule=decision.rule,
        speaker=speaker.name if speaker else None,
        runner_up=text[second.start : second.end] if second else None,
        confidence=_confidence(decision, speaker),
    )


def _confidence(decision: Decision, speaker: Speaker | None) -> float:
    """The measured share of right attributions of the rule; 0 where nobody is named."""
    if speaker is None:
        return 0.0
    return _CONFIDENCES.get(decision.rule, _OTHERWISE)
