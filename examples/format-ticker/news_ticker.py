"""The format `ticker`: items one after the other, each below a line with its time and its headline.

=== 2026-03-01T09:30Z | Ferry late again
The ferry came an hour late, the harbour master said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from pipeline.record import Article
from pipeline.sources.decoding import Decoder
from pipeline.sources.formats import Format, Found, Intake, attempt, empty
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.records import too_large
from pipeline.sources.streams import lines

_MARK = b"=== "


class TickerFormat(Format):
    """An item is an article; what is wrong with one costs no other."""

    name = "ticker"
    suffixes = (".ticker",)

    def sniff(self, start: bytes) -> bool:
        """See Format."""
        return start.startswith(_MARK)

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format. The line of an item is that of its headline."""
        decoder = Decoder()
        blank = True
        for number, item in _items(pieces, intake.limits.max_record_bytes):
            blank = False
            yield number, attempt(partial(_article, item, decoder, intake))
        if blank:
            yield None, empty()


TICKER = TickerFormat()


def _items(pieces: Iterable[bytes], longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Each item with the line it begins on; None for one of more than `longest` bytes, which is never held whole."""
    begun, size = 1, 0
    kept: list[bytes] = []
    for number, line in lines(pieces, longest):
        if line is not None and line.startswith(_MARK) and size:
            yield begun, _joined(kept, size, longest)
            begun, size = number, 0
            kept.clear()
        if not size and line is not None and not line.strip():
            begun = number + 1  # blank lines before the first item
            continue
        size += longest + 1 if line is None else len(line) + 1
        if line is None or size > longest:
            kept.clear()
        else:
            kept.append(line)
    if size:
        yield begun, _joined(kept, size, longest)


def _joined(kept: list[bytes], size: int, longest: int) -> bytes | None:
    return None if size > longest else b"\n".join(kept)


def _article(item: bytes | None, decoder: Decoder, intake: Intake) -> Article:
    if item is None:
        raise too_large(None, intake.limits)
    if not item.startswith(_MARK):
        raise UnfitError(Reason.NO_TEXT, 'stands before the first item; an item begins "=== TIME | HEADLINE"')
    heading, _, text = decoder.decode(item.removeprefix(_MARK)).partition("\n")
    time, bar, headline = heading.partition(" | ")
    if not bar:
        raise UnfitError(Reason.NO_TEXT, 'has no headline; an item begins "=== TIME | HEADLINE"')
    return intake.article({"title": headline.strip(), "text": text.strip(), "published_at": time})
