"""The AsyncAPI document: the one that is checked in, whole in itself, and true of the flow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from pipeline.flow import FLOW, Topic
from pipeline.record import asyncapi
from pipeline.record.schemas import MESSAGES

_FOLDER = Path(__file__).parents[3] / "docs" / "schemas"
_FOUND: dict[str, Any] = orjson.loads((_FOLDER / "asyncapi.json").read_bytes())


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for part in value.values() for one in _references(part)]
    return [one for part in value for one in _references(part)] if isinstance(value, list) else []


def test_what_is_checked_in_is_what_is_made() -> None:
    topics = {topic.value: f"news.{topic.value}" for topic in FLOW.topics}
    made = asyncapi.document(topics, _FOUND["info"]["version"])
    assert made == _FOUND, "they have drifted: run `pipeline schema --write docs/schemas`"


def test_every_topic_of_the_flow_and_every_message_is_in_it() -> None:
    assert set(_FOUND["channels"]) == {topic.value for topic in Topic}
    assert set(_FOUND["components"]["messages"]) == set(MESSAGES)
    assert [name for name, one in _FOUND["operations"].items() if one["action"] == "receive"] == ["send-raw"]


def test_every_reference_leads_somewhere() -> None:
    references = _references(_FOUND)
    assert len(references) == 2 * len(Topic) + len(MESSAGES)
    for reference in references:
        if reference.startswith("#/"):
            place: Any = _FOUND
            for part in reference[2:].split("/"):
                place = place[part]
        else:
            assert (_FOLDER / reference).is_file()
