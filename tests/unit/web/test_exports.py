"""Searches as tables and feeds."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from xml.etree import ElementTree as ET

from pipeline.stores.questions import FoundArticle
from pipeline.stores.searches import FoundQuote
from pipeline.web.console.exports import as_csv, as_rss
from tests.unit.stores.builders import NOON

_QUOTE = FoundQuote(
    text='=HYPERLINK("x") & <b>\x07“ferries”',
    kind="direct",
    speaker="Ada Quill",
    confidence=0.9,
    context="",
    time=NOON,
    copies=3,
    article_id="a/b?c",
    source="Fen Courier",
    title="A, b",
    url=None,
    polarity="denied",
    outlets=2,
)


def test_a_table_has_a_head_and_no_formulas() -> None:
    head, row = list(csv.reader(io.StringIO(as_csv([_QUOTE]))))
    line = dict(zip(head, row, strict=True))
    assert line["text"].startswith("'=HYPERLINK")
    assert (line["time"], line["outlets"], line["url"]) == ("2031-05-04T12:00:00Z", "2", "")
    assert as_csv([]).startswith("time,")


def test_a_feed_can_be_read_whatever_is_in_the_text() -> None:
    feed = ET.fromstring(as_rss([_QUOTE], title="T", link="http://x/", base="http://x/"))  # noqa: S314 - our own
    item = feed.find("channel/item")
    assert item is not None
    assert item.findtext("title") == 'Ada Quill denied: =HYPERLINK("x") & <b>“ferries”'
    assert item.findtext("link") == "http://x/articles/a%2Fb%3Fc"
    assert item.findtext("pubDate") == "Sun, 04 May 2031 12:00:00 +0000"


def test_articles_have_columns_and_items_of_their_own() -> None:
    one = FoundArticle("a", NOON, NOON + timedelta(1), "Fen", None, None, "en", "near", "c", "It burned")
    assert "cluster_id" in as_csv([one]).splitlines()[0]
    assert b"<title>It burned</title>" in as_rss([one], title="T", link="l", base="b/")
