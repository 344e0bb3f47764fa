"""ninjs 3.0, the IPTC's news in JSON: one item a line.

https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json. ninjs has no place for statements: whoever is quoted has the
relation `quotes`, whoever is only named `mentions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from pipeline.exports.addresses import article_uri, place_uri
from pipeline.exports.form import ARTICLES, Asked, Form, Out, write_each
from pipeline.record import EnrichedArticle, Entity, statements_of

_LISTS: Mapping[str, str] = {
    "PERSON": "people",
    "ORG": "organisations",
    "GPE": "places",
    "LOC": "places",
    "FAC": "places",
    "EVENT": "events",
    "PRODUCT": "objects",
    "WORK_OF_ART": "objects",
}
"""Where a named thing stands. Groups, laws and languages have no list: `subjects` says what an item is about."""

_STANDARD = {
    "name": "ninjs",
    "version": "3.0",
    "schema": "https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json",
}


def document(record: EnrichedArticle) -> dict[str, Any]:
    """The record as an item of ninjs; what is not known is left out."""
    article = record.article
    body = article.text[article.body_start :]
    item = {
        "uri": article_uri(article),
        "type": "text",
        "representationType": "full",
        "versionCreated": article.published_at,
        "language": article.language,
        "by": ", ".join(article.authors),
        "headlines": [{"role": "main", "contentType": "text/plain", "value": article.title}]
        if article.title
        else [],
        "bodies": [{"role": "main", "contentType": "text/plain", "charCount": len(body), "value": body}]
        if body
        else [],
        "subjects": [{"name": article.section}] if article.section else [],
        "infoSources": [{"name": article.source}],
        **_named(record),
        "altIds": [{"role": "article_id", "value": article.article_id}],
        "standard": _STANDARD,
    }
    return {name: value for name, value in item.items() if value}


def _named(record: EnrichedArticle) -> dict[str, list[dict[str, Any]]]:
    quoted = {speaker.name for one in statements_of(record) for speaker in one.speakers}
    lists: dict[str, list[dict[str, Any]]] = {}
    for entity in record.entities:
        if entity.type in _LISTS:
            relation = {"name": entity.name, "rel": "quotes" if entity.name in quoted else "mentions"}
            kind = _LISTS[entity.type]
            lists.setdefault(kind, []).append(relation | (_place(entity) if kind == "places" else {}))
    return lists


def _place(place: Entity) -> dict[str, Any]:
    found: dict[str, Any] = {}
    uri = place_uri(place)
    if uri is not None:
        found["uri"] = uri
    if place.latitude is not None and place.longitude is not None:
        found["geoJSON"] = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    return found


def _write(records: Iterable[EnrichedArticle], out: Out, _: Asked) -> int:
    return write_each((_line(record) for record in records), out)


def _line(record: EnrichedArticle) -> bytes:
    return orjson.dumps(document(record), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


NINJS = Form("ninjs", ".ninjs.jsonl", "application/x-ndjson", (ARTICLES,), _write)
