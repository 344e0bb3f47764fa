"""The stages in this process, without a broker: what the stream does, in input order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Self

from pipeline.flow import FLOW, IN_POOL, Step, Topic
from pipeline.record import Article, EnrichedArticle, Verdict
from pipeline.settings import Settings
from pipeline.stages.base import Outcome, Rejection, Stage, begun
from pipeline.stages.chain import Chain
from pipeline.stages.duplicates import Deduplicator, DuplicateStage, MemoryStateStore
from pipeline.stages.isolation import Sifted
from pipeline.stages.registry import installed

_BATCH = 64


class Enricher:
    """Runs the stages on articles as they come; remembers what it has seen, like a worker.

    Args:
        model: the spaCy model.
        window: how far apart in time copies of a story can be.
        stages: the names of those to run; all by default, with those that other packages add. Without duplicates every
            article is an original. Quotes find their speakers among the entities.
    """

    def __init__(self, model: str, *, window: timedelta, stages: Collection[str] | None = None) -> None:
        self._registry = installed()
        settings = Settings.load(spacy_model=model)
        chosen = self._registry.names if stages is None else stages
        self._stages: list[tuple[Step, Stage]] = []
        self._deduplicator = Deduplicator(MemoryStateStore(), window=window)
        for step in FLOW.steps:
            if step.runs is IN_POOL:
                self._stages.append((step, self._registry.pooled(step, settings, chosen)))
            elif step.stage:
                remembering = DuplicateStage(self._deduplicator)
                self._stages.append((step, remembering if step.name in chosen else Chain(())))

    @classmethod
    def load(cls, *, stages: Collection[str] | None = None, **overrides: Any) -> Self:
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

    def again(
        self, records: Iterable[EnrichedArticle]
    ) -> Iterator[tuple[EnrichedArticle, EnrichedArticle | Rejection]]:
        """Each record with what the stages find in it now, where it went through them; in input order.

        What an article is to those before it stays: that is judged by their order. Without entities among the stages,
        quotes find their speakers among the names that the record has.
        """
        pooled = Chain([stage for step, stage in self._stages if step.runs is IN_POOL])
        iterator = iter(records)
        while batch := list(islice(iterator, _BATCH)):
            read = [one for one in batch if one.duplicate.verdict is not Verdict.EXACT]
            outcomes = iter(pooled(read))
            for one in batch:
                yield one, one if one.duplicate.verdict is Verdict.EXACT else next(outcomes)

    def cluster_of(self, cluster_id: str) -> str:
        """The cluster that the one of this id is part of by now: two that turn out to be one story are merged."""
        return self._deduplicator.cluster_of(cluster_id)

    def _batch(self, batch: list[Article]) -> list[Outcome]:
        """Every record goes the way that it goes in the stream, from topic to topic."""
        outcomes: list[Outcome] = [begun(article) for article in batch]
        places: list[Topic | None] = [Topic.RAW] * len(batch)
        for step, stage in self._stages:
            here = [index for index, place in enumerate(places) if place is step.reads]
            results = stage(Sifted[EnrichedArticle]([outcomes[index] for index in here]).good)
            for index, result in zip(here, results, strict=True):
                outcomes[index] = result
                places[index] = self._way(step, result)
        return outcomes

    def _way(self, step: Step, result: Outcome) -> Topic | None:
        if isinstance(result, Rejection):
            return None
        return step.writes[self._registry.own[step.name].outcome(result)]
