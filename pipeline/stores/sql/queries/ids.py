"""Which version of each article stands, for the ledger and for writing; and how many articles there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, Engine, func, select

from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.removals import SqlRemovals
from pipeline.stores.sql.rows import position_in
from pipeline.stores.sql.schema import articles, position_columns, superseded_versions
from pipeline.stores.versions import Intake, Standing, Superseded

_PAGE = 10_000


class SqlVersions:
    """The versions in a store, as they are when they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield the id of every stored article with the hash of its version, sorted by code point.

        Reads page by page, each in a short transaction, so a slow reader holds nothing open and memory is bounded.
        An article stored meanwhile may or may not be among them; none is ever removed.
        """
        last = ""
        query = select(articles.c.article_id, articles.c.version_hash).order_by(articles.c.article_id)
        while True:
            with reading(self._engine) as connection:
                page = connection.execute(query.where(articles.c.article_id > last).limit(_PAGE)).all()
            yield from map(tuple, page)
            if len(page) < _PAGE:
                return
            last = page[-1].article_id

    def forgotten(self) -> Iterator[str]:
        """See StoredVersions."""
        return SqlRemovals(self._engine).forgotten()

    def of(self, article_ids: Sequence[str]) -> Mapping[str, Standing]:
        """What stands of these articles, and what was superseded; articles that are not stored are left out."""
        with reading(self._engine) as connection:
            return standing_versions(connection, article_ids)


def standing_versions(
    connection: Connection, article_ids: Sequence[str], *, to_change: bool = False
) -> dict[str, Standing]:
    """What the store holds of these articles; with `to_change`, nobody else may change it meanwhile."""
    stored: dict[str, Standing] = {}
    columns = articles.c
    for some in slices(article_ids):
        query = (
            select(
                columns.article_id,
                columns.version_hash,
                columns.record_hash,
                columns.ingested_at,
                *position_columns(articles),
            )
            .where(columns.article_id.in_(some))
            .order_by(columns.article_id)
        )
        for row in connection.execute(query.with_for_update() if to_change else query):
            stored[row.article_id] = Standing(
                row.version_hash, row.record_hash, Intake(position_in(row), row.ingested_at)
            )
    for some in slices(list(stored)):
        history = select(superseded_versions).where(superseded_versions.c.article_id.in_(some))
        for row in connection.execute(history):
            stored[row.article_id].superseded[row.version_hash] = Superseded(position_in(row))
    return stored


def count_articles(engine: Engine) -> int:
    """How many articles are stored."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
