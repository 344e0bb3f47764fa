"""JSON-LD: each article as a NewsArticle of schema.org, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from pipeline.exports.addresses import article_uri, place_uri, web_address
from pipeline.exports.form import ARTICLES, Asked, Form, Out, write_each
from pipeline.exports.saying import SAID
from pipeline.record import EnrichedArticle, Entity, Polarity, ResolvedBy, Speaker, Statement, statements_of

_TYPES: Mapping[str, str] = {
    "PERSON": "Person",
    "ORG": "Organization",
    "GPE": "Place",
    "LOC": "Place",
    "FAC": "Place",
    "EVENT": "Event",
    "PRODUCT": "Product",
    "WORK_OF_ART": "CreativeWork",
    "LAW": "Legislation",
    "LANGUAGE": "Language",
}
"""The type of a named thing in schema.org; a Thing where it has none."""

_SPOKEN = {Polarity.ASSERTED, Polarity.ASKED}


def document(record: EnrichedArticle) -> dict[str, Any]:
    """The record as a NewsArticle; what is not known is left out.

    Whoever stands behind the words of a Quotation is its `spokenByCharacter`. Where an article says that somebody
    denied them, doubted them or did not say them, that person is among its `mentions`; `description` has the verb.
    """
    article = record.article
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": article_uri(article),
            "identifier": article.article_id,
            "url": web_address(article.url),
            "headline": article.title,
            "articleBody": article.text[article.body_start :],
            "articleSection": article.section,
            "inLanguage": article.language,
            "datePublished": article.published_at,
            "author": [{"@type": "Person", "name": name} for name in article.authors],
            "publisher": {"@type": "Organization", "name": article.source},
            "mentions": [_thing(entity) for entity in record.entities],
            "hasPart": [_quotation(record, one) for one in statements_of(record)],
        }
    )


def _thing(entity: Entity) -> dict[str, Any]:
    kind = _TYPES.get(entity.type, "Thing")
    thing: dict[str, Any] = {"@type": kind, "name": entity.name}
    if kind == "Person":
        thing |= {"honorificPrefix": entity.title, "jobTitle": entity.role}
    elif kind == "Place":
        thing |= {"@id": place_uri(entity), "address": _address(entity), "geo": _geo(entity)}
    return _known(thing)


def _address(place: Entity) -> dict[str, str] | None:
    return {"@type": "PostalAddress", "addressCountry": place.country} if place.country else None


def _geo(place: Entity) -> dict[str, Any] | None:
    if place.latitude is None or place.longitude is None:
        return None
    return {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}


def _quotation(record: EnrichedArticle, statement: Statement) -> dict[str, Any]:
    organisations = {entity.name for entity in record.entities if entity.type == "ORG"}
    by = [_speaker(speaker, organisations) for speaker in statement.speakers]
    relation = "spokenByCharacter" if statement.polarity in _SPOKEN else "mentions"
    return _known(
        {
            "@type": "Quotation",
            "text": statement.text,
            "description": f"{SAID[statement.polarity]} ({statement.kind})",
            relation: by,
        }
    )


def _speaker(speaker: Speaker, organisations: set[str]) -> dict[str, Any]:
    speaks_for_many = speaker.name in organisations or speaker.resolved_by == ResolvedBy.ORGANISATION
    return {"@type": "Organization" if speaks_for_many else "Person", "name": speaker.name}


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _write(records: Iterable[EnrichedArticle], out: Out, _: Asked) -> int:
    return write_each((_line(record) for record in records), out)


def _line(record: EnrichedArticle) -> bytes:
    """A line that can stand in a script element of a page: there is no `<` in it that could end one."""
    written = orjson.dumps(document(record), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    return written.replace(b"<", b"\\u003c")


JSON_LD = Form("json-ld", ".ld.jsonl", "application/x-ndjson", (ARTICLES,), _write)
