"""ninjs: the shape of version 3.0, and what our own reader makes of it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from pipeline.record import EnrichedArticle
from pipeline.sources.ninjs import fields_of, is_ninjs
from tests.support.newsroom import newsroom
from tests.support.records import records
from tests.unit.exports.written import located, written

# What https://www.iptc.org/std/ninjs/ninjs-schema_3.0.json lets stand in an item, and in the objects of its lists;
# nothing else may.
_ITEM = {
    "uri", "type", "representationType", "versionCreated", "language", "by", "headlines", "bodies", "subjects",
    "infoSources", "people", "organisations", "places", "events", "objects", "altIds", "standard",
}  # fmt: skip
_LISTS = {
    "headlines": {"role", "contentType", "value"},
    "bodies": {"role", "contentType", "charCount", "wordCount", "value"},
    "subjects": {"name", "rel", "uri", "literal"},
    "infoSources": {"name", "role", "uri", "literal"},
    "people": {"name", "rel", "uri", "literal"},
    "organisations": {"name", "rel", "uri", "literal"},
    "places": {"name", "rel", "uri", "literal", "geoJSON"},
    "events": {"name", "rel", "uri", "literal"},
    "objects": {"name", "rel", "uri", "literal"},
    "altIds": {"role", "value"},
}


def _items(*some: EnrichedArticle) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("ninjs", some)[0].splitlines()]


@given(records())
def test_any_record_has_the_shape_of_the_standard(record: EnrichedArticle) -> None:
    [item] = _items(record)
    assert item.keys() <= _ITEM
    assert item["uri"].startswith(("http://", "https://", "urn:"))
    assert item["uri"].isascii()
    assert item["type"] == "text"
    for name, known in _LISTS.items():
        found = item.get(name, [{}])
        assert isinstance(found, list)
        assert found
        for one in found:
            assert one.keys() <= known
            assert all(isinstance(one[text], str) for text in one.keys() - {"charCount", "geoJSON"})


@given(records())
def test_our_reader_finds_the_article_in_it(record: EnrichedArticle) -> None:
    [item] = _items(record)
    article = record.article
    assert is_ninjs(item)
    found = fields_of(item)
    body = article.text[article.body_start :]
    assert found.get("title") == (article.title or None)
    assert found.get("body") == (body if body.strip() else None)
    assert found.get("section") == (article.section or None)
    assert found["source"] == article.source if article.source.strip() else True


def test_persons_organisations_and_places_with_their_relation_to_the_item() -> None:
    [item] = _items(located())
    assert item["people"] == [{"name": "Ada Quill", "rel": "quotes"}, {"name": "Tom Reed", "rel": "mentions"}]
    assert item["organisations"] == [{"name": "Reed Shipping", "rel": "mentions"}]
    assert item["places"] == [
        {
            "name": "Fenmouth",
            "rel": "mentions",
            "uri": "https://sws.geonames.org/2649268/",
            "geoJSON": {"type": "Point", "coordinates": [51.5, -0.25]},
        }
    ]
    assert item["by"] == "Mina Sorrel, Jo Reed"
    assert item["subjects"] == [{"name": "Harbour"}]
    assert item["versionCreated"] == "2031-05-04T11:00:00Z"


def test_an_item_is_named_by_its_address_on_the_web_or_by_its_id() -> None:
    assert [item["uri"] for item in _items(*newsroom())] == [
        "https://fen.example/pier",
        "urn:news-pipeline:article:pier%20again",
        "urn:news-pipeline:article:pier%2Fcopy%3F",
        "urn:news-pipeline:article:hostile",
    ]
