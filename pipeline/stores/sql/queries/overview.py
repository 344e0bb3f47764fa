"""What a page shows at a glance: the newest articles, how many an hour, who is quoted beside whom."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, func, select

from pipeline.stores.questions import FoundArticle, HourlyArticles
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import hour_of
from pipeline.stores.sql.queries.search_articles import found_articles
from pipeline.stores.sql.schema import articles, entities, quotes

_GROUPS = 5000
_ARTICLES = 1000


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
            .order_by(hour)
            .limit(_GROUPS)
        )
        return [HourlyArticles(*row) for row in connection.execute(query)]


def quoted_beside(engine: Engine, name: str, *, limit: int = 12) -> list[tuple[str, int]]:
    """Give who is quoted in articles that quote `name` (the latest 1,000), with how many, most first."""
    with reading(engine) as connection:
        keys = keys_of(connection, name)
        latest = (
            select(quotes.c.article_id)
            .where(quotes.c.speaker_key.in_(keys))
            .group_by(quotes.c.article_id)
            .order_by(func.max(quotes.c.time).desc())
            .limit(_ARTICLES)
        )
        # "Her office" may speak, and is nobody to be found again.
        named = select(entities.c.key).where(
            entities.c.article_id == quotes.c.article_id, entities.c.key == quotes.c.speaker_key
        )
        shared = func.count(quotes.c.article_id.distinct())
        query = (
            select(func.min(quotes.c.speaker_name), shared)
            .where(
                quotes.c.article_id.in_(select(latest.subquery().c.article_id)),
                quotes.c.speaker_key.not_in(keys),
                named.exists(),
            )
            .group_by(quotes.c.speaker_key)
            .order_by(shared.desc(), quotes.c.speaker_key)
            .limit(limit)
        )
        return [(str(who), int(number)) for who, number in connection.execute(query)]
