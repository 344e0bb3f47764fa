"""Which sex mostly bears a given name: the entities stage tells namesakes apart by it, the quotes stage pronouns."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Sex = Literal["male", "female"]
_SEXES: tuple[Sex, ...] = ("male", "female")


def sex_of(given_name: str) -> Sex | None:
    """Which sex mostly bears a name, given in lower case without accents; None if both do, or if it is not known."""
    return _table().get(given_name)


@cache
def _table() -> dict[str, Sex]:
    lists = tomllib.loads(
        resources.files(__package__).joinpath("given_names.toml").read_text(encoding="utf-8")
    )
    return {name: sex for sex in _SEXES for name in lists[sex].split()}
