"""Articles page by page, whatever they are asked by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Select, and_, func, or_, select

from pipeline.record import Verdict
from pipeline.stores.questions import ArticleQuestion, FoundArticle, Page, Place
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import articles_about, is_everywhere
from pipeline.stores.sql.queries.by_words import Sought, latest_with_words
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, entities

_OPENING = 300  # characters
_MANY = 2000
_LOOKED_AT = 2000


def search_articles(
    engine: Engine, question: ArticleQuestion, *, after: Place | None = None, limit: int = 50
) -> Page[FoundArticle]:
    """Give a page of articles, the latest first.

    Args:
        engine: the store.
        question: which are meant.
        after: where the page before ended, None for the first.
        limit: the largest number of articles.

    Raises:
        UsageError: `question.words` has no word in it.
    """
    columns = articles.c
    conditions = within(columns.time, question.since, question.until)
    for column, wanted in (
        (columns.source, question.sources),
        (columns.verdict, question.verdicts),
        (columns.language, question.languages),
    ):
        if wanted:
            conditions.append(column.in_(wanted))
    if after is not None:
        behind = and_(columns.time == after.time, columns.article_id > after.key)
        conditions += [columns.time <= after.time, or_(columns.time < after.time, behind)]
    with reading(engine) as connection:
        if question.naming:
            conditions.append(_naming(connection, keys_of(connection, question.naming)))
        if question.words is not None:
            conditions = [_having(connection, question.words, conditions, limit + 1)]
        query = found_articles().where(*conditions).order_by(*_order(articles))
        rows = connection.execute(query.limit(limit + 1)).all()
    found = tuple(FoundArticle(*row) for row in rows[:limit])
    end = Place(found[-1].time, found[-1].article_id) if len(rows) > limit else None
    return Page(found, end)


def _order(rows: FromClause) -> tuple[ColumnElement[Any], ...]:
    return rows.c.time.desc(), rows.c.article_id


def _having(
    connection: Connection, words: str, conditions: Sequence[ColumnElement[bool]], limit: int
) -> ColumnElement[bool]:
    """That an article fits and has these words; on PostgreSQL the first so many alone."""
    dialect = connection.dialect.name
    have_words = partial(articles_about, words, dialect)
    if dialect == "sqlite":
        looked_up = is_everywhere(connection, words, articles)
        return and_(*conditions, have_words(articles, one_by_one=looked_up))
    fitting = select(articles.c.time, articles.c.article_id).where(*conditions)
    found = latest_with_words(connection, fitting, Sought(articles, have_words, _order, _LOOKED_AT), limit)
    return articles.c.article_id.in_([row.article_id for row in found])


def _naming(connection: Connection, keys: Collection[str]) -> ColumnElement[bool]:
    """That an article, or the one it is an exact copy of, names one of these.

    Of those that few name, the articles are found first; of those that are named all the time, the articles are looked
    at in order.
    """
    named = select(entities.c.article_id).where(entities.c.key.in_(keys))
    some = named.limit(_MANY).subquery()
    if connection.execute(select(func.count()).select_from(some)).scalar_one() < _MANY:
        return articles.c.article_id.in_(select(with_copies(named.distinct()).c.article_id))
    origin, nearer = articles.alias(), articles.alias()
    exact = articles.c.verdict == Verdict.EXACT.value
    of_copy = (
        select(nearer.c.article_id)
        .where(nearer.c.article_id == articles.c.duplicate_of, nearer.c.verdict == Verdict.EXACT.value)
        .where(named.where(entities.c.article_id == nearer.c.duplicate_of).correlate(nearer).exists())
    )
    of_original = select(origin.c.article_id).where(
        origin.c.article_id == articles.c.duplicate_of,
        named.where(entities.c.article_id == origin.c.article_id).correlate(origin).exists(),
    )
    own = named.where(entities.c.article_id == articles.c.article_id).exists()
    return or_(own, and_(exact, or_(of_original.exists(), of_copy.exists())))


def found_articles() -> Select[*tuple[Any, ...]]:
    """Selects the fields of FoundArticle, in their order."""
    columns = articles.c
    return select(
        columns.article_id,
        columns.time,
        columns.ingested_at,
        columns.source,
        columns.title,
        columns.url,
        columns.language,
        columns.verdict,
        columns.cluster_id,
        func.substr(columns.text, 1, _OPENING).label("opening"),
    )
