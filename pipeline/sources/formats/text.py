"""Plain texts: a file is one article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Format, Found, Intake, attempt, empty
from pipeline.sources.limits import Limits
from pipeline.sources.records import too_large
from pipeline.sources.streams import whole

# UTF-16 and the double-byte encodings take at most this many bytes where UTF-8 takes one.
_WIDEST = 2


class TextFormat(Format):
    """A plain text: headline, blank line, paragraphs."""

    name = "text"
    suffixes: tuple[str, ...] = (".txt",)

    def sniff(self, start: bytes) -> bool:  # noqa: ARG002 - it may begin with anything
        """See Format. Any file may be a text, so it is asked last."""
        return True

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        yield None, attempt(lambda: intake.text_article(all_text(pieces, intake.limits)))


def all_text(pieces: Iterable[bytes], limits: Limits) -> str:
    """The whole of a file that is one article. Raises UnfitError: it is empty, too large or no text."""
    data = whole(pieces, _WIDEST * limits.max_article_bytes)
    if data is None:
        raise too_large(None, limits)
    if not data:
        raise empty()
    return Decoder().decode(data)
