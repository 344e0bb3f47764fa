"""What is replayed again and again, and gone on with at any place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.replaying.pacing import Found, is_article
from pipeline.cli.replaying.rounds import BEGINNING, Place, Rounds, Span, in_round
from pipeline.errors import SourceError, UsageError
from pipeline.record import Article
from tests.unit.builders import NOON, article

_DAY = timedelta(days=1)


def _problem(name: str) -> SourceError:
    return SourceError(name, "is empty", reason="empty")


def _day(name: str, day: int | None) -> Article:
    return article(name, published_at=None if day is None else NOON + day * _DAY)


class Read:
    """Files that give the same each time."""

    def __init__(self, *found: Found) -> None:
        self.found = found
        self.rounds: list[int] = []

    def __call__(self, number: int) -> Iterator[Found]:
        self.rounds.append(number)
        return iter(self.found)


def test_the_first_round_is_the_files_as_they_are() -> None:
    read = Read(_day("a", 0), _problem("b.txt"), _day("c", None))
    rounds = Rounds(read)
    assert list(rounds) == list(read.found)
    assert (rounds.place, rounds.completed) == (Place(1, 2, 2, Span(NOON, NOON)), 1)


def test_later_rounds_have_ids_of_their_own_and_the_text_as_it_is() -> None:
    read = Read(_day("a", 0), _problem("b.txt"), _day("c", 3))
    first, problem, second, *later = Rounds(read, times=3)
    assert isinstance(problem, SourceError), "it is named once"
    again = [item for item in later if is_article(item)]
    assert [item.article_id for item in again] == ["a@2", "c@2", "a@3", "c@3"]
    assert len(again) == len(later)
    assert is_article(first)
    assert is_article(second)
    assert [item.published_at for item in again] == [first.published_at, second.published_at] * 2
    assert {item.text for item in again} == {first.text}


def test_dates_that_say_when_it_is_due_go_on_by_the_span_of_a_round() -> None:
    read = Read(_day("a", 2), _day("b", 0), _day("c", None), _day("d", 3))
    dates = [item.published_at for item in Rounds(read, times=3, moves=True) if is_article(item)]
    assert [date and (date - NOON).days for date in dates] == [2, 0, None, 3, 5, 3, None, 6, 8, 6, None, 9]


def test_without_a_number_of_rounds_it_does_not_end() -> None:
    read = Read(_day("a", 0), _day("b", 1))
    items = [item for item in islice(Rounds(read, times=None), 2001) if is_article(item)]
    assert items[-1].article_id == "a@1001"


@pytest.mark.parametrize("found", [(), (_problem("a.txt"),)])
def test_what_has_no_article_is_read_once(found: tuple[Found, ...]) -> None:
    read = Read(*found)
    assert list(Rounds(read, times=None)) == list(found)
    assert read.rounds == [1]


def test_an_id_is_never_too_long_nor_that_of_another_article() -> None:
    long = [article("x" * 199 + end) for end in "ab"]
    ids = [in_round(one, number, _DAY).article_id for number in (1, 2, 10_000) for one in long]
    assert len(set(ids)) == 6
    assert all(len(found) <= 200 for found in ids)
    assert ids[-1].endswith("@10000")


def test_dates_end_with_the_calendar_and_it_is_said_what_to_do() -> None:
    last = article(published_at=datetime(9999, 12, 30, tzinfo=UTC))
    with pytest.raises(UsageError, match="the dates of round 3 would be after the year 9999"):
        in_round(last, 3, _DAY)


_ITEMS = st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=8)


@given(_ITEMS, st.integers(1, 3), st.booleans(), st.data())
def test_gone_on_with_behind_any_article_it_gives_what_it_would_have_given(
    days: list[int | None], times: int, moves: bool, data: st.DataObject
) -> None:
    # A day that can be divided by four is a problem, so that problems stand at all places.
    found: list[Found] = [
        _problem(f"{n}.txt") if day is not None and day % 4 == 0 else _day(f"a{n}", day)
        for n, day in enumerate(days)
    ]
    whole = Rounds(Read(*found), times=times, moves=moves)
    places = [(item, whole.place) for item in whole]
    articles = [(item, place) for item, place in places if is_article(item)]
    cut = data.draw(st.integers(0, len(articles)))
    begin = articles[cut - 1][1] if cut else BEGINNING

    rest = Rounds(Read(*found), times=times, moves=moves, begin=begin)
    given_again = [(item, rest.place) for item in rest]

    assert begin.total == cut
    assert [pair for pair in given_again if is_article(pair[0])] == articles[cut:]
    named = [item for item, _ in places if not is_article(item)]
    later = [item for item, _ in given_again if not is_article(item)]
    assert later == named[len(named) - len(later) :], "none is named that was behind it"
    assert rest.completed == whole.completed
