"""What the questions about statements have in common: who speaks, and the pieces of a statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, FromClause, or_, select

from pipeline.record import BETWEEN_PIECES
from pipeline.stores.searches import FoundQuote
from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.schema import co_speakers, quotes


def said_by(keys: Collection[str], rows: FromClause = quotes) -> ColumnElement[bool]:
    """The condition that one of these speaks in a row of `rows`, the quotes or an alias of them."""
    beside = select(co_speakers.c.position).where(
        co_speakers.c.article_id == rows.c.article_id,
        co_speakers.c.position == rows.c.position,
        co_speakers.c.speaker_key.in_(keys),
    )
    return or_(rows.c.speaker_key.in_(keys), beside.exists())


def with_all_pieces(connection: Connection, found: Sequence[FoundQuote]) -> list[FoundQuote]:
    """The same with the texts of all pieces of their statements."""
    pieces: dict[tuple[str, str], list[str]] = {}
    for some in slices(sorted({quote.article_id for quote in found if quote.statement})):
        query = (
            select(quotes.c.article_id, quotes.c.statement, quotes.c.text)
            .where(quotes.c.article_id.in_(some), quotes.c.statement.is_not(None))
            .order_by(quotes.c.article_id, quotes.c.position)
        )
        for article_id, statement, text in connection.execute(query):
            pieces.setdefault((article_id, statement), []).append(text)
    return [
        replace(
            quote,
            text=BETWEEN_PIECES.join(pieces.get((quote.article_id, quote.statement or ""), [quote.text])),
        )
        for quote in found
    ]
