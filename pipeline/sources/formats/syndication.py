"""Feeds as files: RSS, Atom and JSON Feed. Each item that has a text is an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.record import Article
from pipeline.sources.formats.base import Format, Found, Intake, attempt, empty
from pipeline.sources.formats.json_record import parsed
from pipeline.sources.markup import document, missing, plain, root_of
from pipeline.sources.problems import Reason, UnfitError

_KIND = "a feed"
_ROOTS = frozenset(("rss", "rdf", "feed"))
_JSON_FEED = b"jsonfeed.org/version/"
_BEGINNING = 4096


class SyndicationFormat(Format):
    """A feed: headline, text, address, id and date of each item, under the name of the feed."""

    name = "feed"
    suffixes = (".rss", ".atom", ".rdf")

    def sniff(self, start: bytes) -> bool:
        """See Format."""
        return root_of(start) in _ROOTS or _is_json_feed(start)

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format. The number of an item stands in the place of its line."""
        number = 0
        for number, fields in enumerate(self.items(document(pieces, _KIND), intake), start=1):
            yield number, attempt(lambda fields=fields: article_of(fields, intake))  # type: ignore[misc]
        if not number:
            yield None, empty()

    def items(self, data: bytes, intake: Intake) -> Iterator[dict[str, Any]]:
        """The items of a feed in their order, each with our names for its fields. Raises UnfitError: it is none."""
        return _json_items(data, intake) if _is_json_feed(data) else _xml_items(data)


def _is_json_feed(start: bytes) -> bool:
    return start.lstrip()[:1] == b"{" and _JSON_FEED in start[:_BEGINNING]


def text_of(fields: Mapping[str, Any]) -> str:
    """What an item says beyond its headline; "" where that is nothing. Raises UnfitError: it can't be read."""
    text = plain(fields["html"]) if fields.get("html") else fields.get("text")
    return text if isinstance(text, str) else ""


def article_of(fields: Mapping[str, Any], intake: Intake) -> Article:
    """The article of an item. Raises UnfitError: it has no text, or can't be one."""
    text = text_of(fields)
    if not text.strip():
        raise UnfitError(Reason.NO_TEXT, "is an item of a feed without a text: the page that it links has it")
    return intake.article({**fields, "title": fields.get("title") or "", "body": text, "text": None})


def _xml_items(data: bytes) -> Iterator[dict[str, Any]]:
    try:
        import feedparser  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing(_KIND) from None
    found = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    if not found.entries and found.get("bozo"):
        raise UnfitError(Reason.NOT_XML, f"is {_KIND} that is broken: {found.get('bozo_exception')}")
    for entry in found.entries:
        contents = [one.get("value") for one in entry.get("content", ()) if one.get("value")]
        yield {
            "title": plain(entry.get("title", "")),
            "html": max([*contents, entry.get("summary") or ""], key=len),
            "url": entry.get("link"),
            "guid": entry.get("id"),
            "published_at": entry.get("published") or entry.get("updated"),
            "source": found.feed.get("title"),
            "language": entry.get("language") or found.feed.get("language"),
            "authors": _authors(entry),
            "section": next((tag.get("term") for tag in entry.get("tags") or () if tag.get("term")), None),
        }


def _authors(entry: Any) -> Any:
    """The names of an item's authors; the whole of `ADDRESS (NAME)`, which feedparser parts in the wrong place."""
    whole = entry.get("author") or ""
    names = [one.get("name") for one in entry.get("authors") or () if one.get("name")]
    return whole if whole.endswith(")") and len(names) < 2 else names  # noqa: PLR2004 - one author


def _json_items(data: bytes, intake: Intake) -> Iterator[dict[str, Any]]:
    feed = parsed(data, intake.limits)
    if not isinstance(feed, Mapping) or not isinstance(feed.get("items"), list):
        raise UnfitError(Reason.NOT_AN_OBJECT, "is a JSON Feed without a list of items")
    for item in feed["items"]:
        if not isinstance(item, Mapping):
            continue
        yield {
            "title": item.get("title"),
            "html": item.get("content_html"),
            "text": item.get("content_text") or item.get("summary"),
            "url": item.get("url"),
            "guid": item.get("id"),
            "published_at": item.get("date_published") or item.get("date_modified"),
            "source": feed.get("title"),
            "language": item.get("language") or feed.get("language"),
            "authors": item.get("authors") or item.get("author"),
            "section": item.get("tags"),
        }
