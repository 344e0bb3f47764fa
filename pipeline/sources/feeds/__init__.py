"""The feeds, one file each, and those that other packages add by entry point; found here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.errors import SettingsError, UsageError
from pipeline.plugins import Kind, with_added
from pipeline.sources.feeds.base import Feed, Opener
from pipeline.sources.feeds.folder import FolderFeed

_OURS: Mapping[str, Opener] = {"folder": FolderFeed}


@cache
def installed() -> Mapping[str, Opener]:
    """Ours by name, and those that other packages add.

    Raises:
        SettingsError: one can't be loaded, can't be called, or claims a name that is taken.
    """
    found = with_added(Kind.FEED, _OURS)
    for name, opener in found.items():
        if not callable(opener):
            raise SettingsError(
                f"plug-in {name} ({Kind.FEED}): {opener!r} can't be called with an address: mend or uninstall that "
                f"package"
            )
    return found


def opened(name: str, address: str) -> Feed:
    """The feed at an address.

    Raises:
        UsageError: no feed has that name.
        SettingsError: there can be no such feed at that address, or what a plug-in opened is none.
    """
    openers = installed()
    if name not in openers:
        raise UsageError(f"{name!r} is no feed: name one of {', '.join(sorted(openers))}")
    try:
        feed: object = openers[name](address)
    except SettingsError:
        raise
    except Exception as error:  # a plug-in may raise anything
        raise SettingsError(
            f"feed {name} at {address} can't be opened: {type(error).__name__}: {error}: check the address, or mend "
            f"that package"
        ) from error
    if not isinstance(feed, Feed):
        raise SettingsError(
            f"plug-in {name} ({Kind.FEED}): {feed!r} has no `poll`: mend or uninstall that package"
        )
    return feed


__all__ = ["Feed", "Opener", "installed", "opened"]
