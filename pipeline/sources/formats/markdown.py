"""Markdown: a file is one article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.sources.formats.base import Format, Found, Intake, attempt
from pipeline.sources.formats.text import all_text

_HEADING_MARK = re.compile(r"\A#{1,6}[^\S\n]+")


class MarkdownFormat(Format):
    """A plain text whose headline may be marked as a heading; the mark is no part of the text."""

    name = "markdown"
    suffixes = (".md",)

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        yield (
            None,
            attempt(lambda: intake.text_article(_HEADING_MARK.sub("", all_text(pieces, intake.limits)))),
        )
