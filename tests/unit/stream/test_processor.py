from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import tenacity

from pipeline.errors import PermanentError, Reason, SettingsError, TransientError
from pipeline.flow import DONE, Arrangement, Step, Topic
from pipeline.kafka.recordbatches import Refusal
from pipeline.record import LogPosition
from pipeline.record.codec import decode_dead_letter
from pipeline.settings import Settings
from pipeline.stages.base import Rejection
from pipeline.stream.incoming import Incoming
from pipeline.stream.outbox import Outgoing
from pipeline.stream.processor import Done, Hop, Processor, Work
from pipeline.stream.records import REFUSAL_HEADER

Result = Done | Rejection


class Outbox:
    """Takes everything, unless told to fail first."""

    def __init__(self, failures: int = 0, limit: int = 10_000) -> None:
        self.sent: list[Outgoing] = []
        self.failures = failures
        self.limit = limit

    def too_large(self, message: Outgoing) -> bool:
        return len(message.value) > self.limit

    async def send(self, messages: Sequence[Outgoing]) -> list[int]:
        if self.failures:
            self.failures -= 1
            raise TransientError("no broker")
        self.sent += messages
        return []


class Died(BaseException):
    """Stands for the end of the process."""


def die(error: BaseException) -> NoReturn:
    raise Died(repr(error))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenacity, "wait_exponential_jitter", lambda **_: tenacity.wait_none())


def message(offset: int, value: bytes | None = b"v", attempts: int = 0) -> Incoming:
    return Incoming("news.raw", 0, offset, b"k", value, attempts)


def received(
    offset: int,
    *,
    value: bytes | None = b"v",
    headers: object = None,
    timestamp: float = 0.0,
    timestamp_type: int = 0,
) -> SimpleNamespace:
    """A message as Faust has it."""
    fields = ("topic", "partition", "offset", "key", "value")
    known = {name: getattr(message(offset, value), name) for name in fields}
    return SimpleNamespace(headers=headers, timestamp=timestamp, timestamp_type=timestamp_type, **known)


def step(together: int = 1, source: Topic = Topic.RAW) -> Step:
    arrangement = Arrangement("in the loop", together=together)
    return Step("entities", "", source, {DONE: Topic.WITH_ENTITIES}, arrangement)


def processor(
    work: Work,
    outbox: Outbox,
    prepare: Callable[[], None] | None = None,
    together: int = 1,
    source: Topic = Topic.RAW,
    **settings: Any,
) -> Processor:
    hop = Hop(step(together, source), work, prepare)
    return Processor(hop, outbox, Settings.load(**settings), die=die)


def echo(item: Incoming) -> Done:
    return Done("done", Outgoing("next", item.key or b"", item.value or b""))


async def echo_all(batch: Sequence[Incoming]) -> list[Result]:
    return [echo(item) for item in batch]


def test_everything_is_sent_before_handle_returns() -> None:
    outbox = Outbox()
    asyncio.run(processor(echo_all, outbox).handle([message(1, b"a"), message(2, b"b")]))
    assert [out.value for out in outbox.sent] == [b"a", b"b"]


def test_a_rejection_is_dead_lettered_with_its_bytes_and_its_neighbours_go_through() -> None:
    async def work(batch: Sequence[Incoming]) -> list[Result]:
        return [Rejection(Reason.NOT_JSON, "oh") if item.offset == 2 else echo(item) for item in batch]

    outbox = Outbox()
    asyncio.run(processor(work, outbox).handle([message(1), message(2, b"\xff\x00", attempts=2), message(3)]))
    assert [out.topic for out in outbox.sent] == ["next", "news.dead-letter", "next"]
    letter = decode_dead_letter(outbox.sent[1].value)
    assert letter.value == b"\xff\x00"
    assert (letter.topic, letter.partition, letter.offset) == ("news.raw", 0, 2)
    assert (letter.stage, letter.reason, letter.error, letter.attempts) == (
        "entities",
        Reason.NOT_JSON,
        "oh",
        3,
    )


def test_a_redelivery_gives_the_same_dead_letter_id() -> None:
    async def work(batch: Sequence[Incoming]) -> list[Result]:
        return [Rejection(Reason.NOT_JSON, "oh") for _ in batch]

    outbox = Outbox()
    handler = processor(work, outbox)
    asyncio.run(handler.handle([message(2)]))
    asyncio.run(handler.handle([message(2)]))
    assert outbox.sent[0].key == outbox.sent[1].key


def test_transient_faults_are_waited_out() -> None:
    calls = 0

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        nonlocal calls
        calls += 1
        if calls < 4:
            raise TransientError("database is away")
        return await echo_all(batch)

    outbox = Outbox(failures=3)
    handler = processor(work, outbox)
    asyncio.run(handler.handle([message(1)]))
    assert (calls, len(outbox.sent), outbox.failures) == (4, 1, 0)
    assert handler.waiting_for is None


