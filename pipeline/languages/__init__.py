"""The languages whose articles are read: a package each, ours and those that others add by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pipeline.errors import SettingsError
from pipeline.languages.base import Language, Sex
from pipeline.languages.en import ENGLISH
from pipeline.plugins import Kind, with_added

Languages = Mapping[str, Language]
"""Languages by their codes."""


@cache
def installed() -> Languages:
    """English, and the languages that other packages add.

    Raises:
        SettingsError: one can't be imported, claims a name that is taken, or is no language.
    """
    found = with_added(Kind.LANGUAGE, {ENGLISH.code: ENGLISH})
    for name, language in found.items():
        if not isinstance(language, Language) or language.code != name:
            raise SettingsError(
                f"plug-in {name} ({Kind.LANGUAGE}) is no language of that code: have its entry point name a "
                f"pipeline.languages.Language whose code is {name!r}"
            )
    return found


def spoken(languages: Languages, tag: str | None) -> Language | None:
    """The language of an article by its tag (`en`, `en-GB`, `en_US`); None for one without a pack, or none named."""
    return None if tag is None else languages.get(tag.replace("_", "-").split("-")[0].lower())


__all__ = ["ENGLISH", "Language", "Languages", "Sex", "installed", "spoken"]
