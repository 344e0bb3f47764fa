"""Writing records: one transaction a batch, one row an article, whatever is delivered how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table, bindparam

from pipeline.errors import PermanentError
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.stages.base import Rejection
from pipeline.stores.base import Counts, WriteResult, sifted
from pipeline.stores.incoming import Incoming
from pipeline.stores.searches import Searches
from pipeline.stores.sql.bulk import delete_articles, insert, insert_values
from pipeline.stores.sql.database import connect, writing
from pipeline.stores.sql.faults import translated
from pipeline.stores.sql.fulltext import delete_quotes, index_articles, insert_quotes, unindex_articles
from pipeline.stores.sql.identity import store_identity
from pipeline.stores.sql.mapping import Row
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.queries.counts import counts
from pipeline.stores.sql.queries.ids import SqlVersions, count_articles, standing_versions
from pipeline.stores.sql.removals import SqlRemovals, refused
from pipeline.stores.sql.rows import ENTITY_COLUMNS, MENTION_COLUMNS, Rows, position_row, rows_of
from pipeline.stores.sql.schema import (
    aliases,
    articles,
    co_speakers,
    entities,
    mentions,
    stage_annotations,
    superseded_versions,
)
from pipeline.stores.sql.searches import SqlSearches
from pipeline.stores.sql.standing import SqlAlerts, SqlQuestions
from pipeline.stores.versions import Disposition, Standings

if TYPE_CHECKING:
    from pipeline.stores.sql.duplicate_state import DatabaseStateStore
    from pipeline.stores.sql.feed_memory import DatabaseFeedMemory


def open_sql_store(url: str, *, read_only: bool = False, patience: float | None = None) -> SqlStore:
    """The store in the database of a URL. Raises like `connect`."""
    return SqlStore(connect(url, read_only=read_only, patience=patience))


class SqlStore:
    """The store of enriched articles in a database; see pipeline.stores.base.Store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def duplicates(self) -> DatabaseStateStore:
        """See Store."""
        from pipeline.stores.sql.duplicate_state import DatabaseStateStore  # noqa: PLC0415 - a search does without

        return DatabaseStateStore(self.engine)

    @property
    def versions(self) -> SqlVersions:
        """See Store."""
        return SqlVersions(self.engine)

    @property
    def searches(self) -> Searches:
        """See Store."""
        return SqlSearches(self.engine)

    @property
    def removals(self) -> SqlRemovals:
        """See Store."""
        return SqlRemovals(self.engine)

    @property
    def feeds(self) -> DatabaseFeedMemory:
        """See FeedMemory."""
        from pipeline.stores.sql.feed_memory import DatabaseFeedMemory  # noqa: PLC0415 - `watch --feeds` alone needs it

        return DatabaseFeedMemory(self.engine)

    @property
    def questions(self) -> SqlQuestions:
        """See pipeline.stores.standing."""
        return SqlQuestions(self.engine)

    @property
    def alerts(self) -> SqlAlerts:
        """See pipeline.stores.standing."""
        return SqlAlerts(self.engine)

    def identity(self) -> str:
        """See Store."""
        return store_identity(self.engine)

    def is_current(self) -> bool:
        """See Store."""
        from pipeline.stores.sql.migrate import is_current  # noqa: PLC0415 - slow to import, and seldom needed

        return is_current(self.engine)

    def upgrade(self) -> None:
        """See Store, and `migrate.upgrade` for what it raises."""
        from pipeline.stores.sql.migrate import upgrade  # noqa: PLC0415 - see is_current

        upgrade(self.engine)

    def article(self, article_id: str) -> EnrichedArticle | None:
        """See Store."""
        return article(self.engine, article_id)

    def count_articles(self) -> int:
        """See Store."""
        return count_articles(self.engine)

    def counts(self) -> Counts:
        """See Store. Reads whole indexes."""
        return counts(self.engine)

    def close(self) -> None:
        """See Store."""
        self.engine.dispose()

    def write(
        self, records: Sequence[EnrichedArticle], positions: Sequence[LogPosition | None] | None = None
    ) -> WriteResult:
        """Store a batch in one transaction; when this returns, it is durable.

        A record that can't be stored is rejected alone. `versions` says which records replace which.

        Args:
            records: in the order of arrival.
            positions: where each was accepted, None where that is not known, as of all when there are none.

        Raises:
            TransientError: the database can't be reached or is busy; nothing was written.
        """
        batch, rejections = sifted(records, positions)
        found: Counter[Disposition] = Counter()
        if batch:
            try:
                with writing(self.engine) as connection:
                    found = _write(connection, list(batch.values()))
            except PermanentError:
                # The database refused something in the batch: find out which, and store the others.
                with writing(self.engine) as connection:
                    found = _write_singly(connection, batch, rejections)
        return WriteResult.of(found, rejections)


