"""How fast things are sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def paced(
    items: Iterable[T],
    rate: float | None,
    *,
    counts: Callable[[T], bool] = lambda _: True,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[T]:
    """The items, at most `rate` a second of those that count; as fast as they are taken when there is no rate."""
    due = now()
    for item in items:
        if rate and counts(item):
            sleep(max(0.0, due - now()))
            due = max(due, now()) + 1 / rate
        yield item
