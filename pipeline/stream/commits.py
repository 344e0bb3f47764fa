"""Which offsets are committed, and where reading goes on: by what the processor has finished, of a log that is known.

Faust acknowledges what it skips while partitions move, drops a commit that failed, and ends the app when the
group has gone on without it. Here an offset is committed once everything before it in its partition is durable,
and a commit that fails is tried again a second later.

A commit says which log it belongs to (pipeline.kafka.offsets). Nothing is read from a partition before its commit was
held against the log that is there, and nothing is committed but this consumer's own progress since then: so a topic
that is made anew under a running worker is read from its start, whatever offsets the old one had.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import tenacity
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP
from mode.utils.futures import notify

from pipeline.errors import SettingsError, TransientError
from pipeline.kafka.admin import PartitionLag
from pipeline.kafka.offsets import CommitLabel, Resumption
from pipeline.stream.intake import Intake
from pipeline.stream.processor import Processor
from pipeline.stream.resumption import Partition, Resumer, refuse_another_store

log = logging.getLogger(__name__)

_BREATH = 100  # messages after which others get their turn
_PAUSE_SECONDS = 0.2
_LOCATING_SECONDS = 25.0  # the time that Faust gives for finding the offsets is longer

Refuse = Callable[[SettingsError], None]
"""Called when this worker must not go on; it has to end."""


class _Progress:
    """How far this consumer has got in a partition since it was located. Only what is here may be committed.

    `handed` to us by the client and `delivered` to the agent are next offsets, as `position`, where the next fetch
    begins; `ours` is what we have committed, -1 for nothing: where nothing was committed of this log and store yet,
    the place itself is committed, so that it is claimed. `end` is that of the last reading.
    """

    __slots__ = ("delivered", "end", "handed", "label", "ours", "position", "start")

    def __init__(self, there: Resumption) -> None:
        self.label = there.label
        self.start = self.handed = self.delivered = self.position = there.offset
        self.ours = there.offset if there.committed else -1
        self.end = 0


class FinishedOffsetsConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer with the commits and the seeking taken out of its hands.

    Args:
        processor: says what may be committed, and waits until all that an agent has taken is finished.
        resumer: finds where to go on.
        intake: bounds what is taken in.
        refuse: ends the worker.
    """

    def __init__(
        self,
        processor: Processor,
        resumer: Resumer,
        intake: Intake,
        refuse: Refuse,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self._processor = processor
        self._resumer = resumer
        self._intake = intake
        self._refuse = refuse
        self._progress: dict[Partition, _Progress] = {}
        super().__init__(*args, **kwargs)

    def ack(self, message: Any) -> bool:
        """See Consumer. Only ends the waiting for the message: what is finished is known elsewhere."""
        if message.acked:
            return False
        message.acked = True
        self._intake.leave(message)
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    async def wait_empty(self) -> None:
        """See Consumer. What the agent has taken is on its way, and has to arrive before the last commit."""
        await super().wait_empty()
        await self._processor.drained()
        await self.commit_and_end_transactions()

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """See Consumer. Of an earlier assignment nothing counts any more."""
        self._progress.clear()
        self._processor.logs.clear()
        await super().on_partitions_assigned(assigned, generation_id)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """See Consumer. Where the group goes on, once each commit was held against its log."""
        try:
            located = await self._located()
        except SettingsError as error:
            self._refuse(error)
            return {}
        except TransientError as error:  # the group's next generation will try again
            log.warning("%s: can't tell yet where to go on: %s", self.app.conf.id, error)
            self.rejoin()
            return {}
        positions = {TP(*place): there.offset for place, there in located.items()}
        await self._thread.seek_all(positions)
        for place, there in located.items():
            self._go_on(place, there)
        return positions

    async def _located(self) -> dict[Partition, Resumption]:
        async for attempt in tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=3),
            stop=tenacity.stop_after_delay(_LOCATING_SECONDS),
            reraise=True,
        ):
            with attempt:
                return await self._resumer.locate((tp.topic, tp.partition) for tp in self.assignment())
        raise AssertionError("unreachable")

    def _go_on(self, place: Partition, there: Resumption) -> None:
        if there.fault is not None:
            self._processor.finished.pop(place, None)
        self._processor.logs[place] = there.label.log
        self._progress[place] = _Progress(there)

    def rejoin(self) -> None:
        """Give all partitions up and take them again, so that they are located anew. From any thread."""
        self._thread.rejoin()

    def review(self, lags: Iterable[PartitionLag], *, after_outage: bool) -> None:
        """Look at a reading of the broker's: a log that has changed is located anew, another store refused.

        Args:
            lags: of this consumer's group, all partitions.
            after_outage: whether the broker could not be asked before: then nothing is taken for granted.
        """
        lags = [lag for lag in lags if (lag.topic, lag.partition) in self._progress]
        try:
            refuse_another_store(self._resumer.store, lags)
        except SettingsError as error:
            self._refuse(error)
            return
        changed = False
        for lag in lags:
            progress = self._progress[lag.topic, lag.partition]
            if lag.found.log != progress.label.log or lag.found.end < progress.end:
                log.error("%s/%d has changed under its readers: looking anew", lag.topic, lag.partition)
                changed = True
            progress.end = lag.found.end
        if changed or (after_outage and lags):
            self.rejoin()

    def _done_to(self, place: Partition) -> int:
        """All before it is durable. Behind the last message only what is nobody's to process: markers, aborted ones."""
        progress, finished = self._progress[place], self._processor.finished.get(place)
        done = finished.offset if finished else progress.start
        if done == progress.delivered == progress.handed:
            done = max(done, progress.position)
        return done

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        del topics  # there is one
        return (TP(*place) for place in list(self._progress))

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        offsets = {tp: self._done_to((tp.topic, tp.partition)) for tp in tps}
        return {
            tp: offset
            for tp, offset in offsets.items()
            if offset > self._progress[tp.topic, tp.partition].ours
        }

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        del start_new_transaction  # there are none
        assigned = self.assignment()
        ours = {
            tp: (offset, self._label((tp.topic, tp.partition), offset))
            for tp, offset in offsets.items()
            if tp in assigned and (tp.topic, tp.partition) in self._progress
        }
        if not ours or not await self._thread.commit(ours):
            return False
        for tp, (offset, label) in ours.items():
            place = tp.topic, tp.partition
            if progress := self._progress.get(place):  # not given up meanwhile
                progress.label, progress.ours = label, offset
            self._committed_offset[tp] = offset
            self._resumer.note_commit(place, offset, label)
        return True

    def _label(self, place: Partition, offset: int) -> CommitLabel:
        finished = self._processor.finished.get(place)
        label = self._progress[place].label
        if finished is None or finished.offset > offset:
            return label
        return replace(label, last_offset=finished.offset - 1, last=finished.last)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Mapping[TP, Sequence[Any]]:  # noqa: ASYNC109 - Faust's
        try:
            fetched: Mapping[TP, Sequence[Any]] = await super()._getmany(active_partitions, timeout)
        except NoOffsetForPartitionError:
            return {}  # the client's own look-up; ours has told it where to read by now
        except OffsetOutOfRangeError as error:
            # Retention, or another log: locating tells which. Until the group has come together again this repeats.
            log.warning("%s: out of range: %s", self.app.conf.id, error)
            self.rejoin()
            await asyncio.sleep(_PAUSE_SECONDS)
            return {}
        if not isinstance(fetched, _Fetched):
            return fetched  # nothing, since there is nothing to be fetched now
        if fetched.seeks != self._thread.seeks:
            return {}  # from before a seek: perhaps of another log
        for place, position in fetched.positions.items():
            if progress := self._progress.get(place):
                progress.position = position
        for tp, records in fetched.items():
            if records and (progress := self._progress.get((tp.topic, tp.partition))):
                progress.handed = records[-1].offset + 1
        return fetched

    async def _drain_messages(self, fetcher: Any) -> None:
        """See Consumer. A task for each message is only made when the agent is too busy to take it."""
        stopped, fetcher_stopped = self._stopped.is_set, fetcher._stopped.is_set  # noqa: SLF001 - as Faust does
        control, taken = self.app.flow_control, 0
        try:
            while not (stopped() or fetcher_stopped()):
                await asyncio.sleep(0)
                queues = list(control._queues)  # noqa: SLF001 - no other way
                async for tp, message in self.getmany(timeout=1.0):
                    read = self._read_offset[tp]
                    if read is not None and message.offset < read:
                        continue  # from before a seek
                    if self._intake.is_full:
                        await self.wait_first(self._intake.room(), self.suspend_flow.wait())
                    self._intake.enter(message)
                    if not control.is_active() or any(queue.full() for queue in queues):
                        await self.wait_first(self.callback(message), self.suspend_flow.wait())
                    else:
                        await self.callback(message)
                    self._read_offset[tp] = message.offset
                    if progress := self._progress.get((tp.topic, tp.partition)):
                        progress.delivered = message.offset + 1
                    taken += 1
                    if taken % _BREATH == 0:
                        await asyncio.sleep(0)
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def verify_all_partitions_active(self) -> None:
        """See Consumer. Stalls are told from the lag by committed offsets (pipeline.watch.health)."""

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _Fetched(dict[Any, Any]):
    """What was fetched, where the next fetch begins, and after how many seeks."""

    def __init__(self, records: Mapping[Any, Any], positions: dict[Partition, int], seeks: int) -> None:
        super().__init__(records)
        self.positions = positions
        self.seeks = seeks


