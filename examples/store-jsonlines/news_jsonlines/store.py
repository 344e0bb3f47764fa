"""The store: records in one file of JSON lines, the state of the duplicates stage in another beside it.

`records.jsonl` has a line for each change of an article: its record, its versions as far as the rule of versions needs
them (`pipeline.stores.versions`); the last line of an id stands. Its first line names the store. What stands is known
in memory, some hundred bytes an article; a record is read when it is asked for.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson

from news_jsonlines.lines import Lines, sync_folder, system_errors
from news_jsonlines.state import JsonLinesState
from pipeline.errors import InstallationError, SettingsError
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.stores.base import UNKNOWN_LANGUAGE, Counts, WriteResult, sifted
from pipeline.stores.versions import Disposition, Intake, Standing, Standings, Superseded

_RECORD = b',"record":'  # in no string: there a quotation mark is escaped


def open_store(url: str, *, read_only: bool = False) -> JsonLinesStore:
    """The store of `jsonl:///path/records.jsonl`. Raises SettingsError when that is no path."""
    parts = urlsplit(url)
    path = Path(unquote(parts.path).removeprefix("/") if parts.path.startswith("//") else unquote(parts.path))
    if parts.netloc or not path.name:
        raise SettingsError(f"database URL: {url} names no file; expected jsonl:///path/records.jsonl")
    if read_only and not path.exists():
        raise SettingsError(f"database URL: there is no file {path}; has a worker run with this URL?")
    return JsonLinesStore(path, read_only=read_only)


class JsonLinesStore:
    """See pipeline.stores.base.Store. It answers no searches."""

    searches = None
    removals = None

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._lines = Lines(path, self._take, read_only=read_only)
        self._identity = ""
        self._standings: dict[str, Standing] = {}
        self._places: dict[str, int] = {}
        self.versions = _Versions(self)
        self.duplicates = JsonLinesState(path.with_name(path.name + ".duplicates"), read_only=read_only)

    def identity(self) -> str:
        """See Store."""
        with self._lines.reading():
            if not self._identity:
                raise InstallationError(
                    f"{self._lines.path}: the store is not there: run `pipeline store upgrade`"
                )
            return self._identity

    def is_current(self) -> bool:
        """See Store."""
        with self._lines.reading():
            return bool(self._identity)

    def upgrade(self) -> None:
        """See Store."""
        folder = self._lines.path.parent
        with system_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with self._lines.writing(make=True), self.duplicates.lines.writing(make=True):
            if not self._identity:
                self._lines.append([orjson.dumps({"store": uuid.uuid4().hex})])
            sync_folder(folder)

    def write(
        self, records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None = None
    ) -> WriteResult:
        """See Store."""
        batch, rejections = sifted(records, positions)
        found: Counter[Disposition] = Counter()
        with self._lines.writing():
            ids = dict.fromkeys(incoming.article_id for incoming in batch.values())
            held = {one: _copy(self._standings[one]) for one in ids if one in self._standings}
            standings = Standings(held)
            chosen: dict[str, bytes] = {}
            for incoming in batch.values():
                disposition = standings.admit(incoming)
                found[disposition] += 1
                if disposition in (Disposition.INSERTED, Disposition.UPDATED):
                    chosen[incoming.article_id] = incoming.record.model_dump_json().encode()
            self._lines.append(
                [
                    _line(one, held[one], chosen[one] if one in chosen else self._record(one))
                    for one in ids
                    if one in chosen or held[one] != self._standings[one]
                ]
            )
        return WriteResult.of(found, rejections)

    def article(self, article_id: str) -> EnrichedArticle | None:
        """See Store."""
        with self._lines.reading():
            if article_id not in self._places:
                return None
            return EnrichedArticle.model_validate_json(self._record(article_id))

    def count_articles(self) -> int:
        """See Store."""
        with self._lines.reading():
            return len(self._places)

    def counts(self) -> Counts:
        """See Store. Reads every record."""
        verdicts: Counter[str] = Counter()
        languages: Counter[str] = Counter()
        entities = quotes = attributed = 0
        for article_id, _ in self.versions.all():
            record = self.article(article_id)
            if record is not None:
                verdicts[record.duplicate.verdict.value] += 1
                languages[record.article.language or UNKNOWN_LANGUAGE] += 1
                entities += len(record.entities)
                quotes += len(record.quotes)
                attributed += sum(quote.speaker is not None for quote in record.quotes)
        by_verdict, by_language = (dict(sorted(found.items())) for found in (verdicts, languages))
        return Counts(verdicts.total(), by_verdict, entities, quotes, attributed, by_language)

    def close(self) -> None:
        """See Store. No file is kept open."""

    def standing(self) -> dict[str, Standing]:
        """What stands now, by id."""
        with self._lines.reading():
            return dict(self._standings)

    def _record(self, article_id: str) -> bytes:
        return self._lines.at(self._places[article_id]).partition(_RECORD)[2].rstrip()[:-1]

    def _take(self, line: bytes, place: int) -> None:
        about, has_record, _ = line.partition(_RECORD)
        value: dict[str, Any] = orjson.loads(about + b"}" if has_record else line)
        if "store" in value:
            self._identity = value["store"]
            return
        article_id = value["article_id"]
        self._places[article_id] = place
        self._standings[article_id] = Standing(
            bytes.fromhex(value["version"]),
            bytes.fromhex(value["record_hash"]),
            Intake(_position(value["position"]), datetime.fromisoformat(value["ingested_at"])),
            {
                bytes.fromhex(version): Superseded(_position(position))
                for version, position in value["superseded"].items()
            },
        )


class _Versions:
    """See pipeline.stores.base.StoredVersions."""

    def __init__(self, store: JsonLinesStore) -> None:
        self._store = store

    def all(self) -> Iterator[tuple[str, bytes]]:
        """See StoredVersions."""
        standing = self._store.standing()
        return ((article_id, standing[article_id].version_hash) for article_id in sorted(standing))

    def forgotten(self) -> Iterator[str]:
        """See StoredVersions."""
        return iter(())

    def of(self, article_ids: Sequence[str]) -> Mapping[str, Standing]:
        """See StoredVersions."""
        standing = self._store.standing()
        return {article_id: standing[article_id] for article_id in article_ids if article_id in standing}


def _line(article_id: str, standing: Standing, record: bytes) -> bytes:
    about = {
        "article_id": article_id,
        "version": standing.version_hash.hex(),
        "record_hash": standing.record_hash.hex(),
        "position": _json(standing.intake.position),
        "ingested_at": standing.intake.ingested_at.isoformat(),
        "superseded": {
            version.hex(): _json(known.position) for version, known in standing.superseded.items()
        },
    }
    return orjson.dumps(about)[:-1] + _RECORD + record + b"}"


def _copy(standing: Standing) -> Standing:
    return replace(standing, superseded=dict(standing.superseded))


def _json(position: LogPosition | None) -> dict[str, Any] | None:
    return None if position is None else position.model_dump(mode="json", exclude_none=True)


def _position(value: dict[str, Any] | None) -> LogPosition | None:
    return None if value is None else LogPosition.model_validate(value)
