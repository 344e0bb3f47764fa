"""What other packages add: stages, formats, feeds, stores and languages, found by entry point.

A package that is installed beside this one names what it adds in its `pyproject.toml`:

    [project.entry-points."news_pipeline.stages"]
    keywords = "news_keywords:KeywordStage"
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from pipeline.errors import SettingsError

T = TypeVar("T")


class Kind(StrEnum):
    """What can be added, by the group of its entry points."""

    STAGE = "news_pipeline.stages"
    FORMAT = "news_pipeline.formats"
    FEED = "news_pipeline.feeds"
    STORE = "news_pipeline.stores"
    LANGUAGE = "news_pipeline.languages"


def with_added(kind: Kind, ours: Mapping[str, T]) -> dict[str, T]:
    """Ours by name, and what other packages add to them.

    Raises:
        SettingsError: one can't be imported, or claims a name that is taken; says which package it is of.
    """
    found = dict(ours)
    for entry in sorted(entry_points(group=kind), key=lambda entry: (entry.name, _package(entry))):
        if entry.name in found:
            raise SettingsError(
                f"plug-in {entry.name} of {_package(entry)} ({kind}): that name is taken: uninstall the package, or "
                f"have it use another name"
            )
        found[entry.name] = _loaded(entry, kind)
    return found


def _loaded(entry: EntryPoint, kind: Kind) -> Any:
    try:
        return entry.load()
    except Exception as error:  # a plug-in may raise anything at import
        raise SettingsError(
            f"plug-in {entry.name} of {_package(entry)} ({kind}) can't be loaded: {type(error).__name__}: {error}: "
            f"mend or uninstall that package"
        ) from error


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
