"""Records of values that are known to be right, made without a look at each."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from pydantic import BaseModel

from pipeline.record.base import Model

M = TypeVar("M", bound=Model)

_new = object.__new__
_fill = vars(BaseModel)["__dict__"].__set__
_note_fields, _note_extra, _note_private = (
    vars(BaseModel)[slot].__set__
    for slot in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def trusted(model: type[M], fields: dict[str, object]) -> M:
    """A record of `fields`, right values for the fields of `model`, which become the record's own.

    Fields that are left out have their defaults. It has no unknown fields: what may bring some along is made by
    `model_copy` of what had them. It ends as `model_construct` does, whose look at each field costs more than a
    validation.
    """
    names, template = _shape(model)
    if len(fields) < len(names):
        fields = {**template, **fields}
    record = _new(model)
    _fill(record, fields)
    _note_fields(record, names)
    _note_extra(record, {})
    _note_private(record, None)
    return record


def with_parts(record: M, **parts: object) -> M:
    """The record with other values, known to be right, for some of its fields. As `model_copy`, which looks at each."""
    copy = trusted(type(record), {**record.__dict__, **parts})
    if record.__pydantic_extra__:
        _note_extra(copy, {**record.__pydantic_extra__})
    return copy


@cache
def _shape(model: type[Model]) -> tuple[set[str], dict[str, object]]:
    """The names of a record's fields, and what stands where one is left out; in the order in which they are written."""
    return set(model.model_fields), {name: field.get_default() for name, field in model.model_fields.items()}
