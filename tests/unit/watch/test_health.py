from __future__ import annotations

import pytest

from pipeline.kafka.admin import PartitionLag
from pipeline.kafka.offsets import GroupOffset
from pipeline.watch.health import Report, StageHealth


def lag(partition: int, committed: int | None, end: int, start: int = 0) -> PartitionLag:
    return PartitionLag("g", "t", partition, GroupOffset(committed, start, end))


class Stage:
    """A stage of a worker that owns partition 0."""

    def __init__(self) -> None:
        self.waiting: str | None = None
        self.health = StageHealth(
            "sink", lambda: True, lambda: frozenset({0}), lambda: self.waiting, moved_at=0.0
        )


def test_a_stage_with_lag_whose_offset_stands_still_is_stalled() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 10)], now=100.0)
    stage.health.note([lag(0, 5, 20)], now=200.0)
    assert stage.health.stalled_for(250.0) == 150.0


def test_a_moving_offset_is_progress() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 10)], now=100.0)
    stage.health.note([lag(0, 6, 10)], now=200.0)
    assert stage.health.stalled_for(200.0) == 0.0


def test_nothing_to_do_is_not_a_stall() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 5)], now=100.0)
    stage.health.note([lag(0, 5, 5)], now=900.0)
    assert stage.health.stalled_for(900.0) == 0.0


def test_waiting_out_a_fault_is_not_a_stall() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 10)], now=100.0)
    stage.waiting = "database is away"
    stage.health.note([lag(0, 5, 10)], now=900.0)
    assert stage.health.stalled_for(900.0) == 0.0


def test_the_lag_of_other_workers_is_not_ours() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 5), lag(1, 0, 1000)], now=100.0)
    stage.health.note([lag(0, 5, 5), lag(1, 0, 1000)], now=900.0)
    assert stage.health.stalled_for(900.0) == 0.0


def test_a_broker_that_is_away_is_not_a_stall() -> None:
    stage = Stage()
    stage.health.note([lag(0, 5, 10)], now=100.0)
    stage.health.no_reading(now=900.0)
    assert stage.health.stalled_for(900.0) == 0.0


def test_once_a_minute_it_is_said_what_was_done_and_nothing_when_nothing_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done, now = {"sink": 0}, [0.0]
    health = StageHealth("sink", lambda: True, frozenset, lambda: None, done=lambda: done["sink"])
    report = Report([health], clock=lambda: now[0])
    with caplog.at_level("INFO"):
        for minute, count in enumerate([0, 1204, 1204], 1):
            done["sink"] = count
            now[0] = minute * 60.0
            report.maybe()
            report.maybe()
    assert caplog.messages == ["done in the last minute: sink 1,204"]
