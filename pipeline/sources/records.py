"""A JSON object or a plain text into an Article."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pipeline.record import Article
from pipeline.sources.aliases import renamed
from pipeline.sources.bylines import authors_in, section_in
from pipeline.sources.dates import parse_date
from pipeline.sources.language import detect, normalise
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.urls import address_in_id, canonical_url, host_of
from pipeline.text.marks import CLOSES, CLOSES_DOUBLE, DOUBLE, UPRIGHT
from pipeline.text.normal_form import nfkc
from pipeline.text.paragraphs import paragraphs

FIELDS = (
    "id",
    "title",
    "text",
    "body",
    "source",
    "url",
    "guid",
    "published_at",
    "language",
    "authors",
    "section",
)
"""What a record may have of ours."""

DEFAULT_SOURCE = "local"
"""The source of an article that names none: the same wherever its file lies and however it is read, so that
the same text keeps its id."""

_LONGEST_ID = 200  # characters
_LONGEST_HEADLINE = 300
# Some outlets close a headline with a full stop. A line so closed is prose when it is long or reports speech
# in double marks, since headlines quote in single ones.
_LONGEST_CLOSED_HEADLINE = 120
_CLOSED = re.compile(rf"(?:[^\W\d_]{{2}}|\d)\.[{CLOSES})]*$|[,.][{CLOSES_DOUBLE}]$")
_DOUBLE_MARK = re.compile(f"[{DOUBLE}]")
_INK = re.compile(r"\S")
_SURROGATE = re.compile("[\ud800-\udfff]")


def from_record(
    record: object,
    *,
    limits: Limits,
    source: str | None,
    now: Callable[[], datetime],
    qualify_ids: bool = False,
    bad_date: Callable[[object], None] = lambda _: None,
) -> Article:
    """The article of a JSON object; docs/sources.md lists the fields.

    Args:
        record: a parsed JSON value.
        limits: bounds on the text.
        source: the source of a record that names none.
        now: the time of intake.
        qualify_ids: put the source in front of an id that is given, since another source may give the same.
        bad_date: is told a date that can't be read; the article has none then.

    Raises:
        UnfitError: it is no object, has no text, or a field is of the wrong type.
    """
    if not isinstance(record, Mapping):
        raise UnfitError(Reason.NOT_AN_OBJECT, f"holds {_kind(record)} where an object with a text is needed")
    record = renamed(record)
    title = _string(record, "title")
    body = _string(record, "text")
    if body is None:
        body = _string(record, "body")
        title = title if title is not None or body is None else ""
    if body is None:
        raise UnfitError(Reason.NO_TEXT, 'has no text; give "text", or "title" and "body"')
    title, text = _headline_and_text(title, body)
    url = _string(record, "url")
    given_id = _identifier(record, "id")
    given_date = record.get("published_at")
    published_at = parse_date(given_date)
    if published_at is None and given_date not in (None, ""):
        bad_date(given_date)
    source = _string(record, "source") or source or (host_of(url) if url else None) or DEFAULT_SOURCE
    return _article(
        given_id=qualified(source, given_id) if given_id and qualify_ids else given_id,
        guid=_identifier(record, "guid"),
        source=source,
        url=url,
        title=title,
        text=text,
        language=_string(record, "language", lenient=True),
        published_at=published_at,
        authors=authors_in(record.get("authors")),
        section=section_in(record.get("section")),
        limits=limits,
        now=now,
    )


def wrong_fields(record: object) -> dict[str, str]:
    """Every field of a JSON object that is of the wrong type, too long or has wrong characters, and why."""
    if not isinstance(record, Mapping):
        return {}
    wrong: dict[str, str] = {}
    try:
        record = renamed(record)
    except UnfitError as error:
        return {"text": error.problem}
    for name in ("id", "guid", "title", "text", "body", "source", "url"):
        read = _identifier if name in ("id", "guid") else _string
        try:
            _check_characters(read(record, name))
        except UnfitError as error:
            wrong[name] = error.problem
    return wrong


def qualified(source: str, given_id: str) -> str:
    """The id `SOURCE/ID`, which no other source gives, within the limit of an id."""
    return fitted(f"{source}/{given_id}")


def fitted(identifier: str, suffix: str = "") -> str:
    """The two together, `identifier` cut and with a hash of all of it where they are over the limit of an id."""
    if len(identifier) + len(suffix) <= _LONGEST_ID:
        return identifier + suffix
    digest = blake2b(identifier.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return f"{identifier[: _LONGEST_ID - len(digest) - len(suffix) - 1]}-{digest}{suffix}"


def from_text(text: str, *, limits: Limits, source: str | None, now: Callable[[], datetime]) -> Article:
    """The article of a plain text: the whole of it, its first line the headline where it reads like one.

    Raises:
        UnfitError: it is blank, too long or has characters that no text has.
    """
    return _article(
        given_id=None,
        guid=None,
        source=source or DEFAULT_SOURCE,
        url=None,
        title=headline_of(text),
        text=text,
        language=None,
        published_at=None,
        limits=limits,
        now=now,
    )


def headline_of(text: str) -> str | None:
    """The first line of `text`, when more follows and it is not prose: short, no sentence with a quote."""
    if text[:1].isspace():
        return None
    start, end = next(paragraphs(text), (0, 0))
    line, _, wrapped = text[start:end].partition("\n")
    line = line.rstrip()
    if not 0 < len(line) <= _LONGEST_HEADLINE or not _INK.search(text, start + len(line)):
        return None
    # A second line right below is a deck, if it doesn't go on with the sentence; more are wrapped prose.
    if "\n" in wrapped or wrapped.lstrip()[:1].islower():
        return None
    if _CLOSED.search(line) and (len(line) > _LONGEST_CLOSED_HEADLINE or _DOUBLE_MARK.search(line)):
        return None
    return line


def _headline_and_text(title: str | None, body: str) -> tuple[str | None, str]:
    if title is None:
        return headline_of(body), body
    if not title:
        return None, body
    first_line = body.lstrip().partition("\n")[0].strip()
    if _folded(first_line) == _folded(title):
        return (first_line if body.startswith(first_line) else None), body
    return title, f"{title}\n\n{body}"


def _article(
    *,
    given_id: str | None,
    guid: str | None,
    source: str,
    url: str | None,
    title: str | None,
    text: str,
    language: str | None,
    published_at: datetime | None,
    authors: tuple[str, ...] = (),
    section: str | None = None,
    limits: Limits,
    now: Callable[[], datetime],
) -> Article:
    for value in (given_id, guid, source, url, text):
        _check_characters(value)
    if not text.strip():
        raise UnfitError(Reason.NO_TEXT, "has no text but white space")
    size = len(text.encode())
    if size > limits.max_article_bytes:
        raise too_large(size, limits)
    return Article(
        article_id=given_id or _stable_id(url and address_in_id(url), guid, source, text),
        source=source,
        url=canonical_url(url) if url else None,
        title=title,
        text=text,
        language=(normalise(language) if language else None) or detect(text),
        published_at=published_at,
        ingested_at=now(),
        authors=authors,
        section=section,
    )


def too_large(size: int | None, limits: Limits) -> UnfitError:
    """The problem of an article of `size` bytes, None when it was too long to be measured."""
    what = f"has {size:,} bytes of text" if size else "is too long for one article"
    return UnfitError(
        Reason.TOO_LARGE,
        f"{what}; the limit is {limits.max_article_bytes:,} bytes: split it or raise the limit",
    )


def _stable_id(url: str | None, guid: str | None, source: str, text: str) -> str:
    parts = ("url", url) if url else ("guid", source, guid) if guid else ("text", source, text)
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def _string(record: Mapping[str, Any], field: str, *, lenient: bool = False) -> str | None:
    """A text field, None when it is absent, null or blank; with `lenient`, when it is no text too."""
    value = record.get(field)
    if value is None or (lenient and not isinstance(value, str)):
        return None
    if not isinstance(value, str):
        raise UnfitError(Reason.WRONG_TYPE, f'has {_kind(value)} as its "{field}" where a string is needed')
    return value if value.strip() else None


def _identifier(record: Mapping[str, Any], field: str) -> str | None:
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise UnfitError(
            Reason.WRONG_TYPE,
            f'has {_kind(value)} as its "{field}" where a string or a whole number is needed',
        )
    if len(value) > _LONGEST_ID:
        raise UnfitError(Reason.TOO_LARGE, f'has an "{field}" of more than {_LONGEST_ID} characters')
    return value


def _check_characters(value: str | None) -> None:
    if value and "\0" in value:
        raise UnfitError(Reason.BAD_CHARACTER, "has a NUL character, which no text has; take it out")
    if value and not value.isascii() and _SURROGATE.search(value):
        raise UnfitError(
            Reason.BAD_CHARACTER,
            "has half of a surrogate pair, which is no character; write the text as UTF-8",
        )


def _folded(line: str) -> str:
    return " ".join(nfkc(line.translate(UPRIGHT)).casefold().split())


def _kind(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
