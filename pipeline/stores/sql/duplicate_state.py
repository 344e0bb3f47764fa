"""The state of the duplicates stage, beside the articles and as durable as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, tuple_

from pipeline.record import Duplicate, Relation, Verdict
from pipeline.record.trusted import trusted
from pipeline.stages.duplicates.state import Merge, StateKey, StateRow, StoredSketches
from pipeline.stores.sql.bulk import slices, upsert
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.removals import refused
from pipeline.stores.sql.schema import cluster_merges, duplicate_state

_FETCH = 2000
_LOADED = 8192
_MERGE_LOCK = 0x6E657773_6D726765


class DatabaseStateStore:
    """A StateStore in the database. Safe with several writers: the first verdict of a key stands."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def versions(self, article_ids: Iterable[str]) -> Mapping[str, Sequence[StateRow]]:
        """See StateStore."""
        found: dict[str, list[StateRow]] = {}
        with reading(self._engine) as connection:
            for some in slices(sorted(set(article_ids))):
                query = (
                    select(duplicate_state)
                    .where(duplicate_state.c.article_id.in_(some))
                    .order_by(duplicate_state.c.seq)
                )
                for row in connection.execute(query):
                    found.setdefault(row.article_id, []).append(_state_row(row))
        return found

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> Mapping[StateKey, StateRow]:
        """See StateStore."""
        with writing(self._engine) as connection:
            written = 0
            gone = refused(connection, [row.key.article_id for row in rows])
            kept = [row for row in rows if row.key.article_id not in gone]
            if kept:
                statement = _insert_unless_there(connection)
                written = connection.execute(statement, [_values(row) for row in kept]).rowcount
            for merge in merges:
                _merge(connection, merge)
            standing = {row.key: row for row in rows}
            if written < len(kept):
                standing |= _standing(connection, [row.key for row in kept])
            return standing

    def remembered(self, since: datetime, latest: int) -> Iterator[StoredSketches]:
        """See StateStore. Streams: memory does not grow with the number of rows."""
        table = duplicate_state
        with reading(self._engine) as connection:
            last = connection.scalar(select(func.max(table.c.seq))) or 0
            first = connection.scalar(select(func.min(table.c.seq)).where(table.c.time >= since)) or last
            query = (
                select(table.c.article_id, table.c.cluster_id, table.c.sketch)
                .where(table.c.seq >= min(first, last - latest + 1))
                .order_by(table.c.seq)
            )
            for rows in connection.execution_options(yield_per=_LOADED).execute(query).partitions():
                yield StoredSketches(*zip(*rows, strict=True))

    def merges(self) -> Iterator[Merge]:
        """See StateStore."""
        with reading(self._engine) as connection:
            for row in connection.execution_options(yield_per=_FETCH).execute(select(cluster_merges)):
                yield Merge(row.loser, row.winner)


def _insert_unless_there(connection: Connection) -> Any:
    return upsert(connection, duplicate_state).on_conflict_do_nothing(
        index_elements=["article_id", "content_hash"]
    )


def _standing(connection: Connection, keys: Sequence[StateKey]) -> dict[StateKey, StateRow]:
    standing: dict[StateKey, StateRow] = {}
    pair = tuple_(duplicate_state.c.article_id, duplicate_state.c.content_hash)
    for some in slices(keys):
        for row in connection.execute(select(duplicate_state).where(pair.in_(some))):
            state = _state_row(row)
            standing[state.key] = state
    return standing


def _merge(connection: Connection, merge: Merge) -> None:
    """Unite two clusters, keeping the table flat also when either was merged before."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_MERGE_LOCK)))
    table = cluster_merges
    known = dict(
        connection.execute(
            select(table.c.loser, table.c.winner).where(table.c.loser.in_([merge.loser, merge.winner]))
        ).all()
    )
    loser, winner = known.get(merge.loser, merge.loser), known.get(merge.winner, merge.winner)
    if loser == winner:
        return
    connection.execute(table.update().where(table.c.winner == loser).values(winner=winner))
    connection.execute(table.insert().values(loser=loser, winner=winner))


def _values(row: StateRow) -> dict[str, Any]:
    return {
        "article_id": row.key.article_id,
        "content_hash": row.key.content_hash,
        **dict(row.duplicate),
        "verdict": row.duplicate.verdict.value,
        "relation": row.duplicate.relation and row.duplicate.relation.value,
        "time": row.time,
        "sketch": row.sketch,
        "source": row.source,
        "url": row.url,
    }


def _state_row(row: Row[Any]) -> StateRow:
    duplicate = trusted(
        Duplicate,
        {
            "verdict": Verdict(row.verdict),
            "cluster_id": row.cluster_id,
            "duplicate_of": row.duplicate_of,
            "relation": row.relation and Relation(row.relation),
            "jaccard": row.jaccard,
            "containment": row.containment,
        },
    )
    return StateRow(
        StateKey(row.article_id, row.content_hash), duplicate, row.time, row.sketch, row.source, row.url
    )
