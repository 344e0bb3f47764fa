"""The progress of a replay in a file, which is whole at any moment: `resuming` says what is in it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from pipeline.cli.replaying.resuming import Acknowledged, Note
from pipeline.cli.replaying.rounds import Place
from pipeline.errors import UsageError
from pipeline.execution.signals import uninterrupted
from pipeline.sources.folders import files

_EVERY_SECONDS = 1.0
_UNFINISHED = ".unfinished"


def fingerprint(paths: Iterable[str]) -> str:
    """What tells these files, in their order, from others and from what they become: 32 hexadecimal digits.

    By path, size and time of change; what is in them is not read.
    """
    found = blake2b(digest_size=16)
    for path, problem in files(paths):
        if problem:
            continue
        with suppress(OSError):  # it is named when it is read
            status = path.stat()
            found.update(os.fsencode(os.path.realpath(path)))
            found.update(f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return found.hexdigest()


def noted(path: Path, paths: Iterable[str], new: Note) -> Note:
    """The note in a file; the new one where there is no file.

    Raises:
        UsageError: it is no note, or one of another replay; or no note can lie there.
    """
    place = Path(os.path.realpath(path))
    for given in paths:
        if place.is_relative_to(os.path.realpath(given)):
            raise UsageError(f"--resume {path}: is among what is replayed: name a file elsewhere")
    try:
        if place.exists() and not place.is_file():
            raise UsageError(f"--resume {path}: is no file: name one, which is made where there is none")
        found = Note.model_validate_json(place.read_bytes())
    except FileNotFoundError:
        return new
    except OSError as error:
        raise UsageError(
            f"--resume {path}: can't be read: {error.strerror or error}; check its permissions"
        ) from error
    except ValidationError:
        raise UsageError(
            f"--resume {path}: is not the progress of a replay: name another file, which is made where there is none"
        ) from None
    if other := found.other(new):
        raise UsageError(
            f"--resume {path} belongs to another replay: {other}; give what it was begun with, or remove the file to "
            "begin anew"
        )
    return found


class Keeper:
    """Writes how far a replay has come, once a second at most and at the end. A context manager.

    Leaving it, the file is removed if `complete` was set. What can't be written later on is told once, and costs
    nothing but that a replay which is resumed begins earlier.

    Args:
        path: the file.
        note: where it begins.
        acknowledged: how many messages the broker has, from the first on.
        warn: is told what can't be written.

    Raises:
        UsageError: the file can't be written at all.
    """

    def __init__(
        self, path: Path, note: Note, acknowledged: Callable[[], int], warn: Callable[[str], None]
    ) -> None:
        self._shown = path
        self._path = Path(os.path.realpath(path))
        self._note = note
        self._acknowledged = acknowledged
        self._warn = warn
        self._reached = Acknowledged(note.place)
        self._written: Place = note.place
        self._is_told = False
        self._ended = threading.Event()
        self._writer = threading.Thread(target=self._write_again, name="progress", daemon=True)
        self.complete = False

    def __enter__(self) -> Self:
        try:
            _write(self._path, self._note)
        except OSError as error:
            raise UsageError(
                f"--resume {self._shown}: can't be written: {error.strerror or error}; name another file"
            ) from error
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with uninterrupted():
            self._ended.set()
            self._writer.join()
            if self.complete:
                self._path.unlink(missing_ok=True)
            else:
                self._write()

    def sent(self, place: Place) -> None:
        """An article was sent; `place` is behind it."""
        self._reached.sent(place)

    def _write_again(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            self._write()

    def _write(self) -> None:
        place = self._reached.place(self._acknowledged())
        if place == self._written:
            return
        try:
            _write(self._path, self._note.model_copy(update={"place": place}))
            self._written = place
        except OSError as error:
            if not self._is_told:
                self._warn(
                    f"{self._shown}: can't be written: {error.strerror or error}; as long as it is so, resuming begins "
                    f"behind article {self._written.total}"
                )
            self._is_told = True


def _write(path: Path, note: Note) -> None:
    """In one step: whoever reads the file, after a power cut too, finds the note before or this one."""
    unfinished = path.with_name(path.name + _UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(note.model_dump_json(indent=1).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    with suppress(OSError):  # some systems open no folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
