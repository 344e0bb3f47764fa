"""Partitions that a stage has stopped taking, because a message there is of a later major version.

While workers are upgraded, an old one meets records that only a new one reads. They are nobody's fault, and stay where
they are: the stage takes nothing more of that partition, acknowledges nothing from there on, says so, and goes on with
the others. It waits for no change (what this process can't read it will never read), so nothing is in hand that could
hold up a rebalance: the partition is free to go to a worker that has been upgraded. Decision 14 gives the reasons.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pipeline.record import SCHEMA_VERSION
from pipeline.record.codec import later_version
from pipeline.watch import metrics

if TYPE_CHECKING:
    from pipeline.stream.incoming import Incoming

log = logging.getLogger(__name__)


class Parking:
    """Decides which messages a stage takes.

    Args:
        stage: its name.
        enabled: else all are taken, and what is of a later major becomes a dead letter.
    """

    def __init__(self, stage: str, *, enabled: bool) -> None:
        self._stage = stage
        self._enabled = enabled
        self._parked: dict[tuple[str, int], str] = {}

    @property
    def fault(self) -> str | None:
        """Why the first of the parked partitions is; None when there is none."""
        return next(iter(self._parked.values()), None)

    def admits(self, message: Incoming) -> bool:
        """Whether the stage takes the message. To be asked about all of a partition's messages in their order."""
        if not self._enabled:
            return True
        place = message.topic, message.partition
        if place in self._parked:
            return False
        version = later_version(message.value)
        if version is not None:
            self._park(place, message.offset, version)
        return version is None

    def clear(self) -> None:
        """Partitions were assigned anew, and are read from where their group has committed."""
        self._parked.clear()
        metrics.PARKED_PARTITIONS.labels(self._stage).set(0)

    def _park(self, place: tuple[str, int], offset: int, version: int) -> None:
        topic, partition = place
        self._parked[place] = f"{topic}/{partition}/{offset} has schema_version {version}"
        metrics.PARKED_PARTITIONS.labels(self._stage).set(len(self._parked))
        log.error(
            "%s: %s, and this version reads up to %d: nothing more of that partition is taken or acknowledged here; it "
            "waits for a worker of a later version (PIPELINE_NEWER_SCHEMA=dead-letter goes on without the message)",
            self._stage,
            self._parked[place],
            SCHEMA_VERSION,
        )
