"""Who wrote an article and in which section it stood, as documents and programs write it down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.text.marks import APOSTROPHES

_MOST = 20  # authors; a longer list is one of a staff, or no list of authors
_LONGEST = 120  # characters of a name
# The white space of a byline is single blanks before any of these sees it.
_BY = re.compile(
    r"(?:(?:written |story |words |report |reported )?by|von|por|par|di|door|af|av):? ", re.IGNORECASE
)
_PARTS = re.compile(r"[;|·]| (?:&|and|with|und|et|y|e|en|og|och) |, (?:and )?", re.IGNORECASE)
_ADDRESS = re.compile(r"<[^<>]{0,200}>|(?<!\S)\(?[^\s@]{1,64}@[^\s@]{1,200}")
_PERSON = re.compile(rf"(?:[^\W\d_][\w.{APOSTROPHES}-]* ){{1,5}}[^\W\d_][\w.{APOSTROPHES}-]*")
_NO_NAME = re.compile(
    r"(?i)\b(?:editors?|correspondents?|reporters?|writers?|staff|bureau|chief|columnists?|contributors?|"
    r"producers?|photographers?|desk|team|newsroom|wire|times|post|courier|herald|tribune|gazette|journal|agenc(?:y|ies)|press|news|media|redaktion|http\S*|www\.\S*|\.com)\b"
)


def authors_in(value: Any) -> tuple[str, ...]:
    """The authors in a value: a byline (`By Ada Quill and Sam Roe, political editor`), a name, or a list of either.

    A role or an outlet beside a name is left out; where nothing in a byline is a person's full name, the whole of it
    stands. What is neither text nor an object with a `name` gives nothing: a byline is no reason to refuse an article.
    """
    found = dict.fromkeys(name for one in _texts(value) for name in _names(one))
    return tuple(found)[:_MOST]


def section_in(value: Any) -> str | None:
    """The section in a value: a text, or the first of a list of texts or of objects with a `name`."""
    return next(_texts(value), None)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for one in value[:_MOST]:
            if not isinstance(one, list | tuple):
                yield from _texts(one)
    elif isinstance(value, Mapping):
        yield from _texts(
            next((value[key] for key in ("name", "value") if isinstance(value.get(key), str)), None)
        )
    elif isinstance(value, str):
        text = " ".join("".join(char for char in value if char.isprintable() or char.isspace()).split())
        if text:
            yield text[: _LONGEST * _MOST]


def _names(byline: str) -> Iterator[str]:
    text = _ADDRESS.sub("", _BY.sub("", byline, count=1) if _BY.match(byline) else byline).strip(" ,.;|()")
    parts = [part.strip(" ,.") for part in _PARTS.split(text)]
    persons = [part for part in parts if _is_person(part)]
    for name in persons or [text]:
        if name:
            yield name[:_LONGEST]


def _is_person(part: str) -> bool:
    return bool(_PERSON.fullmatch(part)) and not _NO_NAME.search(part) and part[0].isupper()
