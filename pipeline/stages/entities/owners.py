"""Which name of an article another one is short for: `EU` for `European Union`, `Hale` for `Hale Motors`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.organisations import (
    abbreviation_letters,
    abbreviations_of,
    is_abbreviation,
    is_body_of,
    may_end,
    may_shorten,
    shortens,
)
from pipeline.text.folding import fold

_CODE = 2  # letters of the code that a country's key is


class Key(NamedTuple):
    """What mentions of one thing share by their words alone."""

    kind: str
    words: str


class Owners:
    """The names of an article's things; each is asked once, shorter ones first, and taken by what it is short for.

    By indices of what each long name can be shortened to, so that the time grows with the number of names.

    Args:
        surfaces: the forms of each thing as they stand in the text, in the order of the text.
        names: what is known of the language.
    """

    def __init__(self, surfaces: Mapping[Key, Sequence[str]], names: Names) -> None:
        self._names = names
        self._surfaces = surfaces
        self._taken: dict[Key, Key] = {}

    def take(self, key: Key) -> Key | None:
        """The thing that `key` is another form of, if there is just one; from now on `key` belongs to it."""
        owner = self._owner(key)
        if owner:
            self._taken[key] = owner
        return owner

    def _owner(self, key: Key) -> Key | None:
        surface = self._surfaces[key][0]
        if key.kind == "NORP":
            return None
        if key.kind == "place" and _is_country(key):
            return None  # not even a `US` that would do for the University of Sandford
        if is_abbreviation(surface):
            return self._spelled_out(key, surface) or (self._broadcaster(key) if key.kind == "ORG" else None)
        if key.kind == "place":
            return self._longer_country(key)
        if key.kind != "ORG" or key.words in self._names.words("cues", "generic"):
            return None
        long = self._by_beginning.get(key.words, []) if may_shorten(key.words, self._names) else []
        long = [other for other in long if not is_body_of(other.words, key.words, self._names)]
        long = long or (self._by_end.get(key.words, []) if may_end(key.words) else [])
        return _only(long, self._names) if long else None

    def _longer_country(self, key: Key) -> Key | None:
        """The one country that is called by `key` and a word before it: South Korea, where Korea is none by itself."""
        if key.words in self._names.words("cues", "directions"):
            return self._half(key.words)
        if country_code(key.words, self._names) or place_weight(key.words, self._names):
            return None
        long = self._countries_by_end.get(key.words, ())
        return next(iter(long)) if len(long) == 1 else None

    def _half(self, direction: str) -> Key | None:
        """The country that is called `the North` beside one that could be called `the South`."""
        found = self._countries_by_direction
        others = {end for other, ends in found.items() if other != direction for end in ends}
        long = {key for end, key in found.get(direction, {}).items() if end in others}
        return next(iter(long)) if len(long) == 1 else None

    def _spelled_out(self, key: Key, surface: str) -> Key | None:
        """The one thing that an abbreviation stands for."""
        letters = abbreviation_letters(surface)
        found = {self._now(other) for other in self._by_letters[letters]} if letters else set()
        long = [other for other in found if len(other.words) > len(key.words)]
        return long[0] if len(long) == 1 else None

    def _broadcaster(self, key: Key) -> Key | None:
        """The one whose name is an abbreviation and what it sends, or sends by: `HBC News` of `HBC`."""
        sent = self._names.words("organisations", "sent")
        found = [
            other for other in self._by_beginning.get(key.words, ()) if other.words.rpartition(" ")[2] in sent
        ]
        return _only(found, self._names) if found else None

    def _now(self, key: Key) -> Key:
        """What has taken `key`, and what that; itself if nothing has."""
        now = key
        while now in self._taken:
            now = self._taken[now]
        while key != now:
            self._taken[key], key = now, self._taken[key]  # the next one who asks has a short way
        return now

    @cached_property
    def _by_letters(self) -> defaultdict[str, dict[Key, None]]:
        found: defaultdict[str, dict[Key, None]] = defaultdict(dict)
        for key, surfaces in self._surfaces.items():
            for surface in dict.fromkeys(surfaces):
                for letters in abbreviations_of(surface, self._names):
                    found[letters][key] = None
        return found

    @cached_property
    def _countries_by_end(self) -> Mapping[str, frozenset[Key]]:
        """The countries, whose keys are codes, by the last words of how they are called here."""
        found: defaultdict[str, set[Key]] = defaultdict(set)
        for key, surfaces in self._surfaces.items():
            if _is_country(key):
                for surface in surfaces:
                    found[fold(surface).rpartition(" ")[2]].add(key)
        return {word: frozenset(keys) for word, keys in found.items()}

    @cached_property
    def _countries_by_direction(self) -> Mapping[str, Mapping[str, Key]]:
        """The countries whose names begin with a direction, by it and by what stands behind it."""
        found: defaultdict[str, dict[str, Key]] = defaultdict(dict)
        directions = self._names.words("cues", "directions")
        for key, surfaces in self._surfaces.items():
            for surface in surfaces if _is_country(key) else ():
                first, _, rest = fold(surface).partition(" ")
                if rest and first in directions:
                    found[first][rest] = key
        return found

    @cached_property
    def _by_beginning(self) -> Mapping[str, list[Key]]:
        return self._index(lambda words, at: words[:at])

    @cached_property
    def _by_end(self) -> Mapping[str, list[Key]]:
        return self._index(lambda words, at: words[at + 1 :])

    def _index(self, part: Callable[[str, int], str]) -> Mapping[str, list[Key]]:
        """The organisations by each part of their names, in the order of the text."""
        found: defaultdict[str, list[Key]] = defaultdict(list)
        for key in self._surfaces:
            if key.kind == "ORG":
                for at, letter in enumerate(key.words):
                    if letter == " ":
                        found[part(key.words, at)].append(key)
        return found


def _is_country(key: Key) -> bool:
    """Whether a key is a country's code; all else is in small letters."""
    return key.kind == "place" and len(key.words) == _CODE and key.words.isupper()


def _only(long: Sequence[Key], names: Names) -> Key | None:
    """The first of the longer names if it is the only one, or if all others are longer forms of it."""
    first = long[0]
    return first if all(shortens(first.words, other.words, names) for other in long[1:]) else None