class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]
    seeks = 0

    async def seek_all(self, positions: Mapping[TP, int]) -> None:
        """Read on from these offsets."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        self.seeks += 1
        for tp, offset in positions.items():
            try:
                consumer.seek(TopicPartition(tp.topic, tp.partition), offset)
            except IllegalStateError:
                log.debug("%s/%d was taken away meanwhile", tp.topic, tp.partition)

    def rejoin(self) -> None:
        """Have the group come together again."""
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 - no other way
        self.thread_loop.call_soon_threadsafe(coordinator.request_rejoin)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust gives no way; read when it starts
        return consumer

    async def _fetch_records(self, consumer: Any, *args: Any, **options: Any) -> Any:
        records = await super()._fetch_records(consumer, *args, **options)
        subscription = consumer._subscription.subscription  # noqa: SLF001 - no other way
        positions: dict[Partition, int] = {}
        if subscription is not None and subscription.assignment is not None:
            for tp in subscription.assignment.tps:
                state = subscription.assignment.state_value(tp)
                if state.has_valid_position:
                    positions[tp.topic, tp.partition] = state.position
        return _Fetched(records, positions, self.seeks)

    async def _commit(self, offsets: Mapping[TP, tuple[int, CommitLabel]]) -> bool:
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, label.encode())
            for tp, (offset, label) in offsets.items()
        }
        try:
            await self._ensure_consumer().commit(wanted)
        except KafkaError as error:
            # The broker is away, or the group has moved on: then the messages are delivered again, to us or another.
            log.warning("not committed, to be tried again: %r", error)
            return False
        return True
