"""ninjs, the IPTC's news in JSON, versions 1 to 3: one item, as the fields of a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.sources.markup import plain

_LISTS = ("headlines", "bodies")
_TELLING = ("headline", "versioncreated", "versionCreated", "body_text", "body_html", "body_xhtml")
_DATES = (
    *("versioncreated", "versionCreated", "contentcreated", "contentCreated"),
    *("firstcreated", "firstCreated"),
)
_SUBJECTS = ("subjects", "subject")
_SOURCES = ("infoSources", "infosources", "infosource")
_HOLDERS = ("provider", "copyrightHolder", "copyrightholder")
_MARKUP = frozenset(("text/html", "application/xhtml+xml"))

NINJS_NAMES = frozenset(
    ("uri", "by", "byline", *_LISTS, *_TELLING, *_DATES, *_SUBJECTS, *_SOURCES, *_HOLDERS)
)
"""What `fields_of` reads."""


def is_ninjs(record: Mapping[str, Any]) -> bool:
    """Whether a record is an item of ninjs: by its lists, or by its `uri` and a field that only ninjs has."""
    if any(isinstance(record.get(name), list) for name in _LISTS):
        return True
    return isinstance(record.get("uri"), str) and any(name in record for name in _TELLING)


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an item says, under our names.

    Version 1 has `headline` and `body_text` (or `body_html`, `body_xhtml`), 2 and 3 lists of headlines and bodies with
    their roles and types; 3 writes its names in camel case. A body as plain text goes before one in markup.

    Raises:
        UnfitError: its text is markup, for which a package is missing, or which can't be read.
    """
    found = {
        "title": _headline(record),
        "body": next(_bodies(record), None),
        "guid": record.get("uri"),
        "published_at": next((record[name] for name in _DATES if record.get(name)), None),
        "source": next(_sources(record), None),
        "authors": record.get("by") or record.get("byline"),
        "section": next(_names(record, *_SUBJECTS), None),
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def _headline(record: Mapping[str, Any]) -> Any:
    headlines = [one for one in _objects(record, "headlines") if isinstance(one.get("value"), str)]
    main = [one for one in headlines if one.get("role") == "main"]
    return (
        next((one["value"] for one in [*main, *headlines]), None)
        or record.get("headline")
        or record.get("title")
    )


def _bodies(record: Mapping[str, Any]) -> Iterator[str]:
    bodies = [
        (str(one.get("contentType") or one.get("contenttype") or ""), one["value"])
        for one in _objects(record, "bodies")
        if isinstance(one.get("value"), str) and one["value"].strip()
    ]
    bodies += [
        ("" if name == "body_text" else "text/html", record[name])
        for name in ("body_text", "body_html", "body_xhtml")
        if isinstance(record.get(name), str) and record[name].strip()
    ]
    yield from (text for kind, text in bodies if kind in {"", "text/plain"})
    yield from (plain(text) for kind, text in bodies if kind in _MARKUP)


def _sources(record: Mapping[str, Any]) -> Iterator[str]:
    yield from _names(record, *_SOURCES)
    for name in _HOLDERS:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            yield value


def _names(record: Mapping[str, Any], *lists: str) -> Iterator[str]:
    for name in lists:
        yield from (one["name"] for one in _objects(record, name) if isinstance(one.get("name"), str))


def _objects(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = record.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
