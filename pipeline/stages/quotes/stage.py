"""The quotes stage: from an article and its entities to who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipeline.models import EnrichedArticle, Model, Quote, Span, Speaker
from pipeline.stages.base import Outcome, each
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.article import Resolved, resolve

M = TypeVar("M", bound=Model)


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


class QuoteStage:
    """Fills `quotes` of English articles; others, and those of unknown language, pass through untouched."""

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Find the quotes of each article, in order."""
        return each(_enrich, batch)

    def explain(self, record: EnrichedArticle) -> list[Explanation]:
        """Say for each candidate of the article what was decided, by which rule, and what came second."""
        if not _is_english(record):
            return []
        return [_explanation(record.article.text, found) for found in resolve(record)]


def _is_english(record: EnrichedArticle) -> bool:
    language = record.article.language
    return language is not None and language.replace("_", "-").split("-")[0].lower() == "en"


def _enrich(record: EnrichedArticle) -> EnrichedArticle:
    if not _is_english(record):
        return record
    text = record.article.text
    quotes = tuple(quote for found in resolve(record) if (quote := _quote(text, found)) is not None)
    return record.model_copy(update={"quotes": quotes})


def _quote(text: str, found: Resolved) -> Quote | None:
    decision, speaker, _ = found
    start, end, cue = decision.start, decision.end, decision.cue
    if decision.kind is None:
        return None
    return _trusted(
        Quote,
        {
            "start": start,
            "end": end,
            "text": text[start:end],
            "kind": decision.kind,
            "speaker": None if speaker is None else _trusted(Speaker, speaker._asdict()),
            "cue": None
            if cue is None
            else _trusted(Span, {"start": cue[0], "end": cue[1], "text": text[cue[0] : cue[1]]}),
            "confidence": _confidence(found),
        },
    )


_FILL = object.__setattr__
_FIELDS: dict[type[Model], set[str]] = {model: set(model.model_fields) for model in (Quote, Speaker, Span)}


def _trusted(model: type[M], fields: dict[str, object]) -> M:
    """A record of values that are right by construction.

    It ends as `model_construct` does, whose look at each field costs more than a validation.
    """
    record = model.__new__(model)
    _FILL(record, "__dict__", fields)
    _FILL(record, "__pydantic_fields_set__", _FIELDS[model])
    _FILL(record, "__pydantic_extra__", None)
    _FILL(record, "__pydantic_private__", None)
    return record


def _explanation(text: str, found: Resolved) -> Explanation:
    decision = found.decision
    return Explanation(
        start=decision.start,
        end=decision.end,
        text=text[decision.start : decision.end],
        decision=decision.kind.value if decision.kind else "not a quote",
        rule=decision.rule,
        speaker=found.speaker.name if found.speaker else None,
        runner_up=found.runner_up,
        confidence=_confidence(found),
    )


def _confidence(found: Resolved) -> float:
    """The measured share of right attributions of the rule; 0 where nobody is named."""
    if found.speaker is None:
        return 0.0
    table = lexicon.confidences()
    return table.get(found.decision.rule, table["otherwise"])
