"""RSS: whatever is in a text, the feed can be read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from pipeline.exports.form import STATEMENTS, Asked
from pipeline.exports.rss import Item, feed_parts
from tests.support.newsroom import newsroom
from tests.unit.exports.written import located, written
from tests.unit.stores.builders import NOON

_ANY = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "<>&]\"'\r\n\t\x00\x07\x1b\ufffe\uffff👩🏽‍🚒"
)


def _allowed(char: str) -> bool:
    """Whether XML 1.0 has a way to write it."""
    code = ord(char)
    return char in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


@given(_ANY, _ANY, _ANY, st.none() | _ANY)
def test_any_text_is_read_back_without_what_xml_forbids(
    title: str, about: str, key: str, link: str | None
) -> None:
    item = Item(title, about, key, NOON, link)
    feed = ET.fromstring("".join(feed_parts([item], title=title, link="https://fen.example/")))  # noqa: S314 - our own
    found = feed.find("channel/item")
    assert found is not None
    for name, text in (("title", title), ("description", about), ("guid", key), ("link", link)):
        assert found.findtext(name) == (None if text is None else "".join(filter(_allowed, text)))
    assert found.findtext("pubDate") == "Sun, 04 May 2031 12:00:00 +0000"


def test_articles_as_a_feed_reader_has_them() -> None:
    data, count = written("rss", [*newsroom(), located()], Asked(title="Articles: <ferry> & pier"))
    feed = feedparser.parse(data)
    assert not feed.bozo
    assert (feed.version, feed.feed.title) == ("rss20", "Articles: <ferry> & pier")
    assert count == len(feed.entries) == 5
    pier = feed.entries[0]
    assert (pier.title, pier.link, pier.id) == ("Pier burns 👩‍🚒", "https://fen.example/pier", "pier")
    assert tuple(pier.published_parsed)[:6] == NOON.timetuple()[:6]
    assert not any("javascript" in entry.get("link", "") for entry in feed.entries)


def test_statements_say_who_said_what_where() -> None:
    data, count = written("rss", newsroom()[:1], Asked(STATEMENTS))
    said, denied = feedparser.parse(data).entries
    assert count == 2
    assert said.title == "Tom Reed said: “It burned for hours,” … “Nobody in Fenmouth slept.”"
    assert denied.title == "Ada Quill denied: that the pier was unsafe"
    assert said.description == "The Fen Courier: Pier burns 👩‍🚒"
    assert said.id == "pier#s1"
