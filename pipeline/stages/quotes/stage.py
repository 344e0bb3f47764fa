"""The quotes stage: from an article and its entities to who said what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.models import EnrichedArticle, Quote, ResolvedBy, Span, Speaker
from pipeline.stages.base import Rejection, each
from pipeline.stages.paragraphs import paragraphs
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.attribution import Attributor
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import read
from pipeline.stages.quotes.speakers import Cast
from pipeline.stages.quotes.statements import Decision, merge

_CONTINUED = frozenset(
    {"same-paragraph", "same-paragraph-far", "open-quote", "floating", "announced", "next-cue"}
)
_UNMEASURED = 0.5


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided for one candidate, and why.

    `decision` is the kind of quote or `not a quote`; `rule` decided the speaker or turned the candidate down;
    `runner_up` is the speaker that came second.
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
    """Fills `quotes` of English articles; others pass through untouched."""

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[EnrichedArticle | Rejection]:
        """Find the quotes of each article, in order."""
        return each(self._enrich, batch)

    def explain(self, record: EnrichedArticle) -> list[Explanation]:
        """Say for each candidate of the article what was decided and by which rule."""
        text = record.article.text
        out = []
        for decision, speaker, runner_up in _decide(record):
            a, b = decision.start, decision.end
            out.append(
                Explanation(
                    a,
                    b,
                    text[a:b],
                    decision.kind.value if decision.kind else "not a quote",
                    decision.rule,
                    speaker.name if speaker else None,
                    runner_up,
                    _confidence(decision),
                )
            )
        return out

    def _enrich(self, record: EnrichedArticle) -> EnrichedArticle:
        if record.article.language != "en":
            return record
        text = record.article.text
        quotes = []
        for decision, speaker, _ in _decide(record):
            if decision.kind is None:
                continue
            a, b = decision.start, decision.end
            cue = decision.cue
            quotes.append(
                Quote(
                    start=a,
                    end=b,
                    text=text[a:b],
                    kind=decision.kind,
                    speaker=speaker,
                    cue=Span(start=cue[0], end=cue[1], text=text[cue[0] : cue[1]]) if cue else None,
                    confidence=_confidence(decision),
                )
            )
        return record.model_copy(update={"quotes": tuple(quotes)})


def _confidence(decision: Decision) -> float:
    return lexicon.confidences().get(decision.rule, _UNMEASURED)


def _decide(record: EnrichedArticle) -> Iterator[tuple[Decision, Speaker | None, str | None]]:
    text = record.article.text
    mentions = Mentions(record.entities, text)
    cast = Cast(mentions, text)
    attributor = Attributor(text)
    for start, end in paragraphs(text):
        p = read(text, start, end)
        nouns = Nouns(p, mentions)
        clauses = Scanner(p, nouns).clauses()
        decided = attributor.paragraph(p, clauses, nouns)
        for decision in merge(p, decided, clauses):
            speaker = cast.resolve(decision.phrase) if decision.phrase else None
            if speaker is not None and decision.rule in _CONTINUED:
                speaker = speaker.model_copy(update={"resolved_by": ResolvedBy.CONTINUATION})
            runner_up = decision.runner_up
            yield decision, speaker, text[runner_up.start : runner_up.end] if runner_up else None
