"""One key for one name across articles, so that records can be found by whom they name."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from pipeline.languages import ENGLISH
from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code
from pipeline.stages.entities.organisations import respelled, spelled_out, without_legal_form
from pipeline.stages.entities.persons import parts_of, title_length, without_nickname
from pipeline.text.folding import fold

_KINDS = {"PERSON": "person", "ORG": "org", "GPE": "place", "LOC": "place", "FAC": "place", "NORP": "group"}
_LONGEST = 200  # characters; an index entry of PostgreSQL holds at most 2,704 bytes
_HASH_BYTES = 16


@lru_cache(maxsize=65536)
def entity_key(name: str, type: str) -> str:  # noqa: A002 - the word the record uses
    """The stable key of an entity, the same in every article: `person:keir starmer`, `place:GB`.

    Case, accents, punctuation, possessives and a leading article make no difference; nor do titles and
    suffixes of persons, legal forms of companies, and the forms of a country's name. A place is one kind
    whether it is labelled GPE, LOC or FAC. Idempotent on its own name part. A name that is nothing but
    punctuation keeps its own characters. An over-long key is cut, with a hash of all of it behind.

    Args:
        name: the canonical name of an entity, or what a user typed.
        type: its OntoNotes label.
    """
    key = _key(name, type)
    if len(key) <= _LONGEST:
        return key
    return (
        f"{key[:_LONGEST]}…{blake2b(key.encode(errors='surrogatepass'), digest_size=_HASH_BYTES).hexdigest()}"
    )


def _key(name: str, type: str) -> str:  # noqa: A002 - see above
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
