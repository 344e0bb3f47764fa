"""Mixed and indirect quotes, headlines, social media, transcripts, and what is no quote at all."""

from __future__ import annotations

import pytest

from pipeline.record import QuoteKind

from .newsdesk import explained, quotes, said


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ('Ann Li said the plan was "a disgrace".', 'the plan was "a disgrace"'),
        (
            'Ann Li said that "the tide is low" and the boats would wait.',
            '"the tide is low" and the boats would wait',
        ),
        ('According to Ann Li, the pier is "a heap of planks".', 'the pier is "a heap of planks"'),
        ('The pier is "a heap of planks", Ann Li said.', 'The pier is "a heap of planks"'),
        ('The pier was "a heap of planks," said Ann Li.', 'The pier was "a heap of planks,"'),
        ('Ann Li called the sale "a disgrace" on Monday.', 'the sale "a disgrace" on Monday'),
        ('Ann Li described the pier as "rotten".', 'the pier as "rotten"'),
        (
            'Ann Li told the Northwind Trust the pier would be "safe by June", nodding.',
            'the pier would be "safe by June", nodding',
        ),
    ],
)
def test_quoted_words_inside_reported_speech_are_one_mixed_statement_with_it(
    text: str, statement: str
) -> None:
    assert said(text) == [(statement, "Ann Li", "mixed")]


def test_a_clause_in_the_midst_of_what_it_reports_leaves_two_pieces_of_one_statement() -> None:
    assert said('The council, Ann Li said, was "out of its depth".') == [
        ("The council", "Ann Li", "indirect"),
        ('was "out of its depth"', "Ann Li", "mixed"),
    ]


def test_words_that_somebody_else_says_inside_reported_speech_stand_alone() -> None:
    assert said('Ann Li said Hugh Hill "lied" when he told the council: "The pier is safe."') == [
        ('"lied"', "Ann Li", "mixed"),
        ('"The pier is safe."', "Hugh Hill", "direct"),
    ]


def test_two_reporting_clauses_of_a_sentence_are_two_statements() -> None:
    assert said('Ann Li said the pier had never been safe and warned that "planks will fall" by June.') == [
        ("the pier had never been safe", "Ann Li", "indirect"),
        ('"planks will fall" by June', "Ann Li", "mixed"),
    ]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Ann Li mentioned that the planks were rotten.", "the planks were rotten"),
        ("Ann Li showed that the pier was unsafe.", "the pier was unsafe"),
    ],
)
def test_verbs_that_only_relate_report_what_follows_them(text: str, content: str) -> None:
    assert said(text) == [(content, "Ann Li", "indirect")]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Li showed the council a plank.",
        "Ann Li discussed the cost of the planks.",
        "Ann Li found the rope on Monday.",
        "Hill maintains a fleet of nine boats.",
        "The show goes on sale in June.",
        "Hill added 25 points in the second half.",
        "The fault was related to a loose plank.",
    ],
)
def test_what_nobody_utters_is_no_statement(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Ann Li said that the pier would open in June.", "the pier would open in June"),
        ("Ann Li said the pier would open in June.", "the pier would open in June"),
        ("According to Ann Li, the pier will open in June.", "the pier will open in June"),
        ("According to Ann Li, a pilot, the pier will open in June.", "the pier will open in June"),
        ("The pier will open in June, Ann Li said.", "The pier will open in June"),
        ("The pier will open in June, according to Ann Li.", "The pier will open in June"),
        ("Ann Li told the Northwind Trust that the pier was safe.", "the pier was safe"),
        ("Ann Li asked whether the pier was safe.", "whether the pier was safe"),
        ("Ann Li promised to open the pier.", "to open the pier"),
    ],
)
def test_reported_speech_is_an_indirect_quote_of_its_content(text: str, content: str) -> None:
    assert said(text) == [(content, "Ann Li", "indirect")]


@pytest.mark.parametrize("dash", ["-", "--", "‒", "–", "—", "―"])
def test_every_dash_may_part_reported_speech_from_its_clause(dash: str) -> None:
    (quote,) = quotes(f"The ferry will never sail again {dash} Ann Li said on Monday.")
    assert (quote.text, quote.kind) == ("The ferry will never sail again", QuoteKind.INDIRECT)
    assert quote.speaker is not None
    assert quote.speaker.name == "Ann Li"


def test_reported_speech_ends_where_the_next_clause_begins() -> None:
    first, second = said("Ann Li said the pier was safe, adding that the tide was low.")
    assert (first.text, second.text) == ("the pier was safe", "the tide was low")
    assert first.speaker == second.speaker == "Ann Li"


@pytest.mark.parametrize(
    ("title", "text", "speaker"),
    [
        ("Pier sale is 'reckless' - Quist", "'reckless'", "Mara Quist"),
        ("Pier will open in the spring - Quist", "Pier will open in the spring", "Mara Quist"),
        ("Quist: 'The pier is ours'", "'The pier is ours'", "Mara Quist"),
        ("Quist Calls Pier Sale 'Reckless'", "'Reckless'", "Mara Quist"),
        ("Pier sale is 'reckless', says Quist", "'reckless'", "Mara Quist"),
    ],
)
def test_headlines_name_their_speaker_in_their_own_ways(title: str, text: str, speaker: str) -> None:
    found = said("Mara Quist spoke in Port Ellis on Monday.", title=title)
    assert found[0] == (text, speaker, "headline")


