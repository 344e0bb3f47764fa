"""The topics as an AsyncAPI 3 document: what is on each, in which schema, under which key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from pipeline.record.headers import schema_header
from pipeline.record.schemas import MESSAGES

_HELD: Mapping[str, str] = {
    "raw": "article",
    "deduplicated": "record",
    "with-entities": "record",
    "enriched": "record",
    "clusters": "cluster-merge",
    "alerts": "alert",
    "dead-letter": "dead-letter",
}
"""The message on each topic, by the last part of its name."""

_KEYS: Mapping[str, str] = {
    "article": "the article's id; the same as article_id in the message",
    "record": "the article's id",
    "cluster-merge": "the id of the cluster that became part of another",
    "alert": "the alert's id; the same whenever the same is told again",
    "dead-letter": "the letter's id",
}


def document(topics: Mapping[str, str], version: str) -> dict[str, Any]:
    """The document.

    Args:
        topics: the whole name of each topic by its last part; raw is what others write, all may be read.
        version: of the program.
    """
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "news-pipeline",
            "version": version,
            "description": "Articles in on the raw topic, records out on the enriched one. JSON in UTF-8.",
        },
        "defaultContentType": "application/json",
        "channels": {
            last: {
                "address": name,
                "messages": {_HELD[last]: {"$ref": f"#/components/messages/{_HELD[last]}"}},
            }
            for last, name in topics.items()
        },
        "operations": {
            (f"send-{last}" if last == "raw" else f"receive-{last}"): {
                # As AsyncAPI has it, seen from the program: what others send, it receives.
                "action": "receive" if last == "raw" else "send",
                "channel": {"$ref": f"#/channels/{last}"},
            }
            for last in topics
        },
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "contentType": "application/json",
                    "headers": _headers(name),
                    "payload": {
                        "schemaFormat": "application/schema+json;version=draft-2020-12",
                        "schema": {"$ref": f"./{name}.json"},  # beside it, where its own references are right
                    },
                    "bindings": {"kafka": {"key": {"type": "string", "description": _KEYS[name]}}},
                }
                for name in MESSAGES
            }
        },
    }


def _headers(message: str) -> dict[str, Any]:
    name, value = schema_header(message)
    trace = "W3C Trace Context, passed on as it came with an article"
    return {
        "type": "object",
        "properties": {
            name: {
                "const": value.decode(),
                "description": "which schema the message has; absent where others wrote it",
            },
            "traceparent": {"type": "string", "description": trace},
            "tracestate": {"type": "string", "description": trace},
        },
    }


def pretty(topics: Mapping[str, str], version: str) -> bytes:
    """The same as it is checked in: indented, with a line end behind it."""
    return orjson.dumps(document(topics, version), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
