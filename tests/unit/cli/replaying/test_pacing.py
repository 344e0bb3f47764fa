"""Which articles are replayed, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli.replay import mapping
from pipeline.cli.replaying.pacing import Found, as_published, between, is_article
from pipeline.errors import SourceError, UsageError
from pipeline.kafka.pacing import paced
from pipeline.record import Article
from tests.unit.builders import article

_NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def _published(hours: float | None) -> Article:
    moment = None if hours is None else _NOON + timedelta(hours=hours)
    return article().model_copy(update={"published_at": moment})


def test_articles_of_a_stretch_of_time() -> None:
    problem = SourceError("a.txt", "is empty", reason="empty")
    found: list[Found] = [
        _published(-1),
        problem,
        _published(0),
        _published(5),
        _published(6),
        _published(None),
    ]
    assert list(between(found, _NOON, _NOON + timedelta(hours=6))) == [problem, *found[2:4]]
    assert list(between(found, None, None)) == found


def test_a_rate_is_kept_and_problems_wait_for_nothing() -> None:
    clock = Clock()
    found: list[Found] = [
        _published(0),
        SourceError("a.txt", "is empty", reason="empty"),
        _published(0),
        _published(0),
    ]
    at = [clock.time for _ in paced(found, 2.0, counts=is_article, now=clock.now, sleep=clock.sleep)]
    assert at == [0.0, 0.0, 0.5, 1.0]


def test_a_day_passes_as_it_did_so_many_times_as_fast() -> None:
    clock = Clock()
    found = [_published(0), _published(1), _published(None), _published(0.5), _published(24)]
    at = [clock.time for _ in as_published(found, 60.0, now=clock.now, sleep=clock.sleep)]
    assert at == [0.0, 60.0, 60.0, 60.0, 1440.0]


def test_fields_of_records_are_taken_for_ours() -> None:
    assert mapping(["headline=title", "story=body"]) == {"headline": "title", "story": "body"}
    assert mapping(None) == {}


@pytest.mark.parametrize("pair", ["headline", "headline=", "=title", "headline=header"])
def test_a_pair_that_is_none_is_wrong_usage(pair: str) -> None:
    with pytest.raises(UsageError, match="give THEIRS=OURS"):
        mapping([pair])
