"""From paths to articles: the one entrance for whoever needs articles."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources.decoding import to_utf8
from pipeline.sources.folders import STDIN, files, format_of, not_readable
from pipeline.sources.formats import JSON_LINES, PACKED, Format, Found, Intake, installed
from pipeline.sources.limits import Limits
from pipeline.sources.problems import UnfitError, printable
from pipeline.sources.streams import chunks


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
        try:
            for line, found in _read(path, intake, progress, stdin):
                place = where if line is None else f"{where}:{line}"
                for noted in intake.take_problems():
                    yield noted.at(place)
                yield found if isinstance(found, Article) else found.at(place)
        except UnfitError as problem_of_file:
            yield problem_of_file.at(where)
        except OSError as error:
            yield not_readable(error).at(where)


def _read(
    path: Path, intake: Intake, progress: Callable[[int], None] | None, stdin: BinaryIO | None
) -> Iterator[Found]:
    if str(path) == STDIN:
        opened: nullcontext[BinaryIO] | BinaryIO = nullcontext(stdin or sys.stdin.buffer)
    else:
        opened = path.open("rb")
    with opened as stream:
        packed = path.name.lower().endswith(PACKED)
        pieces = to_utf8(chunks(stream, limits=intake.limits, packed=packed, progress=progress))
        chosen: Format = JSON_LINES
        if str(path) != STDIN:
            first = next(pieces, b"")
            chosen, pieces = installed().of(first, format_of(path)), itertools.chain([first], pieces)
        yield from chosen.read(pieces, intake)
