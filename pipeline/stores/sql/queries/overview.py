"""What a page shows at a glance: the newest articles, how many an hour, who is quoted beside whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, select

from pipeline.stores.questions import FoundArticle, HourlyArticles
from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import hour_of
from pipeline.stores.sql.queries.search_articles import found_articles
from pipeline.stores.sql.schema import articles, entities, quotes

_GROUPS = 5000
_PIECES = 500


def newest_articles(engine: Engine, *, limit: int = 20) -> list[FoundArticle]:
    """Give the articles that were taken in last, the last first."""
    query = found_articles().order_by(articles.c.ingested_at.desc(), articles.c.article_id).limit(limit)
    with reading(engine) as connection:
        return [FoundArticle(*row) for row in connection.execute(query)]


def articles_by_hour(engine: Engine, *, hours: int = 48) -> list[HourlyArticles]:
    """Count the articles of so many hours up to the latest time of publication, by hour, language and source."""
    with reading(engine) as connection:
        latest = connection.execute(select(func.max(articles.c.time))).scalar()
        if latest is None:
            return []
        begin = latest.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
        hour = hour_of(articles.c.time, engine.dialect.name)
        query = (
            select(hour.label("hour"), articles.c.language, articles.c.source, func.count())
            .where(articles.c.time >= begin)
            .group_by(hour, articles.c.language, articles.c.source)
            .order_by(hour, articles.c.language, articles.c.source)
            .limit(_GROUPS)
        )
        return [HourlyArticles(*row) for row in connection.execute(query)]


def quoted_beside(engine: Engine, name: str, *, limit: int = 12) -> list[tuple[str, int]]:
    """Give who is quoted in articles that quote `name` (the latest 500 pieces), with how many, most first."""
    quoted: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    with reading(engine) as connection:
        keys = keys_of(connection, name)
        for some in slices(_articles_quoting(connection, keys)):
            # "Her office" may speak, and is nobody to be found again. Put together here: either database would look
            # some other way through the names of all.
            in_them = select(entities.c.article_id, entities.c.key).where(entities.c.article_id.in_(some))
            named = {(row.article_id, row.key) for row in connection.execute(in_them)}
            said = select(quotes.c.article_id, quotes.c.speaker_key, quotes.c.speaker_name).where(
                quotes.c.article_id.in_(some), quotes.c.speaker_key.not_in(keys)
            )
            for article_id, key, who in connection.execute(said):
                if (article_id, key) in named:
                    quoted.setdefault(key, set()).add(article_id)
                    names[key] = min(names.get(key, who), who)
    most = sorted(((key, len(ids)) for key, ids in quoted.items()), key=lambda one: (-one[1], one[0]))[:limit]
    return [(names[key], number) for key, number in most]


def _articles_quoting(connection: Connection, keys: Sequence[str]) -> list[str]:
    """The latest articles that quote one of these, each key read along its own index."""
    pieces: list[tuple[datetime, str]] = []
    for key in keys:
        query = select(quotes.c.time, quotes.c.article_id).where(quotes.c.speaker_key == key)
        latest = connection.execute(query.order_by(quotes.c.time.desc()).limit(_PIECES))
        pieces += [(row.time, row.article_id) for row in latest.all()]
    return sorted({article_id for _, article_id in sorted(pieces, reverse=True)[:_PIECES]})