def test_a_batch_that_raises_is_taken_apart_to_find_the_one() -> None:
    async def work(batch: Sequence[Incoming]) -> list[Result]:
        if any(item.offset == 2 for item in batch):
            raise ZeroDivisionError("by two")
        return await echo_all(batch)

    outbox = Outbox()
    asyncio.run(processor(work, outbox).handle([message(offset) for offset in (1, 2, 3)]))
    assert [out.topic for out in outbox.sent] == ["next", "news.dead-letter", "next"]
    letter = decode_dead_letter(outbox.sent[1].value)
    assert (letter.reason, letter.error) == (Reason.STAGE_ERROR, "ZeroDivisionError: by two")


def test_a_permanent_error_keeps_its_reason() -> None:
    async def work(_: Sequence[Incoming]) -> list[Result]:
        raise PermanentError(Reason.TOO_LARGE, "huge")

    outbox = Outbox()
    asyncio.run(processor(work, outbox).handle([message(1)]))
    assert decode_dead_letter(outbox.sent[0].value).reason is Reason.TOO_LARGE


def test_a_result_that_no_topic_takes_is_dead_lettered() -> None:
    outbox = Outbox(limit=1000)
    asyncio.run(processor(echo_all, outbox).handle([message(1, b"longer" * 500)]))
    assert decode_dead_letter(outbox.sent[0].value).reason is Reason.TOO_LARGE


def test_the_stage_is_prepared_after_each_assignment_and_before_the_first_batch() -> None:
    log: list[str] = []

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        log.append("work")
        return await echo_all(batch)

    handler = processor(work, Outbox(), prepare=lambda: log.append("prepare"))
    asyncio.run(handler.handle([message(1)]))
    asyncio.run(handler.handle([message(2)]))
    handler.assigned_anew()
    asyncio.run(handler.handle([message(3)]))
    assert log == ["prepare", "work", "work", "prepare", "work"]


class Stream:
    """A stream that notes when the agent asks for the next batch: that is when Faust acknowledges."""

    def __init__(self, *batches: list[Incoming]) -> None:
        self.batches = batches
        self.acknowledged = 0

    async def take_events(self, _size: int, _within: float) -> AsyncIterator[list[object]]:
        for batch in self.batches:
            try:
                yield [SimpleNamespace(message=received(item.offset, value=item.value)) for item in batch]
            finally:
                self.acknowledged += 1


def test_the_process_ends_before_a_batch_in_hand_is_acknowledged() -> None:
    async def work(_: Sequence[Incoming]) -> list[Result]:
        raise SettingsError("the model is gone")

    stream = Stream([message(1)])
    with pytest.raises(Died, match="the model is gone"):
        asyncio.run(processor(work, Outbox()).run(stream))


def test_cancellation_in_mid_batch_ends_the_process_too() -> None:
    async def scenario() -> None:
        entered = asyncio.Event()

        async def work(_: Sequence[Incoming]) -> list[Result]:
            entered.set()
            await asyncio.Event().wait()
            return []

        task = asyncio.ensure_future(processor(work, Outbox()).run(Stream([message(1)])))
        await entered.wait()
        task.cancel()
        with pytest.raises(Died, match="CancelledError"):
            await task

    asyncio.run(scenario())


def test_batches_are_acknowledged_one_by_one() -> None:
    stream, outbox = Stream([message(1)], [message(2)]), Outbox()
    asyncio.run(processor(echo_all, outbox).run(stream))
    assert (stream.acknowledged, len(outbox.sent)) == (2, 2)


@pytest.mark.parametrize(
    ("headers", "attempts"),
    [
        (None, 0),
        ((("pipeline-attempts", b"3"),), 3),
        ((("pipeline-attempts", b"x"),), 0),
        ((("other", b"1"),), 0),
    ],
)
def test_attempts_are_read_from_the_header(headers: object, attempts: int) -> None:
    taken = processor(echo_all, Outbox()).incoming(received(1, headers=headers))
    assert taken.attempts == attempts


def test_a_raw_message_is_where_it_was_accepted_and_its_result_tells_so() -> None:
    outbox = Outbox()
    this = processor(echo_all, outbox)
    this.logs["news.raw", 0] = "log-1"
    taken = this.incoming(received(7, timestamp=1.5, timestamp_type=1))
    assert taken.position == LogPosition(log="log-1", offset=7, appended_at=datetime.fromtimestamp(1.5, UTC))
    asyncio.run(this.handle([taken]))
    assert dict(outbox.sent[0].headers) == {"pipeline-position": taken.position.to_header()}


