"""What the entities stage knows of a language: word lists, and the patterns that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from pipeline.languages.base import Language, Sex
from pipeline.languages.titles import Titles
from pipeline.text.folding import fold


class Names:
    """The tables in `names/` of a language. One object a language, so that it may be the key of a cache.

    Args:
        language: whose tables they are.

    Attributes:
        words: one list of a table, each entry folded: `words("persons", "roles")`.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._tables: dict[str, dict[str, Any]] = {}
        self.words: Callable[[str, str], frozenset[str]] = cache(self._folded)  # asked for every name

    def table(self, name: str) -> dict[str, Any]:
        """The table `names/NAME.toml`."""
        if name not in self._tables:
            self._tables[name] = self._language.table(f"names/{name}")
        return self._tables[name]

    def _folded(self, name: str, key: str) -> frozenset[str]:
        return frozenset(map(fold, self.table(name).get(key, ())))

    def any_of(self, name: str, *keys: str) -> str:
        """A pattern, to be compiled, of the entries of a list of a table; it matches nothing where there are none."""
        entries: Any = self.table(name)
        for key in keys:
            entries = entries.get(key, {})
        return f"(?:{'|'.join(entries) or '(?!)'})"

    @cached_property
    def titles(self) -> Titles:
        """What stands before persons' names."""
        return self._language.titles

    @cached_property
    def given_names(self) -> dict[str, Sex]:
        """Which sex mostly bears a name."""
        return self._language.given_names
