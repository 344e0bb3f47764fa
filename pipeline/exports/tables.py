"""The tables: which columns there are, and what stands in them. CSV and Parquet write the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from pipeline.exports.form import ARTICLES, NAMES, STATEMENTS, Asked
from pipeline.record import EnrichedArticle, Entity, Statement, effective_time

Value = str | float | int | datetime | Sequence[str] | None


class Type(Enum):
    """What the values of a column are; any may be missing."""

    TEXT = auto()
    TEXTS = auto()
    TIME = auto()
    COUNT = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what its values are, and its value in a row."""

    name: str
    type: Type
    value: Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, and what an article has rows for, each with the article."""

    columns: tuple[Column, ...]
    entries: Callable[[EnrichedArticle, Asked], Iterable[Any]]

    def rows(self, records: Iterable[EnrichedArticle], asked: Asked) -> Iterator[list[Value]]:
        """The rows, one at a time, with a value for each column."""
        for record in records:
            for entry in self.entries(record, asked):
                yield [column.value(entry) for column in self.columns]


@dataclass(frozen=True, slots=True)
class _Said:
    record: EnrichedArticle
    statement: Statement


@dataclass(frozen=True, slots=True)
class _Named:
    record: EnrichedArticle
    entity: Entity


def _of_article(name: str, type: Type, value: Callable[[EnrichedArticle], Value]) -> Column:  # noqa: A002 - as in Column
    """A column about the article that a statement or a name stands in."""
    return Column(name, type, lambda entry: value(entry.record))


_ARTICLE = (
    Column("article_id", Type.TEXT, lambda one: one.article.article_id),
    Column("time", Type.TIME, lambda one: effective_time(one.article)),
    Column("source", Type.TEXT, lambda one: one.article.source),
    Column("language", Type.TEXT, lambda one: one.article.language),
    Column("verdict", Type.TEXT, lambda one: one.duplicate.verdict.value),
    Column("title", Type.TEXT, lambda one: one.article.title),
    Column("url", Type.TEXT, lambda one: one.article.url),
)
"""What each table says of the article."""

_IN_ARTICLE = tuple(_of_article(column.name, column.type, column.value) for column in _ARTICLE)

TABLES: Mapping[str, Table] = {
    ARTICLES: Table(
        (
            *_ARTICLE,
            Column("published_at", Type.TIME, lambda one: one.article.published_at),
            Column("ingested_at", Type.TIME, lambda one: one.article.ingested_at),
            Column("authors", Type.TEXTS, lambda one: one.article.authors),
            Column("section", Type.TEXT, lambda one: one.article.section),
            Column("cluster_id", Type.TEXT, lambda one: one.duplicate.cluster_id),
            Column("duplicate_of", Type.TEXT, lambda one: one.duplicate.duplicate_of),
            Column(
                "relation", Type.TEXT, lambda one: one.duplicate.relation and one.duplicate.relation.value
            ),
            Column("jaccard", Type.NUMBER, lambda one: one.duplicate.jaccard),
            Column("containment", Type.NUMBER, lambda one: one.duplicate.containment),
            Column("names", Type.COUNT, lambda one: len(one.entities)),
            Column("quotes", Type.COUNT, lambda one: len(one.quotes)),
            Column("text", Type.TEXT, lambda one: one.article.text),
        ),
        lambda record, _: (record,),
    ),
    STATEMENTS: Table(
        (
            *_IN_ARTICLE,
            Column("speaker", Type.TEXT, lambda one: next((by.name for by in one.statement.speakers), None)),
            Column("speakers", Type.TEXTS, lambda one: [by.name for by in one.statement.speakers]),
            Column(
                "resolved_by",
                Type.TEXT,
                lambda one: next((by.resolved_by.value for by in one.statement.speakers), None),
            ),
            Column("polarity", Type.TEXT, lambda one: one.statement.polarity.value),
            Column("kind", Type.TEXT, lambda one: one.statement.kind.value),
            Column("text", Type.TEXT, lambda one: one.statement.text),
            Column("cue", Type.TEXT, lambda one: one.statement.cue),
            Column("confidence", Type.NUMBER, lambda one: one.statement.confidence),
            Column("pieces", Type.COUNT, lambda one: len(one.statement.pieces)),
            Column("start", Type.COUNT, lambda one: min(piece.start for piece in one.statement.pieces)),
            Column("end", Type.COUNT, lambda one: max(piece.end for piece in one.statement.pieces)),
        ),
        lambda record, asked: (_Said(record, statement) for statement in asked.statements(record)),
    ),
    NAMES: Table(
        (
            *_IN_ARTICLE,
            Column("name", Type.TEXT, lambda one: one.entity.name),
            Column("type", Type.TEXT, lambda one: one.entity.type),
            Column("key", Type.TEXT, lambda one: one.entity.key),
            Column("mentions", Type.COUNT, lambda one: len(one.entity.mentions)),
            Column("called", Type.TEXTS, lambda one: _forms(one.entity)),
            Column("person_title", Type.TEXT, lambda one: one.entity.title),
            Column("role", Type.TEXT, lambda one: one.entity.role),
            Column("country", Type.TEXT, lambda one: one.entity.country),
            Column("geonames_id", Type.COUNT, lambda one: one.entity.geonames_id),
            Column("latitude", Type.NUMBER, lambda one: one.entity.latitude),
            Column("longitude", Type.NUMBER, lambda one: one.entity.longitude),
        ),
        lambda record, _: (_Named(record, entity) for entity in record.entities),
    ),
}
"""What can be written as a table, by what a row is."""


def _forms(entity: Entity) -> list[str]:
    """The words that mention somebody or something, each once, in the order of the text."""
    return list(dict.fromkeys(mention.text for mention in entity.mentions))