def test_a_trace_is_passed_on_to_what_is_sent_and_to_a_dead_letter() -> None:
    trace = (
        ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", b"desk=1"),
    )

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        return [Rejection(Reason.NOT_JSON, "oh") if item.offset == 8 else echo(item) for item in batch]

    outbox = Outbox()
    this = processor(work, outbox)
    asyncio.run(this.handle([this.incoming(received(offset, headers=trace)) for offset in (7, 8)]))
    onward, letter = (dict(out.headers) for out in outbox.sent)
    assert onward.items() >= dict(trace).items()
    assert letter == {"pipeline-schema": b"dead-letter/1", **dict(trace)}
    kept = decode_dead_letter(outbox.sent[1].value).trace
    assert kept is not None
    assert kept.to_headers() == trace


def test_the_time_that_a_producer_gave_is_not_the_time_of_appending() -> None:
    taken = processor(echo_all, Outbox()).incoming(received(7, timestamp=1.5, timestamp_type=0))
    assert taken.position == LogPosition(log="", offset=7)


def test_a_re_driven_message_is_as_old_as_it_was_at_first() -> None:
    first = LogPosition(log="log-1", offset=3)
    taken = processor(echo_all, Outbox()).incoming(
        received(9, headers=(("pipeline-position", first.to_header()),))
    )
    assert taken.position == first


@pytest.mark.parametrize("header", [b"", b"3", b"{}", b'{"log": "", "offset": -1}', b"\xff", b'"' * 1000])
def test_a_position_that_is_none_counts_as_absent(header: bytes) -> None:
    taken = processor(echo_all, Outbox()).incoming(received(9, headers=(("pipeline-position", header),)))
    assert taken.position == LogPosition(log="", offset=9)


