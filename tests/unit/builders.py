"""Small articles and records for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.record import Article, Duplicate, EnrichedArticle, Provenance, Verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def article(
    article_id: str = "a1", text: str = "Ferry late\n\nThe ferry was late.", **fields: object
) -> Article:
    values: dict[str, object] = {
        "article_id": article_id,
        "source": "harbour-post",
        "title": "Ferry late",
        "text": text,
        "language": "en",
        "ingested_at": NOON,
    }
    return Article.model_validate(values | fields)


def record(article_id: str = "a1", **fields: object) -> EnrichedArticle:
    return EnrichedArticle(
        article=article(article_id, **fields),  # type: ignore[arg-type]
        duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id=article_id),
        provenance=Provenance(pipeline_version="0"),
    )
