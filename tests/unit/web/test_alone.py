"""An article as a page of its own: all in one file, and nothing in it that runs or asks for anything."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from pipeline.record import EnrichedArticle
from pipeline.web.console.alone import article_page
from tests.support.newsroom import newsroom


class _Seen(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("record", newsroom(), ids=lambda record: record.article.article_id)
def test_a_page_has_the_text_and_what_was_found_and_asks_for_nothing(record: EnrichedArticle) -> None:
    seen = _Seen(article_page(record))
    assert not {tag for tag, _ in seen.tags} & {"script", "img", "link", "iframe", "form"}
    for tag, attributes in seen.tags:
        assert not any(name.startswith("on") or name == "src" for name in attributes), tag
        href = attributes.get("href") or "#"
        assert href.startswith(("#", "http://", "https://"))
    for quote in record.quotes:
        assert " ".join(quote.text.split()) in " ".join(seen.words.split())
    for entity in record.entities:
        assert entity.name in seen.words
    ids = {attributes["id"] for _, attributes in seen.tags if "id" in attributes}
    links = {
        str(attributes["href"])[1:]
        for tag, attributes in seen.tags
        if str(attributes.get("href")).startswith("#")
    }
    assert links <= ids
