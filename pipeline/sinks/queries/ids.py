"""The ids of all stored articles, for the ledger, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine, func, select

from pipeline.sinks.database import reading
from pipeline.sinks.schema import articles

_PAGE = 10_000


def stored_ids(engine: Engine) -> Iterator[str]:
    """Yield every stored article id once, sorted by code point, in bounded memory.

    Reads page by page, each in a short transaction, so a slow reader holds nothing open. An article stored
    meanwhile may or may not be among them; none is ever removed.
    """
    last = ""
    while True:
        page = select(articles.c.article_id).where(articles.c.article_id > last)
        with reading(engine) as connection:
            ids = connection.execute(page.order_by(articles.c.article_id).limit(_PAGE)).scalars().all()
        yield from ids
        if len(ids) < _PAGE:
            return
        last = ids[-1]


def count_articles(engine: Engine) -> int:
    """How many articles are stored."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
