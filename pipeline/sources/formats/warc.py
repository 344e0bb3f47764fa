"""WARC: a crawl as an archive of what servers answered (ISO 28500)."""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.record import Article
from pipeline.sources.decoding import Decoder
from pipeline.sources.formats.base import Found, Intake, RawFormat, attempt
from pipeline.sources.formats.html import page_fields
from pipeline.sources.markup import LARGEST, missing
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import Reader

_KIND = "a WARC archive"
_STARTS = (b"WARC/1.", b"WARC/0.1")
_PAGES = ("text/html", "application/xhtml+xml")
_PLAIN = "text/plain"
_OK = 200


class WarcFormat(RawFormat):
    """The pages of a crawl, and the plain texts that were made of them (WET).

    A page is an article as an HTML file is, under the address that it was fetched from. What servers answered beside
    pages (images, scripts, redirects, errors), requests and notes of the crawler are passed over.
    """

    name = "warc"
    suffixes = (".warc", ".wet")
    title = "a crawl (WARC)"

    def sniff(self, start: bytes) -> bool:
        """See RawFormat."""
        return start.startswith(_STARTS)

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format. The number of a record stands in the place of its line."""
        try:
            from fastwarc.warc import ArchiveIterator, WarcRecordType  # noqa: PLC0415 - an extra
        except ImportError:
            raise missing(_KIND) from None
        wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
        stream: Any = _Pieces(pieces)
        records = iter(ArchiveIterator(stream, parse_http=False))
        found = False
        for number in itertools.count(1):
            try:
                record = next(records, None)
            except (OSError, ValueError) as error:
                said = " ".join(str(error).split())[:100]
                raise UnfitError(
                    Reason.BAD_COMPRESSION, f"is {_KIND} that breaks off behind record {number - 1}: {said}"
                ) from None
            if record is None:
                break
            made = _taken(record, intake) if record.record_type & wanted else None
            if made is not None:
                found = True
                yield number, made
        if not found:
            yield None, UnfitError(Reason.EMPTY, f"is {_KIND} without a page in it")


class _Pieces:
    """Pieces of bytes as FastWARC wants them: it reads on, and asks where it is."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._reader = io.BufferedReader(Reader(pieces))
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        data = self._reader.read(size)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at


def _taken(record: Any, intake: Intake) -> Article | UnfitError | None:
    """What became of a record; None where it is none with a text."""
    try:
        content = _content(record)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())[:100]
        return UnfitError(Reason.BAD_COMPRESSION, f"is an answer that can't be unpacked: {said}")
    return None if content is None else attempt(lambda: _article(*content, intake))


def _content(record: Any) -> tuple[str, str, str | None, bytes | None] | None:
    """The address, type, charset and bytes of a record with a text; bytes are None where they are too many."""
    if record.is_http:
        record.parse_http(auto_decode="all")
        if record.http_headers is None or record.http_headers.status_code != _OK:
            return None
    kind = (record.http_content_type if record.is_http else record.headers.get("Content-Type")) or ""
    kind = kind.partition(";")[0].strip().lower()
    if kind not in _PAGES and kind != _PLAIN:
        return None
    data = record.reader.read(LARGEST + 1)
    address = record.headers.get("WARC-Target-URI") or ""
    return address, kind, record.http_charset, data if len(data) <= LARGEST else None


def _article(address: str, kind: str, charset: str | None, data: bytes | None, intake: Intake) -> Article:
    if data is None:
        raise UnfitError(Reason.TOO_LARGE, f"is a page of more than {LARGEST:,} bytes")
    text = _decoded(data, charset)
    fields = {"text": text} if kind == _PLAIN else page_fields(text)
    return intake.article({**fields, "url": fields.get("url") or address.strip("<>")})


def _decoded(data: bytes, charset: str | None) -> str:
    """In the encoding that the server named, where it is true."""
    try:
        return data.decode(codecs.lookup(charset).name) if charset else Decoder().decode(data)
    except (LookupError, UnicodeError):
        return Decoder().decode(data)
