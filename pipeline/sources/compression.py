"""Packed bytes, told by how they begin, into what was packed: gzip, bzip2, xz and zstd, in bounded memory."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import zstandard

_PIECE = 65_536
# A block of zstd is 128 KiB at most and may be three bytes long: so many bytes at a time unpack to 22 MB at worst.
_ZSTD_PIECE = 512
_MEMORY = 128 << 20
"""Bytes that a file may ask the unpacker for: what the strongest usual levels of xz and zstd need."""


class BrokenError(Exception):
    """What is packed breaks the rules of its codec."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A way of packing.

    Attributes:
        name: what it is called.
        suffix: the end of a name that tells it.
        magic: how what it packs begins.
        fresh: makes a decompressor with the interface of `bz2.BZ2Decompressor`.
        piece: bytes that it is given at a time.
        padding: what may stand between and behind its streams.
    """

    name: str
    suffix: str
    magic: bytes
    fresh: Callable[[], Any]
    piece: int = _PIECE
    padding: bytes = b""

    def unpacked(self, raw: io.BufferedReader[Any]) -> Iterator[bytes]:
        """What the streams in `raw`, one behind the other, unpack to, a piece at a time.

        Raises:
            EOFError: it is cut off.
            BrokenError: it breaks the rules.
        """
        stream: Any = None
        while True:
            if stream is None or stream.eof:
                given = self._next_stream(raw, stream)
                if not given:
                    return
                stream = self.fresh()
            elif stream.needs_input:
                given = raw.read1(self.piece)
                if not given:
                    raise EOFError
            else:
                given = b""
            try:
                piece = stream.decompress(given, _PIECE)
            except (OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
                raise BrokenError(str(error)) from None
            if piece:
                yield piece

    def _next_stream(self, raw: io.BufferedReader[Any], ended: Any) -> bytes:
        """The first bytes of the next stream, empty at the end."""
        given: bytes = ended.unused_data if ended is not None else b""
        while not (given := given.lstrip(self.padding) if ended is not None and self.padding else given):
            given = raw.read1(self.piece)
            if not given:
                break
        return given


class _Gzip:
    """zlib's decompressor with the interface of bz2's."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._rest

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, most: int) -> bytes:
        piece = self._zlib.decompress(self._rest + data, most)
        self._rest = self._zlib.unconsumed_tail
        return piece


class _Zstd:
    """zstandard's decompressor with the interface of bz2's; `piece` bounds what it gives at once."""

    needs_input = True

    def __init__(self) -> None:
        self._zstd = zstandard.ZstdDecompressor(max_window_size=_MEMORY).decompressobj()

    @property
    def eof(self) -> bool:
        return self._zstd.eof

    @property
    def unused_data(self) -> bytes:
        return self._zstd.unused_data

    def decompress(self, data: bytes, _: int) -> bytes:
        return self._zstd.decompress(data)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)


CODECS = (
    Codec("gzip", ".gz", b"\x1f\x8b", _Gzip, padding=b"\0"),
    Codec("bzip2", ".bz2", b"BZh", bz2.BZ2Decompressor),
    Codec("xz", ".xz", b"\xfd7zXZ\0", _xz, padding=b"\0"),
    Codec("zstd", ".zst", b"\x28\xb5\x2f\xfd", _Zstd, piece=_ZSTD_PIECE),
)
PACKED = tuple(codec.suffix for codec in CODECS)
"""Each may stand behind the suffix of any format."""


def codec_of(start: bytes) -> Codec | None:
    """The codec of bytes that begin like this, None for those that are not packed."""
    return next((codec for codec in CODECS if start.startswith(codec.magic)), None)


def named_codec(name: str) -> Codec | None:
    """The codec that a name tells by its last suffix."""
    lowered = name.lower()
    return next((codec for codec in CODECS if lowered.endswith(codec.suffix)), None)


def unpacked_name(name: str) -> str:
    """The name without the suffix of a codec, in small letters."""
    lowered = name.lower()
    codec = named_codec(lowered)
    return lowered.removesuffix(codec.suffix) if codec else lowered
