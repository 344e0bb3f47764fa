"""Full-text search behind one small interface: FTS5 on SQLite, a GIN index on PostgreSQL.

On PostgreSQL words and indexes are kept by the database. On SQLite the indexes are told of what comes and goes, a batch
at a time: triggers, row by row, take four times as long.

A search is words and "phrases in double quotes"; all of them must occur, in any form of their English stems.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    Table,
    TableClause,
    and_,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.sql import column
from sqlalchemy.sql.selectable import NamedFromClause

from pipeline.errors import UsageError
from pipeline.questions.words import parts_of, stems_of
from pipeline.stores.sql.bulk import delete_articles, insert_values, slices
from pipeline.stores.sql.rows import QUOTE_COLUMNS
from pipeline.stores.sql.schema import articles, quotes

_QUOTES_INDEX = table("quotes_search", column("rowid"), column("context"), column("quotes_search"))
_ARTICLES_INDEX = table("articles_search", column("rowid"), column("text"), column("articles_search"))
# SQLite alone: FTS5 knows rows by number (see migration 0011).
_NUMBERS = table("article_numbers", column("number"), column("article_id"))
_TEXTS = table("article_texts", column("number"), column("text"))
_CONFIGURATION: ColumnElement[str] = literal_column("'news'::regconfig")
_MANY = 5000


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
    connection.execute(_QUOTES_INDEX.insert().from_select(["rowid", "context"], added))


def delete_quotes(connection: Connection, article_ids: Sequence[str]) -> None:
    """Delete the quotes of these articles, also from the index."""
    if connection.dialect.name == "sqlite":
        for some in slices(article_ids):
            gone = select(literal("delete"), quotes.c.id, quotes.c.context).where(
                quotes.c.article_id.in_(some)
            )
            connection.execute(
                _QUOTES_INDEX.insert().from_select(["quotes_search", "rowid", "context"], gone)
            )
    delete_articles(connection, quotes, article_ids)


def index_articles(connection: Connection, article_ids: Sequence[str]) -> None:
    """Index the texts of these articles, which are written and not in the index."""
    if connection.dialect.name != "sqlite":
        return
    for some in slices(article_ids):
        known = select(articles.c.article_id).where(articles.c.article_id.in_(some))
        numbered = insert(_NUMBERS).from_select(["article_id"], known).prefix_with("OR IGNORE")
        connection.execute(numbered)
        connection.execute(_ARTICLES_INDEX.insert().from_select(["rowid", "text"], _texts(some)))


def unindex_articles(connection: Connection, article_ids: Sequence[str]) -> None:
    """Take these articles out of the index; to be done before their texts change."""
    if connection.dialect.name != "sqlite":
        return
    for some in slices(article_ids):
        texts = _texts(some).subquery()
        gone = select(literal("delete"), texts.c.number, texts.c.text)
        connection.execute(_ARTICLES_INDEX.insert().from_select(["articles_search", "rowid", "text"], gone))


def drop_articles(connection: Connection, article_ids: Sequence[str]) -> None:
    """Take these articles out of the index for good; to be done before they are deleted."""
    unindex_articles(connection, article_ids)
    if connection.dialect.name == "sqlite":
        for some in slices(article_ids):
            connection.execute(delete(_NUMBERS).where(_NUMBERS.c.article_id.in_(some)))


def _texts(article_ids: Sequence[str]) -> Select[tuple[int, str]]:
    numbers = select(_NUMBERS.c.number).where(_NUMBERS.c.article_id.in_(article_ids))
    return select(_TEXTS.c.number, _TEXTS.c.text).where(_TEXTS.c.number.in_(numbers))


def quotes_about(
    search: str, dialect: str, rows: NamedFromClause = quotes, *, one_by_one: bool = False
) -> ColumnElement[bool]:
    """The condition that a quote, or what stands around it in its paragraph, matches `search`.

    Args:
        search: words and "phrases".
        dialect: of the database.
        rows: the quotes, or an alias of them.
        one_by_one: not by the index of words but row by row (on SQLite in that index), which is right where few are
            looked at or nearly all match.

    Raises:
        UsageError: there is no word in `search`.
    """
    terms = _terms(search)
    if dialect != "sqlite":
        return _in_words_of(rows, terms, indexed=not one_by_one)
    matching = _matching(_QUOTES_INDEX, terms)
    if one_by_one:
        return matching.where(_QUOTES_INDEX.c.rowid == rows.c.id).exists()
    return rows.c.id.in_(matching)


def numbers_about(search: str, since: ColumnElement[int]) -> Select[tuple[int]]:
    """Selects the numbers of quotes that match `search`, from a number on, which SQLite's index reads alone."""
    return _matching(_QUOTES_INDEX, _terms(search)).where(_QUOTES_INDEX.c.rowid >= since)


def articles_about(
    search: str, dialect: str, rows: NamedFromClause = articles, *, one_by_one: bool = False
) -> ColumnElement[bool]:
    """The condition that the text of an article matches `search`; as `quotes_about`."""
    terms = _terms(search)
    if dialect != "sqlite":
        return _in_words_of(rows, terms, indexed=not one_by_one)
    matching = _matching(_ARTICLES_INDEX, terms)
    numbered = select(_NUMBERS.c.article_id)
    if one_by_one:
        found = matching.where(_ARTICLES_INDEX.c.rowid == _NUMBERS.c.number).exists()
        return numbered.where(_NUMBERS.c.article_id == rows.c.article_id, found).exists()
    return rows.c.article_id.in_(numbered.where(_NUMBERS.c.number.in_(matching)))


def is_everywhere(connection: Connection, search: str, of: Table) -> bool:
    """Whether so many quotes or articles match that it is better to look at them in order (SQLite alone knows).

    Raises:
        UsageError: there is no word in `search`.
    """
    terms = _terms(search)
    if connection.dialect.name != "sqlite":
        return False
    index = _QUOTES_INDEX if of is quotes else _ARTICLES_INDEX
    some = _matching(index, terms).limit(_MANY).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one() == _MANY


def has_phrase(search: str) -> bool:
    """Whether words of a search have to stand one behind the other."""
    return any(len(stems_of(part)) > 1 for part in parts_of(search))


def _terms(search: str) -> list[str]:
    terms = parts_of(search)
    if not terms:
        raise UsageError(f"no word to search for in {search!r}")
    return terms


def _matching(index: TableClause, terms: Sequence[str]) -> Select[tuple[int]]:
    # Each term is a string of FTS5's own syntax, so nothing in it is an operator.
    query = " ".join(f'"{term}"' for term in terms)
    return select(index.c.rowid).where(index.c[index.name].op("MATCH")(literal(query)))


def _in_words_of(rows: NamedFromClause, terms: Sequence[str], *, indexed: bool) -> ColumnElement[bool]:
    # The column `words`, as a function of the row: it is PostgreSQL's alone (see migration 0015), so not in the schema.
    words = func.words(rows.table_valued())
    matching = and_(
        *(
            words.op("@@", return_type=Boolean())(func.phraseto_tsquery(_CONFIGURATION, literal(term)))
            for term in terms
        )
    )
    return matching if indexed else func.coalesce(matching, literal_column("false"), type_=Boolean())
