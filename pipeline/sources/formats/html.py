"""HTML: the article of a page, without what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Format, Found, Intake, attempt
from pipeline.sources.markup import document, missing, root_of
from pipeline.sources.problems import Reason, UnfitError

_KIND = "an HTML page"
_SHORTEST = 60
"""Characters of an article at least: a page of links or scripts leaves a word or two."""


class HtmlFormat(Format):
    """A page: main text, headline, outlet, address and date as trafilatura finds them (Barbaresi 2021)."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")

    def sniff(self, start: bytes) -> bool:
        """See Format."""
        return root_of(start) == "html"

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        yield None, attempt(lambda: intake.article(fields_of(document(pieces, _KIND))))


def fields_of(data: bytes) -> dict[str, Any]:
    """The article of a page, as the fields of a record. Raises UnfitError: there is none in it."""
    return page_fields(Decoder().decode(data))


def page_fields(text: str) -> dict[str, Any]:
    """The article of a page whose encoding is known. Raises UnfitError: there is none in it."""
    try:
        from trafilatura import bare_extraction  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing(_KIND) from None
    try:
        page: Any = bare_extraction(text, include_comments=False, include_tables=True, with_metadata=True)
    except (RecursionError, ValueError, AssertionError) as error:
        raise UnfitError(Reason.TOO_COMPLEX, f"is {_KIND} that can't be read: {error}") from None
    if page is None or len((page.text or "").strip()) < _SHORTEST:
        raise UnfitError(
            Reason.NO_TEXT, f"is {_KIND} without an article in it: a list of links, or a page of scripts"
        )
    return {
        "title": page.title or "",
        "body": "\n\n".join(line for line in page.text.split("\n") if line.strip()),
        "url": page.url,
        "source": page.sitename or page.hostname,
        "published_at": _moment(text, page.date),
        "authors": page.author,
        "section": page.categories,
    }


def _moment(page: str, day: str | None) -> str | None:
    """The time of day too, where the page says one for the day that was found."""
    found = re.search(rf"[\"']({re.escape(day)}T[\d:.+Z-]{{5,30}})[\"']", page) if day else None
    return found[1] if found else day
