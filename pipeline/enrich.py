"""The stages in this process, without a broker: what the stream does, in input order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice

from pipeline import __version__
from pipeline.models import Article, EnrichedArticle, Provenance, Verdict
from pipeline.stages.base import Rejection
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore
from pipeline.stages.entities import EntityStage, require_model
from pipeline.stages.quotes import QuoteStage

_BATCH = 64


class Enricher:
    """Dedup, entities and quotes on articles as they come; remembers what it has seen, like a worker.

    Args:
        model: the spaCy model.
        window: how far apart in time copies of a story can be.
    """

    def __init__(self, model: str, *, window: timedelta) -> None:
        self._deduplicator = Deduplicator(MemoryStateStore(), window=window)
        require_model(model)
        self._entities = EntityStage(model)
        self.quotes = QuoteStage()

    def enrich(self, articles: Iterable[Article]) -> Iterator[tuple[Article, EnrichedArticle | Rejection]]:
        """Each article with its record, or with why there is none; in input order."""
        iterator = iter(articles)
        while batch := list(islice(iterator, _BATCH)):
            yield from zip(batch, self._batch(batch), strict=True)

    def _batch(self, batch: list[Article]) -> list[EnrichedArticle | Rejection]:
        results: list[EnrichedArticle | Rejection] = [
            verdict
            if isinstance(verdict, Rejection)
            else EnrichedArticle(
                article=article, duplicate=verdict, provenance=Provenance(pipeline_version=__version__)
            )
            for article, verdict in zip(batch, self._deduplicator.decide(batch), strict=True)
        ]
        for stage in (self._entities, self.quotes):
            going_on = {
                index: result
                for index, result in enumerate(results)
                if isinstance(result, EnrichedArticle) and result.duplicate.verdict is not Verdict.EXACT
            }
            for index, outcome in zip(going_on, stage(list(going_on.values())), strict=True):
                results[index] = outcome
        return results
