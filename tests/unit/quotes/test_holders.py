"""Who holds a statement where names, offices, sources and introductions stand between a verb and its subject."""

from __future__ import annotations

import pytest

from .newsdesk import quotes, said


def holder(text: str) -> str | None:
    *_, last = quotes(text)
    return last.speaker.name if last.speaker else None


def contents(text: str) -> list[str]:
    return [quote.text for quote in quotes(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "The tram is dead, according to the Ambassador to the Northern Isles Ann Li.",
            "Ann Li",
        ),
        ("Northern Secretary of State Ann Li says the tram is dead.", "Ann Li"),
        ("The Secretary of the Harbour Fund, Ann Li, stressed that the tram is dead.", "Ann Li"),
        ("A teacher at Port Ellis School Ann Li heard of the plan and said the tram is dead.", "Ann Li"),
        ("A spokeswoman for mayor Ann Li said the tram is dead.", "A spokeswoman for mayor Ann Li"),
    ],
)
def test_the_name_behind_an_office_is_its_holders(text: str, name: str) -> None:
    assert holder(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            'In a statement announcing the pick, the Harbour Office called Hill a "champion" of its crews.',
            "Harbour Office",
        ),
        (
            "In a note praising the pilots, Ann Li called the plan dead, citing the cost of the pier.",
            "Ann Li",
        ),
        (
            "The families watched the films on Monday, according to Ann Li, and said they came away sad.",
            "The families",
        ),
        ('Acme named a new chairman and said the pier was "a gift".', "Acme"),
    ],
)
def test_a_verb_goes_on_with_the_subject_of_its_clause(text: str, name: str) -> None:
    assert holder(text) == name


def test_a_relative_pronoun_means_what_stands_before_the_time() -> None:
    found = said('Hill released a letter from his doctor Friday afternoon that says he is in "good health".')
    assert [quote.speaker for quote in found] == ["a letter from his doctor"]


def test_an_object_pronoun_means_whoever_was_spoken_of() -> None:
    assert holder("Hugh Hill left early. According to him, the ferry is safe.") == "Hugh Hill"


def test_it_goes_on_with_the_report_that_spoke_last() -> None:
    text = "Acme had ten ships, the inspection report said. It accused the firm of hiding a leak."
    assert holder(text) == "the inspection report"


def test_a_subject_may_follow_an_aside_behind_its_verb() -> None:
    assert holder('"It had to be done," said, after a long silence, Ann Li.') == "Ann Li"


def test_two_people_are_named_with_what_they_know() -> None:
    text = "The firm is for sale, according to two people familiar with the matter."
    assert holder(text) == "two people familiar with the matter"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ('"You may ask," Hill said days ago at a meeting in Leeds.', ['"You may ask,"']),
        ("Hill said last week the pier was closed.", ["the pier was closed"]),
        ("Hill said a few days ago that the pier was closed.", ["the pier was closed"]),
        ('"Is it safe?" Hill asked quietly, shaking his head.', ['"Is it safe?"']),
        ("Here is what Hill hopes to achieve: more money and more time.", []),
        ("Hill agreed on a plan that would keep the ferries out of the bay.", []),
        ("Hill went on the record in Leeds, in a talk that touched on the plan.", []),
        ("Hill repeated that claim in Leeds on Friday.", []),
        (
            "According to the Harbour Office, quoting the coast guard, the port was closed at noon.",
            ["the port was closed at noon"],
        ),
        (
            "Li pressed the council, noting that in a meeting with her, Hill denied that he knew.",
            ["in a meeting with her, Hill denied that he knew"],
        ),
        ("The pier is closed, according to Ann Li, who left.", ["The pier is closed"]),
    ],
)
def test_time_manner_and_what_a_noun_is_told_by_are_no_statement(text: str, pieces: list[str]) -> None:
    assert contents(text) == pieces


def test_a_sentence_ends_behind_an_abbreviation_where_a_pronoun_begins_the_next() -> None:
    text = 'Hill said the rule was "a joke" in the U.S. He listed his reasons.'
    assert contents(text) == ['the rule was "a joke" in the U.S.']


