"""Whole articles, read by the real recogniser."""

from __future__ import annotations

import pytest

from .conftest import Enrich

FERRY = """Dame Ruth Adeyemi has resigned as head of the Harbour Workers' Union (HWU) after a vote in Liverpool.

Dame Ruth told reporters in London on Monday that the United States had offered to help.

"The US is our oldest friend," Ms Adeyemi said.

More on Ruth Adeyemi

Her deputy, Jonas Falk, disagreed. Mr Falk said the HWU would ask Kenya and the Kenyan embassy instead.

Falk's brother, Karl Falk, laughed."""


def test_forms_of_one_person_are_one_entity(entities: Enrich) -> None:
    found = entities(FERRY)
    assert [mention.text for mention in found["Ruth Adeyemi"].mentions] == [
        "Ruth Adeyemi",
        "Dame Ruth",
        "Adeyemi",
    ]
    assert found["Ruth Adeyemi"].type == "PERSON"


def test_a_teaser_line_names_nobody(entities: Enrich) -> None:
    found = entities(FERRY)
    teaser = FERRY.index("More on")
    mentioned = [mention.start for entity in found.values() for mention in entity.mentions]
    assert not any(teaser <= start < teaser + 20 for start in mentioned)


def test_people_who_share_a_surname_stay_apart(entities: Enrich) -> None:
    found = entities(FERRY)
    assert [mention.text for mention in found["Jonas Falk"].mentions] == ["Jonas Falk", "Falk", "Falk"]
    assert [mention.text for mention in found["Karl Falk"].mentions] == ["Karl Falk"]


def test_an_abbreviation_is_its_organisation(entities: Enrich) -> None:
    [union] = [
        entity
        for entity in entities(FERRY).values()
        if "HWU" in [mention.text for mention in entity.mentions]
    ]
    assert union.name == "Harbour Workers' Union"


def test_a_country_is_one_place_and_not_its_people(entities: Enrich) -> None:
    found = entities(FERRY)
    assert [mention.text for mention in found["United States"].mentions] == ["United States", "US"]
    assert found["United States"].country == "US"
    assert (found["Kenya"].type, found["Kenya"].country) == ("GPE", "KE")
    assert (found["Kenyan"].type, found["Kenyan"].country) == ("NORP", "KE")
    assert found["London"].country == "GB"


def test_a_headline_in_capitals_names_whom_the_body_names(entities: Enrich) -> None:
    found = entities(FERRY, title="ADEYEMI QUITS UNION IN UPROAR OVER FERRY DEAL")
    assert found["Ruth Adeyemi"].mentions[0].text == "ADEYEMI"
    assert not any("QUITS" in name for name in found)


def test_hard_wrapped_lines_hide_no_name(entities: Enrich) -> None:
    text = (
        "The chairman of the council said on Monday that the late Maria\n"
        "Lindqvist had been the first to warn of it, years before anyone\n"
        "else had thought of looking under the bridge at low water."
    )
    [mention] = entities(text)["Maria Lindqvist"].mentions
    assert mention.text == "Maria\nLindqvist"


def test_a_nickname_stands_within_one_name(entities: Enrich) -> None:
    found = entities(
        'Clara "Redbird" Oduya, who sang for Kenya, has died. “She was loud,” Mrs Oduya’s son said.'
    )
    assert [mention.text for mention in found['Clara "Redbird" Oduya'].mentions] == [
        'Clara "Redbird" Oduya',
        "Oduya",
    ]


def test_quotation_marks_in_a_headline_make_no_nickname(entities: Enrich) -> None:
    text = "Clara Oduya sang. “She was mocking us,” Nora Oduya said, and left Kenya."
    found = entities(text, title="Was ‘Mocking’ Oduya Heard In Nairobi?")
    assert {"Clara Oduya", "Nora Oduya"} <= found.keys()
    assert not any("Mocking" in name for name in found)


def test_a_title_finds_a_person_whom_the_recogniser_missed(entities: Enrich) -> None:
    found = entities("Dame Honor Brackley, the British ambassador, wept. “Never mind,” Dame Honor said.")
    assert [mention.text for mention in found["Honor Brackley"].mentions] == ["Honor Brackley", "Dame Honor"]


def test_the_title_of_a_work_keeps_its_article(entities: Enrich) -> None:
    text = "Clara Oduya’s memoir, “The Room of Many Clocks”, was published in London."
    assert "The Room of Many Clocks" in entities(text)


def test_no_names_make_no_entities(entities: Enrich) -> None:
    assert entities("nothing happened, and nobody came.") == {}


def test_two_who_share_a_surname_have_it_each(entities: Enrich) -> None:
    found = entities("David and Susan Pelham sold the mill. Mr Pelham wept. Mrs Pelham did not.")
    assert {name: [one.text for one in entity.mentions] for name, entity in found.items()} == {
        "David Pelham": ["David", "Pelham"],
        "Susan Pelham": ["Susan Pelham", "Pelham"],
    }


def test_a_name_that_stands_in_capitals_has_the_letters_of_the_rest(entities: Enrich) -> None:
    found = entities(
        "Lindqvist told reporters that the pier was unsafe.",
        title="MAYOR MARIA LINDQVIST SAYS THE PIER WILL CLOSE",
    )
    assert [one.text for one in found["Maria Lindqvist"].mentions] == ["MARIA LINDQVIST", "Lindqvist"]


def test_places_and_persons_say_more_of_themselves_where_the_article_does(entities: Enrich) -> None:
    found = entities(
        "Ms Alice Carter, the mayor of Springfield, Illinois, met the surgeon David Pelham in Nairobi, Kenya,."
    )
    carter, pelham = found["Alice Carter"], found["David Pelham"]
    assert (carter.title, carter.role) == ("Ms", "mayor of Springfield")
    assert (pelham.title, pelham.role) == (None, "surgeon")
    assert found["Springfield"].geonames_id == 4250542
    assert found["Nairobi"].latitude == pytest.approx(-1.28333)
    assert found["Kenya"].geonames_id == 192950


def test_georgia_is_where_its_cities_are(entities: Enrich) -> None:
    state = entities("She moved to Atlanta, Georgia. The governor of Georgia met her.")
    assert {name: state[name].country for name in ("Atlanta", "Georgia")} == {
        "Atlanta": "US",
        "Georgia": "US",
    }
    assert state["Georgia"].geonames_id == 4197000
    assert entities("She moved to Tbilisi, Georgia.")["Georgia"].country == "GE"


def test_a_surname_alone_is_whose_article_it_is(entities: Enrich) -> None:
    found = entities(
        "Susan Pelham runs the mill. Susan Pelham bought it in spring. “I like it,” Susan Pelham said. Her brother, "
        "David Pelham, does not. “It is loud,” he said of the wheel, which the council had wanted to take down.\n\nThe "
        "river has turned it for three hundred years, and in a dry summer it stands still, as it did when the "
        "last miller gave up.\n\nPelham will paint it."
    )
    assert [one.text for one in found["Susan Pelham"].mentions][-1] == "Pelham"


def test_a_country_is_called_by_its_last_word_and_a_state_by_its_kind(entities: Enrich) -> None:
    found = entities("South Korea won in the State of Texas. Korea had won in Texas before.")
    assert [one.text for one in found["South Korea"].mentions] == ["South Korea", "Korea"]
    assert sum("Texas" in name for name in found) == 1
