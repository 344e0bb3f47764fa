"""Names of organisations and other things: abbreviations and shortened forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from pipeline.languages.names import Names
from pipeline.text.folding import NAMES_AT_MOST, fold

_ABBREVIATION = re.compile(r"(?:[A-Z]\.?){2,8}s?\Z|[A-Z][A-Za-z]{0,3}[A-Z]{1,4}\Z")
_LONGEST_LEGAL_FORM = 2
_FEWEST_LETTERS = 3  # of an abbreviation that is not made of initials


@lru_cache(maxsize=NAMES_AT_MOST)
def is_abbreviation(name: str) -> bool:
    """Whether `name` looks like one: `EU`, `U.N.`, `NATO`, `MoD`, `SAfAB`."""
    return " " not in name and bool(_ABBREVIATION.match(name))


@cache
def _known(names: Names) -> dict[str, str]:
    abbreviations = names.table("organisations").get("abbreviations", {})
    return {short: respelled(fold(long), names) for short, long in abbreviations.items()}


def spelled_out(folded: str, names: Names) -> str:
    """The long form of an abbreviation that needs no explanation, else `folded` itself."""
    return _known(names).get(folded, folded)


def abbreviates(short: str, long: str, names: Names) -> bool:
    """Whether `short` is made of the initials of `long`, with or without its small words."""
    letters = abbreviation_letters(short)
    return bool(letters) and letters in abbreviations_of(long, names)


def may_abbreviate(short: str, long: str) -> bool:
    """Whether all letters of `short`, the first of them that of a word, stand in `long` in this order.

    For names that only their long form in front explains: `SoCO` of `Society for Community Organisation`.
    """
    letters = abbreviation_letters(short)
    folded = fold(long)
    starts = {word[0] for word in folded.split()}
    if len(letters) < _FEWEST_LETTERS or letters[0] not in starts:
        return False
    rest = iter(folded)
    return all(letter in rest for letter in letters)


def abbreviation_letters(short: str) -> str:
    """What an abbreviation is made of; nothing if it is one letter, which abbreviates nothing."""
    letters = fold(short).replace(" ", "")
    return letters if len(letters) > 1 else ""


@lru_cache(maxsize=NAMES_AT_MOST)
def abbreviations_of(long: str, names: Names) -> tuple[str, ...]:
    """What `long` may be abbreviated to; nothing for one word."""
    parts = fold(long).split()
    if len(parts) < 2:  # noqa: PLR2004 - one word has no initials
        return ()
    initials = "".join(part[0] for part in parts)
    without_small = "".join(part[0] for part in parts if part not in names.words("cues", "small"))
    first = long.split(maxsplit=1)[0].rstrip(".")
    if is_abbreviation(first):
        return initials, without_small, fold(first) + without_small[1:]
    return initials, without_small


def is_made_like_one(parts: Sequence[str], names: Names) -> bool:
    """Whether a folded name of several words is an organisation's: `… University`, `Bank of …`, `… plc`."""
    if parts[-1] in names.words("cues", "organisation_last"):
        return True
    if parts[-1] in names.words("organisations", "legal_forms"):
        return True
    if parts[0] in names.words("organisations", "first_elsewhere"):
        return True
    return parts[0] in names.words("cues", "organisation_first") and parts[1] in ("of", "for")


def respelled(folded: str, names: Names) -> str:
    """`folded` in one of the spellings that its words have: `organisation` is `organization`."""
    spellings = _spellings(names)
    if spellings.keys().isdisjoint(parts := folded.split()):
        return folded
    return " ".join(spellings.get(part, part) for part in parts)


@cache
def _spellings(names: Names) -> dict[str, str]:
    spellings: dict[str, str] = names.table("organisations").get("spellings", {})
    return spellings


def without_legal_form(folded: str, names: Names) -> str:
    """`folded` without the legal form at its end."""
    parts = folded.split()
    at = len(parts)
    while at > 1:
        for length in range(min(_LONGEST_LEGAL_FORM, at - 1), 0, -1):
            if " ".join(parts[at - length : at]) in names.words("organisations", "legal_forms"):
                at -= length
                break
        else:
            break
    return " ".join(parts[:at])


def shortens(short: str, long: str, names: Names) -> bool:
    """Whether the folded name `short` is the folded `long` without its end (`Hale Group`, `Hale`)."""
    return may_shorten(short, names) and long.startswith(f"{short} ")


def is_body_of(long: str, short: str, names: Names) -> bool:
    """Whether the folded `long` names a body within what `short` names in full: `Hale University Press`."""
    return long.rpartition(" ")[2] in names.words("organisations", "bodies_within") and (
        " " in short and is_made_like_one(short.split(), names)
    )


def may_shorten(short: str, names: Names) -> bool:
    """Whether a folded name says enough to be a longer one's beginning."""
    return len(short) > 2 and short not in names.words("cues", "small")  # noqa: PLR2004 - see above


def may_end(short: str) -> bool:
    """Whether a folded name says enough to be a longer one's end (`Order of Hale`, `Hale`)."""
    return len(short) > 3  # noqa: PLR2004 - see above
