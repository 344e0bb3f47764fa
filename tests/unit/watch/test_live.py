"""What is made of readings of the broker and of the sink's metrics."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.watch.live import Latencies, StageHistory, quantile


def _lag(committed: int | None, lag: int) -> Any:
    return SimpleNamespace(committed=committed, lag=lag)


def test_a_rate_is_what_was_done_of_late() -> None:
    history = StageHistory("quotes", 300)
    assert history.note([_lag(None, 5)], 0.0).rate == 0
    reading = history.note([_lag(10, 4), _lag(10, 0)], 2.0)
    assert (reading.rate, reading.lag, reading.health) == (10.0, 4, "working")
    assert history.note([_lag(20, 0)], 100.0).health == "idle"


def test_offsets_that_are_set_back_are_no_negative_rate() -> None:
    history = StageHistory("quotes", 300)
    history.note([_lag(100, 0)], 0.0)
    assert history.note([_lag(10, 90)], 2.0).rate == 0


def test_lag_that_nobody_works_on_waits_and_then_is_stalled() -> None:
    history = StageHistory("sink", 60)
    health = [history.note([_lag(7, 3)], now).health for now in (0.0, 20.0, 40.0, 90.0)]
    assert health == ["working", "working", "waiting", "stalled"]


def test_a_quantile_lies_in_its_bucket() -> None:
    buckets = {0.1: 10.0, 1.0: 20.0, math.inf: 20.0}
    assert quantile(buckets, 0.5) == pytest.approx(0.1)
    assert quantile(buckets, 0.75) == pytest.approx(0.55)
    assert quantile({0.1: 0.0, math.inf: 4.0}, 0.5) == 0.1


def test_the_time_to_the_store_is_that_of_the_last_minutes_where_something_was_stored() -> None:
    latencies = Latencies()
    assert latencies.note({1.0: 0.0, math.inf: 0.0}, 0.0) is None
    first = latencies.note({1.0: 4.0, math.inf: 4.0}, 1.0)
    assert first
    assert (first.articles, first.recent) == (4, True)
    latencies.note({1.0: 4.0, math.inf: 4.0}, 400.0)
    later = latencies.note({1.0: 4.0, math.inf: 4.0}, 800.0)
    assert later
    assert (later.articles, later.recent) == (4, False)
    anew = latencies.note({1.0: 1.0, math.inf: 1.0}, 900.0)
    assert anew
    assert anew.articles == 1
