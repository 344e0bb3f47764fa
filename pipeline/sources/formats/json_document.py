"""JSON documents: an object, or several of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.sources import json_structure
from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Format, Found, Intake, empty
from pipeline.sources.formats.json_record import json_articles
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import whole


class JsonFormat(Format):
    """One JSON object, or an array of them, or several one after the other, or a service's answer with many in it."""

    name = "json"
    suffixes = (".json",)

    def sniff(self, start: bytes) -> bool:
        """See Format. An object that is closed on its first line is told as JSON lines before."""
        return start.lstrip().startswith((b"[", b"{"))

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        limit = intake.limits.max_document_bytes
        document = whole(pieces, limit)
        if document is None:
            yield (
                None,
                UnfitError(
                    Reason.TOO_LARGE,
                    f"is a JSON document of more than {limit:,} bytes; write JSON lines, which are streamed",
                ),
            )
            return
        decoder = Decoder()
        document = decoder.decode(document).encode()
        blank, number, seen = True, 1, 0
        for offset, record in json_structure.records(document):
            blank = False
            for within, found in json_articles(record, decoder, intake):
                at = offset + within
                number, seen = number + document.count(b"\n", seen, at), at
                yield number, found
        if blank:
            yield None, empty()
