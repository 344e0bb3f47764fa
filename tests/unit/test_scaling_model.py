"""The model of docs/scaling.md: what it says of the machine that was measured, and what has to hold at any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scaling_model import Costs, Plan, needed, rate

_WORDS = 624_643 / 840  # of an article that was measured
_CLOSE = 0.15

articles_a_day = st.floats(min_value=1_000, max_value=1e9)
plans = st.builds(
    Plan,
    peak=st.floats(min_value=1, max_value=10),
    full=st.floats(min_value=0.1, max_value=1),
    pool_processes=st.integers(min_value=1, max_value=64),
    window_hours=st.floats(min_value=1, max_value=240),
)


@pytest.mark.parametrize(
    ("pool_processes", "words_a_second"),
    [
        (1, 23_220),
        (2, 36_909),
        (2, 39_159),
    ],  # docs/performance.md and docs/benchmarks.md: two cores, SQLite, the embedded broker
)
def test_one_machine_is_as_fast_as_it_was_measured(pool_processes: int, words_a_second: float) -> None:
    found = rate(Costs(database=0, broker=1.1 / 840), Plan(), cores=2, pool_processes=pool_processes)
    assert found * _WORDS == pytest.approx(words_a_second, rel=_CLOSE)


@pytest.mark.parametrize(("cores", "pool_processes"), [(1, 1), (2, 1), (2, 2), (8, 4), (64, 64)])
def test_a_machine_does_not_do_more_than_its_cores_or_its_pool_can(cores: int, pool_processes: int) -> None:
    costs, plan = Costs(), Plan()
    found = rate(costs, plan, cores=cores, pool_processes=pool_processes)
    assert found * costs.everything <= cores
    assert found * costs.pool <= pool_processes


@given(articles_a_day, plans)
def test_what_is_planned_is_enough_for_the_busiest_hour(a_day: float, plan: Plan) -> None:
    costs = Costs()
    need = needed(a_day, costs, plan)
    assert need.at_peak * costs.pool <= need.pool_processes * plan.full
    assert need.at_peak * costs.everything <= need.cores
    assert need.workers * plan.pool_processes >= need.pool_processes
    assert need.partitions >= need.workers  # a worker without a partition has nothing to do


@given(articles_a_day, plans)
def test_twice_the_articles_take_no_less_of_anything(a_day: float, plan: Plan) -> None:
    costs = Costs()
    once, twice = needed(a_day, costs, plan), needed(2 * a_day, costs, plan)
    assert twice.cores >= once.cores
    assert twice.partitions >= once.partitions
    assert twice.ordered == pytest.approx(2 * once.ordered)
    assert twice.index_gb == pytest.approx(2 * once.index_gb)
    assert twice.store_gb == pytest.approx(2 * once.store_gb)
    assert twice.money_a_month >= once.money_a_month


def test_a_longer_window_takes_memory_and_nothing_else_of_the_ordered_stage() -> None:
    short, long = (needed(1e7, Costs(), Plan(window_hours=hours)) for hours in (24, 72))
    assert long.index_gb == pytest.approx(3 * short.index_gb)
    assert long.ordered == short.ordered
    assert long.cores == short.cores
