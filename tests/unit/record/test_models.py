from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from pipeline.errors import Reason
from pipeline.record import Article, DeadLetter, Span, effective_time
from tests.unit.builders import NOON, article


def test_a_span_must_fit_its_text() -> None:
    assert Span(start=3, end=8, text="ferry").end == 8
    with pytest.raises(ValidationError, match="does not fit"):
        Span(start=3, end=9, text="ferry")


def test_offsets_are_code_points_not_utf16_units() -> None:
    text = "🚢 ferry"
    start = text.index("ferry")
    assert Span(start=start, end=start + 5, text=text[start : start + 5]).start == 2


def test_the_body_starts_behind_the_headline_and_the_blank_line() -> None:
    text = "Ferry late\n\nThe ferry was late."
    assert text[article(text=text).body_start :] == "The ferry was late."
    assert article(title=None).body_start == 0


def test_the_effective_time_is_the_publishers_but_never_after_the_ingest() -> None:
    hour = timedelta(hours=1)
    assert effective_time(article(published_at=NOON - hour)) == NOON - hour
    assert effective_time(article(published_at=NOON + hour)) == NOON
    assert effective_time(article(published_at=None)) == NOON


def test_times_are_kept_in_utc_and_written_with_a_z() -> None:
    late = article(published_at="2026-03-01T14:00:00+02:00")
    assert late.published_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert '"published_at":"2026-03-01T12:00:00Z"' in late.model_dump_json()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        article(published_at="2026-03-01T14:00:00")


def test_records_are_immutable() -> None:
    with pytest.raises(ValidationError):
        article().text = "other"  # type: ignore[misc]


@pytest.mark.parametrize("value", [b"\x00\xff not text", b"", b"plain", None, bytes(range(256)) * 50])
def test_a_dead_letter_keeps_its_bytes_to_the_bit(value: bytes | None) -> None:
    letter = DeadLetter(
        letter_id="t/0/1/sink",
        article_id=None,
        stage="sink",
        topic="t",
        partition=0,
        offset=1,
        key=None,
        value=None if value is None else base64.b64encode(value),
        reason=Reason.NOT_JSON,
        error="x",
        attempts=1,
        failed_at=NOON,
    )
    assert DeadLetter.model_validate_json(letter.model_dump_json()).value == value


def test_articles_survive_the_way_through_json() -> None:
    before = article(text="Ferry late\n\n“Späť,” said 李 Wei.\u2028\t\x07", url=None)
    assert Article.model_validate_json(before.model_dump_json()) == before
