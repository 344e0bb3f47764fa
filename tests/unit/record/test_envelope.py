"""What a version does not know, it keeps and sends on."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.enricher import Enricher
from pipeline.errors import PermanentError, Reason
from pipeline.execution.pool import process
from pipeline.record import SCHEMA_VERSION, Article, EnrichedArticle
from pipeline.record.codec import (
    decode_article,
    decode_dead_letter,
    decode_record,
    encode,
    later_version,
    record_of,
)
from pipeline.settings import Settings
from pipeline.stages.base import Stage
from pipeline.stages.entities import EntityStage
from pipeline.stages.quotes import QuoteStage
from pipeline.stream.delivery import lightened
from tests.support.faults import PassingStage
from tests.unit.builders import article, record
from tests.unit.record.unknown import FIELDS, LETTER, RECORD, VALUES, extended, written


def _json(message: Any) -> Any:
    return json.loads(encode(message))


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def _through(stage: Stage, value: Any) -> Any:
    """What a process of the pool makes of a record, as JSON."""
    (item,) = process({stage.name: stage}, [_bytes(value)]).items
    assert isinstance(item, bytes), item
    return json.loads(item)


@settings(max_examples=40)
@given(extended(_json(RECORD)))
def test_a_record_comes_out_with_every_field_that_it_came_with(value: Any) -> None:
    assert written(_json(decode_record(_bytes(value)))) == written(value)
    assert written(_through(PassingStage(), value)) == written(value)


@settings(max_examples=40)
@given(extended(_json(LETTER)))
def test_a_dead_letter_comes_out_with_every_field_that_it_came_with(value: Any) -> None:
    letter = decode_dead_letter(_bytes(value))
    assert written(_json(letter)) == written(value)
    light = lightened(letter)
    assert light is not None
    assert light.model_extra == letter.model_extra
    assert light.position == letter.position


@settings(max_examples=40)
@given(extended(_json(article())))
def test_an_article_keeps_its_fields_on_its_way_into_a_record(value: Any) -> None:
    enricher = Enricher("none", window=Settings(_env_file=None).window, stages=("duplicates", "quotes"))
    ((_, found),) = enricher.enrich([decode_article(_bytes(value))])
    assert isinstance(found, EnrichedArticle)
    assert written(_json(found)["article"]) == written(value)


@settings(max_examples=40)
@given(extended(_json(RECORD) | {"quotes": []}))
def test_the_quotes_stage_keeps_all_but_what_it_finds(value: Any) -> None:
    found = _through(QuoteStage(), value)
    assert found["quotes"]
    assert written(found | {"quotes": []}) == written(value)


@pytest.fixture(scope="module")
def entity_stage() -> EntityStage:
    stage = EntityStage(Settings(_env_file=None).spacy_model)
    stage.warm_up()
    return stage


@settings(max_examples=40)
@given(fields=FIELDS, value=VALUES)
def test_the_entities_stage_keeps_all_but_what_it_finds(
    entity_stage: EntityStage, fields: dict[str, Any], value: Any
) -> None:
    sent = _json(RECORD) | {"entities": [], "annotations": {"mood": value}} | fields
    for part in ("article", "duplicate", "provenance"):
        sent[part] |= fields
    found = _through(entity_stage, sent)
    assert found["entities"]
    sent["provenance"]["entity_model"] = entity_stage.model_name
    assert written(found | {"entities": []}) == written(sent)


@settings(max_examples=40)
@given(extended(_json(RECORD)))
def test_the_fields_of_a_record_as_pythons_values_give_it_back(value: Any) -> None:
    record = decode_record(_bytes(value))
    fields = record.model_dump()
    assert record_of(fields) == record
    with pytest.raises(PermanentError, match="newer-schema: schema_version 2"):
        record_of(fields | {"schema_version": 2})


def test_what_is_unknown_belongs_to_what_makes_records_equal() -> None:
    one, other = (decode_article(_bytes(_json(article()) | {"desk": desk})) for desk in ("city", "sea"))
    assert one != other
    assert one == one.model_copy()
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - made a line before


def test_a_number_that_no_double_holds_comes_back_as_null() -> None:
    sent = encode(article())[:-1] + b', "big": 1e999, "not": NaN}'
    found = _json(decode_article(sent))
    assert (found["big"], found["not"]) == (None, None)


def test_a_stage_of_another_package_adds_what_it_finds_under_its_name() -> None:
    plain = record()
    found = plain.annotated("keywords", ["ferry"]).annotated("mood", {"score": 0.5})
    assert _json(found)["annotations"] == {"keywords": ["ferry"], "mood": {"score": 0.5}}
    assert decode_record(encode(found)) == found
    assert found.annotated("mood", None).annotations == {"keywords": ["ferry"], "mood": None}
    assert plain.annotations == {}
    assert hash(found) == hash(plain)


def test_a_record_without_annotations_says_nothing_of_them() -> None:
    assert encode(record()) == (
        b'{"schema_version":1,"article":{"article_id":"a1","source":"harbour-post","url":null,"title":"Ferry late",'
        b'"text":"Ferry late\\n\\nThe ferry was late.","language":"en","published_at":null,'
        b'"ingested_at":"2026-03-01T12:00:00Z","authors":[],"section":null},"duplicate":{"verdict":"original","cluster_id":"a1",'
        b'"duplicate_of":null,"relation":null,"jaccard":null,"containment":null},"entities":[],"quotes":[],'
        b'"provenance":{"pipeline_version":"0","entity_model":null}}'
    )


@settings(max_examples=40)
@given(st.integers(min_value=SCHEMA_VERSION + 1, max_value=2**63 - 1), st.booleans())
def test_a_later_major_is_recognised_wherever_it_stands_in_the_message(version: int, last: bool) -> None:
    fields = _json(record())
    del fields["schema_version"]
    said = {"schema_version": version}
    data = _bytes({**fields, **said} if last else {**said, **fields})
    assert later_version(data) == version
    with pytest.raises(PermanentError) as caught:
        decode_record(data)
    assert caught.value.reason is Reason.NEWER_SCHEMA


@settings(max_examples=40)
@given(st.none() | st.binary(max_size=50) | VALUES.map(_bytes) | extended(_json(RECORD)).map(_bytes))
def test_what_says_no_later_major_is_none(data: bytes | None) -> None:
    assert later_version(data) is None


def test_an_article_that_says_a_later_major_is_not_taken_for_one_of_ours() -> None:
    value = _json(article())
    with pytest.raises(PermanentError, match="newer-schema: schema_version 99"):
        decode_article(_bytes(value | {"schema_version": 99}))
    for harmless in (SCHEMA_VERSION, "99", None, True):
        taken: Article = decode_article(_bytes(value | {"schema_version": harmless}))
        assert taken.model_extra == {"schema_version": harmless}
