"""JSON lines: one record a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Format, Found, Intake, empty
from pipeline.sources.formats.json_record import json_articles
from pipeline.sources.streams import lines


class JsonLinesFormat(Format):
    """One JSON object a line, read line by line; blank lines are skipped."""

    name = "json-lines"
    suffixes = (".jsonl", ".ndjson")

    def sniff(self, start: bytes) -> bool:
        """See Format. A record a line closes its object on the first line."""
        first_line = start.lstrip().partition(b"\n")[0].rstrip()
        return first_line.startswith(b"{") and first_line.endswith(b"}")

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        decoder = Decoder()
        blank = True
        for number, line in lines(pieces, intake.limits.max_record_bytes):
            if line is None or line.strip():
                blank = False
                for _, found in json_articles(line, decoder, intake):
                    yield number, found
        if blank:
            yield None, empty()


JSON_LINES = JsonLinesFormat()
"""Also what is read from standard input."""
