"""The messages as JSON Schemas (draft 2020-12), for programs that write or read them in any language.

They are made from the models, and say what the models take: known parts are typed, and any other field is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from pipeline.record.alerts import Alert
from pipeline.record.article import Article
from pipeline.record.clusters import ClusterMerge
from pipeline.record.deadletter import DeadLetter
from pipeline.record.envelope import EnrichedArticle

MESSAGES: Mapping[str, type[BaseModel]] = {
    "article": Article,
    "record": EnrichedArticle,
    "cluster-merge": ClusterMerge,
    "alert": Alert,
    "dead-letter": DeadLetter,
}
"""By name: what is on the raw topic, on those behind it, on those of clusters, of alerts and of the dead letters."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of MESSAGES."""
    return {"$schema": _DIALECT, **MESSAGES[name].model_json_schema()}


def pretty(name: str) -> bytes:
    """The same as it is checked in: indented, with a line end behind it."""
    return orjson.dumps(schema(name), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write(folder: Path) -> list[Path]:
    """Write each into a file of its own, `NAME.json`; makes the folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in MESSAGES:
        path = folder / f"{name}.json"
        path.write_bytes(pretty(name))
        paths.append(path)
    return paths
