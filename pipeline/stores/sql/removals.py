"""Taking articles out of the database: with all that was found in them, their fingerprints, and the search index."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, select

from pipeline.record import Verdict
from pipeline.stores.removals import Forgotten, Found, Removal
from pipeline.stores.sql.bulk import delete_articles, insert, slices
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.fulltext import delete_quotes, drop_articles
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.schema import (
    alerts,
    aliases,
    articles,
    co_speakers,
    duplicate_state,
    entities,
    forgotten,
    mentions,
    stage_annotations,
    superseded_versions,
)

_PAGE = 1_000
_COPIES = (Verdict.EXACT.value, Verdict.NEAR.value)
_PARTS = (
    entities,
    aliases,
    mentions,
    co_speakers,
    stage_annotations,
    superseded_versions,
    duplicate_state,
    alerts,
)
_FOUND = (articles.c.article_id, articles.c.source, articles.c.title, articles.c.time)


class SqlRemovals:
    """See pipeline.stores.removals.Removals."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def found(self, removal: Removal) -> Iterator[Found]:
        """See Removals. Reads page by page, each in a short transaction."""
        for some in list(slices(removal.article_ids)) or [()]:
            yield from self._pages(removal, some)

    def _pages(self, removal: Removal, article_ids: Sequence[str]) -> Iterator[Found]:
        query = select(*_FOUND).order_by(articles.c.time, articles.c.article_id).limit(_PAGE)
        if article_ids:
            query = query.where(articles.c.article_id.in_(article_ids))
        for column, value in ((articles.c.url, removal.url), (articles.c.source, removal.source)):
            if value is not None:
                query = query.where(column == value)
        if removal.before is not None:
            query = query.where(articles.c.time < removal.before)
        last: Found | None = None
        while True:
            page = self._read(query if last is None else query.where(_behind(last)))
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def _read(self, query: Select[Any]) -> list[Found]:
        with reading(self._engine) as connection:
            return [Found(*row) for row in connection.execute(query)]

    def copies_of(self, article_ids: Sequence[str]) -> list[Found]:
        """See Removals."""
        known = set(article_ids)
        found: dict[str, Found] = {}
        latest = list(article_ids)
        while latest:
            layer = [
                one
                for some in slices(latest)
                for one in self._read(
                    select(*_FOUND).where(articles.c.duplicate_of.in_(some), articles.c.verdict.in_(_COPIES))
                )
                if one.article_id not in known
            ]
            latest = [one.article_id for one in layer]
            known.update(latest)
            found.update((one.article_id, one) for one in layer)
        return sorted(found.values(), key=lambda one: (one.time, one.article_id))

    def heirs(self, article_ids: Sequence[str], going: Collection[str]) -> Mapping[str, list[str]]:
        """See Removals."""
        found: dict[str, list[str]] = {}
        for some in slices(article_ids):
            origins = select(articles.c.article_id).where(
                articles.c.article_id.in_(some), articles.c.verdict != Verdict.EXACT.value
            )
            carriers = with_copies(origins)
            query = (
                select(carriers.c.origin, carriers.c.article_id)
                .join(articles, articles.c.article_id == carriers.c.article_id)
                .where(carriers.c.article_id != carriers.c.origin)
                .order_by(articles.c.time, articles.c.article_id)
            )
            with reading(self._engine) as connection:
                for origin, article_id in connection.execute(query):
                    if article_id not in going:
                        found.setdefault(origin, []).append(article_id)
        return found

    def remove(self, article_ids: Sequence[str], heirs: Mapping[str, str], forgotten_: Forgotten) -> int:
        """See Removals."""
        with writing(self._engine) as connection:
            _hand_on(connection, article_ids, heirs)
            drop_articles(connection, article_ids)
            delete_quotes(connection, article_ids)
            for table in _PARTS:
                delete_articles(connection, table, article_ids)
            removed = sum(
                connection.execute(articles.delete().where(articles.c.article_id.in_(some))).rowcount
                for some in slices(article_ids)
            )
            known = _noted(connection, article_ids)
            insert(
                connection,
                forgotten,
                [
                    {"article_id": one, "at": forgotten_.at, "why": forgotten_.why}
                    for one in sorted(set(article_ids) - known)
                ],
            )
            return removed

    def forgotten(self) -> Iterator[str]:
        """See Removals."""
        last = ""
        query = select(forgotten.c.article_id).order_by(forgotten.c.article_id).limit(_PAGE)
        while True:
            with reading(self._engine) as connection:
                page = connection.scalars(query.where(forgotten.c.article_id > last)).all()
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def when(self, article_id: str) -> Forgotten | None:
        """See Removals."""
        query = select(forgotten.c.at, forgotten.c.why).where(forgotten.c.article_id == article_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Forgotten(*row)

    def recall(self, article_ids: Sequence[str]) -> int:
        """See Removals."""
        with writing(self._engine) as connection:
            return sum(
                connection.execute(forgotten.delete().where(forgotten.c.article_id.in_(some))).rowcount
                for some in slices(sorted(set(article_ids)))
            )


def refused(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    """Those of the articles that were removed, and must not come again."""
    return _noted(connection, article_ids)


def _noted(connection: Connection, article_ids: Sequence[str]) -> set[str]:
    return {
        one
        for some in slices(list(article_ids))
        for one in connection.scalars(select(forgotten.c.article_id).where(forgotten.c.article_id.in_(some)))
    }


def _behind(last: Found) -> ColumnElement[bool]:
    later = articles.c.time > last.time
    return later | ((articles.c.time == last.time) & (articles.c.article_id > last.article_id))


def _hand_on(connection: Connection, article_ids: Sequence[str], heirs: Mapping[str, str]) -> None:
    """What was a copy of a removed article is one of its heir, of what it was a copy of itself, or of nothing."""
    parents: dict[str, str | None] = {}
    for some in slices(article_ids):
        query = select(articles.c.article_id, articles.c.duplicate_of).where(articles.c.article_id.in_(some))
        parents.update(connection.execute(query).all())

    def stands_in(article_id: str) -> str | None:
        seen: set[str] = set()
        at: str | None = article_id
        while at is not None and at in parents and at not in seen:
            seen.add(at)
            at = heirs.get(at) or parents[at]
        return None if at in seen else at

    for table in (articles, duplicate_state):
        for article_id in article_ids:
            copies = table.update().where(table.c.duplicate_of == article_id)
            connection.execute(copies.values(duplicate_of=stands_in(article_id)))
        for heir in heirs.values():
            itself = table.update().where(table.c.article_id == heir)
            connection.execute(itself.values(verdict=Verdict.ORIGINAL.value, duplicate_of=None))
