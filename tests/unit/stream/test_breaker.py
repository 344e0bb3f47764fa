"""When a stage is to blame for what it rejects, and when its articles are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Reason
from pipeline.stages.base import Rejection, raised
from pipeline.stages.isolation import each
from pipeline.stream.breaker import Breaker
from pipeline.watch import metrics
from tests.unit.builders import record

Result = str | Rejection

DEFECT = Rejection(Reason.STAGE_ERROR, "KeyError: 'x'", cause="KeyError at quotes.py:7 (find)")
OTHER = Rejection(Reason.STAGE_ERROR, "ValueError: y", cause="ValueError at cast.py:9 (cast)")
WRONG = Rejection(Reason.NOT_JSON, "no JSON")
DONE = "done"


class Stage:
    """A stage whose results the test gives by article; what it is asked during a pause is noted."""

    def __init__(
        self, answer: Callable[[str], Result], *, repeatable: bool = True, enabled: bool = True
    ) -> None:
        self.answer = answer
        self.asked: list[list[str]] = []
        self.pauses: list[float] = []
        self.at_pause: Callable[[int], None] = lambda _: None
        self.breaker: Breaker[str, Result] = Breaker(
            "entities", self.ask, repeatable=repeatable, enabled=enabled, sleep=self.sleep
        )

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at_pause(len(self.pauses))
        await asyncio.sleep(0)

    async def ask(self, batch: Sequence[str]) -> list[Result]:
        self.asked.append(list(batch))
        return [self.answer(item) for item in batch]

    async def take(self, batch: Sequence[str]) -> list[Result]:
        return await self.breaker.settled(batch, [self.answer(item) for item in batch])


class Enough(Exception):  # noqa: N818 - no error
    """The test has seen enough."""


def stop_at(number: int) -> Callable[[int], None]:
    def at_pause(pause: int) -> None:
        if pause == number:
            raise Enough

    return at_pause


def by_letter(item: str) -> Result:
    return {"d": DEFECT, "o": OTHER, "w": WRONG}.get(item[0], DONE)


def test_a_whole_batch_that_fails_alike_is_held_back_and_one_of_it_is_tried_now_and_then() -> None:
    stage = Stage(by_letter)
    stage.at_pause = stop_at(9)
    batch = [f"d{number}" for number in range(8)]
    with pytest.raises(Enough):
        asyncio.run(stage.take(batch))
    assert stage.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert stage.asked == [[item] for item in batch], "a different one each time"
    assert stage.breaker.fault == "everything fails alike: KeyError at quotes.py:7 (find)"
    assert metrics.BREAKER_OPEN.labels("entities")._value.get() == 1


def test_several_small_batches_that_fail_alike_count_like_a_large_one() -> None:
    stage = Stage(by_letter)
    stage.at_pause = stop_at(1)

    async def scene() -> None:
        for number in range(7):
            assert await stage.take([f"d{number}"]) == [DEFECT]
        with pytest.raises(Enough):
            await stage.take(["d7"])

    asyncio.run(scene())


@given(
    st.lists(st.lists(st.sampled_from("dow."), min_size=1, max_size=40), max_size=12).filter(
        lambda batches: all(batch.count("d") < 7 and batch.count("o") < 7 for batch in batches)
    )
)
def test_poison_among_good_articles_is_dead_lettered_at_once(batches: list[list[str]]) -> None:
    stage = Stage(by_letter)

    async def scene() -> None:
        for batch in batches:
            mixed = [*batch, *"...."]  # each batch has articles that go through
            assert await stage.take(mixed) == [by_letter(item) for item in mixed]

    asyncio.run(scene())
    assert stage.pauses == []


def test_failures_of_different_kinds_are_not_alike() -> None:
    stage = Stage(by_letter)
    batch = list("dodododododo")
    assert asyncio.run(stage.take(batch)) == [by_letter(item) for item in batch]


def test_messages_that_are_wrong_themselves_never_open_it_however_many() -> None:
    stage = Stage(by_letter)
    assert asyncio.run(stage.take(list("w" * 500))) == [WRONG] * 500
    assert stage.breaker.fault is None


def test_a_few_that_pass_through_untouched_do_not_hide_a_defect() -> None:
    stage = Stage(by_letter)
    stage.at_pause = stop_at(1)
    with pytest.raises(Enough):
        asyncio.run(stage.take(list("." + "d" * 30)))


def test_what_works_after_all_is_done_whole_and_closes_it() -> None:
    broken = {"on": True}
    stage = Stage(lambda _: DEFECT if broken["on"] else DONE)
    stage.at_pause = lambda pause: broken.update(on=pause < 3)
    batch = [f"d{number}" for number in range(20)]
    assert asyncio.run(stage.take(batch)) == [DONE] * 20
    assert stage.asked[-1] == batch
    assert stage.breaker.fault is None
    assert metrics.BREAKER_OPEN.labels("entities")._value.get() == 0


def test_a_burst_of_poison_gets_past_a_stage_that_still_does_what_it_did_a_batch_a_pause() -> None:
    stage = Stage(by_letter)

    async def scene() -> None:
        await stage.take([".good"])
        for number in range(3):
            assert await stage.take([f"d{number}"] * 20) == [DEFECT] * 20
        assert stage.breaker.fault is not None, "until others go through"
        assert await stage.take([".next"]) == [DONE]

    asyncio.run(scene())
    assert stage.pauses == [1, 2, 4]
    assert [".good"] in stage.asked
    assert stage.breaker.fault is None


def test_a_stage_that_no_longer_does_what_it_did_lets_nothing_through() -> None:
    broken = {"on": False}
    stage = Stage(lambda _: DEFECT if broken["on"] else DONE)
    stage.at_pause = stop_at(5)

    async def scene() -> None:
        await stage.take([".good"])
        broken["on"] = True
        with pytest.raises(Enough):
            await stage.take(["."] * 20)

    asyncio.run(scene())


def test_a_stage_that_leaves_traces_is_not_asked_about_what_it_is_done_with() -> None:
    stage = Stage(by_letter, repeatable=False)
    stage.at_pause = stop_at(3)

    async def scene() -> None:
        await stage.take([".good"])
        with pytest.raises(Enough):
            await stage.take(list("d" * 20))

    asyncio.run(scene())
    assert [".good"] not in stage.asked


def test_another_batch_that_goes_through_meanwhile_lets_this_one_try_again() -> None:
    stage = Stage(by_letter)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        held.set()
        await go_on.wait()

    stage.breaker = Breaker("entities", stage.ask, repeatable=True, sleep=sleep)

    async def scene() -> None:
        first = asyncio.create_task(stage.take(list("d" * 20)))
        await held.wait()
        assert await stage.take([".fresh"] * 20) == [DONE] * 20
        assert stage.breaker.fault is None
        go_on.set()
        assert await first == [DEFECT] * 20, "it was poison: there is a witness now"

    asyncio.run(scene())


def test_switched_off_it_lets_everything_through() -> None:
    stage = Stage(by_letter, enabled=False)
    assert asyncio.run(stage.take(list("d" * 200))) == [DEFECT] * 200


def test_a_cause_is_what_was_raised_and_where_and_not_what_it_said() -> None:
    def fail(item: object) -> object:
        raise KeyError(id(item))

    causes = {outcome.cause for outcome in each(fail, [record(), record()]) if isinstance(outcome, Rejection)}
    (cause,) = causes
    assert cause is not None
    assert cause.startswith("KeyError at test_breaker.py:")
    assert cause.endswith("(fail)")


def test_where_a_stack_ran_out_is_no_cause_of_its_own() -> None:
    assert raised(RecursionError("too deep")).cause == "RecursionError"
