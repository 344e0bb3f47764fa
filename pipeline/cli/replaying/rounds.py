"""Which articles a replay sends, in order: the files once, or again and again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.cli.replaying.pacing import Found, is_article
from pipeline.errors import UsageError
from pipeline.record import Article
from pipeline.sources.records import fitted


@dataclass(frozen=True, slots=True)
class Span:
    """From the earliest to the latest date of the articles of a round."""

    earliest: datetime
    latest: datetime

    @property
    def length(self) -> timedelta:
        """How long it is; zero where there is one date."""
        return self.latest - self.earliest


@dataclass(frozen=True, slots=True)
class Place:
    """A place in what is replayed: behind an article, or at the very beginning.

    Attributes:
        round: the number of the round, from 1.
        articles: how many articles of this round are behind it.
        total: how many articles of all rounds are behind it.
        span: the dates of the first round, as far as it was read; None where there were none.
    """

    round: int = 1
    articles: int = 0
    total: int = 0
    span: Span | None = None


BEGINNING = Place()


def in_round(article: Article, number: int, moved: timedelta) -> Article:
    """The article as the round of this number has it: the first leaves it as it is.

    Later ones put `@NUMBER` behind its id (one that would be too long is hashed) and move its date on by so much for
    each round before. Text and address stay: it is an exact copy.

    Raises:
        UsageError: its date would be after the year 9999.
    """
    if number == 1:
        return article
    published = article.published_at
    try:
        published = published and published + (number - 1) * moved
    except OverflowError:
        raise UsageError(
            f"the dates of round {number} would be after the year 9999: leave out --speed, or give --loop a number"
        ) from None
    return article.model_copy(
        update={"article_id": fitted(article.article_id, f"@{number}"), "published_at": published}
    )


class Rounds:
    """Iterates over what is replayed. In constant memory; what is read is read anew in each round.

    Problems stand where they were met in the first round, and are left out of the others, and before `begin`: there
    they have been named. A round without any article is the last one.

    Args:
        read: gives what is in the files, by the number of the round; the same each time.
        times: how many rounds; None: without end.
        moves: whether each round's dates are moved on, by the span of the first.
        begin: where to go on: what is before it is left out.

    Attributes:
        place: behind the article that was given last.
        completed: the number of the last round that was given whole; 0 before the first is.
    """

    def __init__(
        self,
        read: Callable[[int], Iterable[Found]],
        *,
        times: int | None = 1,
        moves: bool = False,
        begin: Place = BEGINNING,
    ) -> None:
        self._read = read
        self._times = times
        self._moves = moves
        self._begin = begin
        self.place = begin
        self.completed = begin.round - 1

    def __iter__(self) -> Iterator[Found]:
        """The articles, and in their places the problems."""
        first = self._begin.round
        numbers = itertools.count(first) if self._times is None else range(first, self._times + 1)
        for number in numbers:
            met = yield from self._round(number)
            self.completed = number
            if not met:
                return

    def _round(self, number: int) -> Generator[Found, None, int]:
        """Give one round; returns how many articles it had, with those that were left out."""
        behind = self._begin.articles if number == self._begin.round else 0
        span = None if number == 1 else self.place.span
        moved = span.length if span and self._moves else timedelta()
        met = 0
        for item in self._read(number):
            if not is_article(item):
                if number == 1 and met >= behind:
                    yield item
                continue
            met += 1
            if number == 1:
                span = _widened(span, item.published_at)
            if met > behind:
                self.place = Place(number, met, self.place.total + 1, span)
                yield in_round(item, number, moved)
        return met


def _widened(span: Span | None, published: datetime | None) -> Span | None:
    if published is None:
        return span
    if span is None:
        return Span(published, published)
    return Span(min(span.earliest, published), max(span.latest, published))
