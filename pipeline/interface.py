"""One text in, its record out: the pipeline for whoever has a Python prompt and no broker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from pipeline.enricher import Enricher
from pipeline.errors import PermanentError
from pipeline.record import Article, EnrichedArticle
from pipeline.settings import Settings
from pipeline.sources import Limits
from pipeline.sources.language import detect
from pipeline.sources.problems import UnfitError
from pipeline.sources.records import from_record, from_text
from pipeline.stages.base import Rejection
from pipeline.stages.registry import installed


def enrich(item: str | Mapping[str, Any] | Article, *, source: str | None = None) -> EnrichedArticle:
    """Find in one article who and what it names and who said what.

    Each call stands for itself: the article counts as an original. An `Enricher` remembers what it has seen, and finds
    copies. The first call loads the language model, which takes seconds.

    Args:
        item: the text, its first line the headline where it reads like one; or the fields that a line of JSON lines
            has (`title` with `text` or `body`, `source`, `url`, `published_at`, …), a date as text or a `datetime`;
            or an article. A language that it does not say is detected.
        source: the outlet of an article that names none.

    Raises:
        SourceError: it can't become an article: no text, too long, a field of the wrong type.
        SettingsError: a setting is wrong, or the language model is not installed.
        PermanentError: a stage could not process the article.
    """
    article = as_article(item, source=source)
    ((_, record),) = _enricher().enrich([article])
    if isinstance(record, Rejection):
        raise PermanentError(record.reason, f"{article.article_id}: {record.detail}")
    return record


def as_article(item: str | Mapping[str, Any] | Article, *, source: str | None = None) -> Article:
    """The article of a text or of the fields of one, its language detected where it says none; see `enrich`."""
    if isinstance(item, Article):
        return item if item.language else item.model_copy(update={"language": detect(item.text)})
    limits = Limits(max_article_bytes=Settings.load().max_article_bytes)
    try:
        if isinstance(item, str):
            return from_text(item, limits=limits, source=source, now=_now)
        return from_record(_plain(item), limits=limits, source=source, now=_now)
    except UnfitError as problem:
        raise problem.at("the text" if isinstance(item, str) else "the article") from None


def _plain(fields: object) -> object:
    """Fields as JSON would have them."""
    if not isinstance(fields, Mapping):
        return fields
    return {
        name: value.isoformat() if isinstance(value, date) else value  # which a datetime is too
        for name, value in fields.items()
    }


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def _enricher() -> Enricher:
    return Enricher.load(stages=[name for name in installed().names if name != "duplicates"])
