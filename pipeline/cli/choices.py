"""Options that take one word of a few: one line for all of them says which there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pipeline.errors import UsageError


def check_choices(option: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise UsageError for the first of the given words that is not known."""
    for word in given:
        if word not in known:
            raise UsageError(f"{option} {word}: there are {', '.join(known)}")
