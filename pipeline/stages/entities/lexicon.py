"""The word lists of this stage, read once, and how words are compared."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from pipeline.text.marks import APOSTROPHE, APOSTROPHES, GRAVE, SINGLE_CLOSING

NAMES_AT_MOST = 20_000
"""How many names a function of a name alone remembers at most (about 0.3 kB each): the news names the same few."""

_ACCENTS = re.compile("[\u0300-\u036f]")
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}{GRAVE}]s?\Z")
_DOTS = re.compile(r"(?<=\w)\.(?=\w|\s|\Z)")
_NO_WORD = re.compile(r"[^\w&]+")


@cache
def table(name: str) -> dict[str, Any]:
    """The word lists of `data/NAME.toml`."""
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def words(name: str, key: str) -> frozenset[str]:
    """One list of `data/NAME.toml`, each entry folded."""
    return frozenset(fold(entry) for entry in table(name)[key])


def unaccented(text: str) -> str:
    """`text` without the accents of Latin, Greek and Cyrillic letters; other scripts stay whole."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


@lru_cache(maxsize=NAMES_AT_MOST)
def fold(text: str) -> str:
    """`text` for comparing: no case, accents, punctuation or possessive; `U.S.` is `us`, `&` is `and`."""
    plain = _POSSESSIVE.sub("", unaccented(text.strip()).casefold())
    plain = plain.replace(APOSTROPHE, "").replace(SINGLE_CLOSING, "").replace("&", " and ")
    return " ".join(_NO_WORD.sub(" ", _DOTS.sub("", plain)).replace("_", " ").split())
