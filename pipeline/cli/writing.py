"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InstallationError, UsageError

_UNFINISHED = ".unfinished"


@contextmanager
def whole_file(path: Path, *, replace: bool, option: str) -> Iterator[BinaryIO]:
    """A file to write, beside `path` until it is finished; then it takes that name, in one step.

    When the block is left by an error, nothing stays of it, and what was at `path` is as it was.

    Args:
        path: where it will be.
        replace: whether a file that is there may be replaced.
        option: how the user named the file, for messages.

    Raises:
        UsageError: there is something already that may not be replaced.
        InstallationError: it can't be written: no such folder, no rights, no space.
    """
    with _one_line(path, option):
        target = path.resolve()  # a link goes on leading to the file
        _check(path, target, replace=replace, option=option)
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", suffix=_UNFINISHED, delete=False
        ) as file:
            unfinished = Path(file.name)
            try:
                yield file  # type: ignore[misc] # of a wrapper, which is used as a stream
                file.flush()
                os.fsync(file.fileno())
                unfinished.chmod(_mode(target))
                _check(path, target, replace=replace, option=option)
                unfinished.replace(target)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise


def _check(path: Path, target: Path, *, replace: bool, option: str) -> None:
    if target.exists() and not target.is_file():
        raise UsageError(f"{option} {path}: is no file that can be written")
    if target.exists() and not replace:
        raise UsageError(f"{option} {path}: is there already: --force replaces it")


def _mode(target: Path) -> int:
    """The rights of the file that is replaced, or those that a new one gets here."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


@contextmanager
def _one_line(path: Path, option: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InstallationError(f"{option} {path}: can't be written: {error.strerror or error}") from error
