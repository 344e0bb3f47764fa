"""The indices: their names, and what of a document can be searched."""

from __future__ import annotations

from typing import Any

FORM = 1
"""The form of the indices that this program works with; a later one is refused."""

ARTICLES, DUPLICATES, FEEDS, FORGOTTEN, META = "articles", "duplicates", "feeds", "forgotten", "meta"

_WORD = {"type": "keyword", "ignore_above": 8000}
_TEXT = {"type": "text", "fields": {"raw": _WORD}}
_TIME = {"type": "date", "format": "strict_date_optional_time"}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}
"""Is in the document, and can't be searched."""

_ARTICLE = {
    "article_id": _WORD,
    "source": _WORD,
    "url": _WORD,
    "title": _TEXT,
    "text": {"type": "text"},
    "language": _WORD,
    "authors": _WORD,
    "section": _WORD,
    "published_at": _TIME,
    "ingested_at": _TIME,
    "time": _TIME,
    "verdict": _WORD,
    "cluster_id": _WORD,
    "duplicate_of": _WORD,
    "relation": _WORD,
    "persons": _WORD,
    "organisations": _WORD,
    "places": _WORD,
    "names": _TEXT,
    "countries": _WORD,
    "locations": {"type": "geo_point"},
    "entity_count": {"type": "integer"},
    "quote_count": {"type": "integer"},
    "attributed_count": {"type": "integer"},
    "statements": {
        "type": "nested",
        "properties": {
            "text": {"type": "text"},
            "speaker": _TEXT,
            "speakers": _WORD,
            "kind": _WORD,
            "polarity": _WORD,
            "confidence": {"type": "double"},
            "statement": _WORD,
        },
    },
    "pipeline_version": _WORD,
    "version_hash": _WORD,
    "record_hash": _WORD,
    "log": _WORD,
    "log_offset": {"type": "long"},
    "appended_at": _TIME,
    "standing": _KEPT,
    "record": _KEPT,
}
_DUPLICATE = {
    "what": _WORD,
    "article_id": _WORD,
    "time": _TIME,
    "duplicate_of": _WORD,
    "winner": _WORD,
    "loser": _WORD,
    "row": _KEPT,
}
_FEED = {"feed": _WORD, "item": _WORD, "seen_at": _TIME, "state": _KEPT}
_GONE = {"article_id": _WORD, "at": _TIME, "why": _WORD}


def index_name(prefix: str, kind: str) -> str:
    """The name of an index."""
    return f"{prefix}-{kind}"


def templates(prefix: str) -> dict[str, dict[str, Any]]:
    """The index templates by their names: settings that an operator has set in others of a higher priority win."""
    return {
        index_name(prefix, ARTICLES): _template(
            prefix, ARTICLES, _ARTICLE, {"number_of_shards": 1, "mapping.nested_objects.limit": 10_000}
        ),
        # The order of writing is that of one shard's sequence numbers.
        index_name(prefix, DUPLICATES): _template(prefix, DUPLICATES, _DUPLICATE, {"number_of_shards": 1}),
        index_name(prefix, FEEDS): _template(prefix, FEEDS, _FEED, {"number_of_shards": 1}),
        index_name(prefix, FORGOTTEN): _template(prefix, FORGOTTEN, _GONE, {"number_of_shards": 1}),
        index_name(prefix, META): _template(prefix, META, {"value": _KEPT}, {"number_of_shards": 1}),
    }


def _template(prefix: str, kind: str, fields: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "index_patterns": [index_name(prefix, kind)],
        "priority": 100,
        "template": {
            "settings": {"index": {"auto_expand_replicas": "0-1", **settings}},
            "mappings": {"dynamic": False, "properties": fields},
        },
        "_meta": {"form": FORM, "made_by": "news-pipeline"},
    }
