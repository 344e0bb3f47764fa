"""The stage with its model, loaded once, and articles to try it on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.record import Article, Duplicate, EnrichedArticle, Entity, Provenance, Verdict
from pipeline.stages.entities import EntityStage

Enrich = Callable[..., dict[str, Entity]]


def record(text: str, *, title: str | None = None, language: str | None = "en") -> EnrichedArticle:
    """An article as it reaches the stage."""
    return EnrichedArticle(
        article=Article(
            article_id="a1",
            source="The Harbour Post",
            title=title,
            text=f"{title}\n\n{text}" if title else text,
            language=language,
            ingested_at=datetime(2026, 3, 1, tzinfo=UTC),
        ),
        duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id="a1"),
        provenance=Provenance(pipeline_version="0"),
    )


@pytest.fixture(scope="session")
def stage() -> EntityStage:
    made = EntityStage()
    made.warm_up()
    return made


@pytest.fixture
def entities(stage: EntityStage) -> Enrich:
    """Calls the stage on one article and gives its entities by name."""

    def enrich(text: str, *, title: str | None = None) -> dict[str, Entity]:
        [outcome] = stage([record(text, title=title)])
        assert isinstance(outcome, EnrichedArticle)
        return {entity.name: entity for entity in outcome.entities}

    return enrich
