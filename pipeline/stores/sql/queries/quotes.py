"""Who said what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, and_, func, select

from pipeline.stores.searches import FoundQuote
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import quotes_about
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, quotes


def find_quotes(
    engine: Engine,
    *,
    speaker: str | None = None,
    about: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[FoundQuote]:
    """Find statements, the latest first; the same words of one speaker are one statement.

    Args:
        engine: the store.
        speaker: a full name, or a short one that an article uses for it.
        about: words and "phrases" that occur in the statement or around it.
        since: the earliest time.
        until: the time before which it was published.
        limit: the largest number of statements.

    Raises:
        UsageError: `about` has no word in it.
    """
    conditions = within(quotes.c.time, since, until)
    if about is not None:
        conditions.append(quotes_about(about, engine.dialect.name))
    with reading(engine) as connection:
        by_speaker = [quotes.c.speaker_key.in_(keys_of(connection, speaker))] if speaker is not None else []
        same = (quotes.c.speaker_key, quotes.c.words_hash)
        statements = (
            select(
                *same,
                func.count(quotes.c.article_id.distinct()).label("copies"),
                func.min(quotes.c.time).label("first"),
            )
            .where(*conditions, *by_speaker)
            .group_by(*same)
            .order_by(func.min(quotes.c.time).desc(), quotes.c.words_hash)
            .limit(limit)
            .cte("statements")
        )
        # The copies of a statement are looked up by their words: of one speaker there may be very many quotes.
        order = (quotes.c.time, quotes.c.article_id, quotes.c.position)
        ranked = (
            select(
                quotes.c.id,
                statements.c.copies,
                func.row_number().over(partition_by=same, order_by=order).label("rank"),
            )
            .join(
                statements,
                and_(
                    statements.c.words_hash == quotes.c.words_hash,
                    func.coalesce(statements.c.speaker_key, "") == func.coalesce(quotes.c.speaker_key, ""),
                ),
            )
            .where(*conditions)
            .subquery("ranked")
        )
        found = (
            select(
                quotes.c.text,
                quotes.c.kind,
                quotes.c.speaker_name,
                quotes.c.confidence,
                quotes.c.context,
                quotes.c.time,
                ranked.c.copies,
                articles.c.article_id,
                articles.c.source,
                articles.c.title,
                articles.c.url,
            )
            .join(ranked, ranked.c.id == quotes.c.id)
            .join(articles, articles.c.article_id == quotes.c.article_id)
            .where(ranked.c.rank == 1)
            .order_by(quotes.c.time.desc(), quotes.c.words_hash)
        )
        return [FoundQuote(*row) for row in connection.execute(found)]
