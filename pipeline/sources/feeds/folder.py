"""The feed `folder`: files of any format that turn up in a folder, or change there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import SettingsError, SourceError, TransientError
from pipeline.record import Article
from pipeline.sources.folders import files
from pipeline.sources.formats import Intake
from pipeline.sources.reading import read_articles

_Seen = tuple[int, int]
"""When a file was changed, in nanoseconds, and its bytes."""


class FolderFeed:
    """A folder with all that is in it.

    Whoever puts files there writes them elsewhere and moves them in, or under a name that begins with a dot: what is
    half written would be read as it is, and what is whole later as a correction of it.

    Args:
        path: the folder.

    Raises:
        SettingsError: there is no such folder.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        if not self._path.is_dir():
            raise SettingsError(f"{path}: there is no such folder: make it, or name another")
        self._seen: dict[Path, _Seen] = {}

    def anew(self) -> FolderFeed:
        """The same folder, as if nothing in it had been read."""
        again = object.__new__(FolderFeed)
        again._path, again._seen = self._path, {}
        return again

    def poll(self, intake: Intake) -> Iterator[Article | SourceError]:
        """See Feed. Files in order of their names; one that can't be read is named again only when it changes.

        Raises:
            TransientError: the folder has gone.
        """
        if not self._path.is_dir():
            raise TransientError(f"{self._path}: the folder has gone: put it back")
        for path, problem in files([self._path]):
            seen = _seen(path)
            if path == self._path or seen is None or self._seen.get(path) == seen:
                continue
            self._seen[path] = seen
            if problem is not None:
                yield problem.at(str(path))
                continue
            yield from read_articles(
                [path],
                limits=intake.limits,
                source=intake.source,
                now=intake.now,
                qualify_ids=intake.qualify_ids,
                names=intake.names,
            )


def _seen(path: Path) -> _Seen | None:
    """How a file stands; None where it has gone meanwhile."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
