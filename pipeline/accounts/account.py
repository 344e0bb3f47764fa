"""What was accepted, set against where it is: the ledger's arithmetic, in a scratch file of SQLite's own.

What is counted are versions: an article's id and the hash of what its publisher wrote. What can't be read as an
article is known by its place on the topic instead. Memory is bounded, whatever is put in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, Self

from pipeline.record import LogPosition
from pipeline.stores.versions import Intake, Standing, takes_over

_CHUNK = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SCHEMA = """
CREATE TABLE messages (partition INTEGER NOT NULL, offset INTEGER NOT NULL, id TEXT NOT NULL, version BLOB NOT NULL,
    appended REAL, ingested REAL);
CREATE TABLE letters (letter TEXT PRIMARY KEY, status TEXT NOT NULL, id TEXT NOT NULL, version BLOB,
    partition INTEGER, offset INTEGER) WITHOUT ROWID;
CREATE TABLE standing (id TEXT PRIMARY KEY, version BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE forgotten (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE judged (id TEXT NOT NULL, version BLOB NOT NULL, place TEXT NOT NULL);
"""

# A letter is about a version, by the bytes in it, or else about the message at a place, under the same id. What is
# known by its place alone has another one once it is driven again: there it is accepted anew.
_SET_AGAINST = """
CREATE TABLE about (letter TEXT NOT NULL, status TEXT NOT NULL, id TEXT NOT NULL, version BLOB NOT NULL);
INSERT INTO about SELECT letter, status, id, version FROM letters WHERE version IS NOT NULL;
CREATE INDEX letters_place ON letters (partition, offset, id) WHERE version IS NULL;
INSERT INTO about SELECT letter, status, id, messages.version FROM messages CROSS JOIN letters
    USING (partition, offset, id) WHERE letters.version IS NULL;
CREATE INDEX about_version ON about (id, version);
DELETE FROM messages WHERE ingested IS NULL
    AND EXISTS (SELECT 1 FROM about WHERE id = messages.id AND version = messages.version AND status = 'redriven');
CREATE INDEX messages_version ON messages (id, version, offset);

CREATE TABLE elsewhere (id TEXT, version BLOB, partition INTEGER, offset INTEGER, appended REAL, ingested REAL,
    place TEXT NOT NULL, PRIMARY KEY (id, version)) WITHOUT ROWID;
INSERT INTO elsewhere SELECT id, version, partition, min(offset), appended, ingested, 'missing' FROM messages
    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE id = messages.id AND version = messages.version)
    GROUP BY id, version;
UPDATE elsewhere SET place = 'dead_lettered'
    WHERE (id, version) IN (SELECT id, version FROM about WHERE status = 'open');
UPDATE elsewhere SET place = 'forgotten' WHERE place = 'missing' AND id IN (SELECT id FROM forgotten);
UPDATE elsewhere SET place = 'discarded' WHERE place = 'missing'
    AND (id, version) IN (SELECT id, version FROM about WHERE status = 'discarded');
"""

# Those that stand, and whose only message is an open letter all the same.
_DOUBLED = """
SELECT {} FROM about JOIN standing USING (id, version) WHERE status = 'open'
AND (SELECT count(*) FROM messages WHERE id = about.id AND version = about.version) = 1
"""

_TO_BE_JUDGED = """
SELECT id, version, offset, appended, ingested FROM elsewhere
WHERE place = 'missing' AND ingested IS NOT NULL AND id IN (SELECT id FROM standing)
"""

_ARTICLES = {
    "accepted": "SELECT count(DISTINCT id) FROM messages",
    "stored": "SELECT count(*) FROM standing WHERE EXISTS (SELECT 1 FROM messages WHERE id = standing.id)",
    "dead_lettered": """SELECT count(DISTINCT id) FROM elsewhere
        WHERE place = 'dead_lettered' AND id NOT IN (SELECT id FROM standing)""",
    "discarded": """SELECT count(DISTINCT id) FROM elsewhere
        WHERE place = 'discarded' AND id NOT IN (SELECT id FROM standing)
        AND id NOT IN (SELECT id FROM elsewhere WHERE place = 'dead_lettered')""",
    "forgotten": "SELECT count(DISTINCT id) FROM elsewhere WHERE place = 'forgotten'",
}

_LISTS = {
    "missing": """SELECT DISTINCT id FROM elsewhere WHERE place = 'missing' AND id NOT IN (SELECT id FROM standing)
        AND id NOT IN (SELECT id FROM elsewhere WHERE place IN ('dead_lettered', 'discarded', 'forgotten'))""",
    "doubled": _DOUBLED.format("DISTINCT id"),
    "orphans": "SELECT id FROM standing WHERE NOT EXISTS (SELECT 1 FROM messages WHERE id = standing.id)",
    "missing_versions": """SELECT id || ' at ' || partition || '/' || offset FROM elsewhere
        WHERE place = 'missing'""",
}

StandingOf = Callable[[Sequence[str]], Mapping[str, Standing]]
"""What the store holds of these articles."""


class Accepted(NamedTuple):
    """A message of the raw topic, with its times in seconds since 1970.

    `version` is its place where it is no article; then it has no time of intake. `appended_at` is the broker's own.
    """

    partition: int
    offset: int
    id: str
    version: bytes
    appended_at: float | None
    ingested_at: float | None


class Letter(NamedTuple):
    """A dead letter as it stands: the version that it is about, or else its place on the raw topic, if known."""

    letter_id: str
    status: str
    id: str
    version: bytes | None
    place: tuple[int, int] | None


class Account:
    """A context manager: fill it in the order of `accept`, `letters`, `forget`, `store`, then ask.

    Args:
        log: the identity of the raw topic, "" where the broker gives none.
    """

    def __init__(self, log: str) -> None:
        self._log = log

    def __enter__(self) -> Self:
        self._scratch = sqlite3.connect("")  # a temporary file of SQLite's own
        self._scratch.executescript(_SCHEMA)
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.close()

    def accept(self, messages: Iterable[Accepted]) -> None:
        """What is on the raw topic."""
        self._insert("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", messages)

    def letters(self, letters: Iterable[Letter]) -> None:
        """The dead letters, in the order of the topic: the last word on each stands."""
        self._insert(
            "INSERT OR REPLACE INTO letters VALUES (?, ?, ?, ?, ?, ?)",
            ((*letter[:4], *(letter.place or (None, None))) for letter in letters),
        )

    def forget(self, article_ids: Iterable[str]) -> None:
        """What was removed from the store on purpose."""
        self._insert("INSERT OR IGNORE INTO forgotten VALUES (?)", ((one,) for one in article_ids))

    def store(self, versions: Iterable[tuple[str, bytes]], standing_of: StandingOf) -> None:
        """What is stored, by id and hash; and then draw everything up, asking the store where these don't tell."""
        self._insert("INSERT OR REPLACE INTO standing VALUES (?, ?)", versions)
        self._scratch.executescript(_SET_AGAINST)
        self._insert("INSERT INTO judged VALUES (?, ?, ?)", self._judged(standing_of))
        self._scratch.execute(
            "UPDATE elsewhere SET place = judged.place FROM judged "
            "WHERE elsewhere.id = judged.id AND elsewhere.version = judged.version"
        )

    def messages(self) -> int:
        """How many messages were accepted."""
        return self._one("SELECT count(*) FROM messages")

    def articles(self) -> dict[str, int]:
        """Of the accepted ids, how many are where."""
        return {name: self._one(query) for name, query in _ARTICLES.items()}

    def versions(self) -> dict[str, int]:
        """Of the accepted versions, how many are where; `missing` are those that are nowhere."""
        accepted = self._one("SELECT count(*) FROM (SELECT DISTINCT id, version FROM messages)")
        places = {"accepted": accepted, "standing": 0}
        places |= dict.fromkeys(("superseded", "dead_lettered", "discarded", "forgotten", "missing"), 0)
        places |= dict(
            self._scratch.execute("SELECT place, count(*) FROM elsewhere GROUP BY place").fetchall()
        )
        places["standing"] += accepted - self._one("SELECT count(*) FROM elsewhere")
        return places

    def missing_from(self, offsets: Mapping[int, int]) -> int:
        """How many of the missing versions lie at or behind these offsets of the raw topic's partitions."""
        query = "SELECT count(*) FROM elsewhere WHERE place = 'missing' AND partition = ? AND offset >= ?"
        return sum(self._one(query, place) for place in offsets.items())

    def count(self, what: str) -> int:
        """How many there are of what `sample` gives."""
        return self._one(f"SELECT count(*) FROM ({_LISTS[what]})")  # noqa: S608 - a constant

    def sample(self, what: str, size: int) -> list[str]:
        """Some of what is `missing`, `doubled` or among the `orphans`, by id, or of the `missing_versions`."""
        return [row[0] for row in self._scratch.execute(f"{_LISTS[what]} LIMIT {size}")]

    def doubled_letters(self) -> frozenset[str]:
        """The open letters about what stands all the same."""
        return frozenset(row[0] for row in self._scratch.execute(_DOUBLED.format("letter")))

    def _judged(self, standing_of: StandingOf) -> Iterator[tuple[str, bytes, str]]:
        """The versions for which the store has a better one: it would not take them if they came again."""
        for rows in _chunks(self._scratch.execute(_TO_BE_JUDGED)):
            standings = standing_of(sorted({row[0] for row in rows}))
            for article_id, version, offset, appended, ingested in rows:
                if standing := standings.get(article_id):
                    at = Intake(self._position(offset, appended), _time(ingested))
                    place = self._place(article_id, version, at, standing)
                    if place is not None:
                        yield article_id, version, place

    def _place(self, article_id: str, version: bytes, at: Intake, standing: Standing) -> str | None:
        if version == standing.version_hash:  # it came meanwhile
            return "standing"
        stands = standing.intake
        if stands.position is None:  # of an earlier program: where it would be if the log were read again
            stands = stands._replace(position=self._first(article_id, standing.version_hash))
        return None if takes_over(at, stands, standing.superseded.get(version)) else "superseded"

    def _first(self, article_id: str, version: bytes) -> LogPosition | None:
        query = "SELECT min(offset), appended FROM messages WHERE id = ? AND version = ? GROUP BY id"
        found = self._scratch.execute(query, (article_id, version)).fetchone()
        return None if found is None else self._position(*found)

    def _position(self, offset: int, appended: float | None) -> LogPosition:
        time = None if appended is None else _time(appended)
        return LogPosition(log=self._log, offset=offset, appended_at=time)

    def _insert(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for chunk in _chunks(rows):
            with self._scratch:
                self._scratch.executemany(statement, chunk)

    def _one(self, query: str, parameters: tuple[int, ...] = ()) -> int:
        with closing(self._scratch.execute(query, parameters)) as found:
            return int(found.fetchone()[0])


def _time(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
