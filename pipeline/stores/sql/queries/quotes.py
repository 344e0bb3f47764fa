"""Who said what."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, and_, func, select

from pipeline.stores.searches import FoundQuote
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import quotes_about
from pipeline.stores.sql.queries.carriers import NOWHERE, Carriers, carried
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.queries.speech import said_by, with_all_pieces
from pipeline.stores.sql.schema import articles, quotes

_PIECES = 3  # of a statement, more than most have


def find_quotes(
    engine: Engine,
    *,
    speaker: str | None = None,
    about: str | None = None,
    polarities: Collection[str] = (),
    least_confidence: float = 0.0,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[FoundQuote]:
    """Find statements, the latest first; the same words of one speaker are one, and so are the pieces of a statement.

    Args:
        engine: the store.
        speaker: a full name, or a short one that an article uses for it; of any of those who say it.
        about: words and "phrases" that occur in the statement or around it.
        polarities: what the article says of it; anything when there are none.
        least_confidence: in 0..1; what is less sure is left out.
        since: the earliest time.
        until: the time before which it was published.
        limit: the largest number of statements.

    Raises:
        UsageError: `about` has no word in it.
    """
    conditions = within(quotes.c.time, since, until)
    if about is not None:
        conditions.append(quotes_about(about, engine.dialect.name))
    if polarities:
        conditions.append(quotes.c.polarity.in_(list(polarities)))
    if least_confidence:
        conditions.append(quotes.c.confidence >= least_confidence)
    with reading(engine) as connection:
        by_speaker = [said_by(keys_of(connection, speaker))] if speaker is not None else []
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
            .limit(limit * _PIECES)
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
                quotes.c.polarity,
                quotes.c.statement,
                quotes.c.words_hash,
                quotes.c.speaker_key,
            )
            .join(ranked, ranked.c.id == quotes.c.id)
            .join(articles, articles.c.article_id == quotes.c.article_id)
            .where(ranked.c.rank == 1)
            .order_by(quotes.c.time.desc(), quotes.c.words_hash)
        )
        rows = connection.execute(found).all()
        known = carried(connection, {row.words_hash for row in rows}, since, until)
        counted = [
            _counted(FoundQuote(*values), known.get((words, key), NOWHERE)) for *values, words, key in rows
        ]
        return _each_statement_once(connection, counted, limit)


def _counted(quote: FoundQuote, carriers: Carriers) -> FoundQuote:
    return replace(quote, copies=max(quote.copies, carriers.articles), outlets=max(1, len(carriers.outlets)))


def _each_statement_once(connection: Connection, found: Sequence[FoundQuote], limit: int) -> list[FoundQuote]:
    """Found quotes with all pieces of their statements, each statement where its first piece was found."""
    once: dict[tuple[str, str], FoundQuote] = {}
    for number, quote in enumerate(found):
        once.setdefault((quote.article_id, quote.statement or f"#{number}"), quote)
    kept = list(once.values())[:limit]
    return with_all_pieces(connection, kept)
