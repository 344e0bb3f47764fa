"""Places to ISO 3166-1 alpha-2 codes, as far as the name settles it."""

from __future__ import annotations

from functools import cache

import pycountry

from pipeline.languages.names import Names
from pipeline.stages.entities.geonames import places
from pipeline.text.folding import fold


def country_code(name: str, names: Names) -> str | None:
    """The code of the country that `name` names, in any usual form (`U.K.`, `Great Britain`), else None."""
    return _countries(names).get(_bare(name))


def country_name(code: str, names: Names) -> str:
    """The usual English name of a country: `GB` is `United Kingdom`, `KR` is `South Korea`."""
    usual = names.table("countries").get("names", {}).get(code)
    return usual or places().countries[code].name


def region_code(name: str, names: Names) -> str | None:
    """The code of the country that `name` lies in, for its parts and the states of the USA, else None."""
    return _regions(names).get(_bare(name))


def demonym_code(word: str, names: Names) -> str | None:
    """The code of the country whose people or things are called `word` (`Kenyan`, `the Danes`), else None."""
    return _demonyms(names).get(_bare(word))


def _bare(name: str) -> str:
    return fold(name).removeprefix("the ")


@cache
def _countries(names: Names) -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            if label := getattr(country, attribute, None):
                codes[_bare(label)] = country.alpha_2
    for code, country in places().countries.items():
        codes[_bare(country.name)] = code
    for code, labels in names.table("countries").get("aliases", {}).items():
        codes.update((_bare(label), code) for label in labels)
    return codes


@cache
def _regions(names: Names) -> dict[str, str]:
    codes = {_bare(state.name): "US" for state in places().states.values()}
    for code, labels in names.table("countries").get("parts", {}).items():
        codes.update((_bare(label), code) for label in labels)
    return {name: code for name, code in codes.items() if name not in _countries(names)}


@cache
def _demonyms(names: Names) -> dict[str, str]:
    codes: dict[str, str] = {}
    for code, labels in names.table("countries").get("demonyms", {}).items():
        for label in labels:
            singular = _bare(label)
            codes.setdefault(singular, code)
            if not singular.endswith(("s", "ese", "sh", "ch", "x")):
                codes.setdefault(f"{singular}s", code)
    return codes
