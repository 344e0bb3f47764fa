"""What HTML and XML documents have in common: how they begin, and how they are parsed without harm."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import whole

LARGEST = 8 << 20
"""Bytes of a document of markup at most: the largest pages of thousands have 2 MiB."""

_BEGINNING = re.compile(
    rb"\s*(?:<\?[^>]{0,500}\?>\s*|<!--(?:[^-]|-(?!->)){0,5000}-->\s*|<!doctype[^>\[]{0,500}(?:\[[^\]]{0,5000}\])?[^>]{0,50}>\s*){0,10}"
    rb"<([A-Za-z_][\w.-]{0,40}(?::[\w.-]{1,40})?)",
    re.IGNORECASE,
)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_BLOCK_END = re.compile(r"(?i)</(?:p|div|h\d|li|tr|blockquote|section|article)\s*>|<br\s*/?>|<hr\s*/?>")
_NOT_INSTALLED = "pip install 'news-pipeline[formats]'"


def root_of(start: bytes) -> str:
    """The name of a document's first element, in small letters, without a namespace; "" where it is no markup."""
    found = _BEGINNING.match(start)
    return found[1].decode("ascii").lower().rpartition(":")[2] if found else ""


def document(pieces: Iterable[bytes], kind: str) -> bytes:
    """The whole of a document.

    Raises:
        UnfitError: it is too large, or declares entities of its own, which may unpack to anything.
    """
    data = whole(pieces, LARGEST)
    if data is None:
        raise UnfitError(Reason.TOO_LARGE, f"is {kind} of more than {LARGEST:,} bytes: split it")
    if _ENTITY.search(data, 0, 1 << 16):
        raise UnfitError(Reason.TOO_COMPLEX, f"is {kind} that declares entities of its own: take them out")
    return data


def missing(kind: str) -> UnfitError:
    """The problem of a document whose package is not installed."""
    return UnfitError(Reason.UNKNOWN_FORMAT, f"is {kind}, for which a package is needed: {_NOT_INSTALLED}")


def parsed_xml(data: bytes, kind: str) -> Any:
    """The root of an XML document. Nothing is fetched, no entity is resolved.

    Raises:
        UnfitError: it is none, or its package is not installed.
    """
    try:
        from lxml import etree  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing(kind) from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnfitError(Reason.NOT_XML, f"is {kind} that is broken: {error}") from None


def plain(markup: str) -> str:
    """The text of a piece of HTML, a blank line between its blocks.

    Raises:
        UnfitError: the package for it is not installed.
    """
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    try:
        from lxml import html  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing("HTML") from None
    parted = _BLOCK_END.sub(lambda end: f"{end.group()}\n\n", markup)
    try:
        text = html.fromstring(f"<div>{parted}</div>").text_content()
    except (ValueError, RecursionError) as error:
        raise UnfitError(Reason.NOT_XML, f"has HTML that can't be read: {error}") from None
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
    return "\n\n".join(filter(None, paragraphs))
