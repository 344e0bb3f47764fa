"""What is a statement, where it begins and ends, whether it is asserted, and who else says it."""

from __future__ import annotations

import pytest

from pipeline.record import Polarity

from .newsdesk import quotes


def contents(text: str) -> list[str]:
    return [quote.text for quote in quotes(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "The bigger risk, Ann Li said, is a clash in the bay.",
            ["The bigger risk", "is a clash in the bay"],
        ),
        (
            "Six months ago, Ann Li said, the council closed the pier.",
            ["Six months ago", "the council closed the pier"],
        ),
        ("And yet, Ann Li said, the pier is safe.", ["the pier is safe"]),
    ],
)
def test_a_clause_put_into_what_it_reports_leaves_pieces_of_one_statement(
    text: str, pieces: list[str]
) -> None:
    found = quotes(text)
    assert [quote.text for quote in found] == pieces
    assert len({quote.statement for quote in found}) == 1


def test_pieces_of_a_quotation_are_one_statement_and_two_quotations_of_two_speakers_are_two() -> None:
    first, second, third = quotes('"It is over," Ann Li said. "We go home." "Never," said Hugh Hill.')
    assert first.statement == second.statement
    assert third.statement != first.statement


@pytest.mark.parametrize(
    "text",
    [
        'Later, in remarks at the club, Ann Li said, "We will stay."',
        'On Monday, Ann Li said, "We will stay."',
        'Asked about the pier, Ann Li said, "We will stay."',
    ],
)
def test_when_and_where_it_was_said_is_no_statement(text: str) -> None:
    assert contents(text) == ['"We will stay."']


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            "Police say a fire that killed two may have been set on purpose.",
            "a fire that killed two may have been set on purpose",
        ),
        (
            "Ann Li noted there was no evidence that the planks help.",
            "there was no evidence that the planks help",
        ),
        (
            "While Ann Li said she was for the plan, the council voted against it.",
            "she was for the plan",
        ),
        ("Ann Li said that was not realistic.", "that was not realistic"),
        (
            "Ann Li said that, as the tide was out, the pier was safe.",
            "as the tide was out, the pier was safe",
        ),
        ("Ann Li said the pier cost more than 1,000 pounds.", "the pier cost more than 1,000 pounds"),
        ("LEEDS (Northern Wire) - The pier is safe, Ann Li said.", "The pier is safe"),
        (
            "The prime minister indicated the pier could open - though he did not say which part.",
            "the pier could open",
        ),
    ],
)
def test_a_statement_begins_and_ends_where_its_speaker_does(text: str, content: str) -> None:
    assert content in contents(text)
    assert not any(content in other and other != content for other in contents(text))


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("Ann Li said that the pier was safe.", Polarity.ASSERTED),
        ("Ann Li said that she had not seen the pier.", Polarity.ASSERTED),
        ("Ann Li denied that the pier was unsafe.", Polarity.DENIED),
        ("Ann Li rejected the claim that the pier was unsafe.", Polarity.DENIED),
        ("Ann Li dismissed suggestions that the pier would close.", Polarity.DENIED),
        ("Ann Li doubted that the pier was safe.", Polarity.DOUBTED),
        ("Ann Li expressed scepticism that the pier was safe.", Polarity.DOUBTED),
        ("Ann Li asked whether the pier was safe.", Polarity.ASKED),
        ('Ann Li may say: "The pier is safe."', Polarity.HYPOTHETICAL),
        ('"Is the pier safe?" Ann Li said.', Polarity.ASKED),
        ('Ann Li denied that she was "a crook".', Polarity.DENIED),
    ],
)
def test_a_statement_says_whether_its_speaker_stands_behind_it(text: str, polarity: Polarity) -> None:
    assert [quote.polarity for quote in quotes(text)] == [polarity]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Li did not say whether the pier would close.",
        "Ann Li declined to say that the pier was safe.",
        "Ann Li never said that the pier was safe.",
        "Nobody said the pier was safe.",
        "Neither believes that the pier is safe.",
        "If Ann Li says that the pier is safe, the council will open it.",
        "Ann Li won in May. It shows that the pier is safe.",
    ],
)
def test_what_was_not_said_is_nobodys_statement(text: str) -> None:
    assert contents(text) == []


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Ann Li and Hugh Hill said the pier was safe.", ["Ann Li", "Hugh Hill"]),
        ('"It is over," said Ann Li and Hugh Hill.', ["Ann Li", "Hugh Hill"]),
        ('"It is over," Ann Li and Hugh Hill said.', ["Ann Li", "Hugh Hill"]),
    ],
)
def test_who_speaks_together_is_named_together(text: str, speakers: list[str]) -> None:
    (quote,) = quotes(text)
    assert [speaker.name for speaker in quote.speakers] == speakers
    assert quote.speaker == quote.speakers[0]


def test_who_speaks_alone_is_in_no_list() -> None:
    (quote,) = quotes("After talks with Hugh Hill, Ann Li said the pier was safe.")
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speakers) == ("Ann Li", ())


