"""Bytes of unknown encoding into text: by byte order mark, else UTF-8, else as chardet says, or as Windows wrote it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

import chardet

from pipeline.sources.language import likeliest
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.signatures import refuse

# The longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK = 4

# What the web's older pages and newsroom systems use; the many others that chardet knows are rarer than its mistakes
# on a line of text.
_WINDOWS = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8-r", "koi8-u"),
    *("cp932", "euc-jp", "cp949", "gb18030", "big5hkscs"),
)
_ISO = ("iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15")
# In those of ISO these bytes are control characters, which no text has; in those of Windows letters and marks.
_NO_ISO = re.compile(rb"[\x80-\x9f]")
_DEFAULT = "cp1252"
_DEFAULT_LANGUAGES = frozenset(
    (
        *("af", "ca", "da", "de", "en", "es", "eu", "fi", "fr", "ga", "gl", "id"),
        *("is", "it", "ms", "nl", "no", "pt", "sq", "sv", "sw", "tl"),
    )
)
# From here on chardet is right, as tried on the texts of test_encodings.py.
_SURE = 0.4
# That a text reads like a language of its encoding is worth half of reading like a language at all.
_OWN_LANGUAGE = 0.5
_SAMPLE = 65_536
# What tells encodings apart: the bytes beyond ASCII, in their words.
_TELLING = re.compile(rb"[ -~]{0,24}[\x80-\xff]+(?:[ -~]{0,24}[\x80-\xff]+)*[ -~]{0,24}")
# Readings this close in how much they look like a language are equal.
_CLEARLY_BETTER = 0.15
# In the wrong encoding letters turn into signs, or into letters of another script, in the middle of words.
_GARBLED = re.compile(
    r"(?<=[^\W\d_])(?:[^\w\s\x00-\x7f‐-‧«»´·]|[²³¹¼½¾])"
    r"|[²³¹¼½¾](?=[^\W\d_])"
    r"|(?<=[A-Za-z])[\u0370-\u1dff]|[\u0370-\u1dff](?=[A-Za-z])"
)


def to_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass `chunks` on, without a byte order mark, and as UTF-8 when the mark says UTF-16 or UTF-32.

    Raises:
        UnfitError: the first chunk is binary, or the text breaks the encoding that its mark declares.
    """
    stream = iter(chunks)
    first = next(stream, b"")
    while len(first) < _LONGEST_MARK and (more := next(stream, b"")):
        first += more
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            rest = _chain(first[len(mark) :], stream)
            yield from rest if encoding == "utf-8" else _transcoded(rest, encoding)
            return
    refuse(first)
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
    """Chardet's encoding, and where it is not sure the default unless the text reads clearly better in chardet's."""
    if b"\0" in data:
        raise _binary()
    known = _WINDOWS if _NO_ISO.search(data) else _WINDOWS + _ISO
    telling = b" ".join(_TELLING.findall(data[:_SAMPLE])) or data[:_SAMPLE]
    found = chardet.detect(telling, include_encodings=known, no_match_encoding=_DEFAULT)
    encoding = found["encoding"] or _DEFAULT
    possible = [name for name in (encoding, _DEFAULT) if _decodes(data, name)]
    if not possible:
        raise UnfitError(Reason.BAD_ENCODING, "is in no encoding that can be recognised; save it as UTF-8")
    if len(possible) == 1 or (found["confidence"] or 0.0) >= _SURE:
        return possible[0]
    theirs = _looks(telling, encoding, frozenset([found["language"]]))
    return encoding if theirs > _looks(telling, _DEFAULT, _DEFAULT_LANGUAGES) + _CLEARLY_BETTER else _DEFAULT


def _looks(data: bytes, encoding: str, languages: frozenset[str | None]) -> float:
    """How much `data` look like a language when they are read in `encoding`; higher is better."""
    text = data.decode(encoding, errors="replace")
    language, probability = likeliest(text)
    beyond_ascii = sum(not character.isascii() for character in text)
    garbled = len(_GARBLED.findall(text)) / max(1, beyond_ascii)
    return probability + _OWN_LANGUAGE * (language in languages) - garbled


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
