"""What programs publish to news.raw."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PermanentError, Reason
from pipeline.record import Article
from pipeline.record.codec import encode
from pipeline.sources import Limits
from pipeline.sources.messages import article_in, in_a_language
from tests.support.articles import articles

_LIMITS = Limits()
_NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
_TIMESTAMP = round(_NOON.timestamp() * 1000)
_BODY = "The ferry came an hour late, and the harbour master said that nobody had told him why it was so."


def _read(message: object, key: bytes | None = None, timestamp: int = _TIMESTAMP) -> Article:
    return article_in(orjson.dumps(message), key=key, timestamp=timestamp, limits=_LIMITS)


def _refusal(message: object, **more: Any) -> PermanentError:
    with pytest.raises(PermanentError) as refused:
        _read(message, **more)
    return refused.value


@pytest.mark.parametrize("article", [*articles(3)])
def test_a_message_in_our_own_form_is_taken_as_it_is(article: Article) -> None:
    assert article_in(encode(article), limits=_LIMITS) == article


def test_what_a_message_lacks_follows_from_what_every_reader_sees() -> None:
    article = _read({"title": "Ferry late", "body": _BODY, "desk": "coast"}, key=b"courier-4711")

    assert (article.article_id, article.source, article.ingested_at) == ("courier-4711", "local", _NOON)
    assert (article.title, article.text, article.language) == (
        "Ferry late",
        f"Ferry late\n\n{_BODY}",
        "en",
    )
    assert article.model_extra == {"desk": "coast"}


def test_without_key_and_id_the_article_says_who_it_is() -> None:
    one, again = (_read({"text": _BODY, "source": "Courier"}, timestamp=at) for at in (_TIMESTAMP, 5))
    other = _read({"text": _BODY + " So it goes.", "source": "Courier"})
    assert one.article_id == again.article_id != other.article_id


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("published_at", "Sun, 04 May 2031 12:00:00 GMT"),
        ("pubDate", "2031-05-04 12:00"),
        ("date", 20310504),
        ("publishedAt", _TIMESTAMP),
    ],
)
def test_dates_come_in_many_forms_and_under_many_names(name: str, value: object) -> None:
    article = _read({"id": 7, "text": _BODY, name: value})
    assert article.published_at is not None
    assert article.published_at.date() == _NOON.date()
    assert (article.article_id, article.model_extra) == ("7", {})


@pytest.mark.parametrize(
    ("said", "kept"),
    [("en_GB", "en"), ("ENG", "en"), ("English", "en"), ("", "en"), (None, "en"), ("de", "de")],
)
def test_an_odd_language_is_told_from_the_text(said: str | None, kept: str) -> None:
    (article,) = articles(1)
    message = {**article.model_dump(mode="json"), "text": _BODY, "title": None, "language": said}
    assert in_a_language(_read(message)).language == kept


def test_every_wrong_field_is_named_at_once() -> None:
    error = _refusal(
        {
            "id": [1],
            "title": 5,
            "text": _BODY,
            "url": {},
            "published_at": "last spring",
            "ingested_at": "3 hours ago",
        }
    )
    assert error.reason is Reason.WRONG_SCHEMA
    for name in ("id: ", "title: ", "url: ", "published_at: 'last spring'", "ingested_at: '3 hours ago'"):
        assert name in str(error.detail)


@pytest.mark.parametrize("message", [[], "text", 5, None, {}, {"title": "Ferry late"}, {"text": " \n "}])
def test_what_holds_no_article_is_refused(message: object) -> None:
    assert _refusal(message).reason is Reason.WRONG_SCHEMA


def test_a_text_over_the_limit_is_too_large() -> None:
    with pytest.raises(PermanentError) as refused:
        article_in(orjson.dumps({"text": _BODY}), limits=Limits(max_article_bytes=10))
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_message_without_a_time_has_to_bring_its_own() -> None:
    assert "ingested_at" in str(_refusal({"text": _BODY}, timestamp=1 << 62).detail)
    assert (
        _read({"text": _BODY, "ingested_at": "2031-05-04T12:00:00Z"}, timestamp=1 << 62).ingested_at == _NOON
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    [*Article.model_fields, "id", "guid", "body", "date", "content", "headline", "headlines", "link", "desk"]
)


_MESSAGES = st.dictionaries(_NAMES | st.text(max_size=4), _JSON | st.just(_BODY), max_size=8)


def _outcome(message: object, key: bytes | None) -> Article | Reason:
    try:
        return _read(message, key)
    except PermanentError as refused:
        return refused.reason


@given(_MESSAGES, st.binary(max_size=4) | st.none())
def test_any_object_is_an_article_or_refused_and_twice_the_same(
    message: dict[str, Any], key: bytes | None
) -> None:
    first = _outcome(message, key)
    assert _outcome(message, key) == first
    if isinstance(first, Article):
        assert article_in(encode(first), limits=_LIMITS) == first
        assert "desk" not in message or (first.model_extra or {})["desk"] == message["desk"]
    else:
        assert first in {Reason.WRONG_SCHEMA, Reason.NEWER_SCHEMA}
