"""The table of places that is made when the program is packed or installed (deploy/places.py). GeoNames, CC BY 4.0."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson

from pipeline.errors import SettingsError

_TABLE = Path(__file__).parent.parent.parent / "data" / "places.json"


class City(NamedTuple):
    """A city: what an English text may call it, GeoNames' id, degrees, codes of country and part, people."""

    names: tuple[str, ...]
    geonames_id: int
    latitude: float
    longitude: float
    country: str
    part: str
    population: int


class Named(NamedTuple):
    """A country or a state."""

    name: str
    geonames_id: int


class Places(NamedTuple):
    """What is known: countries by ISO 3166-1 codes, states of the USA by theirs, cities of 15,000 people and more."""

    countries: dict[str, Named]
    states: dict[str, Named]
    cities: list[City]


@cache
def places() -> Places:
    """The table, read once.

    Raises:
        SettingsError: it was never made.
    """
    try:
        table = orjson.loads(_TABLE.read_bytes())
    except FileNotFoundError:
        raise SettingsError(
            f"{_TABLE} is missing: install the checkout again (make setup, or pip install -e .)"
        ) from None
    return Places(
        {code: Named(*one) for code, one in table["countries"].items()},
        {code: Named(*one) for code, one in table["states"].items()},
        [City(tuple(names), *rest) for names, *rest in table["cities"]],
    )
