"""Parquet: a table with types, as datasets of articles are kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from pipeline.sources.formats.base import Found, Intake, RawFormat, attempt, empty
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.records import too_large
from pipeline.sources.streams import is_bomb

_KIND = "a Parquet file"
_BATCH = 64  # rows that are held at a time


class ParquetFormat(RawFormat):
    """A row is an article; its columns are named like the fields of JSON."""

    name = "parquet"
    suffixes = (".parquet",)
    title = "Parquet"

    def sniff(self, start: bytes) -> bool:
        """See RawFormat."""
        return start.startswith(b"PAR1")

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format. The number of a row stands in the place of its line.

        The names of what it holds stand at the end of the file, so that it is kept on disk while it is read.
        """
        try:
            from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra
        except ImportError:
            raise UnfitError(
                Reason.UNKNOWN_FORMAT,
                f"is {_KIND}, for which a package is needed: pip install 'news-pipeline[parquet]'",
            ) from None
        with tempfile.TemporaryFile() as file:
            size = sum(file.write(piece) for piece in pieces)
            rows = 0
            try:
                with parquet.ParquetFile(file, pre_buffer=False) as table:
                    _check(table.metadata, size, intake.limits)
                    for batch in table.iter_batches(batch_size=_BATCH):
                        for row in batch.to_pylist():
                            rows += 1
                            yield rows, attempt(lambda row=row: intake.article(_fields(row, intake.limits)))  # type: ignore[misc]
            except (
                ArrowException,
                OSError,
                OverflowError,
                ValueError,
            ) as error:  # a time may be in no calendar
                said = " ".join(str(error).split())[:200]
                raise UnfitError(
                    Reason.WRONG_TYPE, f"is {_KIND} that breaks off behind row {rows}: {said}"
                ) from None
        if not rows:
            yield None, empty()


def _check(metadata: Any, size: int, limits: Limits) -> None:
    unpacked = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if is_bomb(unpacked, size, limits):
        raise UnfitError(
            Reason.BAD_COMPRESSION,
            f"unpacks to more than {limits.max_compression_ratio} times its size, like a decompression bomb",
        )


def _fields(row: dict[str, Any], limits: Limits) -> dict[str, Any]:
    fields = {name: _plain(value) for name, value in row.items() if value is not None}
    longest = max((len(value) for value in fields.values() if isinstance(value, str)), default=0)
    if longest > limits.max_record_bytes:
        raise too_large(longest, limits)
    return fields


def _plain(value: Any) -> Any:
    """A value as JSON would have it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value
