"""A fault is said when it begins, at most once a minute while it lasts, and when it is over."""

from __future__ import annotations

import logging

import pytest

from pipeline.watch.faults import Fault

_LOG = logging.getLogger("tests.faults")


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_fault_of_ten_minutes_is_a_line_a_minute_and_one_at_the_end(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fault = Fault("the store", _LOG.warning, clock=clock)
    for second in range(601):
        clock.time = 1000.0 + second
        fault.again("it is locked")
        assert fault.lasts
    fault.over("; 7 more")

    first, *between, last = caplog.messages
    assert first == "the store: it is locked; trying again until it works"
    assert len(between) == 10
    assert between[0] == "the store: still so after 60 s, 61 attempts: it is locked"
    assert last == "the store: works again after 600 s, 601 attempts; 7 more"
    assert not fault.lasts


def test_what_works_is_not_said(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    fault = Fault("the store", _LOG.warning, clock=clock)
    fault.over()
    fault.over()
    assert caplog.messages == []


def test_the_next_fault_is_another_one(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    fault = Fault("the store", _LOG.warning, clock=clock)
    for _ in range(2):
        fault.again("away")
        fault.over()
    assert [message.split(": ", 1)[1] for message in caplog.messages] == [
        "away; trying again until it works",
        "works again after 0 s, 1 attempts",
    ] * 2


def test_looks_are_not_attempts(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    fault = Fault("the broker", _LOG.warning, counted=False, clock=clock)
    fault.again("is silent")
    clock.time += 60
    fault.again("is silent")
    fault.over()
    assert caplog.messages[1:] == [
        "the broker: still so after 60 s: is silent",
        "the broker: works again after 60 s",
    ]
