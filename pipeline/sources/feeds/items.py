"""What stands in the body of a feed on the web, item by item: RSS, Atom, JSON Feed, news sitemaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin

from pipeline.sources.formats.base import Intake
from pipeline.sources.formats.syndication import SyndicationFormat, text_of
from pipeline.sources.markup import document, parsed_xml, root_of
from pipeline.sources.problems import Reason, UnfitError, printable

_SITEMAP, _INDEX = "urlset", "sitemapindex"
_FEED = SyndicationFormat()
_KIND = "a sitemap"
_IDENTITY = ("guid", "url", "title", "text", "html", "published_at")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its fields as docs/sources.md has them, and the key by which it is known again.

    An item whose words change has another key: it is a correction, and is taken once more.
    """

    key: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Body:
    """What a feed has: its items in order, and the addresses of further parts of it."""

    items: tuple[Item, ...]
    parts: tuple[str, ...] = ()


def read(data: bytes, url: str, kind: str, intake: Intake) -> Body:
    """The items of a body.

    Args:
        data: the bytes, unpacked.
        url: where they come from; addresses in them are relative to it.
        kind: the content type that the server named, for the problem.
        intake: its limits.

    Raises:
        UnfitError: it is no feed, or a broken one.
    """
    data = document([data], "a feed")
    if not data.strip():
        raise UnfitError(Reason.EMPTY, "is empty")
    root = root_of(data)
    if root in (_SITEMAP, _INDEX):
        found = parsed_xml(data, _KIND)
        if root == _INDEX:
            places = (_text(part, "loc") for part in found)
            return Body((), tuple(urljoin(url, place) for place in places if place))
        return Body(tuple(_item(fields, url) for fields in _pages(found)))
    if not _FEED.sniff(data):
        what = printable(kind)[:_SHOWN] or "of an unnamed type"
        raise UnfitError(Reason.UNKNOWN_FORMAT, f"is no feed and no sitemap, but {what}: correct its address")
    return Body(tuple(_item(fields, url) for fields in _FEED.items(data, intake)))


def _item(fields: Mapping[str, Any], base: str) -> Item:
    if isinstance(address := fields.get("url"), str) and address:
        fields = {**fields, "url": urljoin(base, address)}
    told = "\0".join(str(fields.get(name) or "") for name in _IDENTITY)
    return Item(blake2b(told.encode(errors="replace"), digest_size=16).hexdigest(), fields)


def _pages(root: Any) -> Iterator[dict[str, Any]]:
    for page in root:
        address = _text(page, "loc")
        if not address:
            continue
        yield {
            "url": address,
            "title": _text(page, "title"),
            "source": _text(page, "name"),
            "language": _text(page, "language"),
            "published_at": _text(page, "publication_date") or _text(page, "lastmod"),
        }


def _text(element: Any, name: str) -> str | None:
    """The text of the first element of that name within, in whatever namespace."""
    found = next(element.iter(f"{{*}}{name}"), None) if isinstance(element.tag, str) else None
    return (found.text or "").strip() or None if found is not None else None


def has_text(item: Item) -> bool:
    """Whether an item says anything beyond its headline."""
    try:
        return bool(text_of(item.fields).strip())
    except UnfitError:
        return False
