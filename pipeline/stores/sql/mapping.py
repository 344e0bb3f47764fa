"""Which column holds which field: the one mapping that writing and reading both follow.

A field that has no column is kept as JSON in the `extra` column of its article, entity or quote, in the place that it
has in the record: `{"section": "Sport", "article": {"byline": "…"}}` beside an article, `{"cue": {…}}` beside a quote.
So what a later version of the record has, or another package, comes back as it went in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import Enum
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError
from sqlalchemy import Table

from pipeline.errors import PermanentError, Reason, SettingsError
from pipeline.record import (
    Article,
    Duplicate,
    EnrichedArticle,
    Entity,
    Provenance,
    Quote,
    Span,
    Speaker,
    codec,
)
from pipeline.stores.sql.schema import articles, entities, mentions, quotes

M = TypeVar("M", bound=BaseModel)

Row = dict[str, Any]


class Columns(Generic[M]):
    """The columns of a table that hold a model's fields; what follows from them in both directions.

    Args:
        model: the part of a record.
        table: where it is stored.
        columns: the names of columns by those of fields.
        parts: fields that have a table or a mapping of their own.

    Attributes:
        names: those of the columns.
        values: gives what they hold of a part, in the same order. Rows are made from it by the ten thousand a second.
        blank: what they hold where there is no such part.

    Raises:
        SettingsError: a field can't be kept this way.
    """

    def __init__(
        self, model: type[M], table: Table, columns: Mapping[str, str], *, parts: Collection[str] = ()
    ) -> None:
        self._model = model
        self._columns = dict(columns)
        self._rest = frozenset(model.model_fields) - columns.keys() - set(parts)
        for field, column in columns.items():
            self._check_column(field, table, column)
        for field in self._rest:
            self._check_json(field)
        self.names = tuple(columns.values())
        self.blank: tuple[Any, ...] = (None,) * len(columns)
        get = attrgetter(*(f"{field}._value_" if self._is_word(field) else field for field in columns))
        self.values: Callable[[M], tuple[Any, ...]] = (
            get if len(columns) > 1 else lambda record: (get(record),)
        )

    def rest(self, record: M) -> dict[str, Any]:
        """What has no column, as JSON values; mostly nothing."""
        unknown = record.__pydantic_extra__
        if not (unknown or self._rest):
            return {}
        return record.model_dump(mode="json", include={*self._rest, *(unknown or ())})

    def keeps_more(self, records: Iterable[M]) -> bool:
        """Whether any of them has something without a column."""
        return bool(self._rest) or any(record.__pydantic_extra__ for record in records)

    def fields(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        """The fields that the columns of a row hold."""
        return {field: row[column] for field, column in self._columns.items()}

    def _is_word(self, field: str) -> bool:
        kind = self._model.model_fields[field].annotation
        return isinstance(kind, type) and issubclass(kind, Enum)

    def _check_column(self, field: str, table: Table, column: str) -> None:
        known = self._model.model_fields.get(field)
        if known is None:
            raise self._not_kept(field, "the record has no such field: mend the mapping of the store")
        if column not in table.c:
            raise self._not_kept(field, f"the table {table.name} has no column {column}")
        if NoneType in get_args(known.annotation) and not table.c[column].nullable:
            raise self._not_kept(field, f"it may be null, and the column {table.name}.{column} may not")

    def _check_json(self, field: str) -> None:
        try:
            kind: Any = self._model.model_fields[field].annotation
            TypeAdapter(kind).json_schema()
        except PydanticUserError as error:
            raise self._not_kept(
                field, f"it has no column, and is no JSON ({str(error).splitlines()[0]}): give it a column"
            ) from None

    def _not_kept(self, field: str, why: str) -> SettingsError:
        return SettingsError(f"the store can't keep {self._model.__name__}.{field}: {why}")


def _same(*names: str) -> dict[str, str]:
    return dict(zip(names, names, strict=True))


RECORD = Columns(
    EnrichedArticle,
    articles,
    _same("schema_version"),
    parts=("article", "duplicate", "entities", "quotes", "provenance", "annotations"),
)
ARTICLE = Columns(
    Article,
    articles,
    _same(
        *("article_id", "source", "url", "title", "text", "language", "published_at", "ingested_at"),
        "section",
    ),
    parts=("authors",),
)
DUPLICATE = Columns(
    Duplicate, articles, _same("verdict", "cluster_id", "duplicate_of", "relation", "jaccard", "containment")
)
PROVENANCE = Columns(Provenance, articles, _same("pipeline_version", "entity_model"))
ENTITY = Columns(
    Entity,
    entities,
    _same("name", "type", "country", "geonames_id", "latitude", "longitude", "title", "role"),
    parts=("key", "mentions"),
)
MENTION = Columns(Span, mentions, {"start": "span_start", "end": "span_end", "text": "text"})
QUOTE = Columns(
    Quote,
    quotes,
    {
        "start": "span_start",
        "end": "span_end",
        "text": "text",
        **_same("kind", "statement", "polarity", "confidence"),
    },
    parts=("speaker", "speakers", "cue"),
)
SPEAKER = Columns(
    Speaker,
    quotes,
    {
        "start": "speaker_start",
        "end": "speaker_end",
        "text": "speaker_text",
        "name": "speaker_name",
        **_same("resolved_by"),
    },
)
CUE = Columns(Span, quotes, {"start": "cue_start", "end": "cue_end", "text": "cue_text"})

_OF_A_RECORD: Mapping[str, Columns[Any]] = {
    "article": ARTICLE,
    "duplicate": DUPLICATE,
    "provenance": PROVENANCE,
}


ARTICLE_NAMES = (*RECORD.names, *ARTICLE.names, *DUPLICATE.names, *PROVENANCE.names, "authors", "extra")
ENTITY_NAMES = (*ENTITY.names, "key", "extra")
QUOTE_NAMES = (*QUOTE.names, *SPEAKER.names, *CUE.names, "extra")


def article_values(record: EnrichedArticle) -> tuple[Any, ...]:
    """What ARTICLE_NAMES hold of a record."""
    more = RECORD.rest(record)
    for part, columns in _OF_A_RECORD.items():
        if rest := columns.rest(getattr(record, part)):
            more[part] = rest
    return (
        *RECORD.values(record),
        *ARTICLE.values(record.article),
        *DUPLICATE.values(record.duplicate),
        *PROVENANCE.values(record.provenance),
        json_text(authors) if (authors := record.article.authors) else "[]",
        json_text(more) if more else None,
    )


def entity_values(entity: Entity) -> tuple[Any, ...]:
    """What ENTITY_NAMES hold of an entity."""
    more = ENTITY.rest(entity)
    if MENTION.keeps_more(entity.mentions):
        more["mentions"] = {str(number): MENTION.rest(span) for number, span in enumerate(entity.mentions)}
    return (*ENTITY.values(entity), entity.key, json_text(more) if more else None)


def quote_values(quote: Quote) -> tuple[Any, ...]:
    """What QUOTE_NAMES hold of a quote."""
    speaker, cue = quote.speaker, quote.cue
    more = QUOTE.rest(quote)
    if speaker and (rest := SPEAKER.rest(speaker)):
        more["speaker"] = rest
    if quote.speakers:
        more["speakers"] = [one.model_dump(mode="json") for one in quote.speakers]
    if cue and (rest := CUE.rest(cue)):
        more["cue"] = rest
    return (
        *QUOTE.values(quote),
        *(SPEAKER.values(speaker) if speaker else SPEAKER.blank),
        *(CUE.values(cue) if cue else CUE.blank),
        json_text(more) if more else None,
    )


def annotation_rows(record: EnrichedArticle) -> list[Row]:
    """The columns of `annotations` that hold what stages of other packages have found."""
    return [{"stage": stage, "value": json_text(value)} for stage, value in record.annotations.items()]


def record_of(
    row: Mapping[Any, Any],
    entities: Collection[Mapping[Any, Any]],
    mentions: Collection[Mapping[Any, Any]],
    quotes: Collection[Mapping[Any, Any]],
    annotations: Collection[Mapping[Any, Any]],
) -> EnrichedArticle:
    """The record in the rows of one article, each kind in the order of its positions.

    Raises:
        PermanentError: a later major version has written it.
    """
    spans: dict[int, list[dict[str, Any]]] = {}
    for mention in mentions:
        spans.setdefault(mention["entity"], []).append(MENTION.fields(mention))
    fields = {part: columns.fields(row) for part, columns in _OF_A_RECORD.items()} | RECORD.fields(row)
    fields["article"]["authors"] = row["authors"]
    _put_back(fields, row["extra"])
    fields["entities"] = [_entity(entity, spans[entity["position"]]) for entity in entities]
    fields["quotes"] = [_quote(quote) for quote in quotes]
    if annotations:
        fields["annotations"] = {row["stage"]: row["value"] for row in annotations}
    return codec.record_of(fields)


def json_text(value: Any) -> str:
    """The JSON of a value.

    Raises:
        PermanentError: it has none, as a number that is no number.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError) as error:
        raise PermanentError(Reason.NOT_STORABLE, f"what is no JSON: {error}") from None


def _entity(row: Mapping[Any, Any], spans: list[dict[str, Any]]) -> dict[str, Any]:
    fields = {**ENTITY.fields(row), "key": row["key"], "mentions": spans}
    more = dict(row["extra"] or {})
    for number, rest in more.pop("mentions", {}).items():
        _put_back(spans[int(number)], rest)
    _put_back(fields, more)
    return fields


def _quote(row: Mapping[Any, Any]) -> dict[str, Any]:
    fields = QUOTE.fields(row)
    if row["speaker_name"] is not None:
        fields["speaker"] = SPEAKER.fields(row)
    if row["cue_text"] is not None:
        fields["cue"] = CUE.fields(row)
    _put_back(fields, row["extra"])
    return fields


def _put_back(fields: dict[str, Any], more: Mapping[str, Any] | None) -> None:
    """What had no column, into the place that it came from."""
    for name, value in (more or {}).items():
        if name in fields:
            _put_back(fields[name], value)
        else:
            fields[name] = value
