"""Full-text search behind one small interface: FTS5 on SQLite, a GIN index on PostgreSQL.

On PostgreSQL the index is kept by the database. On SQLite it is told of what comes and goes, a batch at a time:
triggers, row by row, take four times as long.

A search is words and "phrases in double quotes"; all of them must occur, in any form of their English stems.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, and_, func, literal, literal_column, select, table
from sqlalchemy.sql import column

from pipeline.errors import UsageError
from pipeline.stores.sql.bulk import delete_articles, insert_values, slices
from pipeline.stores.sql.rows import QUOTE_COLUMNS
from pipeline.stores.sql.schema import quotes

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_INDEX = table("quotes_search", column("rowid"), column("context"), column("quotes_search"))
_CONFIGURATION: ColumnElement[str] = literal_column("'news'::regconfig")


def insert_quotes(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert quotes, given as the values of QUOTE_COLUMNS, and index them."""
    if connection.dialect.name != "sqlite":
        insert_values(connection, quotes, QUOTE_COLUMNS, rows)
        return
    if not rows:
        return
    # Within a transaction for writing nobody else adds quotes, so those above the highest id are ours.
    highest = connection.execute(select(func.coalesce(func.max(quotes.c.id), 0))).scalar_one()
    insert_values(connection, quotes, QUOTE_COLUMNS, rows)
    added = select(quotes.c.id, quotes.c.context).where(quotes.c.id > highest)
    connection.execute(_INDEX.insert().from_select(["rowid", "context"], added))


def delete_quotes(connection: Connection, article_ids: Sequence[str]) -> None:
    """Delete the quotes of these articles, also from the index."""
    if connection.dialect.name == "sqlite":
        for some in slices(article_ids):
            gone = select(literal("delete"), quotes.c.id, quotes.c.context).where(
                quotes.c.article_id.in_(some)
            )
            connection.execute(_INDEX.insert().from_select(["quotes_search", "rowid", "context"], gone))
    delete_articles(connection, quotes, article_ids)


def quotes_about(search: str, dialect: str) -> ColumnElement[bool]:
    """The condition that a quote, or what stands around it in its paragraph, matches `search`.

    Raises:
        UsageError: there is no word in `search`.
    """
    terms = [term for pair in _TERM.findall(search) if re.search(r"\w", term := pair[0] or pair[1])]
    if not terms:
        raise UsageError(f"no word to search for in {search!r}")
    if dialect == "sqlite":
        # Each term is a string of FTS5's own syntax, so nothing in it is an operator.
        query = " ".join(f'"{term}"' for term in terms)
        matching = select(_INDEX.c.rowid).where(_INDEX.c.quotes_search.op("MATCH")(literal(query)))
        return quotes.c.id.in_(matching)
    vector = func.to_tsvector(_CONFIGURATION, quotes.c.context)
    return and_(
        *(
            vector.op("@@", return_type=Boolean())(func.phraseto_tsquery(_CONFIGURATION, literal(term)))
            for term in terms
        )
    )
