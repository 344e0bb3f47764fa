"""The fields of a record under the names that other programs give them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ANY: Mapping[str, tuple[str, ...]] = {
    "published_at": (
        *("publishedAt", "published", "date_published", "datePublished", "date_publish", "publish_date"),
        *("pubDate", "pub_date", "versioncreated", "date"),
    ),
    "language": ("lang", "inLanguage"),
}
"""In NewsAPI, news-please, trafilatura, newspaper, Media Cloud, schema.org and ninjs."""

_FOREIGN: Mapping[str, tuple[str, ...]] = {
    "title": ("headline",),
    "body": (
        *("content", "maintext", "body_text", "article_text", "full_text", "fulltext", "articleBody"),
        *("bodies", "description"),
    ),
    "url": ("link", "canonical_url"),
    "source": ("outlet", "publication", "publisher", "sitename", "source_domain", "hostname", "provider"),
    "guid": ("uri",),
}
"""Only for records without a text under our names: with one they are who they always were."""


def renamed(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with our names for what it has under others; what it has under ours stays."""
    found = {field: value for field, _, value in _found(record)}
    if _is_foreign(record) and not found.get("title") and isinstance(record.get("headlines"), list):
        found["title"] = _value(record["headlines"])
    source = record.get("source")
    if isinstance(source, Mapping) and isinstance(source.get("name"), str):
        found["source"] = source["name"]
    return {**record, **found} if found else record


def left_over(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What no field of ours was taken from."""
    taken = {other for _, other, _ in _found(record)}
    return {name: value for name, value in record.items() if name not in taken}


def _is_foreign(record: Mapping[str, Any]) -> bool:
    return record.get("text") is None and record.get("body") is None


def _found(record: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Our name, theirs, and the value."""
    aliases = {**_ANY, **_FOREIGN} if _is_foreign(record) else _ANY
    for field, others in aliases.items():
        if record.get(field) in (None, ""):
            for other in others:
                value = _value(record.get(other))
                if value not in (None, ""):
                    yield field, other, value
                    break


def _value(value: Any) -> Any:
    """A value as it is; of objects with a name, and of lists of texts (ninjs 2 and 3), what they say."""
    if isinstance(value, Mapping):
        return value.get("name") or value.get("value")
    if isinstance(value, list):
        plain = [
            one
            for one in value
            if isinstance(one, Mapping) and one.get("contentType") in (None, "text/plain")
        ]
        return next((one["value"] for one in plain if isinstance(one.get("value"), str)), None)
    return value
