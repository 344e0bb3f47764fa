"""The fields of a record under the names that other programs give them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.sources.ninjs import NINJS_NAMES, is_ninjs
from pipeline.sources.ninjs import fields_of as ninjs_fields

_ANY: Mapping[str, tuple[str, ...]] = {
    "published_at": (
        *("publishedAt", "published", "date_published", "datePublished", "date_publish", "publish_date"),
        *("pubDate", "pub_date", "versioncreated", "date"),
    ),
    "language": ("lang", "inLanguage"),
    "authors": ("author", "byline", "creator"),
    "section": ("articleSection", "category", "categories"),
}
"""In NewsAPI, news-please, trafilatura, newspaper, Media Cloud, schema.org and ninjs."""

_FOREIGN: Mapping[str, tuple[str, ...]] = {
    "title": ("headline",),
    "body": ("content", "maintext", "body_text", "article_text", "full_text", "fulltext", "articleBody"),
    "url": ("link", "canonical_url"),
    "source": ("outlet", "publication", "publisher", "sitename", "source_domain", "hostname", "provider"),
    "guid": ("uri",),
}
"""Only for records without a text under our names: with one they are who they always were."""

_SUMMARIES = ("description",)
"""The text of a record that has nothing longer, below a headline: alone they may describe anything."""

ANSWERS = frozenset(
    name.encode()
    for name in (
        *("articles", "items", "item", "results", "docs", "documents"),
        *("stories", "news", "entries", "data", "value"),
    )
)
"""Under which names services give a list of articles."""

_CUT_OFF = re.compile(r"\[\+\d{1,7} chars\]\Z")  # NewsAPI gives the first 200 characters

_AS_THEY_ARE = frozenset(("authors", "section"))  # lists and objects are read by bylines.py


def renamed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with our names for what it has under others; what it has under ours stays.

    Raises:
        UnfitError: it is ninjs with its text in markup that can't be read.
    """
    found = {field: value for field, _, value in _found(record)}
    if isinstance(body := found.get("body"), str):
        found["body"] = _whole(body)
    if _is_foreign(record) and is_ninjs(record):
        found |= ninjs_fields(record)
    source = record.get("source")
    if isinstance(source, Mapping) and isinstance(source.get("name"), str):
        found["source"] = source["name"]
    return {**record, **found} if found else record


def _whole(body: str) -> str:
    """The text without what a service has put in the place of the rest."""
    cut = _CUT_OFF.search(stripped := body.rstrip())
    return stripped[: cut.start()].rstrip().removesuffix("…").removesuffix("...").rstrip() if cut else body


def left_over(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What no field of ours was taken from."""
    taken = {other for _, other, _ in _found(record)}
    if _is_foreign(record) and is_ninjs(record):
        taken |= NINJS_NAMES
    return {name: value for name, value in record.items() if name not in taken}


def _is_foreign(record: Mapping[str, Any]) -> bool:
    return record.get("text") is None and record.get("body") is None


def _found(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Our name, theirs, and the value."""
    aliases = {**_ANY, **_FOREIGN} if _is_foreign(record) else _ANY
    is_headed = any(record.get(name) for name in ("title", *_FOREIGN["title"]))
    for field, names in aliases.items():
        others = names + _SUMMARIES if field == "body" and is_headed else names
        if record.get(field) in (None, "", []):
            for other in others:
                value = record.get(other)
                if field not in _AS_THEY_ARE and isinstance(value, Mapping):
                    value = value.get("name")
                if value not in (None, "", []):
                    yield field, other, value
                    break
