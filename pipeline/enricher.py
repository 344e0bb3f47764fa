"""The stages in this process, without a broker: what the stream does, in input order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Self

from pipeline import __version__
from pipeline.record import Article, Duplicate, EnrichedArticle, Provenance, Verdict
from pipeline.settings import Settings
from pipeline.stages.base import Rejection, Stage
from pipeline.stages.duplicates import Deduplicator, MemoryStateStore
from pipeline.stages.entities import EntityStage, require_model
from pipeline.stages.quotes import QuoteStage

_BATCH = 64


STAGES = ("duplicates", "entities", "quotes")
"""What can be run on an article, in this order."""


class Enricher:
    """Dedup, entities and quotes on articles as they come; remembers what it has seen, like a worker.

    Args:
        model: the spaCy model.
        window: how far apart in time copies of a story can be.
        stages: which of `STAGES` to run. Without duplicates every article is an original. Quotes find their
            speakers among the entities.
    """

    def __init__(self, model: str, *, window: timedelta, stages: Collection[str] = STAGES) -> None:
        self.quotes = QuoteStage()
        self._decide: Callable[[Sequence[Article]], list[Duplicate | Rejection]] = _all_original
        if "duplicates" in stages:
            self._decide = Deduplicator(MemoryStateStore(), window=window).decide
        self._stages: list[Stage] = []
        if "entities" in stages:
            require_model(model)
            self._stages.append(EntityStage(model))
        if "quotes" in stages:
            self._stages.append(self.quotes)

    @classmethod
    def load(cls, *, stages: Collection[str] = STAGES, **overrides: Any) -> Self:
        """One with the settings of the environment; overrides (`spacy_model`, `window_hours`) win.

        Raises:
            SettingsError: a setting is wrong, or the model is not installed.
        """
        settings = Settings.load(**overrides)
        return cls(settings.spacy_model, window=settings.window, stages=stages)

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
            for article, verdict in zip(batch, self._decide(batch), strict=True)
        ]
        for stage in self._stages:
            going_on = {
                index: result
                for index, result in enumerate(results)
                if isinstance(result, EnrichedArticle) and result.duplicate.verdict is not Verdict.EXACT
            }
            for index, outcome in zip(going_on, stage(list(going_on.values())), strict=True):
                results[index] = outcome
        return results


def _all_original(batch: Sequence[Article]) -> list[Duplicate | Rejection]:
    return [Duplicate(verdict=Verdict.ORIGINAL, cluster_id=article.article_id) for article in batch]
