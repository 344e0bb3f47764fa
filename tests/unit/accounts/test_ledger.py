"""What the ledger makes of a message, and what it says at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.accounts.ledger import Ledger, Versions, accepted
from pipeline.kafka.scan import Scanned
from pipeline.record.codec import encode
from pipeline.stores.versions import version_hash
from tests.unit.builders import NOON, article

_CLOSED = Ledger(
    messages=3,
    accepted=2,
    stored=2,
    dead_lettered=0,
    discarded=0,
    forgotten=0,
    missing=0,
    doubled=0,
    orphans=0,
    lost_by_broker=0,
    lost_to_retention=0,
    raw_is_complete=True,
    versions=Versions(3, 2, 1, 0, 0, 0, 0, 0),
    samples={},
)


_BEFORE_ALL_TIME = (
    b'{"article_id": "x", "source": "s", "text": "t", "ingested_at": "0001-01-01T00:00:00+14:00"}'
)


def _scanned(key: bytes | None, value: bytes | None, appended_at: datetime | None = None) -> Scanned:
    return Scanned("news.raw", 0, 7, key, value, 0, appended_at=appended_at)


@pytest.mark.parametrize("key", [b"a1", None])
def test_an_article_is_known_by_its_id_and_version(key: bytes | None) -> None:
    appended = datetime(2026, 3, 1, tzinfo=UTC)
    found = accepted(_scanned(key, encode(article()), appended))
    assert found == (0, 7, "a1", version_hash(article()), appended.timestamp(), NOON.timestamp())


@pytest.mark.parametrize(
    ("key", "value", "known_by"),
    [
        (b"k", b"{", "k"),
        (b"k", None, "k"),
        (None, None, "news.raw/0/7"),
        (b"", b"", "news.raw/0/7"),
        (b"\xff", b"{", "news.raw/0/7"),
        (b"another", encode(article()), "another"),
        (b"\xff", encode(article()), "news.raw/0/7"),
        (None, _BEFORE_ALL_TIME, "news.raw/0/7"),
    ],
)
def test_what_is_no_article_of_its_key_is_known_by_its_place(
    key: bytes | None, value: bytes | None, known_by: str
) -> None:
    found = accepted(_scanned(key, value))
    assert (found.id, found.version) == (known_by, b"news.raw/0/7")
    assert found.ingested_at is None


def test_a_ledger_without_anything_missing_is_closed() -> None:
    assert _CLOSED.closed
    assert _CLOSED.as_dict()["versions"]["superseded"] == 1


@pytest.mark.parametrize(
    "found",
    [
        replace(_CLOSED, missing=1),
        replace(_CLOSED, doubled=1),
        replace(_CLOSED, lost_to_retention=1),
        replace(_CLOSED, orphans=2, lost_by_broker=2),
        replace(_CLOSED, versions=replace(_CLOSED.versions, missing=1)),
    ],
)
def test_what_is_lost_keeps_the_ledger_open(found: Ledger) -> None:
    assert not found.closed
    assert found.as_dict()["closed"] is False


def test_orphans_of_a_topic_whose_retention_has_passed_are_expected() -> None:
    assert replace(_CLOSED, orphans=2, raw_is_complete=False).closed
