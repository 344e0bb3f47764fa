"""What a language is to the stages: its word lists, its inflection and its model.

A language is a package of tables: `titles.toml` and `given_names.toml`, `speech/` for who says what, `names/` for what
is named. A table that a package leaves out is empty, and what relies on it finds nothing. docs/extending.md walks
through one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # they are made of a language
    from pipeline.languages.names import Names
    from pipeline.languages.speech import Speech
    from pipeline.languages.titles import Titles

Inflect = Callable[[str], tuple[str, str, str]]
"""The regular third person, past and participle in -ing of a verb; for other languages whatever forms come near."""


class Sex(StrEnum):
    """Of a person, as far as names, titles and pronouns tell."""

    MALE = "male"
    FEMALE = "female"


def unchanged(word: str) -> tuple[str, str, str]:
    """The inflection of a language whose tables list every form."""
    return word, word, word


@dataclass(frozen=True, eq=False)
class Language:
    """One language. Cheap to make: tables are read when they are first asked for; pickled without them.

    Attributes:
        code: of ISO 639-1, in lower case: `en`.
        package: the name of the package that holds the tables.
        model: the spaCy model that recognises names in it, None where there is none.
        inflect: makes the forms of the verbs that `speech/cues.toml` lists.
    """

    code: str
    package: str
    model: str | None = None
    inflect: Inflect = unchanged

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("code", "package", "model", "inflect")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def table(self, name: str) -> dict[str, Any]:
        """The table `NAME.toml` of the package; empty where there is none."""
        file = resources.files(self.package).joinpath(f"{name}.toml")
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @cached_property
    def titles(self) -> Titles:
        """What stands before persons' names."""
        from pipeline.languages.titles import Titles  # noqa: PLC0415 - see above

        return Titles.of(self)

    @cached_property
    def given_names(self) -> dict[str, Sex]:
        """Which sex mostly bears a name, by the name in lower case without accents; names of both are left out."""
        lists = self.table("given_names")
        return {name: sex for sex in Sex for name in lists.get(sex, "").split()}

    @cached_property
    def speech(self) -> Speech:
        """What the quotes stage knows of the language."""
        from pipeline.languages.speech import Speech  # noqa: PLC0415 - see above

        return Speech.of(self)

    @cached_property
    def names(self) -> Names:
        """What the entities stage knows of the language."""
        from pipeline.languages.names import Names  # noqa: PLC0415 - see above

        return Names(self)
