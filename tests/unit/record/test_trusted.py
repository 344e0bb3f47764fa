from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from pipeline.record import Duplicate, EnrichedArticle, Entity, Span, Verdict
from pipeline.record.trusted import trusted, with_parts
from pipeline.stages.base import begun
from tests.unit.builders import article, record


def test_a_trusted_record_is_the_one_that_checking_makes() -> None:
    span = trusted(Span, {"start": 3, "end": 8, "text": "ferry"})
    checked = Span(start=3, end=8, text="ferry")
    assert span == checked
    assert span.model_fields_set == checked.model_fields_set
    assert span.model_dump_json() == checked.model_dump_json()
    assert pickle.loads(pickle.dumps(span)) == checked  # noqa: S301 - made two words before


def test_fields_that_are_left_out_have_their_defaults() -> None:
    duplicate = trusted(Duplicate, {"verdict": Verdict.NEAR, "cluster_id": "a1", "jaccard": 0.8})
    checked = Duplicate(verdict=Verdict.NEAR, cluster_id="a1", jaccard=0.8)
    assert duplicate == checked
    assert duplicate.duplicate_of is None


def test_a_trusted_record_is_as_immutable_as_any() -> None:
    span = trusted(Span, {"start": 3, "end": 8, "text": "ferry"})
    entity = trusted(Entity, {"name": "Ferry", "type": "PRODUCT", "country": None, "mentions": (span,)})
    with pytest.raises(ValidationError, match="frozen"):
        entity.name = "Boat"  # type: ignore[misc]
    assert entity.model_copy(update={"name": "Boat"}).mentions == (span,)


def test_a_record_with_other_parts_is_the_one_that_copying_makes_and_keeps_what_nobody_knows() -> None:
    whole = EnrichedArticle.model_validate({**record().model_dump(), "mood": ["glad"]})
    verdict = whole.duplicate.model_copy(update={"cluster_id": "b2"})
    copied = whole.model_copy(update={"duplicate": verdict})
    changed = with_parts(whole, duplicate=verdict)
    assert changed == copied
    assert changed.model_dump_json() == copied.model_dump_json()
    assert changed.model_extra == {"mood": ["glad"]}


def test_a_record_that_is_begun_is_the_one_that_checking_makes() -> None:
    made = begun(article())
    checked = EnrichedArticle.model_validate(made.model_dump())
    assert made == checked
    assert made.model_dump_json() == checked.model_dump_json()
    assert set(made.__dict__) == set(EnrichedArticle.model_fields)
    assert set(made.duplicate.__dict__) == set(Duplicate.model_fields)
