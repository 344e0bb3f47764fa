"""Which letters are meant, and how fast they go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.accounts.deadletters import Selection, paced, sendable
from pipeline.accounts.letterbox import letter_in
from pipeline.errors import Reason
from pipeline.kafka.scan import Scanned
from pipeline.record import DeadLetter
from pipeline.stages.base import Rejection
from pipeline.stream.incoming import Incoming, dead_letter

_NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def _letter(key: bytes | None = b"ferry", value: bytes | None = b"{", *, offset: int = 7) -> DeadLetter:
    message = Incoming("news.raw", 0, offset, key, value)
    return dead_letter("duplicates", message, Rejection(Reason.NOT_JSON, "?"), _NOON)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    time: float = 100.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@given(rate=st.floats(0.001, 1000), count=st.integers(0, 30))
def test_a_rate_is_never_exceeded_and_the_first_goes_at_once(rate: float, count: int) -> None:
    clock = Clock()
    at = [clock.time for _ in paced(range(count), rate, now=clock.now, sleep=clock.sleep)]

    assert at[:1] in ([], [100.0])
    assert all(later - earlier >= 1 / rate * 0.999 for earlier, later in pairwise(at))


def test_time_that_was_lost_is_not_made_up_for() -> None:
    clock = Clock()
    at = []
    for number in paced(range(4), 1.0, now=clock.now, sleep=clock.sleep):
        at.append(clock.time)
        if number == 0:
            clock.time += 10  # the broker took its time

    assert at == [100, 110, 111, 112]


def test_without_a_rate_nobody_sleeps() -> None:
    clock = Clock()
    assert list(paced("abc", None, now=clock.now, sleep=clock.sleep)) == ["a", "b", "c"]
    assert clock.slept == []


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        (Selection(), True),
        (Selection(status="discarded"), False),
        (Selection(letter_ids=frozenset({"news.raw/0/7/duplicates"})), True),
        (Selection(letter_ids=frozenset({"news.raw/0/8/duplicates"})), False),
        (Selection(article_ids=frozenset({"ferry"})), True),
        (Selection(reason="not-json", stage="duplicates"), True),
        (Selection(reason="not-json", stage="sink"), False),
        (Selection(since=_NOON, until=_NOON + timedelta(seconds=1)), True),
        (Selection(until=_NOON), False),
        (Selection(among=frozenset({"news.raw/0/7/duplicates"})), True),
        (Selection(among=frozenset()), False),
    ],
)
def test_every_field_that_is_set_must_fit(selection: Selection, taken: bool) -> None:
    assert selection.takes(_letter()) is taken


def test_what_has_nothing_to_send_back_is_left_and_named() -> None:
    junk = letter_in(Scanned("news.dead-letter", 0, 3, b"k", b"junk", 0))
    letters = [_letter(None, None), junk, _letter(None, b""), _letter(b"", None), _letter(b"k", b"v")]
    left: list[tuple[str, str]] = []

    assert list(sendable(letters, lambda letter, why: left.append((letter.letter_id, why)))) == letters[2:]
    assert [letter_id for letter_id, _ in left] == ["news.raw/0/7/duplicates", "news.dead-letter/0/3"]
    assert "neither key nor value" in left[0][1]
    assert "can't be read" in left[1][1]
