"""The keys under which names are found: those that the store's searches go by.

An article calls one thing by several names. `Quill` finds Ada Quill in an article that calls her so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b

from pipeline.record import ENTITY_TYPES, Entity, ResolvedBy, Speaker
from pipeline.stages.entities.key import entity_key

_KEY_LIMIT = 200  # characters; an index entry of PostgreSQL holds at most 2,704 bytes
_HASH_BYTES = 16


@lru_cache(maxsize=65536)
def key_of(name: str, type: str) -> str:  # noqa: A002 - the word the record uses
    """The key of an entity of this name and OntoNotes label."""
    return bounded(entity_key(name, type))


def own_keys(name: str, type: str | None = None) -> set[str]:  # noqa: A002 - the word the record uses
    """The keys that `name` itself has: one for each type, as long as none is given."""
    return {key_of(name, kind) for kind in ((type,) if type else ENTITY_TYPES)}


def key_of_speaker(speaker: Speaker, keys: Mapping[str, str]) -> str:
    """That of the entity of the same name, by `keys`, else the one that the name itself gives."""
    known = keys.get(speaker.name)
    if known is not None:
        return known
    return key_of(speaker.name, "ORG" if speaker.resolved_by is ResolvedBy.ORGANISATION else "PERSON")


def aliases(entities: Iterable[Entity], keys: Iterable[str]) -> set[tuple[str, str]]:
    """The keys under which an entity would be looked for, where they are not its own, each with its own.

    Those of its mentions, and that of a surname.
    """
    return {
        (alias, key)
        for entity, key in zip(entities, keys, strict=True)
        for text in called(entity)
        if (alias := key_of(text, entity.type)) != key
    }


def bounded(key: str) -> str:
    """Cut an over-long key, keeping it apart from others with the same beginning."""
    if len(key) <= _KEY_LIMIT:
        return key
    return f"{key[:_KEY_LIMIT]}…{blake2b(key.encode(), digest_size=_HASH_BYTES).hexdigest()}"


def called(entity: Entity) -> set[str]:
    """What an article calls an entity: as it is mentioned, and by a person's surname."""
    found = {mention.text for mention in entity.mentions}
    surname = entity.name.rpartition(" ")[2]
    if entity.type == "PERSON" and surname:
        found.add(surname)
    return found
