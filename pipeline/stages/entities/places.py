"""Names of places: their forms, and the countries they are in."""

from __future__ import annotations

from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code, demonym_code, region_code
from pipeline.stages.entities.gazetteer import city_country
from pipeline.stages.entities.mentions import PLACES


def without_descriptor(folded: str, names: Names) -> str:
    """`folded` without the word that says what kind of place it is: `state of texas`, `hale county`, `lima city`.

    What is a country without that word keeps it: Mexico City is not Mexico. So do names of buildings and
    waters, which need theirs.
    """
    parts = folded.split()
    if len(parts) > 2 and parts[1] == "of" and parts[0] in names.words("cues", "place_kinds"):  # noqa: PLR2004 - "x of y"
        bare = " ".join(parts[2:])
    elif len(parts) > 1 and parts[-1] in names.words("cues", "place_kinds"):
        bare = " ".join(parts[:-1])
    else:
        return folded
    if parts[0] == "state" and region_code(bare, names):  # the State of Texas is Texas
        return bare
    return folded if country_code(bare, names) or region_code(bare, names) else bare


def country_of(name: str, label: str, mentioned: frozenset[str], names: Names) -> str | None:
    """The country of a place, or of a group named after one; None for all else and where it is open.

    Args:
        name: the entity's name.
        label: its OntoNotes label.
        mentioned: codes of the countries that the article names, which settle what city is meant.
        names: what is known of the article's language.
    """
    if label == "NORP":
        return demonym_code(name, names)
    if label not in PLACES:
        return None
    return (
        country_code(name, names)
        or region_code(name, names)
        or (city_country(name, mentioned) if label == "GPE" else None)
    )


def stated_country(name: str, names: Names) -> str | None:
    """The country that `name` says a place before it is in, as in `Springfield, Illinois` and `Lima, Peru`."""
    return country_code(name, names) or region_code(name, names)
