from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PermanentError, Reason, SettingsError, TransientError
from pipeline.stages.base import Rejection
from pipeline.stages.isolation import Sifted, each, isolated, sifted

numbers = st.lists(st.integers(-5, 5))


def half(number: int) -> float:
    if number == 0:
        raise PermanentError(Reason.TOO_LARGE, "nothing to halve")
    if number < 0:
        raise ValueError("less than nothing")
    return number / 2


def halves(batch: Sequence[int]) -> list[float]:
    return [half(number) for number in batch]


def expected(number: int) -> object:
    if number == 0:
        return Rejection(Reason.TOO_LARGE, "nothing to halve")
    return Reason.STAGE_ERROR if number < 0 else number / 2


def shown(results: Sequence[object]) -> list[object]:
    """Without the texts of what was not expected."""
    return [result.reason if isinstance(result, Rejection) and result.cause else result for result in results]


@given(numbers)
def test_only_items_that_make_the_work_raise_are_rejected_whether_asked_together_or_apart(
    batch: list[int],
) -> None:
    assert shown(isolated(halves, batch)) == shown(each(half, batch)) == [*map(expected, batch)]


@given(numbers)
def test_what_is_left_is_worked_on_together_and_comes_back_in_its_place(batch: list[int]) -> None:
    seen: list[float] = []
    left = sifted(half, batch)
    seen += left.good
    results = left.with_results([number * 2 for number in left.good])
    assert seen == [number / 2 for number in batch if number > 0]
    assert shown(results) == [number if number > 0 else expected(number) for number in batch]


def test_good_work_is_done_once() -> None:
    calls: list[int] = []

    def work(batch: Sequence[int]) -> Sequence[int]:
        calls.append(len(batch))
        return batch

    assert isolated(work, [1, 2, 3]) == [1, 2, 3]
    assert calls == [3]


def test_too_few_results_are_nobodys_but_those_whose_they_are_missing() -> None:
    results = isolated(lambda batch: [item for item in batch if item != 2], [1, 2, 3])
    assert [getattr(result, "detail", result) for result in results] == [
        1,
        "ValueError: 0 results for 1 items",
        3,
    ]


@pytest.mark.parametrize("error", [TransientError("away"), SettingsError("not there")])
def test_what_is_no_items_fault_is_raised(error: Exception) -> None:
    def work(_: object) -> list[int]:
        raise error

    for attempt in (lambda: isolated(work, [1, 2]), lambda: isolated(work, [1]), lambda: each(work, [1])):
        with pytest.raises(type(error)):
            attempt()


def test_rejections_stay_where_they_are() -> None:
    no = Rejection(Reason.NOT_JSON, "no")
    batch = Sifted[int]([no, 1, no, 2])
    assert batch.good == [1, 2]
    assert batch.with_results("ab") == [no, "a", no, "b"]
