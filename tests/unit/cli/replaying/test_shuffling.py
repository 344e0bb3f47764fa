"""An order that a seed draws."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.replaying.pacing import Found, is_article
from pipeline.cli.replaying.rounds import BEGINNING, Rounds
from pipeline.cli.replaying.shuffling import Shuffled, order
from pipeline.errors import PipelineError, SourceError
from tests.unit.builders import NOON, article

_LATER = NOON + timedelta(hours=1)
_ARTICLES = [article(f"a{n}", f"Ferry {n}\n\nIt was late.", published_at=NOON) for n in range(20)]


def _shuffled(found: list[Found], seed: int = 7) -> Shuffled:
    return Shuffled(lambda _: iter(found), seed, now=lambda: _LATER)


def _ids(found: Iterator[Found]) -> list[str]:
    return [item.article_id for item in found if is_article(item)]


@given(st.integers(0, 300), st.integers(), st.integers(1, 5))
def test_an_order_has_every_number_once(count: int, seed: int, number: int) -> None:
    assert sorted(order(count, seed, number)) == list(range(count))


def test_an_order_is_the_same_on_every_machine() -> None:
    assert list(order(10, 0, 1)) == [1, 8, 6, 0, 9, 5, 2, 4, 3, 7]
    assert list(order(10, 1, 1)) == [7, 1, 3, 0, 2, 9, 6, 8, 5, 4]
    assert list(order(10, 0, 2)) == [8, 0, 1, 6, 3, 4, 5, 9, 2, 7]


def test_no_place_is_preferred() -> None:
    firsts = [order(4, seed, 1)[0] for seed in range(4000)]
    assert all(900 < firsts.count(place) < 1100 for place in range(4))


def test_articles_come_as_they_are_but_for_the_order_and_the_time_of_intake() -> None:
    problem = SourceError("b.txt", "is empty", reason="empty")
    told: list[int] = []
    with Shuffled(lambda _: [*_ARTICLES, problem], 7, on_read=told.append, now=lambda: _LATER) as shuffled:
        first, *rest = shuffled(1)
    assert first is problem
    assert told == [20]
    expected = [_ARTICLES[which].model_copy(update={"ingested_at": _LATER}) for which in order(20, 7, 1)]
    assert rest == expected


def test_files_are_read_once_for_all_rounds_and_each_has_an_order_of_its_own() -> None:
    asked: list[int] = []

    def read(number: int) -> Iterator[Found]:
        asked.append(number)
        return iter(_ARTICLES)

    with Shuffled(read, 7) as shuffled:
        first, second = _ids(shuffled(1)), _ids(shuffled(2))
    assert asked == [1]
    assert first != second
    assert sorted(first) == sorted(second)


@given(st.integers(0, 60))
def test_gone_on_with_behind_any_article_the_order_is_the_same(cut: int) -> None:
    with _shuffled([*_ARTICLES]) as shuffled:
        rounds = Rounds(shuffled, times=3, moves=True)
        places = [(item, rounds.place) for item in rounds]
    begin = places[cut - 1][1] if cut else BEGINNING
    with _shuffled([*_ARTICLES]) as shuffled:
        assert list(Rounds(shuffled, times=3, moves=True, begin=begin)) == [item for item, _ in places[cut:]]


def test_no_room_for_the_file_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    with (
        pytest.raises(PipelineError, match=r"temporary file, which can't be written: .* set TMPDIR"),
        _shuffled([]),
    ):
        pass
