"""Any record: strategies that follow from the models, so that a new field is tried as soon as there is one."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, JsonValue

from pipeline.record import Article, Duplicate, EnrichedArticle, Entity, Span

M = TypeVar("M", bound=BaseModel)

# What no store takes: a NUL character, and half a character.
_CHARACTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
texts = st.text(_CHARACTERS, max_size=12)
_ids = st.text(_CHARACTERS, min_size=1, max_size=200)
_LONGEST_SPAN = 20
_article_texts = st.text(_CHARACTERS, min_size=2 * _LONGEST_SPAN, max_size=4 * _LONGEST_SPAN)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def any_of(model: type[M]) -> st.SearchStrategy[M]:
    """Any instance of a model, with fields that it does not know where it keeps them."""
    own = _own(model)
    known = st.fixed_dictionaries(
        {
            name: own[name] if name in own else _of_type(field.annotation)
            for name, field in model.model_fields.items()
        }
    )
    if issubclass(model, Span):
        known = known.map(_as_span)
    if model.model_config.get("extra") != "allow":
        return known.map(model.model_validate)
    names = texts.filter(lambda name: name not in model.model_fields)
    unknown: st.SearchStrategy[dict[str, Any]] = st.dictionaries(names, json_values, max_size=2)
    unknown = st.just({}) | unknown
    return st.builds(lambda known, unknown: model.model_validate({**unknown, **known}), known, unknown)


@cache
def records() -> st.SearchStrategy[EnrichedArticle]:
    """Any record that a store takes."""
    return any_of(EnrichedArticle)


def _own(model: type[BaseModel]) -> Mapping[str, st.SearchStrategy[Any]]:
    """The fields whose type says less than has to be true of them."""
    if issubclass(model, Span):
        return {"start": st.integers(0, _LONGEST_SPAN), "text": texts, "end": st.none()}
    if model is Article:
        return {"article_id": _ids, "text": _article_texts}
    if model is Duplicate:
        return {"cluster_id": _ids}
    if model is Entity:
        places = st.none() | st.integers(1, (1 << 31) - 1)
        return {"mentions": st.lists(any_of(Span), min_size=1, max_size=3), "geonames_id": places}
    return {}


def _as_span(fields: dict[str, Any]) -> dict[str, Any]:
    """With the end that its text gives it, which is behind the start of the article."""
    text = fields["text"] if fields["start"] + len(fields["text"]) else "x"
    return {**fields, "text": text, "end": fields["start"] + len(text)}


def _of_type(kind: Any) -> st.SearchStrategy[Any]:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any_of(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Annotated, Union, types.UnionType):
        return st.one_of(*map(_of_type, arguments[:1] if origin is Annotated else arguments))
    if origin is tuple:
        return st.lists(_of_type(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(texts, _of_type(arguments[1]), max_size=3)
    return st.from_type(kind)  # words of a few


_times = st.datetimes(timezones=st.just(UTC))
_SIMPLE: Mapping[Any, st.SearchStrategy[Any]] = {
    str: texts,
    JsonValue: json_values,
    float: st.floats(0, 1),
    datetime: _times,
    AwareDatetime: _times,
    type(None): st.none(),
}
