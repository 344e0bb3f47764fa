"""Which offsets are committed: those that the processor has finished, whatever Faust makes of its own acks.

Faust acknowledges what it skips while partitions move, drops a commit that failed, and ends the app when the
group has gone on without it. Here an offset is committed once everything before it in its partition is durable,
and a commit that fails is tried again a second later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer
from faust.types import TP
from mode.utils.futures import notify

from pipeline.stream.intake import Intake

log = logging.getLogger(__name__)

_BREATH = 100  # messages after which others get their turn

Finished = Mapping[tuple[str, int], int]
"""The next offset of each topic and partition: everything before it is done with."""


class FinishedOffsetsConsumer(Consumer):  # type: ignore[misc]
    """Faust's consumer with the commits taken out of its hands.

    Args:
        finished: what may be committed; read at each commit.
        drained: waits until all that an agent has taken is finished.
        intake: bounds what is taken in.
    """

    def __init__(
        self,
        finished: Finished,
        drained: Callable[[], Awaitable[None]],
        intake: Intake,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self._intake = intake
        self._finished = finished
        self._drained = drained
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
        await self._drained()
        await self.commit_and_end_transactions()

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        del topics  # there is one
        return (TP(topic, partition) for topic, partition in list(self._finished))

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        offsets = {tp: self._finished.get((tp.topic, tp.partition), 0) for tp in tps}
        return {tp: offset for tp, offset in offsets.items() if offset > (self._committed_offset[tp] or 0)}

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        del start_new_transaction  # there are none
        ours = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        if not ours or not await self._commit(ours):
            return False
        self._committed_offset.update(ours)
        return True

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
                    taken += 1
                    if taken % _BREATH == 0:
                        await asyncio.sleep(0)
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.app.should_stop:
                raise

    async def verify_all_partitions_active(self) -> None:
        """See Consumer. Stalls are told from the lag by committed offsets (pipeline.health)."""

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _Thread(AIOKafkaConsumerThread):  # type: ignore[misc]
    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        wanted = {
            TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, "")
            for tp, offset in offsets.items()
        }
        try:
            await self._ensure_consumer().commit(wanted)
        except KafkaError as error:
            # The broker is away, or the group has moved on: then the messages are delivered again, to us or another.
            log.warning("not committed, to be tried again: %r", error)
            return False
        return True
