"""From paths to articles: the one entrance for whoever needs articles."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources import archives
from pipeline.sources.compression import named_codec
from pipeline.sources.decoding import to_utf8
from pipeline.sources.folders import STDIN, files, format_of, not_readable, unknown_name
from pipeline.sources.formats import JSON_LINES, Format, Found, Intake, installed
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError, printable
from pipeline.sources.streams import beginning, chunks


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def read_articles(
    paths: Iterable[Path | str],
    *,
    limits: Limits | None = None,
    source: str | None = None,
    now: Callable[[], datetime] = utc_now,
    progress: Callable[[int], None] | None = None,
    stdin: BinaryIO | None = None,
    qualify_ids: bool = False,
    names: Mapping[str, str] | None = None,
) -> Iterator[Article | SourceError]:
    """The articles in `paths`, in order, and in their places the problems of what gave none.

    Never raises for what is in a file or for a path that can't be read. JSON lines are streamed in bounded
    memory, compressed or not.

    Raises:
        SettingsError: a format of another package can't be loaded, is none, or claims what is taken.
        PipelineError: no language can be told, since there is no room for temporary files.

    Args:
        paths: files, folders (read recursively in sorted order) and `-` for JSON lines on standard input.
        limits: bounds that are checked before anything is parsed; the defaults of `Limits` when None.
        source: the source of articles that name none.
        now: gives `ingested_at`.
        progress: called with the number of raw bytes of each read; they add up to `total_bytes(paths)`.
        stdin: what `-` reads, by default the process's standard input.
        qualify_ids: put the source in front of ids that are given.
        names: the names that records give to fields of ours, with ours.
    """
    installed()  # what is wrong with it is said before anything is read
    intake = Intake(limits or Limits(), source, now, qualify_ids, names or {})
    for path, problem in files(paths):
        where = "standard input" if str(path) == STDIN else printable(str(path))
        if problem:
            yield problem.at(where)
            continue
        for place, found in _guarded(where, _opened(path, where, intake, progress, stdin)):
            for noted in intake.take_problems():
                yield noted.at(place)
            yield found if isinstance(found, Article) else found.at(place)


Placed = tuple[str, Article | UnfitError]
"""Where something was read, and what became of it."""


def _guarded(where: str, found: Iterator[Placed]) -> Iterator[Placed]:
    """The same, and what ends the reading of a file as its last problem."""
    try:
        yield from found
    except UnfitError as problem:
        yield where, problem
    except OSError as error:
        yield where, not_readable(error)


def _opened(
    path: Path, where: str, intake: Intake, progress: Callable[[int], None] | None, stdin: BinaryIO | None
) -> Iterator[Placed]:
    if str(path) == STDIN:
        given = chunks(stdin or sys.stdin.buffer, limits=intake.limits, progress=progress)
        yield from _at(where, JSON_LINES.read(to_utf8(given), intake))
        return
    with path.open("rb") as stream:
        if archives.is_zip(stream.peek(archives.BEGINNING)):
            yield from _members(archives.zipped(stream, intake.limits, progress), where, intake)
            return
        given = chunks(stream, limits=intake.limits, named=named_codec(path.name), progress=progress)
        start, pieces = beginning(given, archives.BEGINNING)
        if archives.is_tar(start):
            yield from _members(archives.tarred(pieces), where, intake)
        else:
            yield from _document(path.name, where, start, pieces, intake)


def _members(members: Iterator[archives.Member], where: str, intake: Intake) -> Iterator[Placed]:
    empty = True
    for member in members:
        empty = False
        place = f"{where}/{printable(member.name)}"
        content = member.content
        if not isinstance(content, UnfitError):
            content = unknown_name(member.name) or content
        if isinstance(content, UnfitError):
            yield place, content
            continue
        given = chunks(content, limits=intake.limits, named=named_codec(member.name))
        yield from _guarded(place, _member(member.name, place, given, intake))
    if empty:
        yield where, UnfitError(Reason.EMPTY, "is an archive without files")


def _member(name: str, where: str, given: Iterator[bytes], intake: Intake) -> Iterator[Placed]:
    start, pieces = beginning(given, archives.BEGINNING)
    if archives.is_zip(start) or archives.is_tar(start):
        raise UnfitError(Reason.TOO_COMPLEX, "is an archive in an archive: unpack the outer one")
    yield from _document(name, where, start, pieces, intake)


def _document(
    name: str, where: str, start: bytes, pieces: Iterator[bytes], intake: Intake
) -> Iterator[Placed]:
    chosen: Format | None = installed().raw(start)
    if chosen is None:
        start, pieces = beginning(to_utf8(pieces), 1)
        chosen = installed().of(start, format_of(name))
    yield from _at(where, chosen.read(pieces, intake))


def _at(where: str, found: Iterator[Found]) -> Iterator[Placed]:
    for line, one in found:
        yield where if line is None else f"{where}:{line}", one
