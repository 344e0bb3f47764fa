"""What stands for what: the table of aliases, learned from articles and mended by hand."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Engine, delete, func, insert, select

from pipeline.errors import UsageError
from pipeline.questions.keys import own_keys
from pipeline.stages.entities.key import entity_key
from pipeline.stores.searches import Alias, CuratedAlias
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.queries.short_forms import Pair, is_sure, said_of, totals_of
from pipeline.stores.sql.schema import aliases, curated_aliases, entities

_LATEST = 500


def aliases_of(
    engine: Engine,
    name: str,
    *,
    type: str | None = None,  # noqa: A002 - the word the record uses
    limit: int = 100,
) -> list[Alias]:
    """Give what `name` stands for, and what stands for it, those in most articles first.

    Args:
        engine: the store.
        name: a full name, or a short form.
        type: an OntoNotes label, or None for any.
        limit: the largest number of aliases.
    """
    with reading(engine) as connection:
        wanted = sorted(own_keys(name, type))
        count = func.count().label("articles")
        # Apart, so that each is counted in its own index: with OR the rows are read.
        counts: dict[Pair, int] = {}
        for column in (aliases.c.alias, aliases.c.key):
            learned = (
                select(aliases.c.alias, aliases.c.key, count)
                .where(column.in_(wanted))
                .group_by(aliases.c.alias, aliases.c.key)
                .order_by(count.desc(), aliases.c.alias, aliases.c.key)
                .limit(limit)
            )
            counts |= {(row.alias, row.key): row.articles for row in connection.execute(learned)}
        counts = dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit])
        curated = select(curated_aliases).where(
            curated_aliases.c.alias.in_(wanted) | curated_aliases.c.key.in_(wanted)
        )
        names: dict[str, tuple[str, str]] = {}
        for row in connection.execute(curated):
            counts.setdefault((row.alias, row.key), 0)
            names[row.key] = row.name, row.type
        said = said_of(connection, {alias for alias, _ in counts})
        totals = totals_of(connection, {alias for alias, _ in counts})
        names |= _names(connection, {key for _, key in counts})
    return [
        Alias(
            alias=alias.partition(":")[2],
            name=names[key][0],
            type=names[key][1],
            articles=articles,
            of=totals.get(alias, 0),
            standing=_standing(said.get((alias, key)), articles, totals.get(alias, 0)),
        )
        for (alias, key), articles in counts.items()
    ]


def _standing(said: bool | None, articles: int, of: int) -> str:
    if said is not None:
        return "same" if said else "apart"
    return "learned" if is_sure(articles, of) else "sometimes"


def _names(connection: Connection, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """The name and type that most of the latest articles give each."""
    names: dict[str, tuple[str, str]] = {}
    for key in sorted(keys):
        latest = (
            select(entities.c.name, entities.c.type)
            .where(entities.c.key == key)
            .order_by(entities.c.time.desc())
            .limit(_LATEST)
            .subquery()
        )
        query = (
            select(latest).group_by(latest.c.name, latest.c.type).order_by(func.count().desc(), latest.c.name)
        )
        if row := connection.execute(query.limit(1)).first():
            names[key] = (row.name, row.type)
    return names


def curate(engine: Engine, said: Collection[CuratedAlias]) -> None:
    """Keep what somebody says of aliases, in place of what was said of them before.

    Args:
        engine: the store.
        said: in order; of two about the same alias and name the later one stands.

    Raises:
        UsageError: an alias is the name itself.
        PipelineError: the store was opened for reading.
    """
    rows: dict[Pair, dict[str, object]] = {}
    for one in said:
        alias, key = (entity_key(name, one.type) for name in (one.alias, one.name))
        if alias == key:
            raise UsageError(f"{one.alias!r} is {one.name!r} already: an alias is another name for it")
        rows[alias, key] = {
            "alias": alias,
            "key": key,
            "name": one.name,
            "type": one.type,
            "is_same": one.is_same,
        }
    with writing(engine) as connection:
        for alias, key in rows:
            same = (curated_aliases.c.alias == alias) & (curated_aliases.c.key == key)
            connection.execute(delete(curated_aliases).where(same))
        if rows:
            connection.execute(insert(curated_aliases), list(rows.values()))
