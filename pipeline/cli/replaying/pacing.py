"""Which of the articles that are read are sent, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeGuard

from pipeline.errors import SourceError
from pipeline.record import Article

Found = Article | SourceError


def is_article(item: Found) -> TypeGuard[Article]:
    """Whether it is an article rather than a problem."""
    return isinstance(item, Article)


def between(found: Iterable[Found], since: datetime | None, until: datetime | None) -> Iterator[Found]:
    """Leave out articles that were published before `since`, or at `until` and later.

    Where a bound is given, an article without a date is left out: it can't be told.
    """
    for item in found:
        if is_article(item) and (since or until):
            published = item.published_at
            if published is None or (since and published < since) or (until and published >= until):
                continue
        yield item


def as_published(
    found: Iterable[Found],
    speed: float | None,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Found]:
    """With the pauses between the times of publication, so many times as fast; without a speed as they come.

    In the order in which they are read: what was published before what is already sent, or has no date, comes at once.
    """
    first: datetime | None = None
    started = 0.0
    for item in found:
        published = item.published_at if is_article(item) else None
        if speed and published is not None:
            if first is None:
                first, started = published, now()
            sleep(max(0.0, started + (published - first).total_seconds() / speed - now()))
        yield item
