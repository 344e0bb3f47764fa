"""The ledger: every accepted article is in the store, or a dead letter, or dropped on purpose. By id.

An article is accepted when its message is on news.raw. Memory is bounded whatever the size of the topic: the
ids are set against each other in a scratch file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from pipeline.broker import EARLIEST, Admin
from pipeline.codec import decode_article
from pipeline.errors import PermanentError
from pipeline.letterbox import is_letter, letter_in
from pipeline.models import DeadLetter
from pipeline.scan import Scanned, scan
from pipeline.settings import Settings
from pipeline.topics import Topic

_CHUNK = 10_000
_SAMPLES = 10

_SCHEMA = """
CREATE TABLE accepted (id TEXT PRIMARY KEY, messages INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stored (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE letters (letter TEXT PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
"""

_MESSAGES = "SELECT coalesce(sum(messages), 0) FROM accepted"

_COUNTS = {
    "accepted": "SELECT count(*) FROM accepted",
    "stored": "SELECT count(*) FROM accepted JOIN stored USING (id)",
    "dead_lettered": "SELECT count(*) FROM accepted WHERE id NOT IN stored AND id IN open_letters",
    "discarded": """SELECT count(*) FROM accepted WHERE id NOT IN stored AND id NOT IN open_letters
                    AND id IN discarded_letters""",
}
_IDS = {
    "missing": """SELECT id FROM accepted WHERE id NOT IN stored AND id NOT IN open_letters
                  AND id NOT IN discarded_letters""",
    # More than one message of an id may end in different places (a good version and a bad one); one may not.
    "doubled": """SELECT id FROM accepted WHERE messages = 1 AND id IN stored AND id IN open_letters""",
    "orphans": "SELECT id FROM stored WHERE id NOT IN (SELECT id FROM accepted)",
}
_VIEWS = """
CREATE TABLE open_letters (id TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO open_letters SELECT DISTINCT id FROM letters WHERE status = 'open';
CREATE TABLE discarded_letters (id TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO discarded_letters SELECT DISTINCT id FROM letters WHERE status = 'discarded';
DELETE FROM accepted WHERE id IN (SELECT id FROM letters WHERE status = 'moved');
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts, by article id, and up to ten ids of each kind that should not be.

    `messages` counts what is on news.raw, `accepted` the different ids among it (the same article replayed is
    one). `missing`: accepted, but in no place yet, or lost. `doubled`: one message in two places. `orphans`:
    stored, but not on news.raw; expected once its retention has passed or when the topic was made anew, so they
    do not keep the ledger open.
    """

    messages: int
    accepted: int
    stored: int
    dead_lettered: int
    discarded: int
    missing: int
    doubled: int
    orphans: int
    raw_is_complete: bool
    samples: dict[str, list[str]]

    @property
    def closed(self) -> bool:
        """Whether every accepted article is accounted for, once."""
        return self.missing == 0 and self.doubled == 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"closed": self.closed, **asdict(self)}


def verify(settings: Settings, stored_ids: Iterable[str], *, admin: Admin | None = None) -> Ledger:
    """Read the topics and the stored ids, and draw up the ledger.

    Read in this order (accepted first, stored last), a running pipeline can only look more behind than it is
    for what arrives meanwhile: nothing is missed that was accepted before the call.

    Args:
        settings: where the broker is.
        stored_ids: the ids in the store; read last.
        admin: a connection to use.

    Raises:
        TransientError: the broker or the store is away.
        UsageError: the topics do not exist.
    """
    with _drawn_up(settings, stored_ids, admin) as scratch:
        messages = int(scratch.execute(_MESSAGES).fetchone()[0])
        counts = {name: int(scratch.execute(query).fetchone()[0]) for name, query in _COUNTS.items()}
        samples = {
            name: [row[0] for row in scratch.execute(f"{query} LIMIT {_SAMPLES}")]
            for name, query in _IDS.items()
        }
        numbers = {
            name: int(scratch.execute(f"SELECT count(*) FROM ({query})").fetchone()[0])  # noqa: S608 - as above
            for name, query in _IDS.items()
        }
    return Ledger(
        messages=messages,
        **counts,
        **numbers,
        raw_is_complete=_from_the_start(settings, admin),
        samples={name: ids for name, ids in samples.items() if ids},
    )


def doubled(settings: Settings, stored_ids: Iterable[str]) -> frozenset[str]:
    """The identities of all messages that are in two places: stored, and an open dead letter.

    It takes a time limit, or a pool's process that died: the message was dead-lettered, its worker ended before
    the commit, and delivered again it worked. The store has what the letter is about, so the letter can go.

    Raises:
        TransientError: the broker or the store is away.
        UsageError: the topics do not exist.
    """
    with _drawn_up(settings, stored_ids, None) as scratch:
        return frozenset(row[0] for row in scratch.execute(_IDS["doubled"]))


@contextmanager
def _drawn_up(
    settings: Settings, stored_ids: Iterable[str], admin: Admin | None
) -> Iterator[sqlite3.Connection]:
    """The scratch file with everything read into it; the stored ids last."""
    with closing(sqlite3.connect("")) as scratch:  # a temporary file of SQLite's own
        scratch.executescript(_SCHEMA)
        _insert(
            scratch,
            "INSERT INTO accepted VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET messages = messages + 1",
            ((identity(message),) for message in scan(settings, Topic.RAW, admin=admin)),
        )
        # The last word on a letter stands: open, re-driven or discarded.
        _insert(
            scratch,
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?)",
            _letters(scan(settings, Topic.DEAD_LETTER, admin=admin)),
        )
        _insert(
            scratch, "INSERT OR IGNORE INTO stored VALUES (?)", ((article_id,) for article_id in stored_ids)
        )
        scratch.executescript(_VIEWS)
        yield scratch


def identity(message: Scanned | DeadLetter) -> str:
    """What a message is known by, on its topic and as a dead letter: its key, else the id inside, else where it is."""
    if message.key:
        try:
            return message.key.decode() if len(message.key) <= _LONGEST_KEY else _position(message)
        except UnicodeDecodeError:
            return _position(message)
    if isinstance(message, DeadLetter) and (message.omitted_key or message.omitted_value):
        return message.article_id or _position(message)
    try:
        return decode_article(message.value).article_id
    except PermanentError:
        return _position(message)


# Longer than any article id: as a name it would be no use, and a dead letter may have no room for it.
_LONGEST_KEY = 1000


def _position(message: Scanned | DeadLetter) -> str:
    return f"{message.topic}/{message.partition}/{message.offset}"


def _letters(messages: Iterable[Scanned]) -> Iterator[tuple[str, str, str]]:
    for letter in filter(is_letter, map(letter_in, messages)):
        known_by = identity(letter)
        # Re-driven, what is known by its place alone has another one: there it is accepted anew.
        moved = letter.status == "redriven" and known_by == _position(letter)
        yield letter.letter_id, known_by, "moved" if moved else letter.status


def _insert(scratch: sqlite3.Connection, statement: str, rows: Iterable[tuple[str, ...]]) -> None:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        with scratch:
            scratch.executemany(statement, chunk)


def _from_the_start(settings: Settings, admin: Admin | None) -> bool:
    """Whether news.raw still has its first message, so that orphans mean something."""
    if admin is not None:
        return not any(admin.offsets(Topic.RAW, EARLIEST).values())
    with Admin(settings) as own:
        return not any(own.offsets(Topic.RAW, EARLIEST).values())
