"""A message of `news.raw` into an Article: what programs publish, in the form of ours or in one near it."""

from __future__ import annotations

import reprlib
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from pipeline.errors import PermanentError, Reason
from pipeline.record import Article
from pipeline.record.codec import decode_article
from pipeline.sources.aliases import left_over, renamed
from pipeline.sources.dates import parse_date
from pipeline.sources.language import detect, normalise
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason as Unfit
from pipeline.sources.problems import UnfitError
from pipeline.sources.records import FIELDS, from_record, wrong_fields

_OURS = frozenset(Article.model_fields) | frozenset(FIELDS)


_UNLIMITED = Limits(max_article_bytes=sys.maxsize)


def article_in(
    value: bytes | None, *, key: bytes | None = None, timestamp: int = 0, limits: Limits = _UNLIMITED
) -> Article:
    """The article of a message.

    One that is not in the form of `Article` is read as a line of JSON lines is (`from_record`): under the names of
    other programs, with dates of other forms. What it lacks is filled in by what any reader of the topic sees alike, so
    that a message that comes twice is one article: the id is its key's, or follows from the article; it was taken in
    when the topic took it. Fields that nobody knows are kept.

    Args:
        value: of the message.
        key: of the message, None without.
        timestamp: of the message, in milliseconds since 1970.
        limits: on the text of one that is not in our form.

    Raises:
        PermanentError: there is none; names every wrong field.
    """
    try:
        return decode_article(value)
    except PermanentError as error:
        if error.reason is not Reason.WRONG_SCHEMA:
            raise
    return _read(orjson.loads(value or b""), key, timestamp, limits)


def in_a_language(article: Article) -> Article:
    """The same, in the language that it says or that its text is in: without one no stage would read it."""
    language = (normalise(article.language) if article.language else None) or detect(article.text)
    return article if language == article.language else article.model_copy(update={"language": language})


def _read(message: object, key: bytes | None, timestamp: int, limits: Limits) -> Article:
    if not isinstance(message, Mapping):
        raise PermanentError(Reason.WRONG_SCHEMA, "the message is no JSON object")
    fields = {**message, "id": _id_of(message, key)}
    try:
        ours = renamed(fields)
    except UnfitError as error:
        raise PermanentError(Reason.WRONG_SCHEMA, f"the message {error.problem}") from None
    wrong = wrong_fields(ours)
    given = {"ingested_at": float(timestamp)} | {
        name: date for name in ("ingested_at", "published_at") if (date := ours.get(name)) not in (None, "")
    }
    dates = {name: read for name, date in given.items() if (read := parse_date(date))}
    wrong |= {
        name: f"{reprlib.repr(given[name])} is no date that can be read" for name in given.keys() - dates
    }
    if wrong:
        named = "; ".join(f"{name}: {problem}" for name, problem in wrong.items())
        raise PermanentError(Reason.WRONG_SCHEMA, named)
    try:
        article = from_record(ours, limits=limits, source=None, now=lambda: dates["ingested_at"])
    except UnfitError as error:
        reason = Reason.TOO_LARGE if error.reason is Unfit.TOO_LARGE else Reason.WRONG_SCHEMA
        raise PermanentError(reason, f"the message {error.problem}") from None
    unknown = {name: value for name, value in left_over(message).items() if name not in _OURS}
    return Article.model_validate({**unknown, **dict(article)})


def _id_of(message: Mapping[str, Any], key: bytes | None) -> object:
    for name in ("article_id", "id"):
        if message.get(name) not in (None, ""):
            return message[name]
    try:
        return key.decode() if key else None
    except UnicodeDecodeError:
        return None
