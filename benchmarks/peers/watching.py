"""Processor time and memory of groups of processes while something is measured."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import psutil  # type: ignore[import-untyped]

from benchmarks.processes import used


class Watched:
    """Processes by what they are for.

    Args:
        roots: process ids by role; all that descend from them belong to the same role, unless `apart` says otherwise.
        apart: words of a command line by the role of the processes that have them, wherever they descend from.
    """

    def __init__(self, roots: Mapping[str, Sequence[int]], apart: Mapping[str, str] | None = None) -> None:
        self._roots = roots
        self._apart = apart or {}
        self._spent_before = self._spent()
        self.peaks: dict[str, float] = {}
        """The most memory that each role had at any look, in MiB; what several share is divided among them."""

    def look(self) -> None:
        """Note the memory as it is now."""
        for role, processes in self._processes().items():
            now = 0.0
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    now += process.memory_full_info().pss / 2**20
            self.peaks[role] = max(now, self.peaks.get(role, 0.0))

    def spent(self) -> dict[str, float]:
        """Seconds of processor time by role since it was made; what has ended meanwhile is its parent's."""
        return {role: seconds - self._spent_before.get(role, 0.0) for role, seconds in self._spent().items()}

    def _spent(self) -> dict[str, float]:
        found = {}
        for role, processes in self._processes().items():
            found[role] = 0.0
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    found[role] += used(process)
        return found

    def _processes(self) -> dict[str, list[psutil.Process]]:
        found: dict[str, list[psutil.Process]] = {}
        for role, pids in self._roots.items():
            for pid in pids:
                with contextlib.suppress(psutil.NoSuchProcess):
                    root = psutil.Process(pid)
                    for process in (root, *root.children(recursive=True)):
                        found.setdefault(self._role(process, role), []).append(process)
        return found

    def _role(self, process: psutil.Process, usual: str) -> str:
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            return next((role for words, role in self._apart.items() if words in command), usual)
        return usual
