"""The stage: records with nothing found yet in, the same records with their verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.record import EnrichedArticle
from pipeline.record.trusted import with_parts
from pipeline.stages.base import Outcome, Rejection, Stage
from pipeline.stages.duplicates.deduplicator import Deduplicator


class DuplicateStage(Stage):
    """Fills `duplicate`. It sees the articles in the order of the stream, and remembers them.

    Args:
        deduplicator: what it asks; it brings its store with it.
    """

    name = "duplicates"
    adds = ("duplicate",)

    def __init__(self, deduplicator: Deduplicator) -> None:
        self._deduplicator = deduplicator

    @staticmethod
    def outcome(record: EnrichedArticle) -> str:
        """See Stage: the verdict."""
        return record.duplicate.verdict

    def warm_up(self) -> None:
        """Rebuild the index from the store: another worker may have written to it."""
        self._deduplicator.load(datetime.now(UTC))

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Judge records in order; some hundreds at a time are the most efficient."""
        verdicts = self._deduplicator.decide([record.article for record in batch])
        return [
            verdict if isinstance(verdict, Rejection) else with_parts(record, duplicate=verdict)
            for record, verdict in zip(batch, verdicts, strict=True)
        ]
