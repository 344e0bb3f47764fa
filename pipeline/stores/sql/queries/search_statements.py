"""Statements page by page, whatever they are asked by.

A page is read along an index in the order of time, and begins where the one before ended: the hundredth costs what the
first does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql.selectable import NamedFromClause

from pipeline.record import Verdict
from pipeline.stores.questions import Page, Place, StatementQuestion
from pipeline.stores.searches import FoundQuote
from pipeline.stores.sql.bulk import slices
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.fulltext import has_phrase, is_everywhere, numbers_about, quotes_about
from pipeline.stores.sql.queries.by_words import Sought, latest_with_words
from pipeline.stores.sql.queries.carriers import NOWHERE, Carriers, carried
from pipeline.stores.sql.queries.names import keys_of
from pipeline.stores.sql.queries.ranges import within
from pipeline.stores.sql.queries.speech import said_by, with_all_pieces
from pipeline.stores.sql.schema import articles, co_speakers, quotes

_PORTION = 100
_MOST = 2000
_LOOKED_AT = 5000
_TIMES_LOOKED_AT = 50


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
        asked = _Asked(connection, question)
        places, more = _places(connection, asked, after, limit)
        rows = _rows(connection, [number for _, number in places])
        known = carried(connection, {row.words_hash for row in rows}, question.since, question.until)
        found = [_found(row, known.get((row.words_hash, row.speaker_key), NOWHERE)) for row in rows]
        whole = with_all_pieces(connection, found)
    end = Place(rows[-1].time, str(rows[-1].id)) if more else None
    return Page(tuple(whole), end)


def _places(
    connection: Connection, asked: _Asked, after: Place | None, limit: int
) -> tuple[list[tuple[datetime, int]], bool]:
    """Where the statements of a page are, the latest first, by time and number; and whether there are more.

    Read portion by portion in the order of time, so that what is said again is looked for among few.
    """
    found: list[tuple[datetime, int]] = []
    size = max(limit + 1, _PORTION)
    end = (after.time, int(after.key)) if after else None
    while len(found) <= limit:
        portion = asked.next(connection, end, size)
        if not portion:
            break
        first = asked.firsts(connection, [number for _, number in portion])
        found += [place for place in portion if place[1] in first]
        if len(portion) < size:
            break
        end, size = portion[-1], min(_MOST, 2 * size)
    return found[:limit], len(found) > limit


def _rows(connection: Connection, numbers: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
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
        .where(columns.id.in_(numbers))
        .order_by(columns.time.desc(), columns.id.desc())
    )
    return connection.execute(query).all()


def _found(row: Row[*tuple[Any, ...]], carriers: Carriers) -> FoundQuote:
    return FoundQuote(
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


def statements_by_day(engine: Engine, question: StatementQuestion, *, among: int = 2_000) -> dict[str, int]:
    """Count the latest `among` pieces of statements by day, in order; every copy counts. Raises as above."""
    with reading(engine) as connection:
        found = _Asked(connection, question).next(connection, None, among)
    return dict(sorted(Counter(f"{time:%Y-%m-%d}" for time, _ in found).items()))


def _order(rows: FromClause) -> tuple[ColumnElement[Any], ...]:
    return rows.c.time.desc(), rows.c.id.desc()


class _Asked:
    """A question as conditions on the quotes, or on an alias of them."""

    def __init__(self, connection: Connection, question: StatementQuestion) -> None:
        self._question = question
        self._keys = keys_of(connection, question.speaker) if question.speaker else None
        self._dialect = connection.dialect.name
        self._often: str | None = None  # the words, where very many have them: SQLite alone knows
        if question.about is not None and is_everywhere(connection, question.about, quotes):
            self._often = question.about
        self._phrase: Sought | None = None
        if question.about is not None and self._dialect != "sqlite" and has_phrase(question.about):
            have_words = partial(quotes_about, question.about, self._dialect)
            self._phrase = Sought(quotes, have_words, _order, _LOOKED_AT)

    def next(
        self, connection: Connection, end: tuple[datetime, int] | None, size: int
    ) -> list[tuple[datetime, int]]:
        """The next pieces that fit, by time and number, the latest first."""
        places: set[tuple[datetime, int]] = set()
        columns = quotes.c
        for stream in self._streams():
            query = stream
            if end is not None:
                before = and_(columns.time == end[0], columns.id < end[1])
                query = query.where(columns.time <= end[0], or_(columns.time < end[0], before))
            if self._often is not None:
                found = self._latest_with_words(connection, query, self._often, size)
            elif self._phrase is not None:
                found = latest_with_words(connection, query, self._phrase, size)
            else:
                found = connection.execute(query.order_by(*_order(quotes)).limit(size)).all()
            places.update((row.time, row.id) for row in found)
        return sorted(places, reverse=True)[:size]

    def _latest_with_words(
        self, connection: Connection, stream: Select[tuple[datetime, int]], about: str, size: int
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """What fits and has the words, in order, on SQLite: among the latest, whose numbers are mostly the highest.

        To look each up in the index takes fifty times what it takes to read the index from a number on.
        """
        latest = stream.order_by(*_order(quotes)).limit(_TIMES_LOOKED_AT * size).cte("latest")
        lowest = select(func.min(latest.c.id)).scalar_subquery()
        among = select(latest).where(latest.c.id.in_(numbers_about(about, lowest)))
        found = connection.execute(among.order_by(*_order(latest)).limit(size)).all()
        if len(found) == size:
            return found
        every = stream.where(quotes_about(about, self._dialect))
        return connection.execute(every.order_by(*_order(quotes)).limit(size)).all()

    def _streams(self) -> Iterator[Select[tuple[datetime, int]]]:
        """What fits, as one or several that overlap, each to be had in the order of time from one index.

        Words that very many have on SQLite, and a phrase on PostgreSQL, are not looked for yet.
        """
        pieces = select(quotes.c.time, quotes.c.id)
        question = self._question
        if self._keys is not None:
            fitting = self._fits(quotes, speaker=False)
            for key in self._keys:
                yield pieces.where(quotes.c.speaker_key == key, *fitting)
            same = and_(
                co_speakers.c.article_id == quotes.c.article_id, co_speakers.c.position == quotes.c.position
            )
            beside = pieces.join(co_speakers, same).where(co_speakers.c.speaker_key.in_(self._keys))
            yield beside.where(*fitting)
        elif question.sources:
            fitting = self._fits(quotes, source=False)
            joined = pieces.join(articles, articles.c.article_id == quotes.c.article_id)
            copied = pieces.join(articles, articles.c.duplicate_of == quotes.c.article_id)
            for source in question.sources:
                yield joined.where(articles.c.source == source, *fitting)
                yield copied.where(
                    articles.c.source == source, articles.c.verdict == Verdict.EXACT.value, *fitting
                )
        else:
            yield pieces.where(*self._fits(quotes))

    def firsts(self, connection: Connection, numbers: Sequence[int]) -> set[int]:
        """Which of these are neither said before nor go on with what is found as well."""
        found: set[int] = set()
        for some in slices(numbers):
            query = select(quotes.c.id).where(
                quotes.c.id.in_(some), self._is_first(quotes), ~self._continues(quotes)
            )
            found.update(connection.execute(query).scalars())
        return found

    def _fits(
        self, rows: NamedFromClause, *, speaker: bool = True, source: bool = True, one_by_one: bool = False
    ) -> list[ColumnElement[bool]]:
        """That a piece is what was asked for; but for speaker or source, where that is known."""
        question = self._question
        conditions = within(rows.c.time, question.since, question.until)
        if speaker and self._keys is not None:
            conditions.append(said_by(self._keys, rows))
        if question.about is not None and (one_by_one or (self._phrase is None and self._often is None)):
            conditions.append(quotes_about(question.about, self._dialect, rows, one_by_one=one_by_one))
        if question.polarities:
            conditions.append(rows.c.polarity.in_(question.polarities))
        if question.kinds:
            conditions.append(rows.c.kind.in_(question.kinds))
        if question.least_confidence:
            conditions.append(rows.c.confidence >= question.least_confidence)
        if source and question.sources:
            conditions.append(self._carried_by(rows))
        return conditions

    def _is_first(self, rows: NamedFromClause) -> ColumnElement[bool]:
        """That no earlier piece which fits has the same words of the same speaker."""
        earlier = quotes.alias()
        same = (
            earlier.c.words_hash == rows.c.words_hash,
            func.coalesce(earlier.c.speaker_key, "") == func.coalesce(rows.c.speaker_key, ""),
            tuple_(earlier.c.time, earlier.c.id) < tuple_(rows.c.time, rows.c.id),
        )
        return ~select(earlier.c.id).where(*same, *self._fits(earlier, one_by_one=True)).exists()

    def _continues(self, rows: NamedFromClause) -> ColumnElement[bool]:
        """That a piece before it of the same statement is found as well."""
        piece = quotes.alias()
        same = (
            piece.c.article_id == rows.c.article_id,
            piece.c.statement == rows.c.statement,
            piece.c.position < rows.c.position,
        )
        return (
            select(piece.c.id)
            .where(*same, *self._fits(piece, one_by_one=True), self._is_first(piece))
            .exists()
        )

    def _carried_by(self, rows: NamedFromClause) -> ColumnElement[bool]:
        """By the article that it stands in, or by an exact copy of that."""
        own, copy = articles.alias(), articles.alias()
        sources = self._question.sources
        in_own = select(own.c.article_id).where(
            own.c.article_id == rows.c.article_id, own.c.source.in_(sources)
        )
        in_copy = select(copy.c.article_id).where(
            copy.c.duplicate_of == rows.c.article_id,
            copy.c.verdict == Verdict.EXACT.value,
            # Not by its index: SQLite would read all of the outlet.
            func.coalesce(copy.c.source, "").in_(sources),
        )
        return or_(in_own.exists(), in_copy.exists())
