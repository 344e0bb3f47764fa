"""The state of the duplicates stage: its own file of lines, and what follows from them in memory."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from news_jsonlines.lines import Lines
from pipeline.record import Duplicate
from pipeline.stages.duplicates.state import MemoryStateStore, Merge, StateKey, StateRow, StoredSketches


class JsonLinesState:
    """See pipeline.stages.duplicates.state.StateStore. Safe with several writers: the first verdict of a key stands."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.lines = Lines(path, self._take, read_only=read_only)
        self._memory = MemoryStateStore()

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """See StateStore."""
        with self.lines.reading():
            return self._memory.versions(article_ids)

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """See StateStore."""
        with self.lines.writing():
            known = self._standing(rows)
            new = {row.key: row for row in reversed(rows) if row.key not in known}  # of equal keys the first
            self.lines.append(
                [_row_line(new[key]) for key in dict.fromkeys(row.key for row in rows) if key in new]
            )
            for merge in merges:
                self._merge(merge)
            return self._standing(rows)

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """See StateStore."""
        with self.lines.reading():
            return self._memory.remembered(since, latest)

    def merges(self) -> Iterator[Merge]:
        """See StateStore."""
        with self.lines.reading():
            return iter(list(self._memory.merges()))

    def _standing(self, rows: Sequence[StateRow]) -> dict[StateKey, StateRow]:
        wanted = {row.key for row in rows}
        found = self._memory.versions({row.key.article_id for row in rows})
        return {row.key: row for versions in found.values() for row in versions if row.key in wanted}

    def _merge(self, merge: Merge) -> None:
        """Unite two clusters, keeping the merges flat also when either was merged before."""
        known = dict(self._memory.merges())
        loser, winner = known.get(merge.loser, merge.loser), known.get(merge.winner, merge.winner)
        if loser != winner:
            self.lines.append([orjson.dumps({"loser": loser, "winner": winner})])

    def _take(self, line: bytes, _place: int) -> None:
        value = orjson.loads(line)
        if "loser" in value:
            self._memory.record([], [Merge(value["loser"], value["winner"])])
            return
        row = StateRow(
            StateKey(value["article_id"], bytes.fromhex(value["content_hash"])),
            Duplicate.model_validate(value["duplicate"]),
            datetime.fromisoformat(value["time"]),
            b64decode(value["sketch"]),
        )
        self._memory.record([row], [])


def _row_line(row: StateRow) -> bytes:
    return orjson.dumps(
        {
            "article_id": row.key.article_id,
            "content_hash": row.key.content_hash.hex(),
            "duplicate": row.duplicate.model_dump(mode="json"),
            "time": row.time.isoformat(),
            "sketch": b64encode(row.sketch).decode(),
        }
    )
