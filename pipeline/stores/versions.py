"""Which of several records of one article stands: a rule without a database.

A version is what the publisher wrote; a record is a version and what the stages found in it. A version is as old as
the first of its messages in the log (the raw topic), by offset within one log, by the broker's time of appending
between two. What producers' clocks say decides only where no log does: for what earlier versions of this program
stored, and between two logs whose broker keeps no times.

1. A record that is there already changes nothing, so a replay changes no row.
2. The same version processed anew replaces its record, unless its message is older than all that were seen of it.
3. The later version of the log stands, in whatever order they arrive. The others are remembered as superseded, each
   with its position, so that a replay of an old file, which is later in the log, brings none of them back. They come
   back when the log says so after all: when one that stood turns out to be older, by a message that was late.
4. A version that loses by the clock alone is not remembered: it may prove to be the later one.
5. What an earlier version of this program remembered has no position, and it went by the clock: most of it was
   superseded for good, some of it was a correction from a host whose clock was behind. Such a version comes back in
   one case: its message is later in the log than that of the version that stands, and earlier by the clock. That is
   how a correction looks that lost by the clock, when the log is read again; a replay of an old file is later by both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import orjson

from pipeline.record import Article, LogPosition

if TYPE_CHECKING:
    from pipeline.stores.incoming import Incoming

_HASH_BYTES = 16
_VERSION = ("source", "url", "title", "text", "published_at")  # the language is our own finding


class Disposition(StrEnum):
    """What became of a record."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    FORGOTTEN = "forgotten"


class Intake(NamedTuple):
    """When a version was taken in: by the log, None where that is not known, and by its producer's clock."""

    position: LogPosition | None
    ingested_at: datetime


class Superseded(NamedTuple):
    """What is remembered of a version that does not stand: the first of its positions, None of an earlier program."""

    position: LogPosition | None


@dataclass(slots=True)
class Standing:
    """What the store holds of one article."""

    version_hash: bytes
    record_hash: bytes
    intake: Intake
    superseded: dict[bytes, Superseded] = field(default_factory=dict)


def version_hash(article: Article) -> bytes:
    """What tells one version of an article from another: 16 bytes, the same whenever and however it was taken in.

    Raises:
        ValueError: a text that is not Unicode.
    """
    fields = vars(article)
    try:
        written = orjson.dumps({name: fields[name] for name in _VERSION}, option=orjson.OPT_UTC_Z)
    except orjson.JSONEncodeError as error:
        raise ValueError(str(error)) from None
    return blake2b(written, digest_size=_HASH_BYTES).digest()


def by_log(one: LogPosition | None, other: LogPosition | None) -> int:
    """Below 0 when `one` was accepted before `other`, above when after; 0 when no log tells."""
    if one is None or other is None:
        return 0
    if one.log and one.log == other.log:
        return one.offset - other.offset
    if one.appended_at and other.appended_at:
        return (one.appended_at > other.appended_at) - (one.appended_at < other.appended_at)
    return 0


def takes_over(incoming: Intake, standing: Intake, known: Superseded | None) -> bool:
    """Whether another version than the one that stands replaces it.

    Args:
        incoming: when the other version was taken in.
        standing: when the first message of the one that stands was.
        known: what is remembered of the other one, None when it is new.
    """
    if known is None:
        order = by_log(incoming.position, standing.position)
        return order > 0 if order else incoming.ingested_at >= standing.ingested_at
    if known.position is None:
        later = by_log(incoming.position, standing.position) > 0
        return later and incoming.ingested_at < standing.ingested_at
    return by_log(_first(known.position, incoming.position), standing.position) > 0


class Standings:
    """The articles of a batch as the store holds them, brought forward record by record.

    Attributes:
        superseded: the versions to be remembered, by article id and hash.
        outdated: what the store remembers otherwise, or need not remember any more.
        moved: articles whose version turned out to be older than the store says.
    """

    def __init__(self, stored: dict[str, Standing]) -> None:
        self._standings = stored
        self.superseded: dict[tuple[str, bytes], Superseded] = {}
        self.outdated: set[tuple[str, bytes]] = set()
        self.moved: set[str] = set()

    def position(self, article_id: str) -> LogPosition | None:
        """That of the first message of the version that stands."""
        return self._standings[article_id].intake.position

    def admit(self, incoming: Incoming) -> Disposition:
        """Decide about one record, and remember the decision for those after it."""
        standing = self._standings.get(incoming.article_id)
        if standing is None:
            self._standings[incoming.article_id] = Standing(
                incoming.version_hash, incoming.record_hash, incoming.intake
            )
            return Disposition.INSERTED
        if incoming.version_hash == standing.version_hash:
            return self._same_version(incoming, standing)
        return self._other_version(incoming, standing)

    def _same_version(self, incoming: Incoming, standing: Standing) -> Disposition:
        older = _is_older(incoming.intake, standing.intake)
        position = _first(standing.intake.position, incoming.intake.position)
        if position is None and incoming.ingested_at == standing.intake.ingested_at:
            position = incoming.intake.position  # the very message, by the log now
        if position != standing.intake.position:
            self.moved.add(incoming.article_id)
        standing.intake = standing.intake._replace(position=position)
        if incoming.record_hash == standing.record_hash:
            return Disposition.UNCHANGED
        if older:
            return Disposition.STALE
        standing.record_hash = incoming.record_hash
        standing.intake = Intake(position, incoming.ingested_at)
        return Disposition.UPDATED

    def _other_version(self, incoming: Incoming, standing: Standing) -> Disposition:
        known = standing.superseded.get(incoming.version_hash)
        position = incoming.intake.position
        if known is not None and known.position is not None:
            position = _first(known.position, position)
        if takes_over(incoming.intake, standing.intake, known):
            self._forget(incoming.article_id, standing, incoming.version_hash)
            self._remember(incoming.article_id, standing, standing.version_hash, standing.intake.position)
            standing.version_hash, standing.record_hash = incoming.version_hash, incoming.record_hash
            standing.intake = Intake(position, incoming.ingested_at)
            return Disposition.UPDATED
        lost_by_the_log = known is None and by_log(position, standing.intake.position) < 0
        is_older_than_known = known is not None and known.position is not None and position != known.position
        if lost_by_the_log or is_older_than_known:
            self._remember(incoming.article_id, standing, incoming.version_hash, position)
        return Disposition.STALE

    def _remember(
        self, article_id: str, standing: Standing, version: bytes, position: LogPosition | None
    ) -> None:
        self._forget(article_id, standing, version)
        standing.superseded[version] = self.superseded[article_id, version] = Superseded(position)

    def _forget(self, article_id: str, standing: Standing, version: bytes) -> None:
        if standing.superseded.pop(version, None) and not self.superseded.pop((article_id, version), None):
            self.outdated.add((article_id, version))


def _is_older(incoming: Intake, standing: Intake) -> bool:
    order = by_log(incoming.position, standing.position)
    return order < 0 if order else incoming.ingested_at < standing.ingested_at


def _first(known: LogPosition | None, other: LogPosition | None) -> LogPosition | None:
    """The earlier of two positions of one version; the known one where no log tells."""
    return other if by_log(other, known) < 0 else known
