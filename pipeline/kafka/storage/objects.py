"""Objects in a folder: bytes under names with slashes, each whole or not there at all.

A name is a path below the folder. An object is written beside its place, forced to the disk and moved there, so that
a process or a machine that stops in the midst of it leaves the one before. The time at which an object was written is
its version: no two are the same, and a later one is greater, after a restart too.
"""

from __future__ import annotations

import asyncio
import os
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from pipeline.errors import PipelineError, UsageError

_UNFINISHED = ".unfinished"
_UPWARDS = frozenset(("", ".", ".."))


class PreconditionError(PipelineError):
    """The object is not as whoever wants to write it takes it to be."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of an object: its size in bytes, and its version, nanoseconds since 1970."""

    size: int
    version: int

    @property
    def etag(self) -> str:
        """Stands for what is in it."""
        return f"{self.version:x}"


class Objects:
    """The objects of one folder. One process writes there; its methods belong to one event loop.

    Args:
        root: the folder; made when it is not there.

    Raises:
        UsageError: it can't be used.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: defaultdict[str, dict[str, Kept]] = defaultdict(dict)
        self._sorted: dict[str, list[str]] = {}
        self._retired: dict[str, Kept] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._last = 0
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._read()
        except OSError as error:
            raise UsageError(f"{root}: can't be used for what the broker keeps: {error.strerror}") from None

    def _read(self) -> None:
        for folder, _, names in os.walk(self._root):
            below = Path(folder).relative_to(self._root).as_posix()
            for name in names:
                path = Path(folder, name)
                if name.endswith(_UNFINISHED):
                    path.unlink()
                    continue
                found = path.stat()
                self._last = max(self._last, found.st_mtime_ns)
                self._folders["" if below == "." else below][name] = Kept(found.st_size, found.st_mtime_ns)

    def find(self, name: str) -> Kept | None:
        """What is known of an object; None when there is none of that name."""
        folder, _, last = name.rpartition("/")
        found = self._folders[folder].get(last) if folder in self._folders else None
        return found or self._retired.get(name)

    def below(self, prefix: str) -> Iterator[tuple[str, Kept]]:
        """The objects whose names begin with a prefix, by name."""
        folder, _, begin = prefix.rpartition("/")
        for name in sorted(self._folders):
            if name != folder and not f"{name}/".startswith(prefix):
                continue
            lasts = self._names(name)
            first = bisect_left(lasts, begin) if name == folder else 0
            for last in lasts[first:]:
                if name == folder and not last.startswith(begin):
                    break
                yield (f"{name}/{last}" if name else last), self._folders[name][last]

    def _names(self, folder: str) -> list[str]:
        names = self._sorted.get(folder)
        if names is None:
            names = self._sorted[folder] = sorted(self._folders[folder])
        return names

    async def read(self, name: str) -> bytes:
        """The bytes of an object.

        Raises:
            KeyError: there is none of that name.
        """
        if self.find(name) is None:
            raise KeyError(name)
        try:
            return await asyncio.to_thread(self._path(name).read_bytes)
        except FileNotFoundError:
            raise KeyError(name) from None

    async def write(
        self, name: str, body: bytes, *, only_new: bool = False, only_over: str | None = None
    ) -> Kept:
        """Write an object; when this returns it is on the disk.

        Args:
            name: of the object.
            body: what is in it.
            only_new: whether there must be none of that name.
            only_over: the etag of the object that it must take the place of.

        Raises:
            PreconditionError: what `only_new` or `only_over` want is not so.
        """
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            there = self.find(name)
            if (only_new and there) or (only_over and (there is None or there.etag != only_over)):
                raise PreconditionError(f"{name} is another one")
            self._last = max(time.time_ns(), self._last + 1)
            kept = Kept(len(body), self._last)
            await asyncio.to_thread(_put, self._path(name), body, kept.version)
            folder, _, last = name.rpartition("/")
            if there is None:
                self._sorted.pop(folder, None)
            self._folders[folder][last] = kept
            return kept

    async def delete(self, name: str) -> None:
        """Delete an object, if there is one."""
        folder, _, last = name.rpartition("/")
        if folder in self._folders and last in self._folders[folder]:
            del self._folders[folder][last]
            self._sorted.pop(folder, None)
            await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def retire(self, name: str) -> None:
        """Take an object out of `below`; whoever has heard of it can read it until it is deleted."""
        folder, _, last = name.rpartition("/")
        self._retired[name] = self._folders[folder].pop(last)
        self._sorted.pop(folder, None)

    async def delete_retired(self, prefix: str) -> None:
        """Delete the objects below a prefix that were retired."""
        for name in [name for name in self._retired if name.startswith(prefix)]:
            del self._retired[name]
            await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if not _UPWARDS.isdisjoint(parts):
            raise UsageError(f"{name!r} is no name of an object")
        return self._root.joinpath(*parts)


def _put(path: Path, body: bytes, version: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(body)
        file.flush()
        os.utime(file.fileno(), ns=(version, version))
        os.fsync(file.fileno())
    unfinished.replace(path)
    with suppress(PermissionError):  # some systems open no folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
