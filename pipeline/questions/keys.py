"""The keys under which names are found: those that the store's searches go by.

An article calls one thing by several names. `Quill` finds Ada Quill in an article that calls her so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipeline.record import ENTITY_TYPES, Entity, ResolvedBy, Speaker
from pipeline.stages.entities.key import entity_key


def own_keys(name: str, type: str | None = None) -> set[str]:  # noqa: A002 - the word the record uses
    """The keys that `name` itself has: one for each type, as long as none is given."""
    return {entity_key(name, kind) for kind in ((type,) if type else ENTITY_TYPES)}


def key_of_speaker(name: str, *, organisation: bool) -> str:
    """The key of a speaker that no entity of the article has the name of."""
    return entity_key(name, "ORG" if organisation else "PERSON")


def is_organisation(speaker: Speaker) -> bool:
    """Whether it is one that spoke."""
    return speaker.resolved_by is ResolvedBy.ORGANISATION


def aliases(entities: Iterable[Entity]) -> set[tuple[str, str]]:
    """The keys under which entities would be looked for, where they are not their own, each with the own one.

    Those of their mentions, and that of a surname. Of entities that have keys.
    """
    return {
        (alias, entity.key)
        for entity in entities
        if entity.key
        for text in called(entity)
        if (alias := entity_key(text, entity.type)) != entity.key
    }


def called(entity: Entity) -> set[str]:
    """What an article calls an entity: as it is mentioned, and by a person's surname."""
    found = {mention.text for mention in entity.mentions}
    if entity.type == "PERSON":
        found.add(surname(entity.name))
    return found


def surname(name: str) -> str:
    """The last word of a person's name."""
    return name.rpartition(" ")[2] or name


class Names:
    """The keys under which entities are found, as far as they are among those that are asked for. Safe for threads.

    What is remembered are the keys of texts: the news names the same few thousand again and again.

    Args:
        only: the keys that are asked for; None for all.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        self._only = only
        self._texts = {kind: _Texts(self, kind) for kind in ENTITY_TYPES}

    def keys(self, entity: Entity) -> frozenset[str]:
        """Those of what its article calls it."""
        texts = self._texts.get(entity.type)
        if texts is None:  # a label of another version
            texts = self._texts[entity.type] = _Texts(self, entity.type)
        keys = texts.names[entity.name]
        for mention in entity.mentions:
            key = texts[mention.text]
            if key and key not in keys:
                keys = keys | {key}
        return keys

    def is_asked_for(self, key: str) -> bool:
        """Whether it is one of them."""
        return self._only is None or key in self._only


class _Texts(dict[str, str]):
    """The key of texts of one type, empty where nobody asks for it."""

    def __init__(self, names: Names, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.names = _Names(self)
        self._asked = names

    def __missing__(self, text: str) -> str:
        key = entity_key(text, self.kind)
        found = key if self._asked.is_asked_for(key) else ""
        if len(self) >= _TEXTS_AT_MOST:
            self.clear()
        self[text] = found
        return found


class _Names(dict[str, frozenset[str]]):
    """The keys that names of one type have by themselves, those that are asked for."""

    def __init__(self, texts: _Texts) -> None:
        super().__init__()
        self._texts = texts

    def __missing__(self, name: str) -> frozenset[str]:
        called_so = (name, surname(name)) if self._texts.kind == "PERSON" else (name,)
        found = frozenset(self._texts[text] for text in called_so) - {""}
        if len(self) >= _TEXTS_AT_MOST:
            self.clear()
        self[name] = found
        return found


_TEXTS_AT_MOST = 20_000
