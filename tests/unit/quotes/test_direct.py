"""Words in quotation marks, and who said them: one pattern a test."""

from __future__ import annotations

import pytest

from .newsdesk import quotes, said


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ('"The lift is fixed," said Ann Li.', "Ann Li"),
        ('"The lift is fixed," Ann Li said.', "Ann Li"),
        ('Ann Li said: "The lift is fixed."', "Ann Li"),
        ('Ann Li told reporters, "The lift is fixed."', "Ann Li"),
        ('"Is the lift fixed?" Ann Li asked.', "Ann Li"),
        ('"The lift is fixed," beamed Ann Li.', "Ann Li"),
        ('As Ann Li put it, "the lift is fixed for good".', "Ann Li"),
        ('In the words of Ann Li, "the lift is fixed for good".', "Ann Li"),
        ('Ann Li was quoted as saying "the lift is fixed for good".', "Ann Li"),
        ('Ann Li made it clear that "the lift is fixed for good".', "Ann Li"),
    ],
)
def test_a_name_beside_the_cue_speaks(text: str, speaker: str) -> None:
    assert [found.speaker for found in said(text)] == [speaker]


def test_a_pronoun_is_resolved_to_the_person_named_before() -> None:
    found = said(
        'Mara Quist runs the ferry. Hugh Hill repairs it.\n\n"We sail at dawn," she said.\n\n"If it holds," he added.'
    )
    assert [(f.text, f.speaker) for f in found] == [
        ('"We sail at dawn,"', "Mara Quist"),
        ('"If it holds,"', "Hugh Hill"),
    ]


def test_a_pronoun_that_fits_nobody_gets_no_name() -> None:
    (quote,) = quotes('Hugh Hill was away. "We sail at dawn," she said.')
    assert quote.speaker is None
    assert quote.confidence == 0


def test_a_participle_shares_the_subject_of_its_sentence() -> None:
    found = said('Ann Li told the Northwind Trust the ferry was safe, adding: "I sail in it myself."')
    assert found[-1] == ('"I sail in it myself."', "Ann Li", "direct")


@pytest.mark.parametrize("phrase", ["Sir Olin", "Marsh", "Sir Olin Marsh", "Mr Marsh"])
def test_honorifics_and_bare_surnames_give_the_full_name(phrase: str) -> None:
    found = said(f'Sir Olin Marsh bought the pier in May.\n\n"It was cheap," {phrase} said.')
    assert found[-1].speaker == "Olin Marsh"


def test_namesakes_are_told_apart_by_their_honorifics() -> None:
    text = (
        'Hugh Hill and Mara Hill share a boat.\n\n"It leaks," Mr Hill said.\n\n"It does not," Mrs Hill said.'
    )
    assert [f.speaker for f in said(text)] == ["Hugh Hill", "Mara Hill"]


@pytest.mark.parametrize(
    "title",
    ["Mrs", "Lady", "Madame", "Frau", "Duchess", "Countess", "Councilwoman", "Señora", "Assemblywoman"],
)
def test_every_title_of_a_woman_tells_that_she_is_one(title: str) -> None:
    text = f"{title} Quist runs the ferry from the old pier, and Tom Vance repairs it.\n\n“We sail at dawn,” she said."
    assert [f.speaker for f in said(text)] == ["Mara Quist"]


@pytest.mark.parametrize("title", ["Mr", "Monsieur", "Herr", "Viscount", "Councilman", "Señor"])
def test_every_title_of_a_man_tells_that_he_is_one(title: str) -> None:
    text = f"{title} Marsh runs the ferry, and Ann Li repairs it.\n\n“We sail at dawn,” he said."
    assert [f.speaker for f in said(text)] == ["Olin Marsh"]


def test_a_title_is_resolved_by_an_apposition_before() -> None:
    text = (
        "Ann Li, the harbour master, met Tom Vance, the mayor, on Monday.\n\n"
        '"The quay is closed," the harbour master said.\n\n"It will open," the mayor said.'
    )
    assert [f.speaker for f in said(text) if f.kind == "direct"] == ["Ann Li", "Tom Vance"]


def test_a_name_behind_the_description_names_it() -> None:
    text = '"The quay is closed," said the mayor, Tom Vance.\n\n"It will open," the mayor said.'
    assert [f.speaker for f in said(text)] == ["Tom Vance", "Tom Vance"]


def test_a_body_is_known_by_the_noun_in_its_name() -> None:
    text = 'The Northwind Trust owns the pier. "It is not for sale," the trust said.'
    assert said(text)[0].speaker == "Northwind Trust"


def test_a_long_apposition_stands_between_name_and_cue() -> None:
    assert (
        said('Hugh Hill, a doctor from Leeds who swims daily, said: "It is cold."')[0].speaker == "Hugh Hill"
    )
    assert said('"It is cold," said Hugh Hill, chief executive of Acme.')[0].speaker == "Hugh Hill"
    assert said('"It is cold," Hugh Hill, chief executive of Acme, said.')[0].speaker == "Hugh Hill"


def test_the_two_halves_of_a_split_statement_keep_their_order_and_speaker() -> None:
    for text in (
        '"The pier," Ann Li said, "will open in June."',
        '"The pier stands," Ann Li said. "It will open."',
    ):
        first, second = said(text)
        assert first.speaker == second.speaker == "Ann Li"
        assert first.text.startswith('"The pier')
        assert "said" not in first.text + second.text


def test_each_paragraph_of_a_long_quotation_reopens_it() -> None:
    text = (
        'Ann Li said: "The pier was built by hand.\n\n"It stood for a century.\n\n"Now it is gone."\n\n'
        "The council met in the evening."
    )
    found = quotes(text)
    assert [q.speaker.name for q in found if q.speaker] == ["Ann Li"] * 3
    assert [q.speaker.resolved_by for q in found[1:] if q.speaker] == ["continuation"] * 2


