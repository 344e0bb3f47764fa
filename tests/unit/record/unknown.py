"""Messages with something of everything, and their JSON with fields that this version does not know."""

from __future__ import annotations

import json
from itertools import cycle
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.errors import Reason
from pipeline.record import (
    Article,
    DeadLetter,
    Duplicate,
    EnrichedArticle,
    Entity,
    LogPosition,
    Omission,
    Provenance,
    Quote,
    Span,
    Speaker,
)
from tests.unit.builders import NOON
from tests.unit.stores.builders import full_record, quote

RECORD = full_record().model_copy(
    update={"quotes": (quote("“The ferries may rest at last,”", speaker=("Ada Quill", "Quill")),)}
)
LETTER = DeadLetter(
    letter_id="news.raw/0/7/duplicates",
    article_id="ferry",
    stage="duplicates",
    topic="news.raw",
    partition=0,
    offset=7,
    key=b"Zg==",
    value=b"aGk=",
    omitted_value=Omission.of(b"hi"),
    reason=Reason.NOT_JSON,
    error="?",
    attempts=1,
    failed_at=NOON,
    position=LogPosition(log="l", offset=7, appended_at=NOON),
)

_MODELS: tuple[type[BaseModel], ...] = (
    *(Article, DeadLetter, Duplicate, EnrichedArticle, Entity, LogPosition),
    *(Omission, Provenance, Quote, Span, Speaker),
)
_KNOWN = {name for model in _MODELS for name in model.model_fields}
# Names of things that a record has, without being fields.
_ODD = (
    "model_copy",
    "model_config",
    "model_extra",
    "__dict__",
    "body_start",
    "annotated",
    "self",
    "copy",
    "cls",
    "",
)

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
"""Any JSON value."""

FIELDS = st.dictionaries(
    (st.text() | st.sampled_from(_ODD)).filter(lambda name: name not in _KNOWN), VALUES, max_size=3
)
"""Fields that no record knows."""


@st.composite
def extended(draw: st.DrawFn, known: Any) -> Any:
    """The JSON value with unknown fields in each of its objects, in front of the known ones and behind them."""
    some = cycle(draw(st.lists(FIELDS, min_size=2, max_size=4)))

    def extend(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {name: extend(part) for name, part in value.items()}
            return {**next(some), **inner, **next(some)}
        return [extend(part) for part in value] if isinstance(value, list) else value

    return extend(known)


def written(value: Any) -> str:
    """The one way to write a JSON value: 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)