def test_no_sentence_ends_behind_a_title() -> None:
    assert contents("Hill said he had met Mr. He in Leeds.") == ["he had met Mr. He in Leeds"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Fen Moor Coal Ltd, operator of the Fen Moor pit near Grand Castle, Norland, said it had sold the pit.",
            "Fen Moor Coal Ltd",
        ),
        ("Ann Li, in a letter to Acme Motors, said the plan was dead.", "Ann Li"),
        (
            "Hugh Hill, chairman of the Farm Loan Board, FLB, which lends to farms, said the market was dead.",
            "Hugh Hill",
        ),
        ("Friends of Port Ellis chair Ann Li said the schools were full.", "Ann Li"),
        (
            "The head of the Harbour Parks and Northwind Trust says the plan is dead.",
            "The head of the Harbour Parks and Northwind Trust",
        ),
    ],
)
def test_a_name_within_what_is_told_of_a_speaker_is_not_the_speakers(text: str, name: str) -> None:
    assert [speaker.name for speaker in quotes(text)[-1].said_by] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Hugh Hill, sources said, planned it for months. It failed twice in May, the sources said.",
            "the sources",
        ),
        ("The sisters, Ann Li and Jo Li, left. The sisters say they feared the school.", "The sisters"),
        ("Hugh Hill is one of the pilots. The pilots said the pier was dead.", "The pilots"),
    ],
)
def test_several_people_are_nobody_alone(text: str, name: str) -> None:
    assert holder(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Then-Secretary of State Ann Li said the talks had failed.", "Ann Li"),
        ("The top Democrat on the Harbour Committee, Ann Li, said the talks had failed.", "Ann Li"),
        ("Ann Li left. A senior Republican said the talks had failed.", "A senior Republican"),
        ("The head of the Port Pilots' Association (PPA), Ann Li, said the fee was unfair.", "Ann Li"),
        ("The secretary of PPA (Port Pilots' Association), Ann Li, said the fee was unfair.", "Ann Li"),
        (
            "According to teacher and pier historian Ann Li, the pier has silted up twice since 1990.",
            "Ann Li",
        ),
        ("The pier has silted up twice since 1990, according to pilot and historian Ann Li.", "Ann Li"),
        ("According to police and mayor Ann Li, the pier has silted up twice since 1990.", "police"),
    ],
)
def test_what_somebody_is_blocks_no_name(text: str, name: str) -> None:
    assert quotes(text)[-1].said_by[0].name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Li left on Monday. A Li ally said the talks would fail by spring.", "A Li ally"),
        ("Ann Li left on Monday. A close ally suggested the talks would fail by spring.", "A close ally"),
        ("Ann Li left on Monday. Two allies of Li said the talks would fail.", "Two allies of Li"),
        ("Hugh Hill was a pilot. The Hill family said the boat was old.", "The Hill family"),
        ("Hugh Hill was a pilot. His family said the boat was old.", "His family"),
        ("The assembly said the boat was old.", "The assembly"),
        ("Ann Li quietly said the boat was old.", "Ann Li"),
    ],
)
def test_a_noun_that_ends_like_an_adverb_is_a_speaker(text: str, name: str) -> None:
    assert holder(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "Ann Li and Hugh Hill said the pier was dead, adding that it cost a lot.",
        "Ann Li and Hugh Hill filed a motion, arguing the papers were public.",
        "Ann Li and Hugh Hill asked for help on Monday and warned that the pier was dead.",
    ],
)
def test_who_does_something_together_says_it_together(text: str) -> None:
    assert [speaker.name for speaker in quotes(text)[-1].said_by] == ["Ann Li", "Hugh Hill"]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Li met Hugh Hill and left, saying the pier was dead.",
        "Ann Li and her dog left the pier, saying it was dead.",
    ],
)
def test_who_is_only_met_or_can_not_speak_says_nothing(text: str) -> None:
    assert [speaker.name for speaker in quotes(text)[-1].said_by] == ["Ann Li"]