def test_whoever_is_quoted_speaks_and_not_who_quotes() -> None:
    (quote,) = quotes("The council quoted Ann Li as saying the pier was safe.")
    assert quote.speaker is not None
    assert (quote.text, quote.speaker.name) == ("the pier was safe", "Ann Li")


def test_whoever_is_accused_is_meant_by_the_pronoun_behind_it() -> None:
    found = quotes("Ann Li accused Hugh Hill of lying when he said that the pier was safe.")
    said = [(quote.text, quote.speaker.name) for quote in found if quote.speaker]
    assert ("the pier was safe", "Hugh Hill") in said
    assert not any("when he said" in text for text, _ in said), "that is the narrator's"


def test_what_the_narrator_puts_between_dashes_is_left_out() -> None:
    found = quotes("Ann Li said that the pier - though she did not say which part - would open in June.")
    assert [quote.text for quote in found] == ["the pier", "would open in June"]
    assert len({quote.statement for quote in found}) == 1


@pytest.mark.parametrize("aside", ["though she gave no number", "though she did not state who"])
def test_words_in_marks_on_either_side_of_an_aside_are_pieces(aside: str) -> None:
    assert contents(f'Ann Li said "those waiting" - {aside} - would "sail at once".') == [
        '"those waiting"',
        'would "sail at once"',
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"It is over," the 45-year-old said.', "Hugh Hill"),
        ('"It is over," the former teacher said.', "Hugh Hill"),
    ],
)
def test_a_description_that_fits_anybody_means_whoever_is_spoken_of(text: str, name: str) -> None:
    (quote,) = quotes(f"Hugh Hill left the council on Monday.\n\n{text}")
    assert quote.speaker is not None
    assert quote.speaker.name == name


def test_an_announcement_that_is_only_a_name_gives_the_floor() -> None:
    (quote,) = quotes(
        'And from the desk of Ann Li, who chairs it:\n\n"The pier is safe, and it will stay so."'
    )
    assert quote.speaker is not None
    assert quote.speaker.name == "Ann Li"


def test_the_answers_of_an_interview_are_the_persons_and_the_questions_nobodys() -> None:
    found = quotes("Ann Li runs the pier.\n\nQ: Is it safe?\n\nA: It is.\n\nQ: Since when?\n\nA: Since May.")
    assert [(quote.text, quote.speaker and quote.speaker.name) for quote in found] == [
        ("It is.", "Ann Li"),
        ("Since May.", "Ann Li"),
    ]


def test_a_line_to_another_article_says_nothing() -> None:
    assert contents('Related: Farmers "furious" over the ban, says Hugh Hill') == []


def test_no_statement_lies_inside_another_of_the_same_speaker() -> None:
    found = quotes("Ann Li said she believed the pier was safe.")
    assert [quote.text for quote in found] == ["she believed the pier was safe"]


def test_the_confidence_is_the_likelihood_of_the_statement() -> None:
    sure, unsure = quotes(
        "Ann Li said that the pier was safe. Ann Li wondered about the pier and the tide."
    ) or (
        None,
        None,
    )
    assert sure is not None
    assert unsure is not None
    assert sure.confidence > unsure.confidence


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The base, Ann Li said, failed to answer in time.", ["The base", "failed to answer in time"]),
        ("Nothing, Ann Li said, was left of the pier.", ["Nothing", "was left of the pier"]),
        (
            'If the pier falls, Ann Li said, "we will all have to swim to work."',
            ["If the pier falls", '"we will all have to swim to work."'],
        ),
    ],
)
def test_a_subject_or_a_condition_in_front_of_a_clause_belongs_to_what_goes_on_behind_it(
    text: str, pieces: list[str]
) -> None:
    found = quotes(text)
    assert [quote.text for quote in found] == pieces
    assert len({quote.statement for quote in found}) == 1


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Ann Li urged the council to close the pier.", "the council to close the pier"),
        ("Ann Li called on the council to close the pier.", "the council to close the pier"),
        ("Hugh Hill is calling upon the owners to sell the ferry.", "the owners to sell the ferry"),
        ("Ann Li has called for a new inquiry into the fire.", "a new inquiry into the fire"),
        ("Hugh Hill warned of a long winter without a ferry.", "a long winter without a ferry"),
        ("Ann Li pointed out the ferry was never late.", "the ferry was never late"),
        ("The ferry was never late, Hugh Hill pointed out.", "The ferry was never late"),
        ("Ann Li has made the case that the pier should be closed.", "the pier should be closed"),
        ("Hugh Hill made the point that the ferry was never late.", "the ferry was never late"),
        ("Ann Li is confident that the work will be done by May.", "the work will be done by May"),
        ("Hugh Hill remains adamant that the ferry was never late.", "the ferry was never late"),
        ("Ann Li and Hugh Hill insist that the ferry was never late.", "the ferry was never late"),
        ("After saying that the ferry was late, Ann Li left.", "the ferry was late"),
        ("The ferry was late on both days, Ann Li said this week.", "The ferry was late on both days"),
    ],
)
def test_what_is_urged_thought_and_argued_is_reported_speech(text: str, content: str) -> None:
    assert content in contents(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is certain that the pier will be closed.",
        "Ann Li made the last point of the match in Leeds.",
        "Ann Li is glad of the pier.",
        "Ann Li called on her aunt in Leeds.",
    ],
)
def test_what_is_certain_and_what_is_made_of_things_is_nobodys_statement(text: str) -> None:
    assert not contents(text)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ('"It is late," said Ann Li, noting that the ferry had left. "We go home."', [1, 2, 1]),
        ('"It is late," said Ann Li, who chairs the trust. "We go home."', [1, 1]),
        ('Ann Li denounced the plan for the pier, saying it was "a waste of money".', [1, 2]),
    ],
)
def test_a_quotation_goes_on_behind_what_is_put_in_and_each_verb_has_a_statement_of_its_own(
    text: str, statements: list[int]
) -> None:
    assert [quote.statement for quote in quotes(text)] == [f"s{number}" for number in statements]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            'Ann Li explained that the prize goes to whoever changed the town most, "for good or for ill."',
            'the prize goes to whoever changed the town most, "for good or for ill."',
        ),
        (
            '"The board takes no view" of the case, Ann Li said.',
            '"The board takes no view" of the case',
        ),
    ],
)
def test_marks_that_open_or_close_in_a_sentence_are_a_part_of_it(text: str, content: str) -> None:
    (found,) = quotes(text)
    assert (found.text, found.kind) == (content, "mixed")


