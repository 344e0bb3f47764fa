"""From a name that somebody typed to the keys of the entities it may mean."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from pipeline.questions.keys import own_keys
from pipeline.stores.sql.queries.short_forms import said_of, short_forms
from pipeline.stores.sql.schema import aliases, curated_aliases


def keys_of(connection: Connection, name: str, type: str | None = None) -> list[str]:  # noqa: A002 - see above
    """The keys of all entities that go by `name` in some article, in full or in short.

    `Quill` gives everyone who is ever called just that: `person:ada quill`, `person:tom quill`. A full name gives the
    short forms too that mean nobody else (see short_forms.py), and what somebody said is the same.
    """
    own = own_keys(name, type)
    said = said_of(connection, own)
    learned = select(aliases.c.alias, aliases.c.key).where(aliases.c.alias.in_(sorted(own))).distinct()
    full = {key for alias, key in connection.execute(learned) if said.get((alias, key), True)} | _same(
        connection, own
    )
    short = short_forms(connection, own)
    return sorted(own | full | {alias for alias, key in short if key in own})


def _same(connection: Connection, keys: Collection[str]) -> set[str]:
    """What somebody said is the same, from either end."""
    alias, key = curated_aliases.c.alias, curated_aliases.c.key
    wanted = sorted(keys)
    query = select(alias, key).where(alias.in_(wanted) | key.in_(wanted), curated_aliases.c.is_same)
    return {one for pair in connection.execute(query) for one in pair}
