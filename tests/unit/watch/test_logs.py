from __future__ import annotations

import json
import logging

from pipeline.watch.logs import Clients, Json, Repeated, Text


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def record(
    name: str, line: int, message: str = "no node %s", level: int = logging.ERROR
) -> logging.LogRecord:
    return logging.LogRecord(name, level, "client.py", line, message, (1,), None)


def test_what_a_library_repeats_is_said_once_a_minute_and_counted() -> None:
    clock = Clock()
    repeated = Repeated(clock=clock)
    assert [repeated.filter(record("aiokafka.conn", 7)) for _ in range(300)] == [True] + [False] * 299
    clock.now = 61
    again = record("aiokafka.conn", 7)
    assert repeated.filter(again)
    assert again.getMessage() == "no node 1 (and 299 more like it in 61 s)"


def test_different_lines_are_told_apart_and_our_own_are_never_held_back() -> None:
    repeated = Repeated(clock=Clock())
    assert repeated.filter(record("kafka.net", 1))
    assert repeated.filter(record("kafka.net", 2))
    assert all(repeated.filter(record("pipeline.stream.processor", 1)) for _ in range(3))
    assert all(repeated.filter(record("mode", 1, level=logging.CRITICAL)) for _ in range(3))


def test_the_traceback_of_a_library_is_its_last_line_and_ours_are_whole() -> None:
    repeated = Repeated(clock=Clock())
    broken = ConnectionResetError("reset by peer")
    theirs, ours = record("kafka.net", 1), record("pipeline.stream.processor", 1)
    for one in (theirs, ours):
        one.exc_info = (type(broken), broken, None)
        assert repeated.filter(one)
    assert theirs.getMessage() == "no node 1: reset by peer"
    assert theirs.exc_info is None
    assert ours.exc_info is not None


def test_what_a_library_writes_over_many_lines_is_its_first_and_its_last() -> None:
    said = record(
        "kafka.net", 1, "task %s failed\nTraceback (most recent call last):\n  File …\nKeyError: 3\n"
    )
    assert Repeated(clock=Clock()).filter(said)
    assert said.getMessage() == "task 1 failed … KeyError: 3"


def _record(message: str, *, name: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "client.py", 1, message, (), None)


class Collected(logging.Handler):
    """A handler that keeps what it is given, as its formatter has it."""

    def __init__(self, formatter: logging.Formatter | None = None) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(formatter or logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_while_somebody_watches_the_broker_what_its_clients_say_is_held() -> None:
    heard, handler = Clients(), Collected()
    handler.addFilter(Repeated(handler, heard))
    heard.watched = True
    for _ in range(3):
        handler.handle(_record("connection lost", name="aiokafka.client"))
    handler.handle(_record("ready", name="pipeline.stream.worker"))

    assert handler.lines == ["ready"]
    assert heard.heard.is_set()
    assert heard.release() == 0
    assert handler.lines == ["ready", "connection lost"], "the broker is there: it meant something else"


def test_what_clients_say_of_a_broker_that_is_away_is_counted_and_left_out() -> None:
    heard, handler = Clients(), Collected()
    handler.addFilter(Repeated(handler, heard))
    heard.watched = True
    for _ in range(300):
        handler.handle(_record("connection lost", name="kafka.net"))
        heard.drop()
    assert heard.release() == 300
    assert handler.lines == []
    assert not heard.heard.is_set()


def test_a_line_of_json_has_what_a_machine_asks_for() -> None:
    handler = Collected(Json())
    record = _record("12 articles", name="pipeline.stream.worker")
    record.created, record.stage = 0.25, "sink"
    handler.handle(record)
    (line,) = map(json.loads, handler.lines)
    assert line == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "WARNING",
        "logger": "pipeline.stream.worker",
        "message": "12 articles",
        "stage": "sink",
    }


def test_a_traceback_stays_in_its_line_of_json() -> None:
    handler = Collected(Json())
    error = ValueError("two\nlines")
    record = logging.LogRecord(
        "pipeline", logging.ERROR, "x.py", 1, "it raised", (), (ValueError, error, None)
    )
    handler.handle(record)
    (line,) = handler.lines
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["error"]


def test_a_line_of_text_has_its_date_in_utc() -> None:
    handler = Collected(Text())
    record = _record("ready", name="pipeline.stream.worker")
    record.created = 0.0
    handler.handle(record)
    assert handler.lines == ["1970-01-01T00:00:00Z WARNING pipeline.stream.worker: ready"]
