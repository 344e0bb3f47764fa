"""What a feed is: something that is asked, again and again, for what has come since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from pipeline.errors import SourceError
from pipeline.record import Article
from pipeline.sources.formats import Intake


@runtime_checkable
class Feed(Protocol):
    """A place where articles turn up: a folder, a mailbox, an agency's server.

    It remembers what it has given for as long as it is open. After a restart it may give an article again: the same one
    has the same id, and changes nothing.
    """

    def poll(self, intake: Intake) -> Iterator[Article | SourceError]:
        """What has come since the last time, in the order in which it came; nothing where nothing has.

        Args:
            intake: makes articles of what is found, within its limits.

        Raises:
            TransientError: the place is away; it is asked again, less and less often.
            SettingsError: it can never be read as it is.
        """
        ...


Opener = Callable[[str], Feed]
"""Opens the feed at an address, which is a path or a URL. Raises SettingsError: there can be none."""
