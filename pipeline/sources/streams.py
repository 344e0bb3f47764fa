"""Files and pipes as chunks of bytes, unpacked within limits, and chunks as lines of bounded length."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from pipeline.sources.compression import BrokenError, Codec, codec_of
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError

_CHUNK = 65_536
_LONGEST_MAGIC = 6
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
    stream: BinaryIO,
    *,
    limits: Limits,
    named: Codec | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[bytes]:
    """The bytes of `stream` piece by piece, unpacked when they are packed (told by content).

    Args:
        stream: a buffered binary stream.
        limits: bounds on what may be unpacked.
        named: the codec that the name tells, so that bytes that are not packed are an error.
        progress: called with the number of raw bytes of each read.

    Raises:
        UnfitError: broken, cut off or suspicious compression; what came before it has been given.
    """
    counted = _Counted(stream, progress)
    raw = io.BufferedReader(counted, _CHUNK)
    codec = codec_of(raw.peek(_LONGEST_MAGIC)[:_LONGEST_MAGIC])
    if codec is not None:
        yield from _unpacked(raw, counted, codec, limits)
        return
    while chunk := raw.read1(_CHUNK):
        if named is not None:
            raise UnfitError(
                Reason.BAD_COMPRESSION,
                f"is named {named.suffix} but is not {named.name} data; rename it or compress it",
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


def beginning(pieces: Iterable[bytes], least: int) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of `pieces`, at least so many where there are so many, and all of the pieces."""
    rest = iter(pieces)
    first = next(rest, b"")
    while len(first) < least and (more := next(rest, b"")):
        first += more
    return first, itertools.chain([first], rest)


class Reader(io.RawIOBase):
    """Pieces as a binary stream, for libraries that want one. It can't seek."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """See RawIOBase."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """See RawIOBase. Raises what the pieces raise."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def bounded(
    pieces: Iterable[bytes], packed: Callable[[], int], limits: Limits, before: int = 0
) -> Iterator[bytes]:
    """The pieces, for as long as they are not suspiciously many for the bytes that they were packed in.

    Args:
        pieces: what was unpacked.
        packed: gives the bytes that were read for it.
        limits: the bounds.
        before: bytes that were unpacked from the same before these.

    Raises:
        UnfitError: they are.
    """
    size = before
    for piece in pieces:
        size += len(piece)
        _check_size(size, packed(), limits)
        yield piece


def _unpacked(
    raw: io.BufferedReader[_Counted], counted: _Counted, codec: Codec, limits: Limits
) -> Iterator[bytes]:
    try:
        yield from bounded(codec.unpacked(raw), lambda: counted.consumed, limits)
    except EOFError as error:
        raise UnfitError(
            Reason.BAD_COMPRESSION,
            f"is cut off: the {codec.name} data end early; what came before was read",
        ) from error
    except BrokenError as error:
        raise UnfitError(
            Reason.BAD_COMPRESSION, f"is broken {codec.name} data ({error}); what came before was read"
        ) from error


def is_bomb(size: int, packed: int, limits: Limits) -> bool:
    """Whether so many bytes are suspiciously many for those that they were packed in."""
    return size > _RATIO_COUNTS_BEYOND and size > packed * limits.max_compression_ratio


def _check_size(size: int, packed: int, limits: Limits) -> None:
    if size > limits.max_decompressed_bytes:
        raise UnfitError(
            Reason.TOO_LARGE, f"unpacks to more than {limits.max_decompressed_bytes:,} bytes; split it"
        )
    if is_bomb(size, packed, limits):
        raise UnfitError(
            Reason.BAD_COMPRESSION,
            f"unpacks to more than {limits.max_compression_ratio} times its size, like a decompression bomb; "
            "unpack it yourself if you trust it",
        )
