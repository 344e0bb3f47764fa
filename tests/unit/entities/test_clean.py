"""From spans to mentions: clean names, the story without its boilerplate, datelines and headlines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.languages import ENGLISH
from pipeline.stages.entities.clean import cleaned
from pipeline.stages.entities.datelines import dateline
from pipeline.stages.entities.headlines import in_headline, is_in_title_case
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.passages import Passage, is_boilerplate, passages, story

from .conftest import record


def clean(marked: str, label: str = "ORG") -> list[str]:
    """The mentions of a text whose span is in braces."""
    start, end = marked.index("{"), marked.index("}") - 1
    text = marked.replace("{", "").replace("}", "")
    found = list(cleaned(100, text, ((start, end, label),), ENGLISH.names))
    assert all(text[one.start - 100 : one.end - 100] == one.text for one in found)
    return [mention.text for mention in found]


@pytest.mark.parametrize(
    ("marked", "label", "names"),
    [
        ("in {the Hale Bank’s} vaults", "ORG", ["Hale Bank"]),
        ("from {The Hale Bank} now", "ORG", ["Hale Bank"]),
        ("{“Grey Heron”} sailed", "ORG", ["Grey Heron"]),
        ("for {Mrs. Ann Hale,} who", "PERSON", ["Ann Hale"]),
        ("from {President Ann Hale} today", "PERSON", ["Ann Hale"]),
        ("{Following Hale} home", "PERSON", ["Hale"]),
        ("with {Ann Hale Jr.} there", "PERSON", ["Ann Hale Jr."]),
        ("met {Ann Hale.} Then", "PERSON", ["Ann Hale"]),
        ("beat {Kenya 2} at home", "GPE", ["Kenya"]),
        ("of {pro-Kenya} groups", "NORP", ["Kenya"]),
        ("of {Pro-Kenya} groups", "NORP", ["Kenya"]),
        ("the {Pro-Kenya Hale Union} won", "ORG", ["Hale Union"]),
        ("the {Anti-Piracy Bureau} won", "ORG", ["Anti-Piracy Bureau"]),
        ("the {Anti-Hoarding Law} fell", "LAW", ["Anti-Hoarding Law"]),
        ("the pro-{Kenya Hale Union} won", "ORG", ["Hale Union"]),
        ("of {Ohio-based Hale Motors} rose", "ORG", ["Hale Motors"]),
        ("the {Kenya-Uganda} border", "GPE", ["Kenya", "Uganda"]),
        ("a {U.S.-Kenyan} summit", "NORP", ["U.S.", "Kenyan"]),
        ("in {Guinea-Bissau} now", "GPE", ["Guinea-Bissau"]),
        ("of {<Hale Motors>} rose", "ORG", ["Hale Motors"]),
        ("of {Hale Motors>} rose", "ORG", ["Hale Motors"]),
        ("photo {Ann Hale / AP}", "PERSON", ["Ann Hale"]),
        ("by {Hale “} now", "ORG", ["Hale"]),
        ("the {Crown Prince} left", "PERSON", []),
        ("{Let Ann Hale} sing", "PERSON", ["Ann Hale"]),
        ("a {Non-Executive} seat", "ORG", []),
        ("{Kenya 2} Uganda 1", "EVENT", ["Kenya"]),
        ("in {Division 2} now", "EVENT", ["Division 2"]),
        ("was Player of the {Match} again", "PERSON", []),
        ("the {Singer of the Year} sang", "PERSON", []),
        ("Ann Hale ({R-Texas}) said", "ORG", ["Texas"]),
        ("{Yesterday Ann Hale} sang", "PERSON", ["Ann Hale"]),
        ("the {Tomorrow Fund} paid", "ORG", ["Tomorrow Fund"]),
        ("by {the Government} and", "ORG", []),
        ("on {Monday} night", "DATE", []),
        ("at {8.30am} sharp", "ORG", []),
        ("a {prime minister} said", "PERSON", []),
        ("the {Hale (HB} bank", "ORG", ["Hale"]),
        ("of {HARROW MILLS <HRM>} rose", "ORG", ["HARROW MILLS"]),
        ("of {HARROW MILLS <HRM}> rose", "ORG", ["HARROW MILLS"]),
        ("photo {Ann Hale |} 2:30", "PERSON", ["Ann Hale"]),
        ("{NOTE} - figures", "ORG", []),
        ("against {COVID-19} in", "ORG", []),
        ("{EBITDA} rose", "ORG", []),
        ("goal of {Ann Hale 2} came", "PERSON", ["Ann Hale"]),
        ("result: {Hale d. Falk} there", "PERSON", []),
        ("worth {NK$4,000} now", "GPE", []),
        ("chair Lin Yi-lan ({林宜蘭}) said", "PERSON", []),
        ("fees of {NGOs} rose", "ORG", []),
        ("on {Haleism} here", "PERSON", []),
        ("by {gFerry} here", "PERSON", []),
        ("by {Ann Hale/Marsh Images} here", "PERSON", ["Ann Hale"]),
        ("by {CreditAnn Hale} here", "PERSON", ["Ann Hale"]),
        ("and {Whether Hale} left", "PERSON", ["Hale"]),
        ("as Minister of {Trade and Fisheries}, she", "ORG", []),
        ("the {Trade} Minister resigned", "ORG", []),
        ("the {Deputy Harbour Officer} resigned", "ORG", []),
        ("a clerk of {Hale the Harbour Trust} in", "ORG", ["Harbour Trust"]),
        ("the {Bank of the North} in", "ORG", ["Bank of the North"]),
    ],
)
def test_names_without_what_clings_to_them(marked: str, label: str, names: list[str]) -> None:
    assert clean(marked, label) == names


def test_a_persons_name_found_in_pieces_is_made_whole() -> None:
    text = "Luiz Costa da Ramos spoke"
    spans = ((0, 10, "PERSON"), (14, 19, "PERSON"))
    assert [mention.text for mention in cleaned(0, text, spans, ENGLISH.names)] == ["Luiz Costa da Ramos"]


@given(st.text(min_size=1, max_size=30), st.sampled_from(["PERSON", "ORG", "GPE"]))
def test_whatever_is_kept_stands_in_the_text(text: str, label: str) -> None:
    for mention in cleaned(7, text, ((0, len(text), label),), ENGLISH.names):
        assert text[mention.start - 7 : mention.end - 7] == mention.text
        assert mention.text.strip() == mention.text


@pytest.mark.parametrize(
    "line",
    [
        "More on Maria Lindqvist",
        "Read more: How the ferry sank",
        "READ NEXT: Five boats worth the wait",
        "Advertisement",
        "Related: Harbour Bridge reopens",
        "Sign up for our morning letter",
        "Photo: Bo Falk/Harbour Post",
    ],
)
def test_boilerplate_of_the_page_is_told_from_the_story(line: str) -> None:
    assert is_boilerplate(line, ENGLISH.names, at_an_end=False)


@pytest.mark.parametrize(
    "line",
    [
        "More on this will follow from Maria Lindqvist. She has promised as much.",
        "Read on its own, the report by the Hale Bank is alarming. It names three ministers.",
        "By Monday night the ferry had reached Oslo, and nobody was missing.",
        "Watch officers on the Grey Heron saw nothing until it was too late.",
    ],
)
def test_sentences_that_begin_like_boilerplate_are_story(line: str) -> None:
    assert not is_boilerplate(line, ENGLISH.names, at_an_end=False)


def test_a_byline_is_one_only_at_an_end_of_the_article() -> None:
    assert is_boilerplate("By Bo Falk, Harbour Correspondent", ENGLISH.names, at_an_end=True)
    assert not is_boilerplate("By Bo Falk, Harbour Correspondent", ENGLISH.names, at_an_end=False)


def test_passages_and_story_keep_the_places_of_the_text() -> None:
    article = record("Oslo is calm.\n\nMore on Oslo\n\nNairobi\nis not.", title="Two cities").article
    cut = passages(article, ENGLISH.names)
    text = story(article, cut)
    assert len(text) == len(article.text)
    assert "More on" not in text
    assert all(text[one.start : one.start + len(one.text)] == one.text for one in cut)
    assert cut[0].is_headline
    assert not any(one.is_headline for one in cut[1:])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("MAYOR INES FALK SAYS THE PIER WILL CLOSE", "Mayor Ines Falk says the pier will close"),
        ("Mayor Ines Falk says the pier will close", "Mayor Ines Falk says the pier will close"),
        ("EU AND UN: NO", "EU AND UN: NO"),  # too short to say how it is written
    ],
)
def test_a_line_in_capitals_is_read_as_prose(text: str, read: str) -> None:
    article = "The pier will close, she said. " + text
    assert Passage(0, text).as_prose(article, ENGLISH.names) == read


def test_a_very_long_paragraph_is_cut_between_sentences() -> None:
    article = record("The ferry left Oslo on time. " * 2000).article
    cut = passages(article, ENGLISH.names)
    assert max(len(one.text) for one in cut) <= 8000
    assert all(one.text.startswith("The ferry") for one in cut)
    assert "".join(one.text for one in cut).strip() == article.text.strip()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("NAIROBI, March 3 (Reuters) - The ferry", ["NAIROBI", "Reuters"]),
        ("BRINDLEMOUTH — The ferry", ["BRINDLEMOUTH"]),
        ("Cape Town - The ferry", ["Cape Town"]),
        ("LIMA, Peru (AP) -- The ferry", ["LIMA", "Peru", "AP"]),
        ("Nobody — not even she — knew", []),
        ("The ferry left Oslo - at last", []),
        ("NOTE: The ferry left", []),
    ],
)
def test_datelines(text: str, names: list[str]) -> None:
    assert [mention.text for mention in dateline(0, text, ENGLISH.names)] == names


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("Ferry Council Votes To Close Harbour Bridge", True),
        ("FERRY COUNCIL VOTES TO CLOSE HARBOUR BRIDGE", True),
        ("Ferry council votes to close Harbour Bridge", False),
        ("Maria Lindqvist in Oslo", False),
    ],
)
def test_headlines_whose_capitals_say_nothing(headline: str, expected: bool) -> None:
    assert is_in_title_case(headline) is expected


def test_in_a_shouted_headline_names_are_those_of_the_body() -> None:
    body = [Mention(90, 105, "PERSON", "Maria Lindqvist"), Mention(120, 130, "ORG", "Hale Bank")]
    wrong = [Mention(10, 26, "ORG", "LINDQVIST LEAVES")]
    wrong.append(Mention(52, 57, "GPE", "KENYA"))
    headline = "LINDQVIST LEAVES HALE BANK IN UPROAR OVER KENYA"
    found = in_headline(10, headline, wrong, body, ENGLISH.names)
    assert [(mention.start, mention.text, mention.label) for mention in found] == [
        (10, "LINDQVIST", "PERSON"),
        (27, "HALE BANK", "ORG"),
        (52, "KENYA", "GPE"),
    ]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("{Ines HarrowgateKARL VOLL} took it", ["Ines Harrowgate"]),
        ("{Tomas LindqvistORLA}", ["Tomas Lindqvist"]),
        ("{Angus FitzGERALD} left", ["Angus FitzGERALD"]),
        ("{Donald MacTAGGART} left", ["Donald MacTAGGART"]),
        ("{Ann McBride} left", ["Ann McBride"]),
    ],
)
def test_a_credit_glued_behind_a_name_is_cut_off(marked: str, expected: list[str]) -> None:
    assert clean(marked, "PERSON") == expected


@pytest.mark.parametrize(
    ("first", "is_headline"),
    [
        ("Floods Rock Harrow As Council Waits", True),
        ("FLOODS ROCK HARROW", True),
        ("Karl Voll Leads Harrow Mills Today.", False),
        ("The council of Harrow met on Monday", False),
    ],
)
def test_a_first_line_in_title_case_is_a_headline(first: str, is_headline: bool) -> None:
    text = first + "\n\nThe river rose on Monday."
    cut = passages(record(text).article, ENGLISH.names)
    assert [one.is_headline for one in cut] == [is_headline, False]


def test_words_before_a_place_in_a_headline_are_no_part_of_it() -> None:
    headline = "Protests Rock Kenya As Ann Kenya Waits At Harrow Airport"
    found = [
        Mention(at, at + len(name), "ORG", name)
        for name in ("Protests Rock Kenya", "Ann Kenya", "Harrow Airport")
        for at in (headline.index(name),)
    ]
    kept = in_headline(0, headline, found, [], ENGLISH.names)
    assert kept == [Mention(14, 19, "GPE", "Kenya")]
