"""A file of lines that several processes append to, durable when `writing` is left."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import orjson

from pipeline.errors import InstallationError, TransientError


class Lines:
    """The lines of a file, each told once to `take`, whoever appended it.

    A line counts when its end is there. What a process that died has left of one is cut off by the next writer.

    Args:
        path: the file.
        take: called with each line and the byte where it begins.
        read_only: refuse to write.
    """

    def __init__(self, path: Path, take: Callable[[bytes, int], None], *, read_only: bool) -> None:
        self.path = path
        self._take = take
        self._read_only = read_only
        self._taken = 0  # bytes
        self._durable = 0  # bytes
        self._mutex = RLock()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything that was appended before has been taken."""
        with self._mutex, system_errors(self.path):
            if self.path.exists():
                self._catch_up()
            yield

    @contextmanager
    def writing(self, *, make: bool = False) -> Iterator[None]:
        """The same, and nobody else appends meanwhile. What is in the file at the end survives a loss of power."""
        if self._read_only:
            raise InstallationError(f"{self.path}: was opened for reading only")
        with self._mutex, system_errors(self.path), self.path.open("ab" if make else "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed
            self._catch_up()
            file.truncate(self._taken)
            yield
            if self._taken > self._durable:  # what others have appended is answered for too
                os.fsync(file.fileno())
                self._durable = self._taken

    def append(self, lines: Sequence[bytes]) -> None:
        """Append lines, given without their ends. Within `writing`."""
        if lines:
            with self.path.open("ab") as file:
                file.write(b"\n".join(lines) + b"\n")
            self._catch_up()

    def at(self, start: int) -> bytes:
        """The line that begins there."""
        with system_errors(self.path), self.path.open("rb") as file:
            file.seek(start)
            return file.readline()

    def _catch_up(self) -> None:
        with self.path.open("rb") as file:
            file.seek(self._taken)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._take(line, self._taken)
                self._taken += len(line)


def sync_folder(folder: Path) -> None:
    """Make it durable that files were made in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def system_errors(path: Path) -> Iterator[None]:
    """The system's errors as the pipeline's: who is to blame, and what mends it."""
    try:
        yield
    except (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError) as error:
        raise InstallationError(
            f"{path}: {error.strerror}: it has to be there and to be writable; `pipeline store upgrade` makes it"
        ) from error
    except OSError as error:  # a full disk, a network's file system: it may work later
        raise TransientError(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise InstallationError(f"{path}: a line is no JSON: {error}: put back a copy of the file") from error
