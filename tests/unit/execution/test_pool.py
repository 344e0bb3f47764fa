"""The pool is tested with real processes: what it promises is about processes that die."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence

import pytest

from pipeline.errors import Reason, SettingsError
from pipeline.execution.pool import StagePool
from pipeline.record import EnrichedArticle
from pipeline.record.codec import decode_record, encode
from pipeline.stages.base import Outcome, Rejection, Stage
from tests.unit.builders import record


class Moody(Stage):
    """A stage that does what the article's text says."""

    name = "moody"

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        self.seen += len(batch)
        for item in batch:
            match item.article.text:
                case "die":
                    os._exit(9)
                case "hang":
                    time.sleep(600)
                case "raise":
                    raise ZeroDivisionError("on request")
                case "no model":
                    raise SettingsError("the model is gone")
        return [
            Rejection(Reason.STAGE_ERROR, "no") if item.article.text == "refuse" else item for item in batch
        ]

    def take_counters(self) -> dict[str, int]:
        seen, self.seen = self.seen, 0
        return {"seen": seen}


class Counting(Stage):
    """A stage that refuses everything, and says how much it was given at once."""

    name = "counting"

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        return [Rejection(Reason.STAGE_ERROR, str(len(batch))) for _ in batch]


@pytest.fixture(scope="module")
def pool() -> Iterator[StagePool]:
    with StagePool({"moody": Moody(), "counting": Counting()}, processes=2, article_timeout=1.5) as running:
        yield running


def texts(*wanted: str) -> list[bytes | None]:
    return [encode(record(f"a{index}", text=text, title=None)) for index, text in enumerate(wanted)]


def run(pool: StagePool, *wanted: str) -> list[str]:
    results = pool.run("moody", texts(*wanted))
    return [
        str(result.reason) if isinstance(result, Rejection) else decode_record(result).article.text
        for result in results
    ]


def test_records_come_back_in_order_over_all_processes(pool: StagePool) -> None:
    wanted = [f"text {number}" for number in range(50)]
    assert run(pool, *wanted) == wanted


def test_nothing_in_nothing_out(pool: StagePool) -> None:
    assert pool.run("moody", []) == []


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("refuse", Reason.STAGE_ERROR),
        ("raise", Reason.STAGE_ERROR),
        ("die", Reason.WORKER_DIED),
        ("hang", Reason.STAGE_TIMEOUT),
    ],
)
def test_only_the_article_that_does_it_is_rejected(pool: StagePool, mood: str, reason: Reason) -> None:
    assert run(pool, "one", mood, "two", "three") == ["one", reason, "two", "three"]
    assert run(pool, "still", "here") == ["still", "here"]


def test_what_is_no_record_is_rejected_where_it_is_decoded(pool: StagePool) -> None:
    good = texts("good")[0]
    results = pool.run("moody", [b"\xff", good, None])
    assert [getattr(result, "reason", None) for result in results] == [
        Reason.BAD_ENCODING,
        None,
        Reason.NOT_JSON,
    ]


def test_a_wrong_setting_is_not_blamed_on_the_article(pool: StagePool) -> None:
    with pytest.raises(SettingsError, match="the model is gone"):
        run(pool, "no model")


def test_a_process_gets_few_articles_at_once_when_they_are_large(pool: StagePool) -> None:
    values = texts(*["x" * 400_000] * 3, "small", "x" * 1_200_000, "small")
    given = [result.detail for result in pool.run("counting", values) if isinstance(result, Rejection)]
    assert given == ["2", "2", "2", "2", "1", "1"]


def test_joined_stages_go_on_with_what_the_one_before_has_not_rejected() -> None:
    stages = {"moody": Moody(), "counting": Counting()}
    with StagePool(stages, processes=1, joined={"moody": ["counting"]}, article_timeout=1.5) as joined:
        both = joined.run("moody", texts("one", "refuse", "two"))
        alone = joined.run("counting", texts("one"))
    said = [one.detail for one in (*both, *alone) if isinstance(one, Rejection)]
    assert said == ["counting: 2", "no", "counting: 2", "1"]


def test_joined_stages_have_the_time_of_all() -> None:
    class Slow(Counting):
        def time_limit(self, usual: float) -> float:
            return 3 * usual

    pool = StagePool(
        {"moody": Moody(), "slow": Slow()}, processes=1, joined={"moody": ["slow"]}, article_timeout=2
    )
    assert (pool._limit("moody", [b""]), pool._limit("slow", [b""])) == (8, 6)


class Unfit(Counting):
    """A stage that finds out at its start that it can't work."""

    def warm_up(self) -> None:
        raise SettingsError("the list of words is gone")


def test_a_stage_that_can_not_start_says_so_at_once_and_again_whenever_it_is_asked() -> None:
    with StagePool({"counting": Unfit()}, processes=1) as unfit:
        for attempt in (unfit.require_fit, lambda: unfit.run("counting", texts("one"))):
            with pytest.raises(SettingsError, match="the list of words is gone"):
                attempt()


def test_a_pool_whose_stages_are_ready_is_fit(pool: StagePool) -> None:
    pool.require_fit()
