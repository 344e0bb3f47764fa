"""Articles page by page, whatever they are asked by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Select, and_, func, or_, select

from pipeline.stores.questions import ArticleQuestion, FoundArticle, Page, Place
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import articles_about
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, entities

_OPENING = 300  # characters


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
    if question.words is not None:
        conditions.append(articles_about(question.words, engine.dialect.name))
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
            keys = keys_of(connection, question.naming)
            naming = select(entities.c.article_id).where(entities.c.key.in_(keys)).distinct()
            conditions.append(columns.article_id.in_(select(with_copies(naming).c.article_id)))
        query = found_articles().where(*conditions).order_by(columns.time.desc(), columns.article_id)
        rows = connection.execute(query.limit(limit + 1)).all()
    found = tuple(FoundArticle(*row) for row in rows[:limit])
    end = Place(found[-1].time, found[-1].article_id) if len(rows) > limit else None
    return Page(found, end)


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
