"""Which of several records of one article stands: a rule without a database.

A version is what the publisher wrote; a record is a version and what the stages found in it.

1. A record that is there already changes nothing, so a replay changes no row.
2. The same version processed anew replaces its record, unless it was taken in earlier.
3. A version that is new to the store replaces the one that stands, unless it was taken in earlier.
4. A version that was superseded once never comes back: it is a redelivery or a replay of an old file.

For versions, the order of arrival makes no difference; the later one to be taken in stands at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.sinks.rows import Incoming


class Disposition(StrEnum):
    """What became of a record."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"


@dataclass(slots=True)
class Standing:
    """What the store holds of one article."""

    version_hash: bytes
    record_hash: bytes
    ingested_at: datetime
    superseded: set[bytes] = field(default_factory=set)


class Standings:
    """The articles of a batch as the store holds them, brought forward record by record."""

    def __init__(self, stored: dict[str, Standing]) -> None:
        self._standings = stored
        self.newly_superseded: set[tuple[str, bytes]] = set()

    def admit(self, incoming: Incoming) -> Disposition:
        """Decide about one record, and remember the decision for those after it."""
        standing = self._standings.get(incoming.article_id)
        if standing is None:
            self._standings[incoming.article_id] = Standing(
                incoming.version_hash, incoming.record_hash, incoming.ingested_at
            )
            return Disposition.INSERTED
        if incoming.record_hash == standing.record_hash:
            return Disposition.UNCHANGED
        older = incoming.ingested_at < standing.ingested_at
        if incoming.version_hash != standing.version_hash:
            if incoming.version_hash in standing.superseded:
                return Disposition.STALE
            loser = incoming.version_hash if older else standing.version_hash
            standing.superseded.add(loser)
            self.newly_superseded.add((incoming.article_id, loser))
        if older:
            return Disposition.STALE
        standing.version_hash, standing.record_hash = incoming.version_hash, incoming.record_hash
        standing.ingested_at = incoming.ingested_at
        return Disposition.UPDATED
