"""Tables as text: CSV and TSV with a line of names."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Format, Found, Intake, attempt, empty
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import whole


class CsvFormat(Format):
    """A row is an article; its columns are named like the fields of JSON."""

    name = "csv"
    suffixes = (".csv", ".tsv", ".tab")

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format."""
        limit = intake.limits.max_document_bytes
        data = whole(pieces, limit)
        if data is None:
            raise UnfitError(Reason.TOO_LARGE, f"is a table of more than {limit:,} bytes: write JSON lines")
        lines = Decoder().decode(data).splitlines(keepends=True)
        if not lines:
            yield None, empty()
            return
        csv.field_size_limit(max(csv.field_size_limit(), intake.limits.max_record_bytes))
        rows = csv.DictReader(
            lines, delimiter=_delimiter(lines[0]), restkey="more than the names", restval=""
        )
        rows.fieldnames = [name.strip() for name in rows.fieldnames or ()]
        at = 2
        try:
            for row in rows:
                fields = {
                    name: value for name, value in row.items() if isinstance(value, str) and value.strip()
                }
                yield at, attempt(lambda fields=fields: intake.article(fields))  # type: ignore[misc]
                at = rows.line_num + 1
        except csv.Error as error:
            raise UnfitError(
                Reason.WRONG_TYPE, f"is a table that breaks off at line {rows.line_num}: {error}"
            ) from None


def _delimiter(names: str) -> str:
    """What parts the names: the one of these that occurs most."""
    return max("\t;,|", key=lambda one: (names.count(one), one == ","))
