"""Which files a path stands for, and in which order."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.sources.archives import SUFFIXES as ARCHIVES
from pipeline.sources.compression import PACKED, unpacked_name
from pipeline.sources.formats import Format, installed
from pipeline.sources.problems import Reason, UnfitError

STDIN = "-"
"""The path that means standard input."""


def format_of(name: str) -> Format | None:
    """The format that a file's name says, behind which the suffix of a codec may stand; None when it says none."""
    return installed().by_suffix.get(Path(unpacked_name(name)).suffix)


def unknown_name(name: str) -> UnfitError | None:
    """The problem of a file in a folder or an archive whose name tells neither a format nor an archive."""
    if format_of(name) is not None or unpacked_name(name).endswith(ARCHIVES):
        return None
    known = " ".join((*installed().by_suffix, *ARCHIVES))
    return UnfitError(
        Reason.UNKNOWN_FORMAT, f"is skipped: its suffix is none of {known} (each also {' '.join(PACKED)})"
    )


def files(paths: Iterable[Path | str]) -> Iterator[tuple[Path, UnfitError | None]]:
    """Each file that `paths` stand for, folders opened recursively in sorted order, with why it is skipped.

    In folders hidden entries are left out silently; files of unknown suffix and what is no file have a
    problem. So have links to folders, which are not followed, so that there are no circles, and links that lead out
    of the folder that was given: what else is on the machine is not meant. What a link within it leads to is read
    once. A file that is named itself may be called anything and may be a pipe or a link.
    """
    for given in paths:
        path = Path(given)
        if str(given) == STDIN:
            yield path, None
        elif path.is_dir():
            yield from _Folder(path).files()
        else:
            yield path, None


def total_bytes(paths: Iterable[Path | str]) -> int | None:
    """The raw bytes that reading `paths` takes, None when that is open (standard input, a pipe)."""
    total = 0
    for path, problem in files(paths):
        if problem:
            continue
        if str(path) == STDIN:
            return None
        try:
            status = path.stat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            return None
        total += status.st_size
    return total


class _Folder:
    """A folder as it was given, and what of it was read through links."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._real = Path(os.path.realpath(path))
        self._linked: set[Path] = set()

    def files(self) -> Iterator[tuple[Path, UnfitError | None]]:
        """Each file in it, with why it is skipped."""
        return self._opened(self._path)

    def _opened(self, folder: Path) -> Iterator[tuple[Path, UnfitError | None]]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(
                    (entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name
                )
        except OSError as error:
            yield folder, not_readable(error)
            return
        if not entries and folder == self._path:
            yield folder, UnfitError(Reason.EMPTY, "is a folder without files")
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                yield from self._link(path)
            elif entry.is_dir(follow_symlinks=False):
                yield from self._opened(path)
            else:
                yield path, _why_skipped(path)

    def _link(self, path: Path) -> Iterator[tuple[Path, UnfitError | None]]:
        target = Path(os.path.realpath(path))
        if not target.is_relative_to(self._real):
            yield path, UnfitError(Reason.LINK, f"is skipped: it is a link that leads out of {self._path}")
        elif target.is_dir():
            yield path, UnfitError(Reason.LINK, "is skipped: it is a link to a folder")
        elif not self._is_met_by_itself(target) and target not in self._linked:
            self._linked.add(target)
            yield path, _why_skipped(path)

    def _is_met_by_itself(self, target: Path) -> bool:
        hidden = any(part.startswith(".") for part in target.relative_to(self._real).parts)
        return not hidden and target.exists() and unknown_name(target.name) is None


def _why_skipped(path: Path) -> UnfitError | None:
    if (problem := unknown_name(path.name)) is not None:
        return problem
    if path.exists() and not path.is_file():
        return UnfitError(Reason.NOT_READABLE, "is skipped: it is no regular file")
    return None


def not_readable(error: OSError) -> UnfitError:
    """What the system said, in one line."""
    reason = Reason.NOT_FOUND if isinstance(error, FileNotFoundError) else Reason.NOT_READABLE
    hint = "check the path" if reason is Reason.NOT_FOUND else "check its permissions"
    return UnfitError(reason, f"can't be read: {error.strerror or error}; {hint}")
