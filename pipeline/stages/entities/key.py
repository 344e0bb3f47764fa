"""One key for one name across articles, so that records can be found by whom they name."""

from __future__ import annotations

from functools import cache

from pipeline.stages.entities.countries import country_code
from pipeline.stages.entities.lexicon import fold, table, words

_KINDS = {"PERSON": "person", "ORG": "org", "GPE": "place", "LOC": "place", "FAC": "place", "NORP": "group"}
_LONGEST_TITLE = 3
_LONGEST_LEGAL_FORM = 2


def entity_key(name: str, type: str) -> str:  # noqa: A002 - the word the record uses
    """The stable key of an entity, the same in every article: `person:keir starmer`, `place:GB`.

    Case, accents, punctuation, possessives and a leading article make no difference; nor do titles and
    suffixes of persons, legal forms of companies, and the forms of a country's name. A place is one kind
    whether it is labelled GPE, LOC or FAC. Idempotent on its own name part. A name that is nothing but
    punctuation keeps its own characters.

    Args:
        name: the canonical name of an entity, or what a user typed.
        type: its OntoNotes label.
    """
    kind = _KINDS.get(type, type.lower())
    folded = fold(name).removeprefix("the ") or name.strip().casefold()
    if kind == "place":
        return f"place:{country_code(name) or folded}"
    if kind == "person":
        return f"person:{_person(folded)}"
    if kind == "org":
        return f"org:{_organisation(folded)}"
    return f"{kind}:{folded}"


@cache
def _titles() -> frozenset[str]:
    return words("persons", "address") | words("persons", "office")


def _person(folded: str) -> str:
    parts = folded.split()
    stripped = True
    while stripped and len(parts) > 1:
        stripped = False
        for length in range(min(_LONGEST_TITLE, len(parts) - 1), 0, -1):
            if " ".join(parts[:length]) in _titles():
                parts = parts[length:]
                stripped = True
                break
    while len(parts) > 1 and parts[-1] in words("persons", "suffixes"):
        parts.pop()
    return " ".join(parts)


def _organisation(folded: str) -> str:
    parts = folded.split()
    stripped = True
    while stripped and len(parts) > 1:
        stripped = False
        for length in range(min(_LONGEST_LEGAL_FORM, len(parts) - 1), 0, -1):
            if " ".join(parts[-length:]) in words("organisations", "legal_forms"):
                parts = parts[:-length]
                stripped = True
                break
    short = " ".join(parts)
    long = table("organisations")["abbreviations"].get(short)
    return fold(long) if long else short
