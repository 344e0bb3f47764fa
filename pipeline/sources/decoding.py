"""Bytes of unknown encoding into text: by byte order mark, else UTF-8, else by what reads best."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from charset_normalizer import from_bytes

from pipeline.sources.language import confidence
from pipeline.sources.problems import Reason, UnfitError

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What the web's older pages and newsroom systems use; the many others charset-normalizer knows are rarer than
# its mistakes on a few hundred bytes. The first is the default among equals.
_LEGACY = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "koi8_r",
    "mac_roman",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "gb18030",
    "big5",
)
_SAMPLE = 65_536
# What tells encodings apart: the bytes beyond ASCII, in their words.
_TELLING = re.compile(rb"[ -~]{0,24}[\x80-\xff]+(?:[ -~]{0,24}[\x80-\xff]+)*[ -~]{0,24}")
# Readings this close in how much they look like a language are equal.
_CLEARLY_BETTER = 0.05


def to_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass `chunks` on, without a byte order mark, and as UTF-8 when the mark says UTF-16 or UTF-32.

    Raises:
        UnfitError: the first chunk is binary, or the text breaks the encoding that its mark declares.
    """
    stream = iter(chunks)
    first = next(stream, b"")
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            rest = _chain(first[len(mark) :], stream)
            yield from rest if encoding == "utf-8" else _transcoded(rest, encoding)
            return
    if b"\0" in first:
        raise _binary()
    yield from _chain(first, stream)


class Decoder:
    """Decodes the pieces of one source; the legacy encoding found for one is tried first for the next."""

    def __init__(self) -> None:
        self._legacy: str | None = None

    def decode(self, data: bytes) -> str:
        """`data` as text.

        Raises:
            UnfitError: no encoding fits.
        """
        for encoding in ("utf-8", self._legacy):
            if encoding:
                try:
                    return data.decode(encoding)
                except UnicodeDecodeError:
                    continue
        self._legacy = _detected(data)
        return data.decode(self._legacy)


def _detected(data: bytes) -> str:
    if b"\0" in data:
        raise _binary()
    sample = data[:_SAMPLE]
    found = [match.encoding for match in from_bytes(sample, cp_isolation=list(_LEGACY))]
    possible = [name for name in dict.fromkeys((_LEGACY[0], *found)) if _decodes(data, name)]
    if not found or not possible:
        raise UnfitError(Reason.BAD_ENCODING, "is in no encoding that can be recognised; save it as UTF-8")
    telling = b" ".join(_TELLING.findall(sample))
    scores = {name: confidence(telling.decode(name, errors="replace")) for name in possible}
    best = max(scores.values())
    return next(name for name, score in scores.items() if score >= best - _CLEARLY_BETTER)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _binary() -> UnfitError:
    return UnfitError(
        Reason.BINARY,
        "is not text (it has NUL bytes); give text in UTF-8, or in UTF-16 with a byte order mark",
    )


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnfitError(
            Reason.BAD_ENCODING, f"begins like {encoding.upper()} but breaks its rules; save it as UTF-8"
        ) from error
