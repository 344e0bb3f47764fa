"""A record as a document, and back: fields to search by, and the record itself as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from pipeline.record import (
    PLACE_TYPES,
    Duplicate,
    EnrichedArticle,
    Entity,
    LogPosition,
    Quote,
    codec,
    effective_time,
)
from pipeline.stores.incoming import Incoming
from pipeline.stores.versions import Intake, Standing, Superseded

_LONGEST_ID = 512  # bytes of an id that OpenSearch takes
_MOST_STATEMENTS = 2_000
"""Statements of one article that can be searched; its record has all of them."""

Document = dict[str, Any]


def document_id(article_id: str) -> str:
    """The id of an article's document: the article's own, where that is not too long."""
    if len(article_id.encode()) <= _LONGEST_ID:
        return article_id
    return f"long-{blake2b(article_id.encode(), digest_size=32).hexdigest()}"


def document_of(incoming: Incoming, standing: Standing) -> Document:
    """The document of a record that stands."""
    record = incoming.record
    article = record.article
    named = record.entities
    return {
        "article_id": article.article_id,
        "source": article.source,
        "url": article.url,
        "title": article.title,
        "text": article.text,
        "language": article.language,
        "authors": list(article.authors),
        "section": article.section,
        "published_at": _moment(article.published_at),
        "ingested_at": _moment(article.ingested_at),
        "time": _moment(effective_time(article)),
        "persons": [one.name for one in named if one.type == "PERSON"],
        "organisations": [one.name for one in named if one.type == "ORG"],
        "places": [one.name for one in named if one.type in PLACE_TYPES],
        "names": [one.name for one in named],
        "countries": sorted({one.country for one in named if one.country}),
        "locations": [point for one in named if (point := _location(one))],
        "entity_count": len(named),
        "quote_count": len(record.quotes),
        "attributed_count": sum(quote.speaker is not None for quote in record.quotes),
        "statements": [_statement(quote) for quote in record.quotes[:_MOST_STATEMENTS]],
        "pipeline_version": record.provenance.pipeline_version,
        **standing_fields(standing),
        **with_duplicate(record, record.duplicate),
    }


def with_duplicate(record: EnrichedArticle, duplicate: Duplicate) -> Document:
    """The fields of a document that say what its article is a copy of, and the record that says the same."""
    return {
        "verdict": duplicate.verdict.value,
        "cluster_id": duplicate.cluster_id,
        "duplicate_of": duplicate.duplicate_of,
        "relation": duplicate.relation and duplicate.relation.value,
        "record": record.model_copy(update={"duplicate": duplicate}).model_dump_json(),
    }


def standing_fields(standing: Standing) -> Document:
    """The fields of a document that say which version stands, and what was superseded."""
    position = standing.intake.position
    return {
        "version_hash": standing.version_hash.hex(),
        "record_hash": standing.record_hash.hex(),
        "log": position.log if position else None,
        "log_offset": position.offset if position else None,
        "appended_at": _moment(position.appended_at) if position else None,
        "standing": orjson.dumps(
            {
                "position": _position_json(position),
                "ingested_at": standing.intake.ingested_at.isoformat(),
                "superseded": {
                    version.hex(): _position_json(known.position)
                    for version, known in standing.superseded.items()
                },
            }
        ).decode(),
    }


def standing_of(document: Mapping[str, Any]) -> Standing:
    """What stands, of a document."""
    kept = orjson.loads(document["standing"])
    return Standing(
        bytes.fromhex(document["version_hash"]),
        bytes.fromhex(document["record_hash"]),
        Intake(_position(kept["position"]), datetime.fromisoformat(kept["ingested_at"])),
        {
            bytes.fromhex(version): Superseded(_position(position))
            for version, position in kept["superseded"].items()
        },
    )


def record_of(document: Mapping[str, Any]) -> EnrichedArticle:
    """The record of a document. Raises PermanentError: a later major version has written it."""
    return codec.decode_record(document["record"].encode())


STANDING = ("version_hash", "record_hash", "standing")
"""The fields that `standing_of` needs."""


def _statement(quote: Quote) -> Document:
    return {
        "text": quote.text,
        "speaker": quote.speaker.name if quote.speaker else None,
        "speakers": [speaker.name for speaker in quote.said_by],
        "kind": quote.kind.value,
        "polarity": quote.polarity.value,
        "confidence": quote.confidence,
        "statement": quote.statement,
    }


def _location(entity: Entity) -> Document | None:
    if entity.latitude is None or entity.longitude is None:
        return None
    return {"lat": entity.latitude, "lon": entity.longitude}


def _moment(time: datetime | None) -> str | None:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z") if time else None


def _position_json(position: LogPosition | None) -> Document | None:
    return None if position is None else position.model_dump(mode="json", exclude_none=True)


def _position(value: Document | None) -> LogPosition | None:
    return None if value is None else LogPosition.model_validate(value)
