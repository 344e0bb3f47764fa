"""How far behind, what fails, what is stored: collected from the broker and the store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.flow import FLOW
from pipeline.kafka.admin import EARLIEST, LATEST, Admin, PartitionLag
from pipeline.kafka.offsets import LogFault
from pipeline.kafka.topics import Topic
from pipeline.settings import Settings
from pipeline.stores.base import Counts, configured_store


@dataclass(frozen=True, slots=True)
class Status:
    """One view of a pipeline. `problems` are lines, none when topics and offsets are right."""

    problems: list[str]
    lags: list[PartitionLag]
    raw_messages: int
    dead_letter_messages: int
    store: Counts

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "lags": [lag.as_dict() for lag in self.lags]}


def status_of(settings: Settings) -> Status:
    """Look at the broker and the store of these settings.

    Raises:
        TransientError: one of them can't be reached.
        SettingsError: the store can't be used.
    """
    with Admin(settings) as admin, closing(configured_store(settings, read_only=True)) as store:
        problems = [f"{state.spec.name} {state.problem}" for state in admin.topic_states() if state.problem]
        lags = admin.lag(FLOW.sources)
        return Status(
            [*problems, *_faults(lags)],
            lags,
            0 if problems else _messages(admin, Topic.RAW),
            0 if problems else _messages(admin, Topic.DEAD_LETTER),
            store.counts(),
        )


def _messages(admin: Admin, topic: Topic) -> int:
    return sum(admin.offsets(topic, LATEST).values()) - sum(admin.offsets(topic, EARLIEST).values())


_FAULTS = {
    LogFault.MADE_ANEW: "committed {found.committed}, but of another log: it will read from {found.start}",
    LogFault.TRUNCATED: "committed {found.committed}, but the log ends at {found.end}: it will read from {found.start}",
    LogFault.EXPIRED: "committed {found.committed}, but the log begins at {found.start}",
}


def _faults(lags: Iterable[PartitionLag]) -> list[str]:
    """What is wrong with the groups' logs, one line a partition."""
    return [
        f"{lag.group} on {lag.topic}/{lag.partition}: {_FAULTS[lag.found.fault].format(found=lag.found)}"
        for lag in lags
        if lag.found.fault is not None
    ] + [
        f"{lag.group} on {lag.topic}/{lag.partition}: {lag.found.lost} messages were deleted before they were read"
        for lag in lags
        if lag.found.lost
    ]
