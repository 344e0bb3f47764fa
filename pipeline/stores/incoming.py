"""A record that comes to a store: what no store takes, and what it is compared by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pipeline.errors import PermanentError, Reason
from pipeline.record import EnrichedArticle, Entity, LogPosition
from pipeline.record.trusted import with_parts
from pipeline.stages.entities.key import entity_key
from pipeline.stores.versions import Intake, version_hash

_HASH_BYTES = 16
_NUL = "\x00"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record that can be stored, with the keys of its entities as this version gives them; what it is compared by.

    `version_hash` stands for the article as the publisher wrote it, `record_hash` for all that is known of
    it; neither depends on when it was taken in. `position` says when that was by the log, None where not known.
    """

    record: EnrichedArticle
    position: LogPosition | None
    version_hash: bytes
    record_hash: bytes

    @property
    def article_id(self) -> str:
        """The id of the article."""
        return self.record.article.article_id

    @property
    def ingested_at(self) -> datetime:
        """When it was taken in."""
        return self.record.article.ingested_at

    @property
    def intake(self) -> Intake:
        """The same, and by the log."""
        return Intake(self.position, self.ingested_at)


def checked(record: EnrichedArticle, position: LogPosition | None = None) -> Incoming:
    """Take a record in hand.

    Raises:
        PermanentError: the record holds what no database stores (NUL characters, lone surrogates), or
            a span that is outside its text.
    """
    record = _keyed(record)
    try:
        version = version_hash(record.article)
        whole = record.model_dump_json(exclude={"article": {"ingested_at"}}).encode()
    except ValueError as error:
        raise PermanentError(Reason.NOT_STORABLE, f"text that is not Unicode: {error}") from None
    # The escape may also be a backslash of the text's own, so it is only a reason to look closely.
    if b"\\u0000" in whole and any(_NUL in text for text in _texts(record)):
        raise PermanentError(Reason.NOT_STORABLE, "a NUL character in the text")
    if _last_end(record) > len(record.article.text):
        raise PermanentError(Reason.NOT_STORABLE, "a span that ends behind the text")
    return Incoming(record, position, version, blake2b(whole, digest_size=_HASH_BYTES).digest())


def _keyed(record: EnrichedArticle) -> EnrichedArticle:
    """With the keys that searches go by: versions before, and other programs, give none or other ones."""
    keys = [entity_key(entity.name, entity.type) for entity in record.entities]
    if [entity.key for entity in record.entities] == keys:
        return record
    return with_parts(record, entities=tuple(map(_with_key, record.entities, keys)))


def _with_key(entity: Entity, key: str) -> Entity:
    return with_parts(entity, key=key)


def _last_end(record: EnrichedArticle) -> int:
    ends = [mention.end for entity in record.entities for mention in entity.mentions]
    for quote in record.quotes:
        ends += [span.end for span in (quote, quote.speaker, quote.cue) if span]
    return max(ends, default=0)


def _texts(record: EnrichedArticle) -> Iterator[str]:
    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield name
                yield from walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from walk(inner)

    return walk(record.model_dump())
