"""What Kafka's producers compress with, unpacked piece by piece: a few kilobytes can hold gigabytes."""

from __future__ import annotations

import hashlib
import importlib
import zlib
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

from pipeline.errors import SettingsError

_PIECE = 1 << 20  # bytes unpacked at once
_CHUNK = 1 << 16  # bytes given to a decompressor at once

_XERIAL = b"\x82SNAPPY\x00"  # Java's own framing around blocks of snappy
_XERIAL_HEADER = 16


class Codec(IntEnum):
    """How a record batch is compressed: the lowest three bits of its attributes."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


class UnpackingError(Exception):
    """Bytes that are not what their codec makes, or too many of them."""


_MODULES = {
    Codec.SNAPPY: ("cramjam", "cramjam"),
    Codec.LZ4: ("lz4.frame", "lz4"),
    Codec.ZSTD: ("zstandard", "zstandard"),
}
"""The module that unpacks a codec, and the package that has it."""


def require_codecs() -> None:
    """Insist on all codecs that a producer, or a topic's compression.type, may choose.

    Raises:
        SettingsError: a package is missing or broken; names it.
    """
    for codec in _MODULES:
        _module(codec)


def pieces(codec: int, data: bytes | memoryview, limit: int) -> Iterator[bytes]:
    """The unpacked bytes in pieces of some MiB at most.

    Args:
        codec: a Codec.
        data: the packed bytes.
        limit: how many bytes may come out; only so many are ever held.

    Raises:
        UnpackingError: the bytes are damaged, of an unknown codec, or more than the limit come out.
        SettingsError: the codec's package is missing.
    """
    unpack = _UNPACKERS.get(codec)
    if unpack is None:
        raise UnpackingError(f"unknown codec {codec}")
    room = limit
    found = unpack(data, limit)
    while True:
        try:
            piece = next(found, None)
        except (SettingsError, UnpackingError):
            raise
        except Exception as error:  # each library has errors of its own, some of them bare RuntimeErrors
            raise UnpackingError(f"not {Codec(codec).name.lower()}: {error}") from error
        if piece is None:
            return
        yield piece[:room]
        room -= len(piece)
        if room < 0:
            raise UnpackingError(f"unpacks to more than {limit} bytes")


class Reader:
    """Reads from pieces in order.

    Args:
        source: the pieces.

    Attributes:
        position: how many bytes were read.
    """

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._piece = memoryview(b"")
        self.position = 0

    def read(self, size: int) -> bytes:
        """The next bytes, just so many. Raises UnpackingError when there are fewer."""
        if size <= len(self._piece):
            return bytes(self._next(size))
        found = bytearray()
        while len(found) < size:
            found += self._next(size - len(found))
        return bytes(found)

    def digest(self, size: int) -> str:
        """Step over the next bytes; gives their BLAKE2b in hexadecimal (32 bytes)."""
        digest = hashlib.blake2b(digest_size=32)
        while size:
            piece = self._next(size)
            digest.update(piece)
            size -= len(piece)
        return digest.hexdigest()

    def skip(self, size: int) -> None:
        """Step over the next bytes."""
        while size:
            size -= len(self._next(size))

    def _next(self, size: int) -> memoryview:
        while not self._piece and size:
            piece = next(self._source, None)
            if piece is None:
                raise UnpackingError("ends too early")
            self._piece = memoryview(piece)
        found, self._piece = self._piece[:size], self._piece[size:]
        self.position += len(found)
        return found


def _module(codec: Codec) -> Any:
    name, package = _MODULES[codec]
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SettingsError(
            f"the package {package} is missing or broken ({error}): messages compressed with "
            f"{codec.name.lower()} can't be read without it; install the pipeline's requirements again"
        ) from None


def _plain(data: bytes | memoryview, _limit: int) -> Iterator[bytes]:
    yield bytes(data)


def _gzip(data: bytes | memoryview, _limit: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    for chunk in _chunks(data):
        rest: bytes | memoryview = chunk
        while rest:
            if inflater.eof:  # another member
                inflater = zlib.decompressobj(wbits=31)
            yield inflater.decompress(rest, _PIECE)
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    while not inflater.eof:
        piece = inflater.decompress(inflater.unconsumed_tail, _PIECE)
        if not piece:
            raise UnpackingError("not gzip: ends too early")
        yield piece


def _lz4(data: bytes | memoryview, _limit: int) -> Iterator[bytes]:
    inflater = _module(Codec.LZ4).LZ4FrameDecompressor()
    for chunk in _chunks(data):
        yield inflater.decompress(chunk, _PIECE)
        while not inflater.needs_input and not inflater.eof:
            yield inflater.decompress(b"", _PIECE)
        if inflater.eof:
            return
    raise UnpackingError("not lz4: ends too early")


def _zstd(data: bytes | memoryview, _limit: int) -> Iterator[bytes]:
    with _module(Codec.ZSTD).ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
        while piece := reader.read(_PIECE):
            yield piece


def _snappy(data: bytes | memoryview, limit: int) -> Iterator[bytes]:
    snappy = _module(Codec.SNAPPY).snappy

    def block(packed: memoryview) -> bytes:
        if snappy.decompress_raw_len(packed) > limit:
            raise UnpackingError(f"unpacks to more than {limit} bytes")
        return bytes(snappy.decompress_raw(packed))

    view = memoryview(data)
    if bytes(view[: len(_XERIAL)]) != _XERIAL:
        yield block(view)
        return
    at = _XERIAL_HEADER
    while at < len(view):
        size = int.from_bytes(view[at : at + 4], "big")
        at += 4
        if at + size > len(view):
            raise UnpackingError("not snappy: ends too early")
        yield block(view[at : at + size])
        at += size


def _chunks(data: bytes | memoryview) -> Iterator[memoryview]:
    view = memoryview(data)
    return (view[start : start + _CHUNK] for start in range(0, len(view), _CHUNK))


_UNPACKERS: dict[int, Callable[[bytes | memoryview, int], Iterator[bytes]]] = {
    Codec.NONE: _plain,
    Codec.GZIP: _gzip,
    Codec.SNAPPY: _snappy,
    Codec.LZ4: _lz4,
    Codec.ZSTD: _zstd,
}
