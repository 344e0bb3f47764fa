"""How far behind, what fails, what is stored: collected from the broker and the store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.errors import SettingsError, TransientError
from pipeline.flow import FLOW
from pipeline.kafka.admin import EARLIEST, LATEST, Admin, PartitionLag
from pipeline.kafka.offsets import LogFault
from pipeline.kafka.topics import Topic
from pipeline.settings import Settings
from pipeline.stores.base import Counts, configured_store


@dataclass(frozen=True, slots=True)
class Status:
    """One view of a pipeline.

    Attributes:
        problems: lines, none when topics and offsets are right.
        unseen: why the broker or the store can't be seen, a line each.
        broker: what it says; None when it can't be asked.
        store: what is stored; None when it can't be asked.
    """

    problems: list[str]
    unseen: list[str]
    broker: BrokerStatus | None
    store: Counts | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        found = asdict(self)
        broker = found.pop("broker") or {"lags": None, "raw_messages": None, "dead_letter_messages": None}
        if self.broker is not None:
            broker["lags"] = [lag.as_dict() for lag in self.broker.lags]
        return found | broker


@dataclass(frozen=True, slots=True)
class BrokerStatus:
    """What the broker says: the lag of each stage and partition, and how many messages wait where."""

    lags: list[PartitionLag]
    raw_messages: int
    dead_letter_messages: int

    @property
    def lag(self) -> int:
        """Messages that some stage has still to do."""
        return sum(lag.lag for lag in self.lags)


def status_of(settings: Settings) -> Status:
    """Look at the broker and the store of these settings; what can't be seen is named, and the other one shown."""
    problems: list[str] = []
    unseen: list[str] = []
    broker: BrokerStatus | None = None
    store: Counts | None = None
    try:
        broker = _of_broker(settings, problems)
    except (TransientError, SettingsError) as error:
        unseen.append(str(error))
    try:
        with closing(configured_store(settings, read_only=True)) as opened:
            store = opened.counts()
    except (TransientError, SettingsError) as error:
        unseen.append(str(error))
    return Status(problems, unseen, broker, store)


def _of_broker(settings: Settings, problems: list[str]) -> BrokerStatus:
    with Admin(settings) as admin:
        wrong = [f"{state.spec.name} {state.problem}" for state in admin.topic_states() if state.problem]
        lags = admin.lag(FLOW.sources)
        problems += [*wrong, *_faults(lags)]
        raw, letters = (
            (0, 0) if wrong else (_messages(admin, topic) for topic in (Topic.RAW, Topic.DEAD_LETTER))
        )
        return BrokerStatus(lags, raw, letters)


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
