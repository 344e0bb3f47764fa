"""Several stages as one: each goes on with what those before it have not rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipeline.record import EnrichedArticle
from pipeline.stages.base import Outcome, Stage
from pipeline.stages.isolation import going_on


class Chain(Stage):
    """Runs stages one behind the other on the same batch.

    Args:
        stages: in their order; the record of the last one counts.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages

    def warm_up(self) -> None:
        """See Stage."""
        for stage in self._stages:
            stage.warm_up()

    def time_limit(self, usual: float) -> float:
        """See Stage: each has its own."""
        return sum(stage.time_limit(usual) for stage in self._stages)

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """See Stage."""
        outcomes: list[Outcome] = [*batch]
        for stage in self._stages:
            outcomes = [*going_on(outcomes, stage)]
        return outcomes

    def take_counters(self) -> dict[str, int]:
        """See Stage."""
        counted = Counter[str]()
        for stage in self._stages:
            counted.update(stage.take_counters())
        return dict(counted)
