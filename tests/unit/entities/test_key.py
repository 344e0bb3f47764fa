"""One key for one name across articles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.entities import entity_key
from pipeline.text.folding import fold


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("Maria Lindqvist", "MARIA LINDQVIST’S", "PERSON"),
        ("Maria Lindqvist", "Dame Maria Lindqvist", "PERSON"),
        ("Jonas Falk Jr.", "Prof. Jonas Falk", "PERSON"),
        ("Karl “Red” Hale", "Karl Hale", "PERSON"),
        ("Zoë Álvarez", "Zoe Alvarez", "PERSON"),
        ("Brightwater Holdings plc", "the Brightwater Holdings", "ORG"),
        ("Hale & Sons Ltd.", "Hale and Sons", "ORG"),
        ("EU", "the European Union", "ORG"),
        ("World Health Organisation", "WHO", "ORG"),
        ("U.K.", "Great Britain", "GPE"),
        ("Côte d'Ivoire", "Ivory Coast", "GPE"),
        ("Old Harbour", "the Old Harbour", "FAC"),
    ],
)
def test_forms_of_one_name_have_one_key(one: str, other: str, label: str) -> None:
    assert entity_key(one, label) == entity_key(other, label)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Maria Lindqvist", "PERSON"), ("Olga Lindqvist", "PERSON")),
        (("Scotland", "GPE"), ("United Kingdom", "GPE")),
        (("Kenyan", "NORP"), ("Kenya", "GPE")),
        (("Lindqvist", "PERSON"), ("Lindqvist", "ORG")),
        (("South Sudan", "GPE"), ("Sudan", "GPE")),
    ],
)
def test_different_things_have_different_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert entity_key(*one) != entity_key(*other)


def test_a_place_is_a_place_under_any_of_its_labels() -> None:
    assert (
        entity_key("Ferrycross", "GPE") == entity_key("Ferrycross", "LOC") == entity_key("Ferrycross", "FAC")
    )


def test_countries_are_keyed_by_their_code() -> None:
    assert entity_key("the United States", "GPE") == "place:US"


@given(st.text(min_size=1, max_size=40), st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "EVENT"]))
def test_any_text_has_a_key_that_its_case_and_outer_space_do_not_change(name: str, label: str) -> None:
    key = entity_key(name, label)
    kind, _, words = key.partition(":")
    assert kind
    assert words or not name.strip()
    if name.isascii():
        assert entity_key(f" {name.upper()} ", label) == key


@given(st.text(min_size=180, max_size=500), st.text(min_size=180, max_size=500))
def test_an_over_long_name_has_a_bounded_key_of_its_own(one: str, other: str) -> None:
    folded, folded_other = fold(one), fold(other)
    assert len(entity_key(one, "EVENT")) <= 240
    if folded and folded_other:
        same = folded.removeprefix("the ") == folded_other.removeprefix("the ")
        assert (entity_key(one, "EVENT") == entity_key(other, "EVENT")) == same
