"""Mentions of one article brought together, without a recogniser: what is grouped is given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import ENGLISH
from pipeline.stages.entities.canonicalise import grouped
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.organisations import abbreviates, is_abbreviation
from pipeline.stages.entities.persons import Fit, fit, parts_of, title_before, title_length


def groups(label: str, *names: str) -> list[tuple[str, list[str]]]:
    """The names of the groups, each with its forms in order. A name may have a title: `mrs|Hale`."""
    mentions = []
    for at, name in enumerate(names):
        title, _, words = name.rpartition("|")
        mentions.append(Mention(at * 50, at * 50 + len(words), label, words, title))
    return [
        (group.name, [mention.text for mention in group.mentions])
        for group in grouped(mentions, "", ENGLISH.names)
    ]


@pytest.mark.parametrize(
    "forms",
    [
        ("Maria Lindqvist", "Lindqvist", "Maria", "ms|Lindqvist"),
        ("Ruth Adeyemi", "Dame Ruth", "Adeyemi"),
        ("John Quincy Hale", "J. Q. Hale", "John Hale", "Hale"),
        ("Luiz Ramos da Costa", "Ramos", "da Costa"),
        ("Jonas Falk Jr.", "Jonas Falk", "Falk"),
        ("Petr Kovalenko", "Petr Kovalenkoo", "Kovalenko"),
        ("Karl “Red” Hale", "Karl Hale", "Hale"),
        ("Zoë Álvarez", "Zoe Alvarez", "ALVAREZ"),
    ],
)
def test_forms_of_a_persons_name_are_one_person(forms: tuple[str, ...]) -> None:
    assert groups("PERSON", *forms) == [(forms[0], [form.rpartition("|")[2] for form in forms])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria Lindqvist", "Olga Lindqvist"),
        ("Anna Hale", "Anne Hale"),
        ("Jonas Falk", "Jonas Hale"),
        ("mr|Hale", "mrs|Hale"),
        ("J. Adeyemi", "Ruth Adeyemi"),
    ],
)
def test_different_people_stay_apart(one: str, other: str) -> None:
    assert len(groups("PERSON", one, other)) == 2


def test_a_shared_surname_goes_to_whoever_was_named_last() -> None:
    found = groups(
        "PERSON", "Maria Lindqvist", "Lindqvist", "Olga Lindqvist", "Lindqvist", "Maria", "Lindqvist"
    )
    assert found == [
        ("Maria Lindqvist", ["Maria Lindqvist", "Lindqvist", "Maria", "Lindqvist"]),
        ("Olga Lindqvist", ["Olga Lindqvist", "Lindqvist"]),
    ]


def test_a_title_that_tells_the_sex_keeps_a_couple_apart() -> None:
    found = dict(groups("PERSON", "mr|Karl Hale", "mrs|Vera Hale", "mr|Hale", "mrs|Hale"))
    assert found == {"Karl Hale": ["Karl Hale", "Hale"], "Vera Hale": ["Vera Hale", "Hale"]}


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("[Jonas Vell] spoke. So did [Dora Vell]. Ms |[Vell] is his sister. No, Mr |[Vell] said.", "JDDJ"),
        ("[Jonas Vell], who sold his boat, met [Dora Vell]. She paid. She is Mr |[Vell]’s wife.", "JDJ"),
        ("[Dora Vell] died. Her nephew, [Lindo Vell], wept. Miss |[Vell] was loved.", "DLD"),
        ("Mr |[Vell]’s sons are [Jonas Vell] and his brother [Karl Vell].", "JJK"),
    ],
)
def test_a_title_goes_to_whom_the_text_shows_as_a_man_or_a_woman(text: str, owners: str) -> None:
    plain, mentions = "", []
    for before, name in re.findall(r"([^\[\]]*)(?:\[([^\]]+)\])?", text):
        plain += before.replace("|", "")
        title = before.removesuffix("|").split()[-1].lower() if before.endswith("|") else ""
        if name:
            mentions.append(Mention(len(plain), len(plain) + len(name), "PERSON", name, title))
        plain += name
    found = {
        mention.start: group.name[0]
        for group in grouped(mentions, plain, ENGLISH.names)
        for mention in group.mentions
    }
    assert "".join(found[start] for start in sorted(found)) == owners


def test_a_style_is_part_of_the_name_only_when_nothing_fuller_is_known() -> None:
    assert groups("PERSON", "Sir Alec")[0][0] == "Sir Alec"
    assert groups("PERSON", "Sir Alec", "Alec Drummond")[0][0] == "Alec Drummond"


@pytest.mark.parametrize(
    ("label", "forms"),
    [
        ("ORG", ("Harbour Workers' Union", "HWU", "Harbour Workers' Union")),
        ("ORG", ("Brightwater Holdings plc", "Brightwater Holdings", "Brightwater")),
        ("ORG", ("Order of the Grey Heron", "Grey Heron")),
        ("ORG", ("European Union", "EU", "E.U.")),
        ("ORG", ("US Marmalade Board", "USMB")),
        ("ORG", ("World Health Organisation", "WHO", "World Health Organization")),
        ("ORG", ("Harrow Centre", "Harrow Center")),
        ("ORG", ("HBC News", "HBC")),
        ("ORG", ("Hale Bank Group", "Hale Bank")),
        ("GPE", ("United Kingdom", "UK", "Britain", "Great Britain")),
        ("GPE", ("Brindle County", "Brindle")),
        ("NORP", ("Kenyan", "Kenyans")),
    ],
)
def test_forms_of_one_thing_are_one(label: str, forms: tuple[str, ...]) -> None:
    assert groups(label, *forms) == [(forms[0], list(forms))]


@pytest.mark.parametrize(
    ("label", "one", "other"),
    [
        ("ORG", "Ministry of Roads", "Ministry of Rivers"),
        ("ORG", "Hale Bank", "Falk Bank"),
        ("ORG", "Hale University", "Hale University Students Association"),
        ("ORG", "HBC", "HBC Harbour Commission"),
        ("GPE", "Mexico", "Mexico City"),
        ("GPE", "Sudan", "South Sudan"),
        ("GPE", "Scotland", "United Kingdom"),
        ("NORP", "Kenyan", "Ugandan"),
    ],
)
def test_different_things_stay_apart(label: str, one: str, other: str) -> None:
    assert len(groups(label, one, other)) == 2


def test_a_country_abbreviates_no_organisation() -> None:
    mentions = [Mention(0, 2, "GPE", "US"), Mention(9, 31, "ORG", "University of Sandford")]
    assert len(list(grouped(mentions, "", ENGLISH.names))) == 2


@pytest.mark.parametrize(
    ("forms", "found"),
    [
        (("North Korea", "South Korea", "North"), ["North Korea", "South Korea"]),
        (("North Macedonia", "North"), ["North Macedonia", "North"]),
        (("North Korea", "South Sudan", "South"), ["North Korea", "South Sudan", "South"]),
    ],
)
def test_the_north_is_a_country_only_beside_its_south(forms: tuple[str, ...], found: list[str]) -> None:
    assert [name for name, _ in groups("GPE", *forms)] == found


def test_a_demonym_is_not_its_country() -> None:
    mentions = [Mention(0, 5, "GPE", "Kenya"), Mention(9, 15, "NORP", "Kenyan")]
    assert [group.label for group in grouped(mentions, "", ENGLISH.names)] == ["GPE", "NORP"]


def test_a_country_is_called_by_its_name_even_where_the_article_abbreviates_it() -> None:
    assert groups("GPE", "U.S.", "US") == [("United States", ["U.S.", "US"])]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["Ann Hale", "Hale", "Ann", "A. Hale", "Bo Hale", "EU", "European Union", "Kenya", "UK"]
            ),
            st.sampled_from(["PERSON", "ORG", "GPE", "NORP"]),
            st.sampled_from(["", "mr", "mrs", "sir"]),
        ),
        max_size=15,
    )
)
def test_every_mention_is_in_one_group_and_groups_are_in_order(drawn: list[tuple[str, str, str]]) -> None:
    mentions = [
        Mention(at * 20, at * 20 + len(name), label, name, title)
        for at, (name, label, title) in enumerate(drawn)
    ]
    found = list(grouped(mentions, "", ENGLISH.names))
    assert sorted((one for group in found for one in group.mentions), key=lambda one: one.start) == mentions
    assert all(group.mentions == sorted(group.mentions, key=lambda one: one.start) for group in found)
    assert all(group.name for group in found)


@pytest.mark.parametrize(
    ("short", "full", "expected"),
    [
        ("Hale", "Ann Hale", Fit.SURNAME),
        ("von der Falk", "Ann von der Falk", Fit.SURNAME),
        ("A. Hale", "Ann Hale", Fit.VARIANT),
        ("Ann", "Ann Hale", Fit.GIVEN),
        ("Costa", "Ann Costa Hale", Fit.INNER),
        ("A", "Ann Hale", Fit.NONE),
        ("Falk", "Ann Hale", Fit.NONE),
        ("Ann Hale Falk", "Ann Hale", Fit.NONE),
    ],
)
def test_how_usual_a_form_is(short: str, full: str, expected: Fit) -> None:
    assert fit(parts_of(short, ENGLISH.names), parts_of(full, ENGLISH.names), ENGLISH.names) is expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("He thanked Mrs ", "mrs"),
        ("said Prime Minister ", "prime minister"),
        ("The prime minister ", ""),
        ("Mr", ""),
        ("In Oslo, Dr. ", "dr"),
        ("", ""),
    ],
)
def test_the_title_that_a_text_ends_with(text: str, title: str) -> None:
    assert title_before(text, ENGLISH.names) == title


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Mr. Hale", "Hale"),
        ("Former Vice President Ann Hale", "Ann Hale"),
        ("Ann Hale", "Ann Hale"),
        ("President", "President"),
    ],
)
def test_titles_are_cut_off_but_never_the_last_word(text: str, rest: str) -> None:
    assert text[title_length(text, ENGLISH.names) :] == rest


@pytest.mark.parametrize("short", ["HWU", "H.W.U."])
def test_initials_abbreviate(short: str) -> None:
    assert is_abbreviation(short)
    assert abbreviates(short, "Harbour Workers' Union", ENGLISH.names)
    assert not abbreviates(short, "Harbour Masters' Union", ENGLISH.names)


def test_small_words_may_be_left_out_of_an_abbreviation() -> None:
    assert abbreviates("MRR", "Ministry of Roads and Rivers", ENGLISH.names)
    assert abbreviates("MORAR", "Ministry of Roads and Rivers", ENGLISH.names)
