"""From a name that somebody typed to the keys of the entities it may mean."""

from __future__ import annotations

from sqlalchemy import Connection, select

from pipeline.stages.entities.key import entity_key
from pipeline.stores.sql.rows import bounded
from pipeline.stores.sql.schema import aliases

_TYPES = (
    "PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LANGUAGE", "LAW", "PRODUCT", "WORK_OF_ART",
)  # fmt: skip


def keys_of(connection: Connection, name: str, type: str | None = None) -> list[str]:  # noqa: A002 - as in the record
    """The keys of all entities that go by `name` in some article, in full or in short.

    `Quill` gives everyone who is ever called just that: `person:ada quill`, `person:tom quill`.
    """
    own = {bounded(entity_key(name, kind)) for kind in ((type,) if type else _TYPES)}
    known = select(aliases.c.key).where(aliases.c.alias.in_(sorted(own))).distinct()
    return sorted(own.union(connection.execute(known).scalars()))
