"""An article as it was taken in."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from pipeline.record.base import Model, UtcTime


class Article(Model):
    """One article as it was taken in.

    `text` is the headline, a blank line and the body, or the body alone when there is no headline (then
    `title` is None). When there is a title, `text` starts with it. `authors` and `section` are what the source says of
    them: who an article was written by is no finding of ours.
    """

    article_id: str = Field(min_length=1, max_length=200)
    source: str
    url: str | None = None
    title: str | None = None
    text: str = Field(min_length=1)
    language: str | None = None
    published_at: UtcTime | None = None
    ingested_at: UtcTime
    authors: tuple[str, ...] = ()
    section: str | None = None

    @property
    def body_start(self) -> int:
        """Where the body begins in `text`: behind the headline and the white space after it, else 0."""
        if not self.title or not self.text.startswith(self.title):
            return 0
        rest = self.text[len(self.title) :]
        return len(self.text) - len(rest.lstrip())


def effective_time(article: Article) -> datetime:
    """When an article counts as published.

    That is when it says it was, but never after it was taken in, since clocks of publishers run ahead; without a
    date, when it was taken in.
    """
    if article.published_at is None:
        return article.ingested_at
    return min(article.published_at, article.ingested_at)
