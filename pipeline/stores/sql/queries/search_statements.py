"""Statements page by page, whatever they are asked by.

A page is read along the index of times, and begins where the one before ended: the hundredth costs what the first does.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Engine, FromClause, and_, func, or_, select, tuple_

from pipeline.record import Verdict
from pipeline.stores.questions import Page, Place, StatementQuestion
from pipeline.stores.searches import FoundQuote
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import quotes_about
from pipeline.stores.sql.queries.carriers import NOWHERE, carried
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import day_of, within
from pipeline.stores.sql.queries.speech import said_by, with_all_pieces
from pipeline.stores.sql.schema import articles, quotes


def search_statements(
    engine: Engine, question: StatementQuestion, *, after: Place | None = None, limit: int = 50
) -> Page[FoundQuote]:
    """Give a page of statements, the latest first.

    The same words of one speaker are found once, in the first article that fits the question; so are the pieces of a
    statement.

    Args:
        engine: the store.
        question: which are meant.
        after: where the page before ended, None for the first.
        limit: the largest number of statements.

    Raises:
        UsageError: `question.about` has no word in it.
    """
    with reading(engine) as connection:
        keys = keys_of(connection, question.speaker) if question.speaker else None
        asked = _Asked(question, keys, engine.dialect.name)
        columns = quotes.c
        query = (
            select(
                columns.text,
                columns.kind,
                columns.speaker_name,
                columns.confidence,
                columns.context,
                columns.time,
                articles.c.article_id,
                articles.c.source,
                articles.c.title,
                articles.c.url,
                columns.polarity,
                columns.statement,
                columns.words_hash,
                columns.speaker_key,
                columns.id,
            )
            .join(articles, articles.c.article_id == columns.article_id)
            .where(*asked.fits(quotes), asked.is_first(quotes), ~asked.continues(quotes))
            .order_by(columns.time.desc(), columns.id.desc())
            .limit(limit + 1)
        )
        if after is not None:
            before = and_(columns.time == after.time, columns.id < int(after.key))
            query = query.where(columns.time <= after.time, or_(columns.time < after.time, before))
        rows = connection.execute(query).all()
        page = rows[:limit]
        known = carried(connection, {row.words_hash for row in page}, question.since, question.until)
        found = [
            FoundQuote(
                text=row.text,
                kind=row.kind,
                speaker=row.speaker_name,
                confidence=row.confidence,
                context=row.context,
                time=row.time,
                copies=max(1, carriers.articles),
                article_id=row.article_id,
                source=row.source,
                title=row.title,
                url=row.url,
                polarity=row.polarity,
                statement=row.statement,
                outlets=max(1, len(carriers.outlets)),
            )
            for row in page
            for carriers in (known.get((row.words_hash, row.speaker_key), NOWHERE),)
        ]
        whole = with_all_pieces(connection, found)
    end = Place(page[-1].time, str(page[-1].id)) if len(rows) > limit else None
    return Page(tuple(whole), end)


def statements_by_day(engine: Engine, question: StatementQuestion, *, among: int = 20_000) -> dict[str, int]:
    """Count the latest `among` pieces of statements by day, in order; every copy counts. Raises as above."""
    with reading(engine) as connection:
        keys = keys_of(connection, question.speaker) if question.speaker else None
        asked = _Asked(question, keys, engine.dialect.name)
        latest = (
            select(quotes.c.time)
            .where(*asked.fits(quotes))
            .order_by(quotes.c.time.desc())
            .limit(among)
            .subquery()
        )
        day = day_of(latest.c.time, engine.dialect.name)
        return {
            str(row.day): int(row.pieces)
            for row in connection.execute(
                select(day.label("day"), func.count().label("pieces")).group_by(day).order_by(day)
            )
        }


class _Asked:
    """A question as conditions on the quotes, or on an alias of them."""

    def __init__(self, question: StatementQuestion, keys: Collection[str] | None, dialect: str) -> None:
        self._question = question
        self._keys = keys
        self._dialect = dialect

    def fits(self, rows: FromClause) -> list[ColumnElement[bool]]:
        """That a piece is what was asked for."""
        question = self._question
        conditions = within(rows.c.time, question.since, question.until)
        if self._keys is not None:
            conditions.append(said_by(self._keys, rows))
        if question.about is not None:
            conditions.append(quotes_about(question.about, self._dialect, rows))
        if question.polarities:
            conditions.append(rows.c.polarity.in_(question.polarities))
        if question.kinds:
            conditions.append(rows.c.kind.in_(question.kinds))
        if question.least_confidence:
            conditions.append(rows.c.confidence >= question.least_confidence)
        if question.sources:
            conditions.append(self._carried_by(rows))
        return conditions

    def is_first(self, rows: FromClause) -> ColumnElement[bool]:
        """That no earlier piece which fits has the same words of the same speaker."""
        earlier = quotes.alias()
        same = (
            earlier.c.words_hash == rows.c.words_hash,
            func.coalesce(earlier.c.speaker_key, "") == func.coalesce(rows.c.speaker_key, ""),
            tuple_(earlier.c.time, earlier.c.id) < tuple_(rows.c.time, rows.c.id),
        )
        return ~select(earlier.c.id).where(*same, *self.fits(earlier)).exists()

    def continues(self, rows: FromClause) -> ColumnElement[bool]:
        """That a piece before it of the same statement is found as well."""
        piece = quotes.alias()
        same = (
            piece.c.article_id == rows.c.article_id,
            piece.c.statement == rows.c.statement,
            piece.c.position < rows.c.position,
        )
        return select(piece.c.id).where(*same, *self.fits(piece), self.is_first(piece)).exists()

    def _carried_by(self, rows: FromClause) -> ColumnElement[bool]:
        """By the article that it stands in, or by an exact copy of that."""
        own, copy = articles.alias(), articles.alias()
        sources = self._question.sources
        in_own = select(own.c.article_id).where(
            own.c.article_id == rows.c.article_id, own.c.source.in_(sources)
        )
        in_copy = select(copy.c.article_id).where(
            copy.c.duplicate_of == rows.c.article_id,
            copy.c.verdict == Verdict.EXACT.value,
            copy.c.source.in_(sources),
        )
        return or_(in_own.exists(), in_copy.exists())
