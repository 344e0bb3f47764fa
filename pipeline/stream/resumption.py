"""Where a stage goes on when it gets partitions: not before it is known that the log is the one that it has read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from pipeline.errors import SettingsError
from pipeline.kafka.admin import Admin, PartitionLag
from pipeline.kafka.lastmessage import fingerprints
from pipeline.kafka.offsets import CommitLabel, GroupOffset, LogFault, Resumption, resume
from pipeline.kafka.topics import Topic, topic_name
from pipeline.settings import Settings
from pipeline.watch import metrics

log = logging.getLogger(__name__)

Partition = tuple[str, int]

_HAPPENED = {
    LogFault.MADE_ANEW: "is another log than the one that {stage} has read to {committed} (made anew, or its broker "
    "came back empty): reading it from its start, {offset}. What the old one held unread is gone: replay the sources",
    LogFault.TRUNCATED: "has lost its end, which {stage} had read to {committed}: reading it again from its start, "
    "{offset}. What was cut off is gone from the topic: replay the sources",
    LogFault.EXPIRED: "goes on at {offset}, but {stage} had read it only to {committed}: {unread} messages were "
    "deleted unread, LOST. Raise PIPELINE_RETENTION_HOURS and replay the sources",
}


class Resumer:
    """Finds where one stage goes on, and says what happened to its logs.

    Args:
        settings: where the broker is.
        stage: the stage, whose group it is about.
        source: the topic that it reads.
        store: the identity of the store that it writes to, "" when it writes to none.
    """

    def __init__(self, settings: Settings, stage: str, source: Topic, store: str = "") -> None:
        self._settings = settings
        self._stage = stage
        self._source = source
        self._topic = topic_name(settings, source)
        self.store = store
        self._committed: dict[Partition, tuple[int, CommitLabel]] = {}

    def note_commit(self, partition: Partition, offset: int, label: CommitLabel) -> None:
        """Remember what was committed: not every broker keeps a commit's label (the embedded one does not)."""
        self._committed[partition] = offset, label

    async def locate(self, partitions: Iterable[Partition]) -> dict[Partition, Resumption]:
        """Where to go on in each of the partitions; those of a topic that is not there are left out.

        Raises:
            SettingsError: the group has written to another store.
            TransientError: the broker is away.
        """
        return await asyncio.to_thread(self._locate, set(partitions))

    def _locate(self, partitions: set[Partition]) -> dict[Partition, Resumption]:
        with Admin(self._settings) as admin:
            lags = admin.lag({self._stage: self._source})
        refuse_another_store(self.store, lags)
        found: dict[Partition, Resumption] = {}
        with fingerprints(self._settings, self._topic) as last_message:
            for lag in lags:
                place = lag.topic, lag.partition
                if place in partitions:
                    known = self._labelled(place, lag.found)
                    found[place] = resume(known, self.store, partial(last_message, lag.partition))
                    self._say(place, known, found[place])
        return found

    def _labelled(self, place: Partition, found: GroupOffset) -> GroupOffset:
        """With what this worker knows beside the broker, which forgets offsets with their topic, or keeps no labels."""
        offset, label = self._committed.get(place, (None, None))
        if label is None or found.label is not None:
            return found
        if found.committed is None and label.log not in ("", found.log):
            return replace(found, committed=offset, label=label)
        return replace(found, label=label) if found.committed == offset else found

    def _say(self, place: Partition, found: GroupOffset, there: Resumption) -> None:
        if there.fault is None:
            return
        metrics.LOG_FAULTS.labels(self._stage, there.fault).inc()
        happened = _HAPPENED[there.fault].format(
            stage=self._stage,
            committed=found.committed,
            offset=there.offset,
            unread=there.offset - (found.committed or 0),
        )
        log.error("%s/%d %s", *place, happened)


def refuse_another_store(store: str, lags: Iterable[PartitionLag]) -> None:
    """Raise SettingsError when a group's progress belongs to another store than `store`."""
    for lag in lags:
        label = lag.found.label
        if store and label and label.store not in ("", store):
            raise SettingsError(
                f"PIPELINE_DATABASE_URL: {lag.group} has written to another store ({label.store}) than this one "
                f"({store}), and each would get a part of the articles: give this worker the same store, or a "
                f"PIPELINE_GROUP_PREFIX of its own, or move the group to this store: `pipeline store adopt`"
            )