class Gate:
    """Work that is done when the test says so, batch by batch; what was begun can be awaited."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self._open: dict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._changed = asyncio.Condition()

    async def work(self, batch: Sequence[Incoming]) -> list[Result]:
        async with self._changed:
            self.begun.append(batch[0].offset)
            self._changed.notify_all()
        await self._open[batch[0].offset].wait()
        return await echo_all(batch)

    def let_through(self, offset: int) -> None:
        self._open[offset].set()

    async def has_begun(self, *offsets: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.begun == list(offsets))


def test_a_batch_is_finished_only_after_the_batches_before_it() -> None:
    async def scene() -> None:
        gate, outbox = Gate(), Outbox()
        handler = processor(gate.work, outbox, together=2)
        first = asyncio.create_task(handler.take([message(1, b"first")]))
        second = asyncio.create_task(handler.take([message(2, b"second")]))
        await gate.has_begun(1, 2)
        gate.let_through(2)
        await second
        assert (outbox.sent, handler.finished) == ([], {})
        gate.let_through(1)
        await first
        await handler.drained()
        assert [sent.value for sent in outbox.sent] == [b"first", b"second"]
        assert {place: finished.offset for place, finished in handler.finished.items()} == {
            ("news.raw", 0): 3
        }

    asyncio.run(scene())


def test_the_next_batch_is_worked_on_while_the_results_of_one_are_sent() -> None:
    class SlowOutbox(Outbox):
        def __init__(self) -> None:
            super().__init__()
            self.sending, self.go_on = asyncio.Event(), asyncio.Event()

        async def send(self, messages: Sequence[Outgoing]) -> list[int]:
            self.sending.set()
            await self.go_on.wait()
            return await super().send(messages)

    async def scene() -> None:
        gate, outbox = Gate(), SlowOutbox()
        handler = processor(gate.work, outbox)
        gate.let_through(1)
        await handler.take([message(1)])
        await outbox.sending.wait()
        taking = asyncio.create_task(handler.take([message(2)]))
        await gate.has_begun(1, 2)
        assert handler.finished == {}
        gate.let_through(2)
        outbox.go_on.set()
        await taking
        await handler.drained()
        assert {place: finished.offset for place, finished in handler.finished.items()} == {
            ("news.raw", 0): 3
        }

    asyncio.run(scene())


def test_a_stage_that_depends_on_the_order_sees_one_batch_at_a_time() -> None:
    async def scene() -> None:
        gate = Gate()
        handler = processor(gate.work, Outbox())
        taking = [asyncio.create_task(handler.take([message(offset)])) for offset in (1, 2, 3)]
        for offset in (1, 2, 3):
            await gate.has_begun(*range(1, offset + 1))
            gate.let_through(offset)
        await asyncio.gather(*taking)
        await handler.drained()

    asyncio.run(scene())


def test_nothing_is_finished_after_a_batch_that_ended_the_process() -> None:
    class BrokenOutbox(Outbox):
        async def send(self, messages: Sequence[Outgoing]) -> list[int]:
            if messages[0].value == b"first":
                raise SettingsError("no such topic")
            return await super().send(messages)

    async def scene() -> None:
        handler = processor(echo_all, BrokenOutbox(), together=2)
        await handler.take([message(1, b"first")])
        await handler.take([message(2, b"second")])
        with pytest.raises(Died):
            await handler.take([message(3, b"third")])
        assert handler.finished == {}

    asyncio.run(scene())


def test_a_fault_is_shown_until_the_batch_that_meets_it_gets_on() -> None:
    async def scene() -> None:
        away = asyncio.Event()

        async def work(batch: Sequence[Incoming]) -> list[Result]:
            if batch[0].offset == 1 and not away.is_set():
                raise TransientError("database is away")
            return await echo_all(batch)

        handler = processor(work, Outbox(), together=2)
        first = asyncio.create_task(handler.take([message(1)]))
        await asyncio.create_task(handler.take([message(2)]))
        assert handler.waiting_for == "database is away"
        away.set()
        await first
        await handler.drained()
        assert handler.waiting_for is None

    asyncio.run(scene())


def test_what_can_not_be_read_is_dead_lettered_without_the_stage_seeing_it() -> None:
    seen: list[int] = []

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        seen.extend(item.offset for item in batch)
        return await echo_all(batch)

    outbox = Outbox()
    this = processor(work, outbox)
    broken = received(
        2, value=b"\x7f", headers=((REFUSAL_HEADER, Refusal(Reason.UNREADABLE, "news.raw/0, offset 2: ?")),)
    )
    asyncio.run(this.handle([message(1), this.incoming(broken), message(3)]))
    assert seen == [1, 3]
    assert [out.topic for out in outbox.sent] == ["next", "news.dead-letter", "next"]
    letter = decode_dead_letter(outbox.sent[1].value)
    assert (letter.reason, letter.error, letter.value) == (
        Reason.UNREADABLE,
        "news.raw/0, offset 2: ?",
        b"\x7f",
    )
    asyncio.run(this.handle([this.incoming(broken)]))
    assert seen == [1, 3]


def test_a_batch_of_many_bytes_is_worked_on_in_parts() -> None:
    seen: list[list[int]] = []
    stream = Stream([message(offset, b"x" * 40_000) for offset in range(5)])

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        seen.append([item.offset for item in batch])
        return await echo_all(batch)

    outbox = Outbox(limit=10**6)
    hop = Hop(step(), work)
    this = Processor(hop, outbox, Settings(batch_bytes=100_000), die=die)
    asyncio.run(this.run(stream))
    assert seen == [[0, 1], [2, 3], [4]]
    assert (stream.acknowledged, this.finished["news.raw", 0].offset) == (1, 5)


LATER = b'{"schema_version": 2, "article": 7}'


def _taken(source: Topic, messages: Sequence[Incoming], **settings: Any) -> tuple[Processor, list[int]]:
    """A processor that was given messages, one batch each; and the offsets that its stage has seen."""
    seen: list[int] = []

    async def work(batch: Sequence[Incoming]) -> list[Result]:
        seen.extend(item.offset for item in batch)
        return [echo(item) for item in batch]

    async def run() -> Processor:
        made = processor(work, Outbox(), source=source, together=2, **settings)
        for item in messages:
            await made.take([item])
        await made.drained()
        return made

    return asyncio.run(run()), seen


def test_a_record_of_a_later_major_stops_its_partition_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    records = [
        *(
            Incoming("news.deduplicated", 0, offset, b"k", LATER if offset in (4, 6) else b"v")
            for offset in range(3, 8)
        ),
        Incoming("news.deduplicated", 1, 9, b"k", b"v"),
    ]
    made, seen = _taken(Topic.DEDUPLICATED, records)
    assert seen == [3, 9]
    done = {place[1]: finished.offset for place, finished in made.finished.items()}
    assert done == {0: 4, 1: 10}, "nothing behind the record may be committed"
    assert made.waiting_for == "news.deduplicated/0/4 has schema_version 2"
    (line,) = [line for line in caplog.messages if "schema_version" in line]
    assert "PIPELINE_NEWER_SCHEMA=dead-letter" in line

    made.assigned_anew()
    assert made.waiting_for is None, "whoever has the partition now reads it from where it was committed"


@pytest.mark.parametrize(
    ("source", "settings"),
    [(Topic.RAW, {}), (Topic.DEDUPLICATED, {"newer_schema": "dead-letter"})],
    ids=["on the raw topic", "by choice"],
)
def test_a_later_major_is_the_stages_to_dead_letter(source: Topic, settings: dict[str, object]) -> None:
    made, seen = _taken(source, [message(1, LATER), message(2)], **settings)
    assert seen == [1, 2]
    assert made.waiting_for is None
