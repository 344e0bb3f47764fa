from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.questions.matcher import Asked, Match, Matcher
from pipeline.questions.question import Question, question_of
from pipeline.questions.reading import Reading
from pipeline.record import EnrichedArticle, Polarity
from tests.unit.stores.builders import entity, full_record, quote, record


def question(**fields: Any) -> Question:
    return question_of({"id": "q", "title": "A question", **fields})


def fits(made: EnrichedArticle, **fields: Any) -> bool:
    return bool(Matcher([question(**fields)]).matches(made))


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        ({"words": "FERRY bridges"}, True),
        ({"words": "ferry railway"}, False),
        ({"words": '"harbour bridge"'}, True),
        ({"words": '"bridge harbour"'}, False),
        ({"words": '"opened the Harbour-bridge"'}, True),
        ({"names": ["Ada Quill"]}, True),
        ({"names": ["Mrs Quill"]}, True),
        ({"names": ["Quill", "reed shipping ltd"]}, True),
        ({"names": ["Quill", "Bell"]}, False),
        ({"names": ["Tom Quill"]}, False),
        ({"speakers": ["Quill"]}, True),
        ({"speakers": ["Bell", "Ada Quill"]}, True),
        ({"speakers": ["Tom Reed"]}, False),
        ({"speakers": ["Quill"], "words": "new"}, True),
        ({"speakers": ["Quill"], "words": "Sunday"}, False),
        ({"speakers": ["Quill"], "polarity": ["denied"]}, False),
        ({"polarity": ["denied", "asserted"]}, True),
        ({"outlet": ["the fen courier"]}, True),
        ({"outlet": ["Gazette"], "words": "ferry"}, False),
        ({"country": ["GB"]}, True),
        ({"country": ["NO"], "names": ["Quill"]}, False),
        ({"language": ["en", "de"]}, True),
        ({"language": ["de"], "words": "ferry"}, False),
    ],
)
def test_an_article_answers_when_every_field_fits(fields: dict[str, Any], answers: bool) -> None:
    assert fits(full_record(), **fields) is answers


def test_a_match_says_who_and_which_statements() -> None:
    asked = question(names=["Quill"], speakers=["Quill"])
    assert Matcher([asked]).matches(full_record()) == [Match(asked, ("Ada Quill",), (0,))]


def test_a_statement_that_is_not_sure_enough_is_no_answer() -> None:
    asked = question(speakers=["Quill"])
    assert not Matcher([asked], least_confidence=0.95).matches(full_record())


def test_without_questions_nothing_is_looked_at() -> None:
    assert Matcher([]).matches(full_record()) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "question q: asks for nothing: give names, words, speakers"),
        ({"words": '" ?"'}, "question q: words: no word to search for in"),
        ({"webhook": "ftp://x", "words": "a"}, "question q: webhook: give an address as https://host/path"),
        ({"webhook": "http://h:99999/", "words": "a"}, "question q: webhook: give an address"),
        ({"country": ["Norway"]}, "question q: country.0: give two capital letters, as GB"),
        ({"polarity": ["maybe"]}, "question q: polarity.0: Input should be 'asserted'"),
        ({"ferries": True, "words": "a"}, "question q: ferries: Extra inputs are not permitted"),
        (
            {"id": "Two Words", "words": "a"},
            "question Two Words: id: give up to 60 small letters, digits",
        ),
        ({"names": ["…"]}, "question q: names.0: give a name with a letter or a digit in it"),
    ],
)
def test_what_is_wrong_with_a_question_is_said_in_one_line(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        question(**fields)
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)


_NAMES = ("Ada Quill", "Tom Reed", "Reed Shipping", "Fenmouth", "Quill", "Reed")
_TEXT_WORDS = (
    "ferry",
    "ferries",
    "bridge",
    "harbour",
    "opened",
    "late",
    "Ada Quill",
    "Tom Reed",
    "Fenmouth",
    "new",
)


def _articles() -> st.SearchStrategy[EnrichedArticle]:
    def made(
        words: list[str], named: set[str], said: list[tuple[str, Polarity]], source: str
    ) -> EnrichedArticle:
        text = f"{' '.join(words)}. Ada Quill Tom Reed Reed Shipping Fenmouth, Quill and Reed."
        kinds = {"Reed Shipping": "ORG", "Fenmouth": "GPE"}
        return record(
            text=text,
            source=source,
            entities=tuple(
                entity(
                    name, kinds.get(name, "PERSON"), text=text, country="GB" if name == "Fenmouth" else None
                )
                for name in sorted(named)
            ),
            quotes=tuple(
                quote(words[0], text=text, speaker=(name, name)).model_copy(update={"polarity": polarity})
                for name, polarity in said
            ),
        )

    return st.builds(
        made,
        st.lists(st.sampled_from(_TEXT_WORDS), min_size=1, max_size=8),
        st.sets(st.sampled_from(_NAMES)),
        st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(Polarity)), max_size=3),
        st.sampled_from(["Gazette", "The Fen Courier"]),
    )


def _questions() -> st.SearchStrategy[Question]:
    some = st.lists(st.sampled_from(_NAMES), max_size=2).map(tuple)
    word = st.sampled_from(("ferry", "bridge", "late", '"ferry late"', '"new bridge"', "railway"))
    fields = st.fixed_dictionaries(
        {"id": st.just("q"), "title": st.just("t"), "language": st.sampled_from([("en",), ("de", "en")])},
        optional={
            "names": some,
            "words": st.lists(word, min_size=1, max_size=2).map(" ".join),
            "speakers": some,
            "polarity": st.lists(st.sampled_from(Polarity), max_size=2).map(tuple),
            "outlet": st.sampled_from([("gazette",), ("The Fen Courier", "x")]),
            "country": st.sampled_from([("GB",), ("NO",)]),
        },
    )
    return fields.map(question_of)


@given(st.lists(_questions(), max_size=12), _articles())
def test_it_answers_what_a_plain_loop_over_all_questions_answers(
    questions: list[Question], made: EnrichedArticle
) -> None:
    reading = Reading(made)
    loop = [match for one in questions if (match := Asked(one).match(reading)) is not None]
    assert Matcher(questions).matches(made) == loop