def test_a_headline_without_a_speaker_borrows_the_one_the_body_gives_for_its_words() -> None:
    found = said('Mara Quist called the sale "reckless and vain".', title="Sale of pier 'reckless'")
    assert found[0] == ("'reckless'", "Mara Quist", "headline")


@pytest.mark.parametrize(
    "text",
    [
        'Ann Li tweeted: "The pier is open."',
        'Ann Li, who runs the pier, wrote on her page: "The pier is open."',
        'The news came with Ann Li, the pier\'s keeper, posting on social media: "The pier is open."',
    ],
)
def test_social_media_posts_are_quotes(text: str) -> None:
    assert said(text)[-1] == ('"The pier is open."', "Ann Li", "direct")


def test_a_transcript_gives_each_turn_to_its_label() -> None:
    text = (
        "Mara Quist met Hugh Hill.\n\n"
        "QUIST: The pier is shut.\n\nHILL: For how long?\n\nQUIST: Until the spring.\n\nHILL: Thank you."
    )
    assert [(f.text, f.speaker, f.kind) for f in said(text)] == [
        ("The pier is shut.", "Mara Quist", "direct"),
        ("For how long?", "Hugh Hill", "direct"),
        ("Until the spring.", "Mara Quist", "direct"),
        ("Thank you.", "Hugh Hill", "direct"),
    ]


def test_a_paragraph_with_a_colon_makes_no_transcript() -> None:
    assert said("Background: The pier is shut.\n\nNext: It opens in the spring.") == []


@pytest.mark.parametrize(
    "text",
    [
        'The pier is called the "Iron Lady" in Port Ellis.',
        'The festival shows the film "Harbour Lights" on Monday.',
        'The so-called "experts" were nowhere to be seen.',
        'A plank of 12" by 4" lay in the mud.',
        "A sailor, 6'2\" tall, stood there.",
        "The sailors' pay and the captains' pay differ.",
        "It was the summer of '69 and rock 'n' roll.",
    ],
)
def test_names_scare_quotes_measures_and_apostrophes_are_no_quotes(text: str) -> None:
    assert [f for f in said(text) if f.kind != "indirect"] == []


def test_the_debug_view_says_why_a_candidate_is_no_quote() -> None:
    (found,) = explained('The festival shows the film "Harbour Lights" on Monday.')
    assert (found.decision, found.rule) == ("not a quote", "not-a-quote:name")


def test_the_debug_view_names_rule_speaker_and_runner_up() -> None:
    found = explained('Ann Li said Hugh Hill had called the pier "a heap of planks".')
    mixed = next(f for f in found if '"' in f.text)
    assert (mixed.speaker, mixed.runner_up, mixed.decision) == ("Ann Li", "Hugh Hill", "mixed")
    assert 0 < mixed.confidence < 1


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ('"It is over," Ann Li said.', '"It is over,"'),
        ("“It is over,” Ann Li said.", "“It is over,”"),
        ('“It is over," Ann Li said.', '“It is over,"'),
        ("“It is over,“ Ann Li said.", "“It is over,“"),
        ("''It is over,'' Ann Li said.", "''It is over,''"),
        ("‘It is over,’ Ann Li said.", "‘It is over,’"),
        ("'It isn't over,' Ann Li said.", "'It isn't over,'"),
    ],
)
def test_marks_of_every_style_and_mixture_are_read(marks: str, expected: str) -> None:
    assert [(f.text, f.speaker) for f in said(marks)] == [(expected, "Ann Li")]


def test_an_unclosed_quotation_ends_with_its_paragraph() -> None:
    first, second = said('Ann Li said: "The pier is gone\n\n"It was rotten," said Hugh Hill.')
    assert first == ('"The pier is gone', "Ann Li", "direct")
    assert second.speaker == "Hugh Hill"


def test_marks_inside_markup_open_nothing() -> None:
    assert (
        said('<embed author="keeper" id="12">Ann Li said: "The pier is open."')[-1].text
        == '"The pier is open."'
    )


def test_words_that_were_not_said_are_never_direct() -> None:
    found = quotes('Ann Li declined to say "the pier will open in June".')
    assert [q.kind for q in found] == [QuoteKind.MIXED]


def test_a_question_in_the_authors_first_person_has_no_name() -> None:
    found = said('I asked whether "the pier will ever open again".')
    assert [f.speaker for f in found] == [None]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ('Ann Li runs the ferry.\n\n@AnnLi: "We sail at noon, whatever the wind does."', "Ann Li"),
        (
            'Outside, Detective Inspector Ann Li of Westwater Police said: "It was a slow ferry to catch."',
            "Ann Li",
        ),
    ],
)
def test_a_person_is_known_by_a_handle_and_between_a_title_and_a_body(text: str, speaker: str) -> None:
    assert said(text)[-1].speaker == speaker
