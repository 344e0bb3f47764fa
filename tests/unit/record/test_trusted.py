from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from pipeline.record import Entity, Span
from pipeline.record.trusted import trusted


def test_a_trusted_record_is_the_one_that_checking_makes() -> None:
    span = trusted(Span, {"start": 3, "end": 8, "text": "ferry"})
    checked = Span(start=3, end=8, text="ferry")
    assert span == checked
    assert span.model_fields_set == checked.model_fields_set
    assert span.model_dump_json() == checked.model_dump_json()
    assert pickle.loads(pickle.dumps(span)) == checked  # noqa: S301 - made two words before


def test_a_trusted_record_is_as_immutable_as_any() -> None:
    span = trusted(Span, {"start": 3, "end": 8, "text": "ferry"})
    entity = trusted(Entity, {"name": "Ferry", "type": "PRODUCT", "country": None, "mentions": (span,)})
    with pytest.raises(ValidationError, match="frozen"):
        entity.name = "Boat"  # type: ignore[misc]
    assert entity.model_copy(update={"name": "Boat"}).mentions == (span,)
