"""JSON-LD: articles as schema.org has them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from pipeline.record import EnrichedArticle
from tests.support.newsroom import newsroom
from tests.support.records import records
from tests.unit.exports.written import located, written


def _one(record: EnrichedArticle) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written("json-ld", [record])[0])
    return found


@given(records())
def test_any_record_is_one_line_that_can_stand_in_a_page(record: EnrichedArticle) -> None:
    data, count = written("json-ld", [record])
    assert (count, data.count(b"\n"), data[-1:]) == (1, 1, b"\n")
    assert b"<" not in data
    found = json.loads(data)
    article = record.article
    assert (found["@context"], found["@type"], found["identifier"]) == (
        "https://schema.org", "NewsArticle", article.article_id,
    )  # fmt: skip
    assert found.get("articleBody", "") == article.text[article.body_start :]
    assert len(found.get("mentions", [])) == len(record.entities)


def test_who_and_what_is_named_has_types() -> None:
    found = _one(located())
    assert found["mentions"] == [
        {"@type": "Person", "name": "Ada Quill", "honorificPrefix": "Mayor", "jobTitle": "mayor of Fenmouth"},
        {
            "@type": "Place",
            "name": "Fenmouth",
            "@id": "https://sws.geonames.org/2649268/",
            "address": {"@type": "PostalAddress", "addressCountry": "GB"},
            "geo": {"@type": "GeoCoordinates", "latitude": -0.25, "longitude": 51.5},
        },
        {"@type": "Thing", "name": "harbour bridge"},
        {"@type": "Person", "name": "Tom Reed"},
        {"@type": "Organization", "name": "Reed Shipping"},
    ]
    assert [author["name"] for author in found["author"]] == ["Mina Sorrel", "Jo Reed"]
    assert found["datePublished"] == "2031-05-04T11:00:00Z"


def test_only_who_stands_behind_the_words_speaks_them() -> None:
    said, denied = _one(newsroom()[0])["hasPart"]
    assert said == {
        "@type": "Quotation",
        "text": "“It burned for hours,” … “Nobody in Fenmouth slept.”",
        "description": "said (direct)",
        "spokenByCharacter": [{"@type": "Person", "name": "Tom Reed"}],
    }
    assert "spokenByCharacter" not in denied
    assert (denied["description"], denied["mentions"][0]["name"]) == ("denied (indirect)", "Ada Quill")


def test_only_addresses_of_the_web_are_links() -> None:
    assert _one(newsroom()[0])["url"] == "https://fen.example/pier"
    assert "url" not in _one(newsroom()[3])
