"""Names that are spelt like one that nobody has: `did you mean …`."""

from __future__ import annotations

from difflib import SequenceMatcher

from sqlalchemy import Column, Connection, Engine, func, select

from pipeline.questions.keys import own_keys
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import aliases, entities

_MOST = 20_000  # forms that are compared
_ALIKE = 0.7
_LAST = "\U0010ffff"


def nearest_names(engine: Engine, name: str, *, limit: int = 5) -> list[str]:
    """Give the names of stored entities that are spelt most like `name`, the nearest first; maybe none.

    They begin with the same letter: what is compared are the forms that the indexes give by it.

    Args:
        engine: the store.
        name: what somebody typed.
        limit: the largest number of names.
    """
    likeness: dict[str, float] = {}
    with reading(engine) as connection:
        for own in own_keys(name):
            kind, _, wanted = own.partition(":")
            beginning = f"{kind}:{wanted[:1]}"
            matcher = SequenceMatcher(b=wanted)
            for form, key in (*_keys(connection, beginning), *_aliases(connection, beginning)):
                matcher.set_seq1(form.partition(":")[2])
                if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
                    likeness[key] = max(likeness.get(key, 0), matcher.ratio())
        nearest = sorted(
            (key for key, like in likeness.items() if like >= _ALIKE), key=lambda key: -likeness[key]
        )
        names = [_name(connection, key) for key in nearest[: 2 * limit]]
    return list(dict.fromkeys(filter(None, names)))[:limit]


def _keys(connection: Connection, beginning: str) -> list[tuple[str, str]]:
    return [(key, key) for (key,) in connection.execute(_distinct(entities.c.key, beginning))]


def _aliases(connection: Connection, beginning: str) -> list[tuple[str, str]]:
    return list(connection.execute(_distinct(aliases.c.alias, beginning, aliases.c.key)))


def _distinct(column: Column[str], beginning: str, *others: Column[str]):  # type: ignore[no-untyped-def] # noqa: ANN202 - of one or two columns
    in_range = (column >= beginning, column < beginning + _LAST)
    return select(column, *others).where(*in_range).distinct().limit(_MOST)


def _name(connection: Connection, key: str) -> str | None:
    query = select(entities.c.name).where(entities.c.key == key).group_by(entities.c.name)
    found: str | None = connection.execute(
        query.order_by(func.count().desc(), entities.c.name).limit(1)
    ).scalar()
    return found
