"""One key for one name across articles, so that records can be found by whom they name."""

from __future__ import annotations

from pipeline.languages import ENGLISH
from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code
from pipeline.stages.entities.organisations import respelled, spelled_out, without_legal_form
from pipeline.stages.entities.persons import parts_of, title_length, without_nickname
from pipeline.text.folding import fold

_KINDS = {"PERSON": "person", "ORG": "org", "GPE": "place", "LOC": "place", "FAC": "place", "NORP": "group"}


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
    names = ENGLISH.names  # of one language for all: the same name has the same key wherever it stands
    kind = _KINDS.get(type, type.lower())
    if kind == "person":
        name = without_nickname(name)
    folded = fold(name).removeprefix("the ") or name.strip().casefold()
    if kind == "place":
        return f"place:{country_code(name, names) or folded}"
    if kind == "person":
        return f"person:{_person(folded, names)}"
    if kind == "org":
        return f"org:{spelled_out(respelled(without_legal_form(folded, names), names), names)}"
    return f"{kind}:{folded}"


def _person(folded: str, names: Names) -> str:
    return " ".join(parts_of(folded[title_length(folded, names) :], names)) or folded
