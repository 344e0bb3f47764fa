"""A feed on the web, asked once: what is new in it, and what to remember of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources.feeds.config import WebFeed
from pipeline.sources.feeds.fetching import Fetcher, FetchError, Manners
from pipeline.sources.feeds.items import Body, Item, has_text, read
from pipeline.sources.formats import Intake
from pipeline.sources.formats.html import fields_of
from pipeline.sources.formats.syndication import article_of
from pipeline.sources.markup import document
from pipeline.sources.problems import UnfitError

_PARTS = 10
"""Of a sitemap in parts, its last so many: they are the newest."""


class Memory(Protocol):
    """What is remembered of feeds, across restarts; a feed is known by its address."""

    def state(self, feed: str) -> Mapping[str, Any]:
        """What was noted of a feed last; empty where nothing was."""

    def unseen(self, feed: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys that were not noted."""

    def note(self, feed: str, keys: Iterable[str], state: Mapping[str, Any]) -> None:
        """Note items as seen, and how the feed stands; when this returns, it is durable."""


@dataclass(slots=True)
class Look:
    """What one look at a feed has found.

    Attributes:
        found: the article of each new item by its key; the problem where there is none.
        notes: what is to be said beside that, about items that are taken or come later.
        validators: for the next request.
        more: items are left for the next look, which need not wait.
    """

    found: dict[str, Article | SourceError] = field(default_factory=dict)
    notes: list[SourceError] = field(default_factory=list)
    validators: Mapping[str, str] = field(default_factory=dict)
    more: bool = False


async def look(feed: WebFeed, fetcher: Fetcher, memory: Memory, intake: Intake) -> Look:
    """Ask a feed, and read what is new in it, the oldest first.

    Raises:
        FetchError: it gives nothing now.
        UnfitError: what it gives is no feed.
        TransientError: the memory is away.
    """
    manners = Manners(feed.timeout, feed.max_bytes, feed.delay, feed.robots, feed.allow_private)
    known = (await asyncio.to_thread(memory.state, feed.url)).get("validators") or {}
    fetched = await fetcher.get(feed.url, manners, known)
    if fetched.body is None:
        return Look(validators=known)
    first = await asyncio.to_thread(read, fetched.body, feed.url, fetched.kind, intake)
    body = await _whole(first, fetcher, manners, intake)
    unique = {item.key: item for item in body.items}
    unseen = await asyncio.to_thread(memory.unseen, feed.url, list(unique))
    # A feed has the newest on top. What is over the limit comes with the next looks, the oldest first as well.
    new = [item for item in reversed(unique.values()) if item.key in unseen]
    chosen = new[: feed.max_items]
    result = Look(validators={} if body.parts else fetched.validators, more=len(chosen) < len(new))
    pages = 0
    for item in chosen:
        page: Mapping[str, Any] | None = None
        if item.fields.get("url") and (feed.full_text or not has_text(item)):
            if pages == feed.max_pages:
                result.more = True
                break
            pages += 1
            try:
                page = await _page(item, fetcher, manners)
            except FetchError as error:
                if not error.lasting:
                    result.notes.append(_problem(item, f"{error}; it is asked again", "not-readable"))
                    result.validators = {}  # or an unchanged feed would not name it again
                    continue
                result.notes.append(_problem(item, str(error), "not-readable"))
            except UnfitError as error:
                result.notes.append(_problem(item, error.problem, error.reason))
        result.found[item.key] = _article(item, page, feed, intake, result.notes)
    if result.more:
        result.validators = {}
    return result


async def _whole(body: Body, fetcher: Fetcher, manners: Manners, intake: Intake) -> Body:
    """A body with those of its parts. Raises as `look` does."""
    if not body.parts:
        return body
    items: list[Item] = []
    for address in body.parts[-_PARTS:]:
        part = await fetcher.get(address, manners)
        items += (await asyncio.to_thread(read, part.body or b"", address, part.kind, intake)).items
    return Body(tuple(items), body.parts)


async def _page(item: Item, fetcher: Fetcher, manners: Manners) -> Mapping[str, Any]:
    fetched = await fetcher.get(str(item.fields["url"]), manners)
    return await asyncio.to_thread(lambda: fields_of(document([fetched.body or b""], "an HTML page")))


def _article(
    item: Item, page: Mapping[str, Any] | None, feed: WebFeed, intake: Intake, notes: list[SourceError]
) -> Article | SourceError:
    """What the feed says goes before what its page says, but for the text."""
    fields = {**(page or {}), **{name: value for name, value in item.fields.items() if value}}
    if feed.source:
        fields["source"] = feed.source
    try:
        if page is None:
            article = article_of(fields, intake)
        else:
            # The page's own headline stands on top of its text: the feed's is the one that is kept.
            fields["body"] = str(page["body"]).removeprefix(f"{page['title']}\n\n")
            article = intake.article({**fields, "title": fields.get("title") or "", "text": None})
    except UnfitError as error:
        return _problem(item, error.problem, error.reason)
    notes += (_problem(item, one.problem, one.reason) for one in intake.take_problems())
    return article


def _problem(item: Item, problem: str, reason: str) -> SourceError:
    where = item.fields.get("url") or item.fields.get("guid") or item.fields.get("title") or "an item"
    return SourceError(" ".join(str(where).split())[:300], problem, reason=reason)