def test_the_speaker_may_be_named_only_behind_the_last_paragraph() -> None:
    text = 'The crowd was silent.\n\n"The pier was built by hand.\n\n"Now it is gone," Ann Li said.'
    assert [f.speaker for f in said(text)] == ["Ann Li", "Ann Li"]


@pytest.mark.parametrize("marks", ["‘’", "''", "“”", '""', "„“", "«»", "＂＂"])
def test_a_closed_paragraph_does_not_take_the_speaker_of_the_next(marks: str) -> None:
    opening, closing = marks[0], marks[1]
    text = (
        "The ferry was late again and the harbour was full.\n\n"
        f"{opening}We will never know what happened to the boat out there{closing}\n\n"
        f"{opening}The lift is fixed for good and everybody knows it,{closing} said Tom Vance."
    )
    assert [speaker for _, speaker, _ in said(text)] == [None, "Tom Vance"]


def test_a_paragraph_left_open_takes_the_speaker_of_the_next_whatever_its_last_mark() -> None:
    text = (
        "The harbour was full.\n\n“On the quay they all shouted ‘cast off, cast off!’\n\n"
        "“And nobody went,” said Tom Vance."
    )
    assert [speaker for _, speaker, _ in said(text)] == ["Tom Vance", "Tom Vance"]


def test_a_paragraph_that_is_all_quotation_continues_the_speaker() -> None:
    text = '"The pier is gone," Ann Li said.\n\n"We will build a better one next spring."'
    assert said(text)[1] == ('"We will build a better one next spring."', "Ann Li", "direct")


def test_a_quotation_inside_a_quotation_belongs_to_it() -> None:
    (found,) = said("\"He told me 'go' twice,\" Ann Li said.")
    assert found == ("\"He told me 'go' twice,\"", "Ann Li", "direct")


def test_two_speakers_share_a_paragraph() -> None:
    text = '"The pier is gone," said Ann Li. "It was rotten," said Hugh Hill. "We warned them."'
    assert [f.speaker for f in said(text)] == ["Ann Li", "Hugh Hill", "Hugh Hill"]


def test_a_cue_in_somebody_elses_clause_does_not_take_the_quotation() -> None:
    text = 'Ann Li said that after Hugh Hill criticised the plan she felt it was "doomed from the start".'
    assert said(text)[0].speaker == "Ann Li"


def test_a_clause_behind_but_belongs_to_its_own_subject() -> None:
    text = 'Ann Li said the pier was "a treasure", but Hugh Hill called it "a heap of planks".'
    assert [f.speaker for f in said(text)] == ["Ann Li", "Hugh Hill"]


def test_a_speaker_named_inside_the_own_words_is_not_taken_for_another() -> None:
    text = (
        '"People ask what Tom Vance would do. I am Tom Vance, and I would sail," said Tom Vance, to applause. '
        '"Ask Ann Li."'
    )
    assert [f.speaker for f in said(text)] == ["Tom Vance", "Tom Vance"]


def test_an_organisation_speaks() -> None:
    (quote,) = quotes('"The quay is closed," the Harbour Office said in a statement.')
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.resolved_by) == ("Harbour Office", "organisation")


def test_an_anonymous_source_is_described_not_named() -> None:
    text = 'Ann Li declined to comment. "It is over," said a senior official, who asked not to be named.'
    quote = quotes(text)[-1]
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.resolved_by) == ("a senior official", "anonymous")


def test_a_spokesman_for_a_body_is_described_with_it() -> None:
    (quote,) = quotes('"It is over," a spokesman for Acme said.')
    assert quote.speaker is not None
    assert quote.speaker.name == "a spokesman for Acme"


def test_a_name_that_the_entities_lack_is_read_from_its_capitals() -> None:
    text = '"It is over," said harbour pilot Zeb Orrin.\n\n"For good," Orrin added.'
    assert [f.speaker for f in said(text)] == ["Zeb Orrin", "Zeb Orrin"]


def test_a_signature_behind_a_dash_names_the_speaker() -> None:
    assert said('"The pier was my whole life." — Mara Quist')[0].speaker == "Mara Quist"


@pytest.mark.parametrize(
    "text",
    [
        'Hours later, Ann Li praised the pier, telling the council: "It will stand."',
        'But a few days later Ann Li praised the pier, telling the council: "It will stand."',
        'PORT ELLIS, May 4 (Wire) - In the evening, Ann Li praised the pier, saying: "It will stand."',
        'Port Ellis (Wire) – Ann Li has praised the pier, saying: "It will stand."',
    ],
)
def test_a_time_or_a_dateline_that_opens_the_sentence_is_not_its_subject(text: str) -> None:
    assert said(text) == [('"It will stand."', "Ann Li", "direct")]


def test_a_clause_and_a_colon_announce_the_next_paragraph_whatever_the_verb() -> None:
    assert said('Hugh Hill stated:\n\n"The pier is closed. We shall see in the spring."') == [
        ('"The pier is closed. We shall see in the spring."', "Hugh Hill", "direct")
    ]


def test_the_name_behind_a_description_behind_the_words_says_them() -> None:
    found = said(
        'Ann Li said so.\n\n"We need it now," the harbour master, Hugh Hill, told the Northwind Post.'
    )
    assert found == [('"We need it now,"', "Hugh Hill", "direct")]


def test_an_office_in_capitals_is_a_description_of_who_stands_behind_it() -> None:
    text = 'In a statement the acting CEO of the Northwind Trust, Dr Ann Li, said: "We sail."'
    assert said(text) == [('"We sail."', "Ann Li", "direct")]
