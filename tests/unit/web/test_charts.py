"""Numbers as rectangles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flow import DONE, IN_ORDER, IN_TRANSACTION, Flow, Step, Topic
from pipeline.stores.questions import HourlyArticles
from pipeline.web.console.charts import OTHERS, by_day, by_hour, stacked
from pipeline.web.console.flowmap import flow_map


def test_bars_of_a_place_stand_on_each_other() -> None:
    chart = stacked("x", ["a", "b"], {"a": {"en": 3, "de": 1}, "b": {"en": 2}})
    assert chart.series == ("en", "de")
    assert [(bar.series, bar.y, bar.height) for bar in chart.bars] == [(0, 25, 75), (1, 0, 25), (0, 50, 50)]
    assert chart.rows == (("a", (3, 1)), ("b", (2, 0)))


def test_many_series_are_shown_as_the_largest_and_the_others() -> None:
    chart = stacked("x", ["a"], {"a": {f"outlet {n}": 9 - n for n in range(8)}})
    assert chart.series[-1] == OTHERS
    assert chart.rows[0][1] == (9, 8, 7, 6, 5, 4 + 3 + 2)


_COUNTS = st.dictionaries(st.sampled_from("abc"), st.dictionaries(st.text(max_size=3), st.integers(1, 99)))


@given(_COUNTS)
def test_nothing_is_lost_and_nothing_stands_out_of_the_chart(counts: dict[str, dict[str, int]]) -> None:
    chart = stacked("x", ["a", "b", "c"], counts)
    assert sum(sum(numbers) for _, numbers in chart.rows) == sum(
        sum(some.values()) for some in counts.values()
    )
    for bar in chart.bars:
        assert bar.y >= -0.01
        assert bar.y + bar.height <= 100.01
        assert bar.x + bar.width <= 100.01


def test_hours_without_articles_have_their_place() -> None:
    found = [
        HourlyArticles("2031-05-04T09", "en", "Fen Courier", 2),
        HourlyArticles("2031-05-04T11", None, "Fen Courier", 1),
    ]
    chart = by_hour(found, "language", hours=4)
    assert chart
    assert (chart.first, chart.last, chart.series) == ("04 May 08:00", "04 May 11:00", ("en", "unknown"))
    assert by_hour([], "language", hours=4) is None


def test_a_single_day_does_not_fill_the_chart_and_centuries_are_cut() -> None:
    chart = by_day("x", {"2031-05-04": 3})
    assert chart
    assert (chart.first, chart.bars[0].width < 10) == ("2031-04-21", True)
    chart = by_day("x", {"1031-05-04": 3, "2031-05-04": 1})
    assert chart
    assert chart.first == "2030-05-04"
    assert by_day("x", {}) is None


def test_the_drawing_follows_the_flow() -> None:
    drawn = flow_map()
    assert [box.label for box in drawn.boxes] == ["duplicates", "entities", "quotes", "sink", "store"]
    assert {line.label for line in drawn.lines if line.kind == "branch"} == {"exact"}
    assert {line.label for line in drawn.lines if line.kind == "told"} == {"news.clusters", "news.alerts"}


@pytest.mark.parametrize("prefix", ["news", "desk"])
def test_another_flow_is_drawn_as_it_is(prefix: str) -> None:
    flow = Flow(
        (
            Step("copy", "x:Y", Topic.RAW, {DONE: Topic.ENRICHED}, IN_ORDER),
            Step("sink", "", Topic.ENRICHED, {"stored": None}, IN_TRANSACTION),
        )
    )
    drawn = flow_map(flow, prefix)
    assert [box.stage for box in drawn.boxes] == ["copy", "sink", ""]
    ways = [line.label for line in drawn.lines if line.kind == "way"]
    assert ways == [f"{prefix}.raw", f"{prefix}.enriched", ""]
    assert max(box.x for box in drawn.boxes) + drawn.box_width < drawn.width
