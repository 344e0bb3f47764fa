"""Articles for the quotes stage, with entities made by hand so that no model is needed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Provenance,
    Quote,
    Span,
    Verdict,
)
from pipeline.stages.base import Rejection
from pipeline.stages.quotes import Explanation, QuoteStage

PEOPLE = ("Ann Li", "Hugh Hill", "Mara Quist", "Mara Hill", "Tom Vance", "Sir Olin Marsh")
BODIES = ("Acme", "the Harbour Office", "Northwind Trust")
PLACES = ("Leeds", "Port Ellis")


class Said(NamedTuple):
    """What a test cares about in a quote."""

    text: str
    speaker: str | None
    kind: str


def article(text: str, *, title: str | None = None, language: str | None = "en") -> EnrichedArticle:
    """An article whose people, bodies and places are found by their full names and last words."""
    whole = f"{title}\n\n{text}" if title else text
    entities = [
        *(_entity(whole, name, "PERSON", short=True) for name in PEOPLE),
        *(_entity(whole, name, "ORG") for name in BODIES),
        *(_entity(whole, name, "GPE") for name in PLACES),
    ]
    return EnrichedArticle(
        article=Article(
            article_id="a1",
            source="The Harbour Post",
            title=title,
            text=whole,
            language=language,
            ingested_at=datetime(2026, 3, 1, tzinfo=UTC),
        ),
        duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id="a1"),
        entities=tuple(entity for entity in entities if entity is not None),
        provenance=Provenance(pipeline_version="0"),
    )


def _entity(text: str, name: str, kind: str, *, short: bool = False) -> Entity | None:
    bare = name.removeprefix("the ").removeprefix("Sir ")
    # A bare surname goes to the first bearer, as a namesake's would in an article.
    bearers = [person for person in PEOPLE if person.endswith(bare.split()[-1])]
    short = short and bearers[0].endswith(bare)
    forms = rf"(?:{bare}|(?<!Mara ){bare.split()[-1]})" if short else bare
    spans = [Span(start=m.start(), end=m.end(), text=m.group()) for m in re.finditer(rf"\b{forms}\b", text)]
    return Entity(name=bare, type=kind, mentions=tuple(spans)) if spans else None


def quotes(text: str, *, title: str | None = None) -> list[Quote]:
    """The quotes that the stage finds in an article."""
    (outcome,) = QuoteStage()([article(text, title=title)])
    assert not isinstance(outcome, Rejection), outcome
    for quote in outcome.quotes:
        for span in (quote, quote.speaker, quote.cue):
            assert span is None or outcome.article.text[span.start : span.end] == span.text
    return list(outcome.quotes)


def said(text: str, *, title: str | None = None) -> list[Said]:
    """Text, full name and kind of every quote, in order."""
    return [
        Said(q.text, q.speaker.name if q.speaker else None, q.kind.value) for q in quotes(text, title=title)
    ]


def explained(text: str) -> list[Explanation]:
    """What the debug view says about an article."""
    return QuoteStage().explain(article(text))
