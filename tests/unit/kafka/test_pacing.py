"""How fast things are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka.pacing import paced


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
