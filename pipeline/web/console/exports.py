"""Every search as a table for spreadsheets, and as a feed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from email.utils import format_datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pipeline.stores.questions import FoundArticle
from pipeline.stores.searches import FoundQuote
from pipeline.web.console.article import SAID

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would reckon with
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_STATEMENT_COLUMNS = (
    "time", "speaker", "polarity", "kind", "text", "confidence", "copies", "outlets", "source", "title", "url",
    "article_id",
)  # fmt: skip
_ARTICLE_COLUMNS = (
    "time", "source", "language", "verdict", "title", "url", "cluster_id", "article_id", "ingested_at", "opening",
)  # fmt: skip


def as_csv(found: Sequence[FoundQuote] | Sequence[FoundArticle]) -> str:
    """A table with a head; cells that a spreadsheet would take for a formula begin with an apostrophe."""
    columns = _ARTICLE_COLUMNS if found and isinstance(found[0], FoundArticle) else _STATEMENT_COLUMNS
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for one in found:
        writer.writerow([_cell(getattr(one, column)) for column in columns])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def as_rss(
    found: Sequence[FoundQuote] | Sequence[FoundArticle], *, title: str, link: str, base: str
) -> bytes:
    """A feed, RSS 2.0.

    Args:
        found: the latest first.
        title: of the feed.
        link: the page that shows the same.
        base: the console's address, with a slash at the end.
    """
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    for name, text in (("title", title), ("link", link), ("description", title)):
        ET.SubElement(channel, name).text = _xml(text)
    for one in found:
        item = ET.SubElement(channel, "item")
        page = f"{base}articles/{quote(one.article_id, safe='')}"
        if isinstance(one, FoundQuote):
            head = f"{one.speaker or 'Somebody'} {SAID_BY_WORD[one.polarity]}: {one.text}"
            about = f"{one.source}: {one.title or ''}"
            own = f"{one.article_id}#{one.statement or one.text}"
        else:
            head, about, own = one.title or one.opening, one.opening, one.article_id
        for name, text in (("title", head), ("link", page), ("description", about)):
            ET.SubElement(item, name).text = _xml(text)
        ET.SubElement(item, "guid", isPermaLink="false").text = _xml(own)
        ET.SubElement(item, "pubDate").text = format_datetime(one.time)
    return ET.tostring(rss, encoding="unicode", xml_declaration=True).encode()


SAID_BY_WORD = {polarity.value: verb for polarity, verb in SAID.items()}
"""The verb of each polarity, by its word in the record."""


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
