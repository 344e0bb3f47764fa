"""Articles by whom they name, and one article with everything in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, Table, select

from pipeline.record import EnrichedArticle
from pipeline.stores.searches import NamingArticle
from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.mapping import record_of
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, entities, mentions, quotes, stage_annotations


def articles_naming(
    engine: Engine,
    name: str,
    *,
    type: str | None = None,  # noqa: A002 - the word the record uses
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[NamingArticle]:
    """Find the articles that name somebody or something, exact copies among them, the latest first.

    Args:
        engine: the store.
        name: a full name, or a short one that an article uses for it.
        type: an OntoNotes label, or None for any.
        since: the earliest time.
        until: the time before which the articles were published.
        limit: the largest number of articles.
    """
    with reading(engine) as connection:
        wanted = entities.c.key.in_(keys_of(connection, name, type))
        carriers = with_copies(select(entities.c.article_id).where(wanted).distinct())
        latest = (
            select(articles, carriers.c.origin)
            .join(carriers, carriers.c.article_id == articles.c.article_id)
            .where(*within(articles.c.time, since, until))
            .order_by(articles.c.time.desc(), articles.c.article_id)
            .limit(limit)
        )
        found = connection.execute(latest).all()
        names: dict[str, dict[str, None]] = defaultdict(dict)
        mentions_of: Counter[str] = Counter()
        for some in slices(sorted({row.origin for row in found})):
            named = (
                select(entities.c.article_id, entities.c.name, entities.c.mention_count)
                .where(entities.c.article_id.in_(some), wanted)
                .order_by(entities.c.article_id, entities.c.position)
            )
            for origin, as_named, count in connection.execute(named):
                names[origin][as_named] = None
                mentions_of[origin] += count
        return [
            NamingArticle(
                article_id=row.article_id,
                time=row.time,
                source=row.source,
                title=row.title,
                url=row.url,
                verdict=row.verdict,
                cluster_id=row.cluster_id,
                names=tuple(names[row.origin]),
                mentions=mentions_of[row.origin],
            )
            for row in found
        ]


def article(engine: Engine, article_id: str) -> EnrichedArticle | None:
    """Give a stored record whole, as it was written; None if there is none."""
    with reading(engine) as connection:
        query = select(articles).where(articles.c.article_id == article_id)
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        parts = (
            _parts(connection, table, article_id) for table in (entities, mentions, quotes, stage_annotations)
        )
        return record_of(row, *parts)


def _parts(connection: Connection, table: Table, article_id: str) -> Sequence[RowMapping]:
    query = select(table).where(table.c.article_id == article_id)
    if "position" in table.c:
        query = query.order_by(table.c.position)
    return connection.execute(query).mappings().all()
