"""Who and what is named most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Row, case, func, literal_column, select

from pipeline.record import Verdict
from pipeline.stores.searches import TopEntity
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.queries.short_forms import short_forms
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
        full = _full_names(connection, ranking)
        asked = _Asked(conditions, within(articles.c.time, since, until), limit)
        ranking = _with_copies(connection, ranking, full, asked)
        shown = {key for key in full if full[key] in ranking} | ranking.keys()
        forms = _forms(connection, sorted(shown), conditions)
    mentions = {key: sum(form.mentions for form in some) for key, some in forms.items()}
    besides: Counter[str] = Counter()
    for short, whole in full.items():
        besides[whole] += mentions.get(short, 0)
    found = []
    for key, number in ranking.items():
        commonest, *_ = forms[key]
        found.append(
            TopEntity(
                key, commonest.name, commonest.type, commonest.country, number, mentions[key] + besides[key]
            )
        )
    return found


def _full_names(connection: Connection, ranking: dict[str, int]) -> dict[str, str]:
    """What short forms in the ranking stand for that is in it too: `org:fed` for `org:federal reserve`."""
    pairs = short_forms(connection, ranking.keys())
    return {short: key for short, key in sorted(pairs) if short in ranking and (key, short) not in pairs}


class _Asked(NamedTuple):
    """What was asked for: conditions on entities and on articles that carry them, and how many."""

    of_entities: Sequence[ColumnElement[bool]]
    of_articles: Sequence[ColumnElement[bool]]
    limit: int


def _with_copies(
    connection: Connection, ranking: dict[str, int], full: dict[str, str], asked: _Asked
) -> dict[str, int]:
    """The ranking with exact copies of the articles counted, and short forms as what they stand for."""
    found = dict(ranking)
    for key, number in _in_copies(connection, list(ranking), asked).items():
        found[key] += number
    # Those of which an article may have the short form and the full name are counted together.
    if full:
        for short in full:
            found.pop(short, None)
        for key, number in _counted_together(connection, full, asked).items():
            found[key] = max(number, ranking[key])
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))[: asked.limit])


def _in_copies(connection: Connection, keys: Sequence[str], asked: _Asked) -> dict[str, int]:
    """How many exact copies, those of copies too, there are of articles that name these."""
    exact = articles.c.verdict == literal_column(f"'{Verdict.EXACT.value}'")
    nearer = articles.alias("nearer")
    copies = (
        select(articles.c.article_id, articles.c.duplicate_of.label("origin"))
        .where(exact, articles.c.duplicate_of.is_not(None), *asked.of_articles)
        .cte("copies", recursive=True)
    )
    copies = copies.union(
        select(copies.c.article_id, nearer.c.duplicate_of)
        .join(copies, copies.c.origin == nearer.c.article_id)
        .where(
            nearer.c.verdict == literal_column(f"'{Verdict.EXACT.value}'"), nearer.c.duplicate_of.is_not(None)
        )
    )
    own = entities.alias("own")
    counted = (
        select(entities.c.key, func.count(copies.c.article_id.distinct()).label("articles"))
        .join(copies, copies.c.origin == entities.c.article_id)
        .where(
            entities.c.key.in_(keys),
            *asked.of_entities,
            ~select(own.c.article_id).where(own.c.article_id == copies.c.article_id).exists(),
        )
        .group_by(entities.c.key)
    )
    return {row.key: row.articles for row in connection.execute(counted)}


def _counted_together(connection: Connection, full: dict[str, str], asked: _Asked) -> dict[str, int]:
    """How many articles have an entity in full or in short, by the full name."""
    whole = case(full, value=entities.c.key, else_=entities.c.key)
    keys = sorted({*full, *full.values()})
    naming = select(entities.c.article_id).where(entities.c.key.in_(keys), *asked.of_entities).distinct()
    carriers = with_copies(naming)
    counted = (
        select(whole.label("key"), func.count(carriers.c.article_id.distinct()).label("articles"))
        .join(carriers, carriers.c.origin == entities.c.article_id)
        .join(articles, articles.c.article_id == carriers.c.article_id)
        .where(entities.c.key.in_(keys), *asked.of_entities, *asked.of_articles)
        .group_by(whole)
    )
    return {row.key: row.articles for row in connection.execute(counted)}


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
