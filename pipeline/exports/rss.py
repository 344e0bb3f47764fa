"""RSS 2.0: what a search finds, as a feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from pipeline.exports.addresses import web_address
from pipeline.exports.form import ARTICLES, STATEMENTS, Asked, Form, Out, write_each
from pipeline.exports.saying import sentence
from pipeline.record import EnrichedArticle, effective_time

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_PAGE = "urn:news-pipeline:export"  # a feed has to lead somewhere, and a file stands for itself
_OPENING = 300  # characters


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed. `key` tells it from all others, also in later feeds; `link` is the page that shows it."""

    title: str
    about: str
    key: str
    time: datetime
    link: str | None


def feed_parts(items: Iterable[Item], *, title: str, link: str) -> Iterator[str]:
    """A feed in parts, to be put one behind another: its head, each item, its end.

    What XML 1.0 has no way to write (control characters) is left out.
    """
    head = "".join(_element(name, text) for name, text in (("title", title), ("link", link)))
    about = _element("description", title)
    yield f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>{head}{about}\n'
    for item in items:
        yield f"<item>{''.join(_item(item))}</item>\n"
    yield "</channel></rss>\n"


def _item(item: Item) -> Iterator[str]:
    yield _element("title", item.title)
    if item.link is not None:
        yield _element("link", item.link)
    yield _element("description", item.about)
    yield _element("guid", item.key, ' isPermaLink="false"')
    yield _element("pubDate", format_datetime(item.time))


def _element(name: str, text: str, attributes: str = "") -> str:
    written = escape(_NOT_XML.sub("", text), quote=False).replace("\r", "&#13;")
    return f"<{name}{attributes}>{written}</{name}>"


def statement_item(
    *,
    speaker: str | None,
    polarity: str,
    text: str,
    source: str,
    title: str | None,
    article_id: str,
    statement: str | None,
    time: datetime,
    link: str | None,
) -> Item:
    """A statement as an entry: who said what, and where. `statement` tells those of one article apart."""
    return Item(
        title=sentence(speaker, polarity, text),
        about=f"{source}: {title or ''}",
        key=f"{article_id}#{statement or text}",
        time=time,
        link=link,
    )


def article_item(
    *, title: str | None, opening: str, article_id: str, time: datetime, link: str | None
) -> Item:
    """An article as an entry: its headline, and how it begins."""
    return Item(title=title or opening, about=opening, key=article_id, time=time, link=link)


def _items(records: Iterable[EnrichedArticle], asked: Asked) -> Iterator[Item]:
    for record in records:
        article = record.article
        time, link = effective_time(article), web_address(article.url)
        if asked.of == ARTICLES:
            yield article_item(
                title=article.title,
                opening=article.text[:_OPENING],
                article_id=article.article_id,
                time=time,
                link=link,
            )
            continue
        for one in asked.statements(record):
            yield statement_item(
                speaker=" and ".join(speaker.name for speaker in one.speakers) or None,
                polarity=one.polarity,
                text=one.text,
                source=article.source,
                title=article.title,
                article_id=article.article_id,
                statement=one.name,
                time=time,
                link=link,
            )


def _write(records: Iterable[EnrichedArticle], out: Out, asked: Asked) -> int:
    parts = feed_parts(_items(records, asked), title=asked.title, link=_NO_PAGE)
    return write_each((part.encode() for part in parts), out) - 2  # without head and end


RSS = Form("rss", ".rss", "application/rss+xml; charset=utf-8", (ARTICLES, STATEMENTS), _write)
