"""Files and pipes as chunks of bytes, unpacked within limits, and chunks as lines of bounded length."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError

_CHUNK = 65_536
_GZIP_MAGIC = b"\x1f\x8b"
# Small files of one repeated line reach any ratio honestly; so little harms nobody.
_RATIO_COUNTS_BEYOND = 16 * 1024 * 1024


class _Counted(io.RawIOBase):
    """A binary stream that tells how many bytes were taken from it."""

    def __init__(self, stream: BinaryIO, progress: Callable[[int], None] | None) -> None:
        super().__init__()
        self._stream = stream
        self._progress = progress
        self.consumed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # read1 gives what a pipe has now, so that a live feed is not held back until a buffer is full.
        data: bytes = self._stream.read1(len(buffer))  # type: ignore[attr-defined]
        buffer[: len(data)] = data
        self.consumed += len(data)
        if data and self._progress:
            self._progress(len(data))
        return len(data)


def chunks(
    stream: BinaryIO, *, limits: Limits, packed: bool = False, progress: Callable[[int], None] | None = None
) -> Iterator[bytes]:
    """The bytes of `stream` piece by piece, unpacked when they are gzip (told by content).

    Args:
        stream: a buffered binary stream.
        limits: bounds on what may be unpacked.
        packed: the name says gzip, so that anything else is an error.
        progress: called with the number of raw bytes of each read.

    Raises:
        UnfitError: broken, cut off or suspicious compression; what came before it has been given.
    """
    counted = _Counted(stream, progress)
    raw = io.BufferedReader(counted, _CHUNK)
    if raw.peek(2)[:2] == _GZIP_MAGIC:
        yield from _unpacked(raw, counted, limits)
        return
    while chunk := raw.read1(_CHUNK):
        if packed:
            raise UnfitError(
                Reason.BAD_COMPRESSION, "is named .gz but is not gzip data; rename it or compress it"
            )
        yield chunk


def lines(pieces: Iterable[bytes], longest: int) -> Iterator[tuple[int, bytes | None]]:
    """Number and bytes of each line, without its line feed; None for a line of more than `longest` bytes.

    A line that is too long is never held whole.
    """
    number, size = 1, 0
    kept: list[bytes] = []
    for piece in pieces:
        start = 0
        while start < len(piece):
            end = piece.find(b"\n", start)
            part = piece[start:] if end < 0 else piece[start:end]
            start += len(part) + 1
            size += len(part)
            if size <= longest:
                kept.append(part)
            else:
                kept.clear()
            if end >= 0:
                yield number, None if size > longest else b"".join(kept)
                number, size = number + 1, 0
                kept.clear()
    if size:
        yield number, None if size > longest else b"".join(kept)


def whole(pieces: Iterable[bytes], most: int) -> bytes | None:
    """All bytes of `pieces`, None as soon as they are more than `most`."""
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > most:
            return None
    return bytes(data)


def _unpacked(raw: io.BufferedReader[_Counted], counted: _Counted, limits: Limits) -> Iterator[bytes]:
    size = 0
    try:
        with gzip.GzipFile(fileobj=raw) as unpacked:
            while chunk := unpacked.read1(_CHUNK):
                size += len(chunk)
                _check_size(size, counted.consumed, limits)
                yield chunk
    except EOFError as error:
        raise UnfitError(
            Reason.BAD_COMPRESSION, "is cut off: the gzip data end early; what came before was read"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnfitError(
            Reason.BAD_COMPRESSION, f"is broken gzip data ({error}); what came before was read"
        ) from error


def _check_size(size: int, packed: int, limits: Limits) -> None:
    if size > limits.max_decompressed_bytes:
        raise UnfitError(
            Reason.TOO_LARGE, f"unpacks to more than {limits.max_decompressed_bytes:,} bytes; split it"
        )
    if size > _RATIO_COUNTS_BEYOND and size > packed * limits.max_compression_ratio:
        raise UnfitError(
            Reason.BAD_COMPRESSION,
            f"unpacks to more than {limits.max_compression_ratio} times its size, like a decompression bomb; "
            "unpack it yourself if you trust it",
        )
