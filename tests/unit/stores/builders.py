"""Records for the tests of the store, from a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Provenance,
    Quote,
    QuoteKind,
    ResolvedBy,
    Span,
    Speaker,
    Verdict,
)
from pipeline.stages.entities import entity_key

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
TEXT = (
    "Harbour bridge opens\n\n"
    "Mayor Ada Quill opened the harbour bridge in Fenmouth on Sunday.\n\n"
    "“The ferries may rest at last,” Quill said of the new bridge. Tom Reed, of Reed Shipping, was less pleased."
)


def span(text: str, words: str) -> Span:
    """Where `words` first stand in `text`."""
    start = text.index(words)
    return Span(start=start, end=start + len(words), text=words)


def entity(name: str, kind: str, *mentions: str, text: str = TEXT, country: str | None = None) -> Entity:
    """An entity with its mentions, each where it first stands."""
    spans = tuple(span(text, words) for words in mentions or (name,))
    return Entity(name=name, type=kind, key=entity_key(name, kind), country=country, mentions=spans)


def quote(
    words: str,
    *,
    text: str = TEXT,
    speaker: tuple[str, str] | None = None,
    resolved_by: ResolvedBy = ResolvedBy.NAME,
    confidence: float = 0.9,
) -> Quote:
    """A direct quote; `speaker` is the full name and the words that refer to it."""
    who = None
    if speaker:
        who = Speaker(**span(text, speaker[1]).model_dump(), name=speaker[0], resolved_by=resolved_by)
    return Quote(**span(text, words).model_dump(), kind=QuoteKind.DIRECT, speaker=who, confidence=confidence)


def record(
    article_id: str = "bridge",
    *,
    text: str = TEXT,
    source: str = "The Fen Courier",
    ingested: datetime = NOON,
    published: datetime | None = NOON - timedelta(hours=1),
    duplicate: Duplicate | None = None,
    entities: tuple[Entity, ...] = (),
    quotes: tuple[Quote, ...] = (),
    pipeline_version: str = "1",
) -> EnrichedArticle:
    """A record with the given parts."""
    return EnrichedArticle(
        article=Article(
            article_id=article_id,
            source=source,
            title=text.partition("\n")[0] or None,
            text=text,
            language="en",
            published_at=published,
            ingested_at=ingested,
        ),
        duplicate=duplicate or Duplicate(verdict=Verdict.ORIGINAL, cluster_id=article_id),
        entities=entities,
        quotes=quotes,
        provenance=Provenance(pipeline_version=pipeline_version, entity_model=None),
    )


def full_record(
    article_id: str = "bridge", *, ingested: datetime = NOON, source: str = "The Fen Courier"
) -> EnrichedArticle:
    """A record with some of everything."""
    made = record(
        article_id,
        ingested=ingested,
        source=source,
        entities=(
            entity("Ada Quill", "PERSON", "Ada Quill", "Quill said"[:5]),
            entity("Fenmouth", "GPE", country="GB"),
            entity("Tom Reed", "PERSON"),
            entity("Reed Shipping", "ORG"),
        ),
        quotes=(quote("“The ferries may rest at last,”", speaker=("Ada Quill", "Quill said"[:5])),),
    )
    written = made.article.model_copy(update={"authors": ("Mina Sorrel", "Jo Reed"), "section": "Harbour"})
    return made.model_copy(update={"article": written})
