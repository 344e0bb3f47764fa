"""Which sex mostly bears a given name: the entities stage tells namesakes apart by it, the quotes stage pronouns."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

Sex = Literal["male", "female"]


@cache
def given_names(sex: Sex) -> frozenset[str]:
    """The given names mostly borne by one sex, in lower case."""
    table = tomllib.loads(
        resources.files(__package__).joinpath("given_names.toml").read_text(encoding="utf-8")
    )
    return frozenset(table[sex].split())
