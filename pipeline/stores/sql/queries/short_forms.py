"""Short forms that mean one thing: `Fed` for the Federal Reserve, by what articles themselves call it.

An article that has a name in full and in short joins the two, and `aliases` keeps that. Where nearly all articles in
which a short form stands for something mean the same by it, it is followed to articles that have it alone. Surnames are
not: that two people of one name are in the news is a matter of time.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.schema import aliases, curated_aliases

SURELY = 0.9
"""Of the articles in which a short form stands for something."""
FEWEST = 2
"""Articles that have to join the two."""

_PERSON = "person:"

Pair = tuple[str, str]
"""The key of a short form, and that of what it stands for."""


def short_forms(connection: Connection, keys: Collection[str]) -> set[Pair]:
    """Those of the entities with these keys that mean nearly always the same, and what nobody said is apart."""
    counts = alias_counts(connection, {key for key in keys if not key.startswith(_PERSON)})
    totals = totals_of(connection, {alias for alias, _ in counts})
    said = said_of(connection, {alias for alias, _ in counts})
    return {
        pair
        for pair, count in counts.items()
        if said.get(pair, is_sure(count, totals[pair[0]])) and not pair[0].startswith(_PERSON)
    }


def is_sure(count: int, of: int) -> bool:
    """Whether so many of so many articles let a short form mean the same everywhere."""
    return count >= FEWEST and count >= SURELY * of


def alias_counts(connection: Connection, keys: Collection[str]) -> dict[Pair, int]:
    """How many articles call the entities with these keys by which short forms."""
    counts: dict[Pair, int] = {}
    for some in slices(sorted(keys)):
        query = (
            select(aliases.c.alias, aliases.c.key, func.count().label("articles"))
            .where(aliases.c.key.in_(some))
            .group_by(aliases.c.alias, aliases.c.key)
        )
        counts |= {(row.alias, row.key): row.articles for row in connection.execute(query)}
    return counts


def totals_of(connection: Connection, short: Collection[str]) -> dict[str, int]:
    """In how many articles each of these forms stands for something."""
    meanings: dict[str, list[int]] = {}
    for some in slices(sorted(short)):
        by_meaning = (
            select(aliases.c.alias, func.count().label("articles"))
            .where(aliases.c.alias.in_(some))
            .group_by(aliases.c.alias, aliases.c.key)
        )
        for row in connection.execute(by_meaning):
            meanings.setdefault(row.alias, []).append(row.articles)
    # What means one thing alone is counted in the index; of the others an article may have several.
    totals = {alias: counts[0] for alias, counts in meanings.items()}
    for some in slices(sorted(alias for alias, counts in meanings.items() if len(counts) > 1)):
        query = (
            select(aliases.c.alias, func.count(aliases.c.article_id.distinct()).label("articles"))
            .where(aliases.c.alias.in_(some))
            .group_by(aliases.c.alias)
        )
        totals |= {row.alias: row.articles for row in connection.execute(query)}
    return totals


def said_of(connection: Connection, short: Collection[str]) -> dict[Pair, bool]:
    """What somebody said of these forms: whether each stands for an entity."""
    said: dict[Pair, bool] = {}
    for some in slices(sorted(short)):
        query = select(curated_aliases).where(curated_aliases.c.alias.in_(some))
        said |= {(row.alias, row.key): row.is_same for row in connection.execute(query)}
    return said
