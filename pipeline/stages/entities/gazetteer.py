"""What is known of the names of places: provinces and cities of the world."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar

import pycountry

from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code, region_code
from pipeline.stages.entities.geonames import places
from pipeline.text.folding import fold

_Place = TypeVar("_Place")

_PROVINCE = 1_000_000  # what a province counts as, people
_NAMED = 20
_CLEARLY = 5
_UNKNOWN = 4  # the logarithm of the size of a town that nobody knows
_FAME = 1.0  # weight for every tenfold size
_DIRECTIONS = frozenset(
    (
        "central",
        "coast",
        "east",
        "eastern",
        "north",
        "northern",
        "south",
        "southern",
        "west",
        "western",
        "federal",
    )
)


@lru_cache(maxsize=50_000)
def place_weight(folded: str, names: Names) -> float:
    """How strongly a folded name by itself speaks for a place: 0 for a name that no known place has."""
    if country_code(folded, names) or region_code(folded, names):
        return 3
    if folded in _provinces():
        return 1.5
    largest = max((population for _, population in _cities().get(folded, ())), default=0)
    return max(0.0, math.log10(largest) - _UNKNOWN) * _FAME if largest else 0


def city_country(name: str, mentioned: frozenset[str]) -> str | None:
    """The country of the city or province `name`, where the text or population settles it, else None.

    A place in a country that the article names weighs as much as one of 20 times its size elsewhere; the
    heaviest is meant if it outweighs every other 5 times.

    Args:
        name: the name of the place.
        mentioned: codes of the countries that the article names.
    """
    folded = fold(name)
    sizes = dict.fromkeys(_provinces().get(folded, ()), _PROVINCE)
    for code, population in _cities().get(folded, ()):
        sizes[code] = max(population, sizes.get(code, 0))
    return _clearly_largest(
        (size * (_NAMED if code in mentioned else 1), code) for code, size in sizes.items()
    )


class Spot(NamedTuple):
    """A place of GeoNames; countries and states come without coordinates (degrees)."""

    geonames_id: int
    latitude: float | None = None
    longitude: float | None = None


def spot_of(name: str, country: str, state: str | None, names: Names) -> Spot | None:
    """Which place `name` means, in a country that is settled; None where several may be meant.

    Args:
        name: the name of a country, of a state of the USA or of a city.
        country: the code of the country that it is or that it lies in.
        state: the code of the state of the USA that the text says it lies in.
        names: what is known of the article's language.
    """
    if country_code(name, names) == country:
        return _country_spots().get(country)
    folded = fold(name)
    if state is None and (found := _state_spots().get(folded)) and country == "US":
        return found
    return _clearly_largest(
        (population, spot)
        for (population, spot), in_state in _spots().get((folded, country), {}).items()
        if state in (None, in_state)
    )


def _clearly_largest(sizes: Iterable[tuple[int, _Place]]) -> _Place | None:
    """What outweighs every other 5 times; None where nothing does."""
    first, second = [*heapq.nlargest(2, sizes), None, None][:2]
    if first is None or (second is not None and first[0] < _CLEARLY * second[0]):
        return None
    return first[1]


@cache
def _country_spots() -> dict[str, Spot]:
    return {code: Spot(country.geonames_id) for code, country in places().countries.items()}


@cache
def _state_spots() -> dict[str, Spot]:
    return {fold(state.name): Spot(state.geonames_id) for state in places().states.values()}


@cache
def state_codes() -> dict[str, str]:
    """The codes of the states of the USA by their folded names and by themselves."""
    return {fold(name): code for code, state in places().states.items() for name in (state.name, code)}


def states_meant(found: Iterable[str], names: Names) -> frozenset[str]:
    """Which of the places that an article names are states of the USA although a country is called so too: Georgia.

    A state is meant where more of its cities, and of other states, are named than cities of the country.

    Args:
        found: the names of the article's places.
        names: what is known of its language.

    Returns:
        Their folded names.
    """
    folded = set(map(fold, found))
    return frozenset(
        name for name in folded & _names_of_two(names).keys() if _is_state(name, folded - {name}, names)
    )


def _is_state(name: str, others: Iterable[str], names: Names) -> bool:
    state, country = _names_of_two(names)[name]
    of_state = of_country = 0
    for other in others:
        of_state += other in _state_spots() or is_in_state(other, state)
        of_country += any(code == country for code, _ in _cities().get(other, ()))
    return of_state > of_country


def is_in_state(name: str, state: str) -> bool:
    """Whether the largest place of the world of that name lies in this state of the USA."""
    folded = fold(name)
    sizes = _cities().get(folded, ())
    if not sizes or max(sizes, key=lambda size: size[1])[0] != "US":
        return False
    spots = _spots()[folded, "US"]
    return spots[max(spots, key=lambda spot: spot[0])] == state


@cache
def _names_of_two(names: Names) -> dict[str, tuple[str, str]]:
    """Folded names of states of the USA that are those of countries too: the codes of both."""
    both = {
        fold(state.name): (code, country_code(state.name, names)) for code, state in places().states.items()
    }
    return {name: (state, country) for name, (state, country) in both.items() if country and country != "US"}


@cache
def _spots() -> dict[tuple[str, str], dict[tuple[int, Spot], str]]:
    """Folded name and country code to (population, place), with the code of the part of the country it is in."""
    found: defaultdict[tuple[str, str], dict[tuple[int, Spot], str]] = defaultdict(dict)
    for city in places().cities:
        spot = Spot(city.geonames_id, city.latitude, city.longitude)
        for name in set(map(fold, city.names)):
            found[name, city.country][city.population, spot] = city.part
    return found


def load() -> None:
    """Read the tables now, rather than for the first name: it takes more than a second."""
    _provinces()
    _cities()
    _spots()


@cache
def _provinces() -> dict[str, frozenset[str]]:
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for province in pycountry.subdivisions:
        if (folded := fold(province.name)) not in _DIRECTIONS:
            codes[folded].add(province.country_code)
    return {name: frozenset(found) for name, found in codes.items()}


@cache
def _cities() -> dict[str, tuple[tuple[str, int], ...]]:
    """Folded name to (country code, population of the largest city there of that name)."""
    largest: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for (name, country), spots in _spots().items():
        largest[name].append((country, max(population for population, _ in spots)))
    return {name: tuple(found) for name, found in largest.items()}
