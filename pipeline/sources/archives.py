"""Archives as the files in them: zip, and tar however it is packed. Nothing is written anywhere."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.streams import Reader, bounded

SUFFIXES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst")
"""Behind `.tar` that of a codec may stand, as behind those of formats."""

BEGINNING = 512
"""Bytes that tell an archive."""

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_AT, _TAR = 257, b"ustar"
_PIECE = 65_536
_MOST = 100_000
# What is a zip archive too, and no bundle of articles, by the names in it.
_OTHERS = {
    "[Content_Types].xml": "an office document",
    "mimetype": "an office document or a book",
    "META-INF/MANIFEST.MF": "a program",
}
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
_TAR_ERRORS = (tarfile.TarError, EOFError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: to be read before the next one is asked for.

    Attributes:
        name: its path in the archive.
        content: its bytes, or why it is skipped.
    """

    name: str
    content: io.BufferedReader[Reader] | UnfitError


def is_zip(start: bytes) -> bool:
    """Whether a file that begins like this is a zip archive."""
    return start.startswith(_ZIP)


def is_tar(start: bytes) -> bool:
    """Whether bytes that begin like this, unpacked, are a tar archive."""
    return start[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR


def zipped(
    stream: BinaryIO, limits: Limits, progress: Callable[[int], None] | None = None
) -> Iterator[Member]:
    """The files of a zip archive in its own order. Hidden ones, and what a Mac adds, are left out silently.

    Args:
        stream: the archive; it has to be able to seek.
        limits: bounds on what all of it may unpack to.
        progress: is called with raw bytes that were read; they add up to the archive's.

    Raises:
        UnfitError: it is broken, something else than a bundle of files, or can't be read from where it comes.
    """
    if not stream.seekable():
        raise UnfitError(
            Reason.NOT_READABLE, "is a zip archive, which can't be read from a pipe: name a file"
        )
    size, done = stream.seek(0, io.SEEK_END), 0
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            _check(infos)
            budget = _Budget(size, limits)
            for info in infos:
                yield from _zip_member(archive, info, budget)
                if progress:
                    read = min(info.compress_size, size - done)
                    progress(read)
                    done += read
    except _ZIP_ERRORS as error:
        raise _broken("zip", error) from None
    finally:
        if progress:
            progress(size - done)


def tarred(pieces: Iterable[bytes]) -> Iterator[Member]:
    """The files of a tar archive as they come. Hidden ones, and what a Mac adds, are left out silently.

    Raises:
        UnfitError: it is broken or cut off; what came before was given.
    """
    try:
        with tarfile.open(fileobj=_stream(pieces), mode="r|") as archive:
            while (info := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # else a header a file is kept
                if info.isdir() or _is_hidden(info.name):
                    continue
                yield Member(info.name, _tar_content(archive, info))
    except _TAR_ERRORS as error:
        raise _broken("tar", error) from None


def _tar_content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> io.BufferedReader[Reader] | UnfitError:
    if problem := _leads_out(info.name):
        return problem
    if not info.isreg():
        kind = "a link" if info.issym() or info.islnk() else "no regular file"
        return UnfitError(Reason.LINK, f"is skipped: it is {kind} in an archive")
    return _stream(_pieces(archive.extractfile(info), "tar"))


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> Iterator[Member]:
    if info.is_dir() or _is_hidden(info.filename):
        return
    problem = _leads_out(info.filename)
    if problem is None and info.flag_bits & 1:
        problem = UnfitError(Reason.NOT_READABLE, "is skipped: it is encrypted; unpack it with its password")
    if problem is not None:
        yield Member(info.filename, problem)
        return
    try:
        file = archive.open(info)
    except _ZIP_ERRORS as error:
        yield Member(info.filename, _broken("zip", error))
        return
    with file:
        yield Member(info.filename, _stream(budget.watched(_pieces(file, "zip"))))


class _Budget:
    """What all files of an archive together may unpack to."""

    def __init__(self, packed: int, limits: Limits) -> None:
        self._packed = packed
        self._limits = limits
        self._unpacked = 0

    def watched(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of one file, as long as that is not too much."""

        def counted() -> Iterator[bytes]:
            for piece in pieces:
                self._unpacked += len(piece)
                yield piece

        return bounded(counted(), lambda: self._packed, self._limits, self._unpacked)


def _pieces(file: Any, kind: str) -> Iterator[bytes]:
    """A file in an archive: what is wrong with the archive is said as a problem of the file."""
    try:
        while piece := file.read1(_PIECE):
            yield piece
    except (*_ZIP_ERRORS, *_TAR_ERRORS) as error:
        raise _broken(kind, error) from None


def _stream(pieces: Iterable[bytes]) -> io.BufferedReader[Reader]:
    return io.BufferedReader(Reader(pieces))


def _check(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename for info in infos[:20]}
    for name, kind in _OTHERS.items():
        if name in names:
            raise UnfitError(Reason.BINARY, f"is {kind}, which is not read: save it as plain text or HTML")
    if len(infos) > _MOST:
        raise UnfitError(Reason.TOO_COMPLEX, f"has more than {_MOST:,} files in it: split it")


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return any(part == "__MACOSX" or (part.startswith(".") and part != "..") for part in parts)


def _leads_out(name: str) -> UnfitError | None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        return UnfitError(Reason.LINK, "is skipped: its name leads out of the archive")
    return None


def _broken(kind: str, error: Exception) -> UnfitError:
    said = " ".join(str(error).split()) or type(error).__name__
    return UnfitError(
        Reason.BAD_COMPRESSION, f"is a broken {kind} archive, or one that is cut off ({said[:120]})"
    )