def _write_singly(
    connection: Connection, batch: Mapping[int, Incoming], rejections: dict[int, Rejection]
) -> Counter[Disposition]:
    found: Counter[Disposition] = Counter()
    for index, incoming in batch.items():
        try:
            with translated(), connection.begin_nested():
                found += _write(connection, [incoming])
        except PermanentError as error:
            rejections[index] = Rejection(error.reason, error.detail)
    return found


def _write(connection: Connection, batch: Sequence[Incoming]) -> Counter[Disposition]:
    article_ids = sorted({incoming.article_id for incoming in batch})
    gone = refused(connection, article_ids)
    stored = standing_versions(connection, article_ids, to_change=True)
    before = {article_id: standing.version_hash for article_id, standing in stored.items()}
    standings = Standings(stored)
    found: Counter[Disposition] = Counter()
    new: dict[str, Incoming] = {}
    changed: dict[str, Incoming] = {}
    for incoming in batch:
        if incoming.article_id in gone:
            found[Disposition.FORGOTTEN] += 1
            continue
        disposition = standings.admit(incoming)
        found[disposition] += 1
        if disposition is Disposition.INSERTED or (
            disposition is Disposition.UPDATED and incoming.article_id in new
        ):
            new[incoming.article_id] = incoming
        elif disposition is Disposition.UPDATED:
            changed[incoming.article_id] = incoming
    reworded = sorted(one for one in changed if changed[one].version_hash != before[one])
    unindex_articles(connection, reworded)
    if changed:
        _remove_parts(connection, sorted(changed))
    # Sorted, so that two workers with the same articles wait for each other instead of locking up.
    for some, write_articles in ((new, insert), (changed, _update)):
        rows = [
            rows_of(replace(some[article_id], position=standings.position(article_id)))
            for article_id in sorted(some)
        ]
        _add(connection, rows, write_articles)
    index_articles(connection, [*sorted(new), *reworded])
    _note_positions(connection, standings, standings.moved - new.keys() - changed.keys())
    return found


def _note_positions(connection: Connection, standings: Standings, moved: Iterable[str]) -> None:
    """Write what has become known of the log beside the records."""
    rows = [
        {"article_id": article_id, **position_row(standings.position(article_id))}
        for article_id in sorted(moved)
    ]
    _update(connection, articles, rows)
    if standings.outdated:
        table = superseded_versions
        this = (table.c.article_id == bindparam("id")) & (table.c.version_hash == bindparam("version"))
        outdated = [
            {"id": article_id, "version": version} for article_id, version in sorted(standings.outdated)
        ]
        connection.execute(table.delete().where(this), outdated)
    superseded = [
        {"article_id": article_id, "version_hash": version, **position_row(known.position)}
        for (article_id, version), known in sorted(standings.superseded.items(), key=itemgetter(0))
    ]
    insert(connection, superseded_versions, superseded)


def _add(
    connection: Connection,
    batch: Sequence[Rows],
    write_articles: Callable[[Connection, Table, Sequence[Row]], None],
) -> None:
    write_articles(connection, articles, [rows.article for rows in batch])
    insert_values(connection, entities, ENTITY_COLUMNS, [row for rows in batch for row in rows.entities])
    insert(connection, aliases, [row for rows in batch for row in rows.aliases])
    insert_values(connection, mentions, MENTION_COLUMNS, [row for rows in batch for row in rows.mentions])
    insert(connection, co_speakers, [row for rows in batch for row in rows.co_speakers])
    insert(connection, stage_annotations, [row for rows in batch for row in rows.annotations])
    insert_quotes(connection, [row for rows in batch for row in rows.quotes])


def _remove_parts(connection: Connection, article_ids: Sequence[str]) -> None:
    for table in (entities, aliases, mentions, co_speakers, stage_annotations):
        delete_articles(connection, table, article_ids)
    delete_quotes(connection, article_ids)


def _update(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "article_id"}
    statement = table.update().where(table.c.article_id == bindparam("at")).values(values)
    connection.execute(statement, [{**row, "at": row["article_id"]} for row in rows])
