"""What an article as a whole says of its names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from pipeline.languages import ENGLISH
from pipeline.stages.entities.evidence import settled
from pipeline.stages.entities.extend import extended
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.propagate import propagated

NOWHERE = range(0)


def marked(text: str) -> tuple[str, list[Mention]]:
    """`[Ann Hale|PERSON] spoke` as a plain text and its mentions."""
    plain, mentions, at = "", [], 0
    for match in re.finditer(r"\[([^|\]]+)\|([A-Z_]+)(?:\|(\w+))?\]", text):
        plain += text[at : match.start()]
        mentions.append(Mention(len(plain), len(plain) + len(match[1]), match[2], match[1], match[3] or ""))
        plain += match[1]
        at = match.end()
    return plain + text[at:], mentions


def labels(mentions: Sequence[Mention]) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in mentions]


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        ("[Brindle|ORG] fell silent. [Ann Brindle|PERSON] had spoken.", "Brindle", "PERSON"),
        ("Later Mrs [Brindle|ORG|mrs] left.", "Brindle", "PERSON"),
        ("“No,” said [Brindle|ORG], who had waited.", "Brindle", "PERSON"),
        ("They met in [Brindle|PERSON] district, near the sea.", "Brindle", "GPE"),
        ("They live in the village of [Brindle|PERSON].", "Brindle", "GPE"),
        ("She flew to [Nairobi|ORG].", "Nairobi", "GPE"),
        ("He studied at [Brindle University|PERSON].", "Brindle University", "ORG"),
        ("He swam in [Lake Brindle|PERSON].", "Lake Brindle", "GPE"),
        ("[Brindle United|PERSON] lost again. The [United|ORG] chairman wept.", "United", "ORG"),
        ("[Brindle United|PERSON] lost. They rode through [Brindle|PERSON].", "Brindle", "GPE"),
        ("[Radio Brindle|ORG] was told. They live in the village of [Brindle|PERSON].", "Brindle", "GPE"),
        ("[Ann Brindle|PERSON] lost. The [Brindle|ORG] house is sold.", "Brindle", "PERSON"),
        ("He joined the [Union of Brindle Miners|GPE].", "Union of Brindle Miners", "ORG"),
        ("It said [Reuters|PERSON] had seen it.", "Reuters", "ORG"),
        ("[Brindle|PERSON] left. [Brindle|PERSON] came. [Brindle|ORG] stayed.", "Brindle", "PERSON"),
        ("The [Grey Heron|PRODUCT] sailed.", "Grey Heron", "PRODUCT"),
        ("A second ferry, the [Patience|GPE], sank.", "Patience", "PRODUCT"),
        ("The harbour town of [Brindle|PERSON] slept. [Brindle|PERSON] woke.", "Brindle", "GPE"),
        ("[Ann Brindle|ORG] won. “I ran,” [Brindle|PERSON] said.", "Ann Brindle", "PERSON"),
        ("The writer [Ann Brindle|ORG] won.", "Ann Brindle", "ORG"),
        ("The writer [Ann Brindle|ORG] tweeted.", "Ann Brindle", "PERSON"),
        ("[Brindle Robotics|ORG] closed. [Brindle|PERSON] said why.", "Brindle", "ORG"),
        ("[Brindle Robotics|ORG] left [Brindle|GPE].", "Brindle", "GPE"),
        ("[Daily Post Brindle|ORG] [Brindle|PERSON] said.", "Daily Post Brindle", "ORG"),
        ("[Radio Brindle|ORG] sang of [Brindle|PERSON].", "Radio Brindle", "ORG"),
        ("She lived on [Heron Rock|PERSON], off the coast of [Heron Rock|PERSON].", "Heron Rock", "GPE"),
        ("He won the [Brindle Sprint Cup|ORG].", "Brindle Sprint Cup", "EVENT"),
        ("She signed the [Brindle Accord|ORG].", "Brindle Accord", "LAW"),
        ("The candidate [Nora Law|PERSON] won.", "Nora Law", "PERSON"),
        ("They won at the [Brindle Science Fair|ORG].", "Brindle Science Fair", "EVENT"),
        ("They slept at the [Brindle Hotel|GPE].", "Brindle Hotel", "FAC"),
        ("They live in [Brindle County|GPE].", "Brindle County", "GPE"),
        ("Leaders of the [G-20|FAC] met.", "G-20", "ORG"),
        ("The [Instituto Brindle|PERSON] closed.", "Instituto Brindle", "ORG"),
        ("It breaks the [Treaty of Brindle|ORG].", "Treaty of Brindle", "LAW"),
        ("The [Brindla|PERSON] people fish.", "Brindla", "NORP"),
        ("A [Kenyan|GPE] ferry sank.", "Kenyan", "NORP"),
        ("The [Europeans|PERSON] left.", "Europeans", "NORP"),
        ("The cartel [Brindle|PERSON] fled.", "Brindle", "ORG"),
        (
            "They met [Ann Brindle|PRODUCT].\n[BRINDLE|ORG]: Why?\nHALE: So.\n[BRINDLE|ORG]: Oh.",
            "BRINDLE",
            "PERSON",
        ),
    ],
)
def test_a_name_has_the_type_that_most_speaks_for(text: str, name: str, label: str) -> None:
    found = labels(settled(*marked(text), ENGLISH.names))
    assert {entry for entry in found if entry[0] == name} == {(name, label)}


@pytest.mark.parametrize("label", ["PERSON", "WORK_OF_ART"])
def test_a_piece_of_a_name_with_a_nickname_is_made_whole(label: str) -> None:
    text, mentions = marked(f'Karl "[Red" Hale|{label}] slept. Karl left.')
    found = extended(text, mentions, ENGLISH.names, unsure=NOWHERE)
    assert labels(found) == [('Karl "Red" Hale', "PERSON")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Ann Hale|PERSON] left. Later Ann Hale and Hale’s dog returned.", ["Ann Hale", "Ann Hale", "Hale"]),
        ("The [Hale Bank|ORG] lent. A [Hale|PERSON] Bank clerk knew.", ["Hale Bank", "Hale Bank"]),
        ("The [Harbour Workers Union|ORG] (HWU) met. HWU won.", ["Harbour Workers Union", "HWU", "HWU"]),
        ("The [Office for Harbours|ORG] in Oslo (OHO) met.", ["Office for Harbours in Oslo", "OHO"]),
        ("The [Council for Open Harbours|ORG] (CoHa) met.", ["Council for Open Harbours", "CoHa"]),
        ("The [Oslo Magistrate|ORG]'s Court met.", ["Oslo Magistrate's Court"]),
        ("The bad harbour loans (BHLs) grew. BHLs cost [Oslo|GPE] much; a BHL is dear.", ["Oslo"]),
        ("The chief of the BBHP, a body nobody knew, resigned.", ["BBHP"]),
        ("THE BBHP HAS RESIGNED AT LAST", []),
        ("The CEO and the MPs watched TV.", []),
        ("WARNING: what follows may distress you.", []),
        ("[Stone|PERSON] left. Stone walls and stone floors remained.", ["Stone"]),
        ("[Oslo|GPE] sleeps, but Oslofjord and New-Oslo do not.", ["Oslo"]),
    ],
)
def test_names_are_found_again(text: str, expected: list[str]) -> None:
    assert [mention.text for mention in propagated(*marked(text), ENGLISH.names)] == expected


def test_what_is_found_again_has_the_label_and_the_place_of_its_name() -> None:
    plain, mentions = marked("[Ann Hale|PERSON] left [Oslo|GPE]. Mr Hale likes Oslo.")
    found = propagated(plain, mentions, ENGLISH.names)
    assert labels(found) == [("Ann Hale", "PERSON"), ("Oslo", "GPE"), ("Hale", "PERSON"), ("Oslo", "GPE")]
    assert all(plain[one.start : one.end] == one.text for one in found)
    assert found[2].title == "mr"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was Grietje [Hale|PERSON] who knew.", ["Grietje Hale"]),
        ("It was J. P. [Hale|PERSON] who knew.", ["J. P. Hale"]),
        ("The council’s Chairman [Hale|PERSON] knew.", ["Hale"]),
        ("In Monday [Hale|PERSON] lost.", ["Hale"]),
        ("Only Kenyan [Hale|PERSON] knew.", ["Hale"]),
        ("Then Sir [Alec|PERSON|sir] rose.", ["Sir Alec"]),
        ("Then Dame [Honor|PERSON|dame] [Brackley|PERSON] rose.", ["Honor Brackley"]),
        ("[Ann Hale|PERSON] left. Then [Administrator Hale|PERSON] came.", ["Ann Hale", "Hale"]),
        ("[Ann Hale|PERSON] left. Then [Aster Hale|PERSON] came.", ["Ann Hale", "Aster Hale"]),
        ("[Ann Hale|PERSON], a sorter, left. Then [Sorter Hale|PERSON] came.", ["Ann Hale", "Hale"]),
        ("Nobody asked Ms Okafor about it.", ["Okafor"]),
        ("Nobody asked Lt. Gov. [Hale|PERSON] about it.", ["Hale"]),
        ("[Ines|PERSON] d’Arcy left. Later d'Arcy came.", ["Ines d’Arcy", "d'Arcy"]),
        ("Nobody asked Dr. Ngozi van der Falk about it.", ["Ngozi van der Falk"]),
    ],
)
def test_persons_names_are_made_whole(text: str, expected: list[str]) -> None:
    plain, mentions = marked(text)
    found = extended(plain, mentions, ENGLISH.names, unsure=NOWHERE)
    assert [mention.text for mention in found] == expected
    assert all(plain[one.start : one.end] == one.text for one in found)


def test_nothing_is_widened_where_capitals_say_nothing() -> None:
    plain, mentions = marked("Council Backs [Hale|PERSON] On Ferry")
    assert extended(plain, mentions, ENGLISH.names, unsure=range(len(plain))) == mentions
