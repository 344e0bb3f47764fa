"""What a stage is: a batch in; for each item, in order, a record or a rejection out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.errors import Reason
from pipeline.models import EnrichedArticle


@dataclass(frozen=True, slots=True)
class Rejection:
    """An item that a stage can't process, and why; the caller dead-letters it."""

    reason: Reason
    detail: str


Outcome = EnrichedArticle | Rejection
Stage = Callable[[Sequence[EnrichedArticle]], list[Outcome]]
"""Takes a batch, gives as many outcomes in the same order. Never raises for what is in an item; picklable."""


def each(
    function: Callable[[EnrichedArticle], EnrichedArticle], batch: Sequence[EnrichedArticle]
) -> list[Outcome]:
    """Apply `function` item by item; an item that makes it raise is rejected alone."""
    outcomes: list[Outcome] = []
    for record in batch:
        try:
            outcomes.append(function(record))
        except Exception as error:  # noqa: BLE001 - whatever one article provokes must not stop its neighbours
            outcomes.append(Rejection(Reason.STAGE_ERROR, f"{type(error).__name__}: {error}"))
    return outcomes
