"""Who and what is named most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from pipeline.stores.searches import TopEntity
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.schema import articles, entities

_RIVALS = 3  # times as many as are wanted: exact copies may bring one up


def top_entities(
    engine: Engine,
    *,
    type: str | None = None,  # noqa: A002 - the word the record uses
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[TopEntity]:
    """Give the entities named in most articles of a time range, those in most articles first.

    Args:
        engine: the store.
        type: an OntoNotes label, or None for all.
        since: the earliest time.
        until: the time before which the articles were published.
        limit: the largest number of entities.
    """
    conditions = within(entities.c.time, since, until)
    if type is not None:
        conditions.append(entities.c.type == type)
    named = func.count(entities.c.article_id.distinct())
    # Grouped by the bare column, SQLite would read its whole index instead of the range in that of the times.
    group = func.coalesce(entities.c.key, "")
    top = (
        select(group.label("key"), named.label("articles"))
        .where(*conditions)
        .group_by(group)
        .order_by(named.desc(), group)
        .limit(limit * _RIVALS)
    )
    with reading(engine) as connection:
        ranking: dict[str, int] = {row.key: row.articles for row in connection.execute(top)}
        ranking = _with_copies(connection, ranking, conditions, within(articles.c.time, since, until), limit)
        forms = _forms(connection, list(ranking), conditions)
    found = []
    for key, number in ranking.items():
        commonest, *_ = forms[key]
        mentions = sum(form.mentions for form in forms[key])
        found.append(TopEntity(key, commonest.name, commonest.type, commonest.country, number, mentions))
    return found


def _with_copies(
    connection: Connection,
    ranking: dict[str, int],
    conditions: Sequence[ColumnElement[bool]],
    of_copies: Sequence[ColumnElement[bool]],
    limit: int,
) -> dict[str, int]:
    """The ranking with exact copies of the articles counted, the most named first."""
    keys = list(ranking)
    naming = select(entities.c.article_id).where(entities.c.key.in_(keys), *conditions).distinct()
    carriers = with_copies(naming)
    counted = (
        select(entities.c.key, func.count(carriers.c.article_id.distinct()).label("articles"))
        .join(carriers, carriers.c.origin == entities.c.article_id)
        .join(articles, articles.c.article_id == carriers.c.article_id)
        .where(entities.c.key.in_(keys), *conditions, *of_copies)
        .group_by(entities.c.key)
    )
    found = {row.key: max(row.articles, ranking[row.key]) for row in connection.execute(counted)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:limit])


def _forms(
    connection: Connection, keys: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> dict[str, list[Row[*tuple[Any, ...]]]]:
    """Under which names the entities appear, the commonest first."""
    shape = (entities.c.key, entities.c.name, entities.c.type, entities.c.country)
    query = (
        select(*shape, func.sum(entities.c.mention_count).label("mentions"))
        .where(entities.c.key.in_(keys), *conditions)
        .group_by(*shape)
        .order_by(func.count().desc(), entities.c.name, entities.c.type)
    )
    forms: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in connection.execute(query):
        forms.setdefault(row.key, []).append(row)
    return forms
