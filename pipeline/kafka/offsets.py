"""Committed offsets: which log they belong to, and where a group goes on after one was changed under it.

An offset means nothing without its log. A topic that was deleted and made anew, a broker that came back empty or
from an older disk, retention that overtook a group: the same number then points at other messages, or at none. So
each commit carries a label: the log that was read, the store that was written to, and the last message of all. The
label is compared before anything is read from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import blake2b

import orjson

_FINGERPRINT_BYTES = 8


class LogFault(StrEnum):
    """What happened to a log since its group committed an offset. Bounded, since it labels a metric."""

    MADE_ANEW = "made-anew"
    """The topic is another one under the same name."""
    TRUNCATED = "truncated"
    """The log ends before the committed offset, or holds another message in front of it than was read there."""
    EXPIRED = "expired"
    """Retention deleted messages that the group had not read."""


@dataclass(frozen=True, slots=True)
class CommitLabel:
    """What a committed offset says of itself.

    Attributes:
        log: the identity of the topic ("" where the broker gives none).
        store: the identity of the store that the stage writes to ("" for a stage without one).
        last_offset: the offset of the last message that was finished, -1 when none was.
        last: the fingerprint of that message, "" for one that could not be read.
        lost: messages of this log that retention deleted before the group had read them.
    """

    log: str = ""
    store: str = ""
    last_offset: int = -1
    last: str = ""
    lost: int = 0

    def encode(self) -> str:
        """As the metadata of a commit."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def decode(cls, metadata: str | None) -> CommitLabel | None:
        """The label in a commit's metadata; None when there is none: another program's, or an earlier version's."""
        try:
            found = orjson.loads(metadata or "")
        except orjson.JSONDecodeError:
            return None
        kinds = {"log": str, "store": str, "last_offset": int, "last": str, "lost": int}
        if not isinstance(found, dict) or not all(
            type(found.get(name)) is kind for name, kind in kinds.items()
        ):
            return None
        return cls(**{name: found[name] for name in kinds})


def fingerprint(timestamp: int, key: bytes | None, value: bytes | None) -> str:
    """Stands for a message where it is: two different ones at one offset of one log don't share it.

    Args:
        timestamp: in milliseconds, as the broker gives it.
        key: of the message.
        value: of the message.
    """
    digest = blake2b(digest_size=_FINGERPRINT_BYTES)
    for part in (b"%d" % timestamp, key, value):
        digest.update(b"-" if part is None else b"%d:" % len(part))
        digest.update(part or b"")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class GroupOffset:
    """A group's committed offset beside the log as it is now. `committed` is None before the first commit.

    Attributes:
        committed: the next offset to read.
        start: the first offset that the log still has.
        end: the offset behind its last message.
        log: the identity of the topic as it is now.
        label: what the commit says of itself.
    """

    committed: int | None
    start: int
    end: int
    log: str = ""
    label: CommitLabel | None = None

    @property
    def fault(self) -> LogFault | None:
        """What the numbers alone show; that a log was cut off and has grown since, only its messages do."""
        if self.committed is None:
            return None
        if self.label and self.label.log and self.log and self.label.log != self.log:
            return LogFault.MADE_ANEW
        if self.committed > self.end:
            return LogFault.TRUNCATED
        return LogFault.EXPIRED if self.committed < self.start else None

    @property
    def lag(self) -> int:
        """Messages that are not done, those of a log that has to be read anew included."""
        if self.committed is None or self.fault is not None:
            return self.end - self.start
        return self.end - self.committed

    @property
    def lost(self) -> int:
        """Messages of this log that retention deleted unread, as far as is known."""
        if self.committed is None or self.fault is LogFault.MADE_ANEW:
            return 0
        before = self.label.lost if self.label else 0
        return before + (self.start - self.committed if self.fault is LogFault.EXPIRED else 0)


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where a group goes on.

    Attributes:
        offset: the next offset to read.
        label: what its next commit says.
        fault: what had happened to the log.
        committed: whether the commit says all this already.
    """

    offset: int
    label: CommitLabel
    fault: LogFault | None = None
    committed: bool = False


def resume(found: GroupOffset, store: str, last_message: Callable[[int], str | None]) -> Resumption:
    """Decide where to go on. A log that is not the one that was read is read from its start.

    That is safe, since everything downstream is idempotent, and nothing else is: what was read of it is unknown.

    Args:
        found: the commit and the log.
        store: the identity of the store that this worker writes to.
        last_message: gives the fingerprint of the message at an offset, None when there is none to be read.
    """
    label = found.label or CommitLabel()
    fault = found.fault
    known = found.committed is not None and label.last and found.start <= label.last_offset < found.committed
    if fault is None and known:
        there = last_message(label.last_offset)
        if there is not None and there != label.last:
            fault = LogFault.TRUNCATED
    if found.committed is None or fault is not None:
        return Resumption(found.start, CommitLabel(found.log, store, lost=found.lost), fault)
    now = CommitLabel(found.log, store, label.last_offset, label.last, found.lost)
    return Resumption(found.committed, now, committed=now == found.label)
