"""What country a place is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.languages import ENGLISH
from pipeline.stages.entities import geonames
from pipeline.stages.entities.countries import country_code, country_name, demonym_code
from pipeline.stages.entities.gazetteer import Spot, spot_of, states_meant
from pipeline.stages.entities.places import country_of, without_descriptor

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("the United States", "US"),
        ("U.S.", "US"),
        ("UK", "GB"),
        ("Côte d’Ivoire", "CI"),
        ("South Korea", "KR"),
        ("Türkiye", "TR"),
        ("DR Congo", "CD"),
        ("Kosovo", "XK"),
        ("Europe", None),
        ("Ferrycross", None),
    ],
)
def test_names_of_countries(name: str, code: str | None) -> None:
    assert country_code(name, ENGLISH.names) == code


def test_every_country_has_a_name_that_leads_back_to_it() -> None:
    for code in ("US", "GB", "KR", "KP", "CD", "NG", "NE", "SS", "SD"):
        assert country_code(country_name(code, ENGLISH.names), ENGLISH.names) == code


@pytest.mark.parametrize(
    ("word", "code"), [("Kenyan", "KE"), ("Danes", "DK"), ("the Dutch", "NL"), ("Kenya", None)]
)
def test_demonyms(word: str, code: str | None) -> None:
    assert demonym_code(word, ENGLISH.names) == code


@pytest.mark.parametrize(
    ("name", "label", "mentioned", "code"),
    [
        ("Nairobi", "GPE", NONE, "KE"),
        ("Texas", "GPE", NONE, "US"),
        ("Scotland", "GPE", NONE, "GB"),
        ("London", "GPE", frozenset({"GB", "CA"}), "GB"),
        ("Cambridge", "GPE", frozenset({"GB"}), "GB"),
        ("Cambridge", "GPE", NONE, None),
        ("Punjab", "GPE", NONE, None),
        ("Punjab", "GPE", frozenset({"PK"}), "PK"),
        ("Ferrycross", "GPE", NONE, None),
        ("Nairobi", "ORG", NONE, None),
        ("Kenyan", "NORP", NONE, "KE"),
    ],
)
def test_the_country_is_settled_by_name_text_or_size_or_left_open(
    name: str, label: str, mentioned: frozenset[str], code: str | None
) -> None:
    assert country_of(name, label, mentioned, ENGLISH.names) == code


@pytest.mark.parametrize(
    ("found", "states"),
    [
        (["Georgia", "Atlanta"], {"georgia"}),
        (["Georgia", "Texas", "Ohio"], {"georgia"}),
        (["Georgia", "Tbilisi"], set()),
        (["Georgia", "Athens"], set()),
        (["Georgia", "United States"], set()),
        (["Texas", "Atlanta"], set()),
    ],
)
def test_a_state_that_is_called_like_a_country_is_meant_beside_its_cities(
    found: list[str], states: set[str]
) -> None:
    assert states_meant(found, ENGLISH.names) == states


@pytest.mark.parametrize(
    ("folded", "bare"),
    [
        ("state of brindle", "brindle"),
        ("brindle county", "brindle"),
        ("mexico city", "mexico city"),
        ("hale bridge", "hale bridge"),
        ("republic of ireland", "republic of ireland"),
        ("city", "city"),
    ],
)
def test_the_kind_of_a_place_is_not_its_name(folded: str, bare: str) -> None:
    assert without_descriptor(folded, ENGLISH.names) == bare


@pytest.mark.parametrize(
    ("name", "country", "state", "spot"),
    [
        ("Kenya", "KE", None, Spot(192950)),
        ("Texas", "US", None, Spot(4736286)),
        ("Nairobi", "KE", None, Spot(184745, -1.28333, 36.81667)),
        ("Springfield", "US", "IL", Spot(4250542, 39.80172, -89.64371)),
        ("Springfield", "US", None, None),  # several of one size
        ("Ferrycross", "US", None, None),
    ],
)
def test_which_place_is_meant(name: str, country: str, state: str | None, spot: Spot | None) -> None:
    assert spot_of(name, country, state, ENGLISH.names) == spot


def test_a_table_that_was_never_made_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(geonames, "_TABLE", tmp_path / "places.json")
    with pytest.raises(SettingsError, match=r"places\.json is missing: install the checkout again"):
        geonames.places.__wrapped__()
