"""Every search as a table for spreadsheets, and as a feed: which columns and entries what it finds has."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from pipeline.exports.csvtable import csv_lines
from pipeline.exports.rss import Item, article_item, feed_parts, statement_item
from pipeline.stores.questions import FoundArticle
from pipeline.stores.searches import FoundQuote

_STATEMENT_COLUMNS = (
    "time", "speaker", "polarity", "kind", "text", "confidence", "copies", "outlets", "source", "title", "url",
    "article_id",
)  # fmt: skip
_ARTICLE_COLUMNS = (
    "time", "source", "language", "verdict", "title", "url", "cluster_id", "article_id", "ingested_at", "opening",
)  # fmt: skip


def as_csv(found: Sequence[FoundQuote] | Sequence[FoundArticle]) -> str:
    """A table with a head."""
    columns = _ARTICLE_COLUMNS if found and isinstance(found[0], FoundArticle) else _STATEMENT_COLUMNS
    return "".join(csv_lines(columns, ([getattr(one, column) for column in columns] for one in found)))


def as_rss(
    found: Sequence[FoundQuote] | Sequence[FoundArticle], *, title: str, link: str, base: str
) -> bytes:
    """A feed, RSS 2.0.

    Args:
        found: the latest first.
        title: of the feed.
        link: the page that shows the same.
        base: the console's address, with a slash at the end.
    """
    return "".join(feed_parts((_item(one, base) for one in found), title=title, link=link)).encode()


def _item(found: FoundQuote | FoundArticle, base: str) -> Item:
    page = f"{base}articles/{quote(found.article_id, safe='')}"
    if isinstance(found, FoundArticle):
        return article_item(
            title=found.title,
            opening=found.opening,
            article_id=found.article_id,
            time=found.time,
            link=page,
        )
    return statement_item(
        speaker=found.speaker,
        polarity=found.polarity,
        text=found.text,
        source=found.source,
        title=found.title,
        article_id=found.article_id,
        statement=found.statement,
        time=found.time,
        link=page,
    )
