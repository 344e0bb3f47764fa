"""What can be asked of a store page by page, and what one page holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

Found = TypeVar("Found")


class Place(NamedTuple):
    """Where a page ends: the time of its last one, and what tells those of one time apart."""

    time: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Found]):
    """Some of what was found. `after` is where the next page begins, None when this is the last."""

    found: tuple[Found, ...]
    after: Place | None


@dataclass(frozen=True, slots=True)
class StatementQuestion:
    """Which statements are meant; every field that is set must fit.

    Args:
        speaker: a full name, or a short one that an article uses for it.
        about: words and "phrases" in the statement or around it.
        polarities: what the article says of it.
        kinds: how the words are reported.
        least_confidence: in 0..1.
        sources: outlets that carry it, as the record names them.
        since: the earliest time of publication.
        until: the time before which it was published.
    """

    speaker: str | None = None
    about: str | None = None
    polarities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    least_confidence: float = 0.0
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArticleQuestion:
    """Which articles are meant; every field that is set must fit.

    Args:
        words: words and "phrases" of the text.
        naming: whom or what they name, in full or in short.
        sources: outlets, as the record names them.
        verdicts: what they are to the articles before them.
        languages: codes such as `en`.
        since: the earliest time of publication.
        until: the time before which they were published.
    """

    words: str | None = None
    naming: str | None = None
    sources: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article with the beginning of its text."""

    article_id: str
    time: datetime
    ingested_at: datetime
    source: str
    title: str | None
    url: str | None
    language: str | None
    verdict: str
    cluster_id: str
    opening: str


class HourlyArticles(NamedTuple):
    """How many articles of one source in one language were published in an hour, `2031-05-04T09`, UTC."""

    hour: str
    language: str | None
    source: str
    articles: int
