from __future__ import annotations

import logging

from pipeline.watch.logs import Repeated


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
    repeated = Repeated(clock)
    assert [repeated.filter(record("aiokafka.conn", 7)) for _ in range(300)] == [True] + [False] * 299
    clock.now = 61
    again = record("aiokafka.conn", 7)
    assert repeated.filter(again)
    assert again.getMessage() == "no node 1 (and 299 more like it in 61 s)"


def test_different_lines_are_told_apart_and_our_own_are_never_held_back() -> None:
    repeated = Repeated(Clock())
    assert repeated.filter(record("kafka.net", 1))
    assert repeated.filter(record("kafka.net", 2))
    assert all(repeated.filter(record("pipeline.stream.processor", 1)) for _ in range(3))
    assert all(repeated.filter(record("mode", 1, level=logging.CRITICAL)) for _ in range(3))


def test_the_traceback_of_a_library_is_its_last_line_and_ours_are_whole() -> None:
    repeated = Repeated(Clock())
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
    assert Repeated(Clock()).filter(said)
    assert said.getMessage() == "task 1 failed … KeyError: 3"
