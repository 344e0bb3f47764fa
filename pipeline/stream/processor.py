"""The delivery rules, all of them, in one place.

Faust acknowledges a batch when its agent asks for the next one, whether the batch was done or an exception
passed through; so its acknowledgements count for nothing (see commits.py). The rule that everything else follows
from is: **a batch is finished only when every message of it, and of all batches before it, has been sent on, stored
or dead-lettered, with the answer awaited. Only what is finished is committed.**

* Messages come as bytes; what can't be decoded is dead-lettered like anything else that can't be processed.
* A transient fault is waited out in place, for as long as it takes, with backoff.
* A permanent one goes to the dead letters, item by item: its neighbours go through.
* A message of a later major version waits for a worker that reads it, and its partition with it (see parking.py).
* A stage that fails on everything alike is broken: it stops, and blames no article (see breaker.py).
* While the results of one batch are being sent, the stage works on the next. Results are sent, and offsets
  finished, in the order of the batches; before partitions are given up, all that was taken is brought to its end.
* If the process has to end in the middle of a batch, it ends at once (`os._exit`), before the batch could be
  acknowledged: the next worker gets it again, and all that is downstream is idempotent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

import tenacity

from pipeline.errors import PermanentError, SettingsError, TransientError
from pipeline.execution.portions import portions
from pipeline.flow import Step, Topic
from pipeline.kafka.offsets import fingerprint
from pipeline.kafka.topics import topic_name
from pipeline.record import ATTEMPTS_HEADER, POSITION_HEADER, DeadLetter, LogPosition, TraceContext
from pipeline.settings import NewerSchema, Settings
from pipeline.stages.base import Rejection
from pipeline.stages.isolation import refused, sifted
from pipeline.stream.breaker import Breaker
from pipeline.stream.delivery import Delivery, Fate, Sender
from pipeline.stream.incoming import Incoming, dead_letter
from pipeline.stream.outbox import Outgoing
from pipeline.stream.parking import Parking
from pipeline.stream.records import refusal
from pipeline.watch import metrics
from pipeline.watch.faults import Fault

log = logging.getLogger(__name__)

T = TypeVar("T")

EXIT_IN_MID_BATCH = 75  # EX_TEMPFAIL: start me again
EXIT_INSTALLATION = 2  # as of every command: a person has to mend something

_LONGEST_WAIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How far a partition is done with: the next offset, and the fingerprint of the message in front of it.

    It is empty for a message that can't be read.
    """

    offset: int
    last: str


@dataclass(frozen=True, slots=True)
class Done:
    """A message is done with: what it came to (a metric's label), what is sent on, if anything, and told beside."""

    outcome: str
    send: Outgoing | None = None
    told: tuple[Outgoing, ...] = ()


Work = Callable[[Sequence[Incoming]], Awaitable[list[Done | Rejection]]]
"""What a stage does with a batch, one result a message in order. Raises TransientError to be called again."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A step of the flow, and the work that is done in it.

    `prepare` is called in a thread before the first batch after partitions were assigned. `steps` counts what is
    done within a batch, for telling long work from a stall. `store` is the identity of the store that it writes to,
    "" for none.
    """

    step: Step
    work: Work
    prepare: Callable[[], None] | None = None
    steps: Callable[[], int] = lambda: 0
    store: str = ""

    @property
    def stage(self) -> str:
        """The step's name."""
        return self.step.name

    @property
    def source(self) -> Topic:
        """The topic that it reads."""
        return self.step.reads


def end_process(error: BaseException) -> NoReturn:
    """End before the batch in hand could be acknowledged."""
    meant = isinstance(error, SettingsError)
    log.critical("ending in mid-batch, nothing of it is acknowledged: %s", error if meant else repr(error))
    logging.shutdown()
    os._exit(EXIT_INSTALLATION if meant else EXIT_IN_MID_BATCH)


