"""The stage: records with nothing found yet in, the same records with their verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.record import ClusterMerge, EnrichedArticle
from pipeline.record.codec import encode
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

    def announcements(self) -> list[tuple[bytes, bytes]]:
        """See Stage: clusters that were merged."""
        merges = self._deduplicator.take_merges()
        told = (ClusterMerge(cluster_id=loser, merged_into=winner) for loser, winner in merges)
        return [(one.cluster_id.encode("utf-8", "surrogatepass"), encode(one)) for one in told]

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """Judge records in order; some hundreds at a time are the most efficient."""
        verdicts = self._deduplicator.decide([record.article for record in batch])
        return [
            verdict if isinstance(verdict, Rejection) else with_parts(record, duplicate=verdict)
            for record, verdict in zip(batch, verdicts, strict=True)
        ]