def test_what_a_participle_reports_is_not_reported_by_the_verb_before_it() -> None:
    found = quotes('"It is late," Ann Li said, adding that the ferry had left.')
    assert [(quote.text, quote.cue.text) for quote in found if quote.cue] == [
        ('"It is late,"', "said"),
        ("the ferry had left", "adding"),
    ]


def test_what_the_narrator_adds_without_a_comma_is_left_out() -> None:
    assert contents("Ann Li criticised the plan for the pier and left the room.") == ["the plan for the pier"]


def test_a_title_in_front_of_a_clause_is_no_quotation() -> None:
    found = quotes('On the programme "Harbour Today," Ann Li said the pier was closed.')
    assert [quote.text for quote in found] == ["the pier was closed"]


def test_a_few_words_in_marks_are_less_sure_than_what_is_reported_with_them() -> None:
    (short,) = quotes('Ann Li promised the town a pier, a ferry and an end to "bad and unfair trade".')
    (whole,) = quotes('Ann Li said that the pier was "a wonder of the coast".')
    assert short.confidence < 0.5 < whole.confidence


def test_a_plain_verb_between_a_plural_and_its_object_makes_a_clause() -> None:
    found = contents("According to Ann Li, about 9,000 boats cross the bay on an ordinary day.")
    assert found == ["about 9,000 boats cross the bay on an ordinary day"]


@pytest.mark.parametrize(
    "text",
    [
        'Asked in May what she had missed, Ann Li told Acme: "I miss the sea."',
        "The clash, which Ann Li said was a sad one, went on for days.",
    ],
)
def test_what_was_asked_before_and_what_lacks_its_subject_is_no_statement(text: str) -> None:
    assert not {"was a sad one", "Asked in May what she had missed"} & set(contents(text))


def test_a_relative_clause_that_lacks_nothing_reports_as_any_other() -> None:
    assert contents("It was a letter in which Ann Li said the pier was closed.") == ["the pier was closed"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "Li said the rule was worth a look because “most pilots don’t know that hole,” she said.",
            ["the rule was worth a look because “most pilots don’t know that hole,”"],
        ),
        (
            "Speaking of crews in general, Li said “they want a new pier. We trusted them,” Li said.",
            ["“they want a new pier. We trusted them,”"],
        ),
        (
            'Hill said he kept away since "nobody can say it is safe yet." (The pier opened in May.)',
            ['he kept away since "nobody can say it is safe yet."'],
        ),
        (
            'Both crews "saw the pier as a place that was under pressure," said Ann Li.',
            ['Both crews "saw the pier as a place that was under pressure,"'],
        ),
        ("Ports have a rule for boats which, according to Ann Li, the crews have broken.", []),
        ("Crews came after Hill responded to calls of a smell of gas in the library.", []),
        (
            "Hill repeated that the pier was dead and also told the crews that it would be sold.",
            ["the pier was dead", "it would be sold"],
        ),
    ],
)
def test_a_statement_holds_nothing_that_the_narrator_says(text: str, pieces: list[str]) -> None:
    assert [quote.text for quote in quotes(text)] == pieces


def test_a_word_or_two_in_marks_are_no_clause() -> None:
    found = quotes('Hill renamed the club, adding the words "and Ferry" to its name.')
    assert [quote.text for quote in found if quote.confidence > 0.5] == []