class Processor:
    """Carries batches through a hop by the delivery rules.

    Args:
        hop: the stage.
        outbox: sends and awaits the answer.
        settings: batch size and topics.
        die: ends the process; tests replace it.
    """

    def __init__(
        self,
        hop: Hop,
        outbox: Sender,
        settings: Settings,
        *,
        die: Callable[[BaseException], NoReturn] = end_process,
    ) -> None:
        self.hop = hop
        self._settings = settings
        self._die = die
        self._delivery = Delivery(outbox, topic_name(settings, Topic.DEAD_LETTER))
        self._prepared = hop.prepare is None
        self.finished: dict[tuple[str, int], Finished] = {}
        """By topic and partition, since they were assigned: all before this offset is durable. May be committed."""
        self.done = 0
        """Messages that are done with, since the process began."""
        self.logs: dict[tuple[str, int], str] = {}
        """By topic and partition: the identity of the log that they were assigned on, where it is known."""
        self._turns = asyncio.Semaphore(hop.step.runs.together)
        self._in_flight: deque[asyncio.Task[None]] = deque()
        self._faults: dict[asyncio.Task[Any] | None, str] = {}
        self._said: defaultdict[str, Fault] = defaultdict(lambda: Fault(hop.stage, log.warning))
        # What anybody may write to must not be stopped by anybody: on the raw topic a later major is a dead letter.
        waits = settings.newer_schema is NewerSchema.WAIT and hop.source is not Topic.RAW
        self._parking = Parking(hop.stage, enabled=waits)
        self._breaker: Breaker[Incoming, Done | Rejection] = Breaker(
            hop.stage, self._ask, repeatable=hop.step.runs.repeatable, enabled=settings.breaker
        )

    @property
    def waiting_for(self) -> str | None:
        """The fault that is being waited out, None when there is none."""
        return next(iter(self._faults.values()), self._breaker.fault or self._parking.fault)

    def assigned_anew(self) -> None:
        """Partitions were assigned: what the stage remembers may be out of date."""
        self._prepared = self.hop.prepare is None
        self._parking.clear()
        metrics.REBALANCES.labels(self.hop.stage).inc()

    def revoked(self) -> None:
        """Partitions are taken away, and all that was taken from them is finished and committed."""
        self.finished.clear()

    async def run(self, stream: Any) -> None:
        """The body of the agent: the only loop over a Faust stream there is."""
        batches: AsyncIterator[list[Any]] = stream.take_events(
            self._settings.batch_size, self._settings.batch_seconds
        )
        try:
            async for events in batches:
                messages = [self.incoming(event.message) for event in events]
                for batch in portions(messages, _size, count=len(messages), limit=self._settings.batch_bytes):
                    await self.take(batch)
            await self.drained()
        except BaseException as error:
            if self._in_flight:  # cancellation too: this worker has to let go of what it has not finished
                self._die(error)
            raise

    def incoming(self, message: Any) -> Incoming:
        """A Faust message as this processor sees it.

        A raw message is where it was accepted, unless it was re-driven: then it says where it was at first.
        """
        headers = dict(message.headers or ())
        position = LogPosition.from_header(headers.get(POSITION_HEADER))
        if position is None and self.hop.source is Topic.RAW:
            position = LogPosition(
                log=self.logs.get((message.topic, message.partition), ""),
                offset=message.offset,
                appended_at=_appended_at(message),
            )
        return Incoming(
            message.topic,
            message.partition,
            message.offset,
            message.key,
            message.value,
            _attempts(headers.get(ATTEMPTS_HEADER)),
            position,
            round((message.timestamp or 0) * 1000),
            refusal(headers),
            TraceContext.from_headers(headers),
        )

    async def take(self, batch: Sequence[Incoming]) -> None:
        """Begin with a batch; returns when there is room for another one."""
        batch = [message for message in batch if self._parking.admits(message)]
        if not batch:
            return
        before = self._in_flight[-1] if self._in_flight else None
        task = asyncio.create_task(self._carry(batch, before))
        self._in_flight.append(task)
        task.add_done_callback(self._in_flight.remove)
        await self._at_most(self.hop.step.runs.together)

    async def drained(self) -> None:
        """Wait until all that was taken is finished."""
        await self._at_most(0)

    async def _at_most(self, batches: int) -> None:
        while len(self._in_flight) > batches:
            first = self._in_flight[0]
            await asyncio.wait([first])
            first.result()

    async def _carry(self, batch: Sequence[Incoming], before: asyncio.Task[None] | None) -> None:
        try:
            await self.handle(batch, before)
        except BaseException as error:  # noqa: BLE001 - nobody awaits the last batch but for its end
            self._die(error)

    async def handle(self, batch: Sequence[Incoming], before: asyncio.Task[None] | None = None) -> None:
        """Process a batch to its end; returns only when all of it is durable somewhere.

        Args:
            batch: messages in the order of the stream.
            before: the batch that has to be finished first.
        """
        async with self._turns:
            started = time.perf_counter()
            results = await self._results(batch)
        if before is not None:
            await asyncio.shield(before)
        wanted = [self._fate(message, result) for message, result in zip(batch, results, strict=True)]
        fates = await self._persist("send", lambda: self._delivery.send(wanted))
        told = [message for result in results if isinstance(result, Done) for message in result.told]
        if told:
            await self._persist("tell", lambda: self._delivery.tell(told))
        for place, message in {(message.topic, message.partition): message for message in batch}.items():
            self.finished[place] = Finished(message.offset + 1, _fingerprint(message))
        self._count(fates, time.perf_counter() - started)

    async def _results(self, batch: Sequence[Incoming]) -> list[Done | Rejection]:
        if not self._prepared and self.hop.prepare is not None:
            prepare = self.hop.prepare
            await self._persist("prepare", lambda: asyncio.to_thread(prepare))
            self._prepared = True
        readable = sifted(_readable_message, batch)
        if not readable.good:
            return readable.with_results(())
        results = await self._breaker.settled(readable.good, await self._ask(readable.good))
        return readable.with_results(results)

    async def _ask(self, batch: Sequence[Incoming]) -> list[Done | Rejection]:
        return await self._persist("work", lambda: self._work(batch))

    def _fate(self, message: Incoming, result: Done | Rejection) -> Fate:
        def letter(rejection: Rejection) -> DeadLetter:
            return dead_letter(self.hop.stage, message, rejection, datetime.now(UTC))

        if isinstance(result, Rejection):
            return self._delivery.dead(letter(result))
        send = result.send and _onward(result.send, message)
        return Fate(result.outcome, send, instead=letter)

    def _count(self, fates: Sequence[Fate], seconds: float) -> None:
        stage = self.hop.stage
        outcomes = Counter((fate.outcome, fate.letter and fate.letter.reason) for fate in fates)
        for (outcome, reason), count in outcomes.items():
            metrics.MESSAGES.labels(stage, outcome).inc(count)
            if reason is not None:
                metrics.DEAD_LETTERS.labels(stage, reason).inc(count)
        self.done += len(fates)
        metrics.BATCH_MESSAGES.labels(stage).observe(len(fates))
        metrics.STAGE_DURATION.labels(stage).observe(seconds)
        metrics.LAST_SUCCESS.labels(stage).set_to_current_time()

    async def _work(self, batch: Sequence[Incoming]) -> list[Done | Rejection]:
        """The stage's results; a stage that raises is asked again item by item, to find what did it."""
        try:
            return await self.hop.work(batch)
        except (TransientError, SettingsError):
            raise
        except Exception as error:
            if len(batch) > 1:
                log.exception("%s raised on a batch of %d: doing them one by one", self.hop.stage, len(batch))
                return [result for message in batch for result in await self._work([message])]
            return [refused(error)]

    async def _persist(self, operation: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call until it does not raise TransientError."""
        task = asyncio.current_task()

        def note(state: tenacity.RetryCallState) -> None:
            fault = state.outcome.exception() if state.outcome else None
            self._faults[task] = str(fault)
            metrics.RETRIES.labels(self.hop.stage, operation).inc()
            self._said[operation].again(fault)

        try:
            async for attempt in tenacity.AsyncRetrying(
                retry=tenacity.retry_if_exception_type(TransientError),
                wait=tenacity.wait_exponential_jitter(multiplier=0.1, max=_LONGEST_WAIT_SECONDS),
                before_sleep=note,
            ):
                with attempt:
                    result = await call()
        finally:
            self._faults.pop(task, None)
        self._said[operation].over()
        return result


def _fingerprint(message: Incoming) -> str:
    return "" if message.refusal else fingerprint(message.timestamp, message.key, message.value)


def _readable_message(message: Incoming) -> Incoming:
    if message.refusal is not None:
        raise PermanentError(message.refusal.reason, message.refusal.detail)
    return message


def _size(message: Incoming) -> int:
    return len(message.key or b"") + len(message.value or b"")


def _onward(send: Outgoing, message: Incoming) -> Outgoing:
    """What is sent on tells of which trace it is, and where its article was accepted: versions are ordered by that."""
    headers = send.headers
    if message.position is not None:
        headers += ((POSITION_HEADER, message.position.to_header()),)
    if message.trace is not None:
        headers += message.trace.to_headers()
    return replace(send, headers=headers)


def _appended_at(message: Any) -> datetime | None:
    """The broker's own time of appending, None where the topic keeps the producer's."""
    if message.timestamp_type != _LOG_APPEND_TIME:
        return None
    return datetime.fromtimestamp(message.timestamp, UTC)


_LOG_APPEND_TIME = 1


def _attempts(header: bytes | None) -> int:
    """A header comes from anybody: what is no small number counts as none."""
    return int(header) if header and header.isdigit() and len(header) < _LONGEST_NUMBER else 0


_LONGEST_NUMBER = 9
