"""The JSON Schemas say what the models take, and those that are checked in are those of the models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.record import Alert, ClusterMerge, Polarity, Said, schemas
from pipeline.record.codec import encode
from tests.unit.builders import article
from tests.unit.record.unknown import LETTER, RECORD, extended

_FOLDER = Path(__file__).parents[3] / "docs" / "schemas"
_ALERT = Alert(
    alert_id="a1",
    question="ferries",
    title="About ferries",
    story="s1",
    article_id="s1",
    source="The Fen Courier",
    time=datetime(2031, 5, 4, tzinfo=UTC),
    at=datetime(2031, 5, 4, 12, tzinfo=UTC),
    names=("Ada Quill",),
    statements=(Said(text="It may rest.", speaker="Ada Quill", polarity=Polarity.ASSERTED),),
)
_MESSAGES = {
    "article": article(),
    "record": RECORD,
    "cluster-merge": ClusterMerge(cluster_id="b", merged_into="a"),
    "alert": _ALERT,
    "dead-letter": LETTER,
}


@pytest.mark.parametrize("name", schemas.MESSAGES)
def test_the_schemas_in_the_docs_are_those_of_the_models(name: str) -> None:
    found = (_FOLDER / f"{name}.json").read_bytes()
    assert found == schemas.pretty(name), "they have drifted: run `pipeline schema --write docs/schemas`"


def test_there_is_a_file_for_each_message_and_one_for_the_topics() -> None:
    assert {path.stem for path in _FOLDER.iterdir()} == {*schemas.MESSAGES, "asyncapi"}
    assert set(schemas.MESSAGES) == set(_MESSAGES)


@settings(max_examples=20)
@given(
    st.sampled_from(sorted(_MESSAGES)).flatmap(
        lambda name: st.tuples(st.just(name), extended(json.loads(encode(_MESSAGES[name]))))
    )
)
def test_what_the_models_take_fits_the_schema_unknown_fields_included(message: tuple[str, Any]) -> None:
    name, value = message
    jsonschema.Draft202012Validator(schemas.schema(name)).validate(value)


@pytest.mark.parametrize("name", schemas.MESSAGES)
def test_every_object_of_a_known_kind_says_that_more_is_allowed(name: str) -> None:
    whole = schemas.schema(name)
    jsonschema.Draft202012Validator.check_schema(whole)
    for kind in (whole, *whole.get("$defs", {}).values()):
        if kind.get("type") == "object":
            assert kind["additionalProperties"] is True


def test_a_known_field_of_the_wrong_type_does_not_fit() -> None:
    value = json.loads(encode(RECORD))
    value["article"]["text"] = 7
    assert not jsonschema.Draft202012Validator(schemas.schema("record")).is_valid(value)
