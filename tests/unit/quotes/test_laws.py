"""What holds for every text: the stage never raises, its spans fit, and its work grows with the text, not faster."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.record import EnrichedArticle
from pipeline.stages.quotes import QuoteStage

from .newsdesk import article, quotes

PIECES = [
    *(
        '"',
        "“",
        "”",
        "‘",
        "’",
        "'",
        "''",
        "``",
        "«",
        "»",
        " ",
        "\n",
        "\n\n",
        ",",
        ".",
        "?",
        "!",
        ":",
        ";",
        "-",
        "—",
    ),
    *(
        "(",
        ")",
        "said",
        "says",
        "told",
        "that",
        "she",
        "he",
        "they",
        "who",
        "the",
        "mayor",
        "of",
        "Ann Li",
        "Hugh Hill",
    ),
    *(
        "Acme",
        "to",
        "according to",
        "declined",
        "by",
        "was",
        "called",
        "but",
        "and",
        "6'2\"",
        '<b a="c">',
        "LI:",
    ),
    *("@pier:", "…", "שלום", "\u200f", "İ", "ß", "🙂", "\x00", "went on", "in her words", "x"),
]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map(" ".join).filter(str.strip)
ANY_TEXT = st.text(min_size=1, max_size=200).filter(str.strip)


@settings(max_examples=150)
@given(TEXTS | ANY_TEXT)
def test_any_text_gives_quotes_in_order_that_fit_it(text: str) -> None:
    found = quotes(text)
    assert [q.start for q in found] == sorted(q.start for q in found)
    assert all(q.text.strip() for q in found)
    assert all(0 <= q.confidence <= 1 for q in found)


@settings(max_examples=50)
@given(TEXTS, TEXTS)
def test_the_stage_is_a_function_of_the_article_alone(first: str, second: str) -> None:
    stage = QuoteStage()
    alone = stage([article(second)])
    assert stage([article(first), article(second)])[1:] == alone


@pytest.mark.parametrize("language", ["fr", None])
def test_articles_in_other_or_unknown_languages_pass_untouched(language: str | None) -> None:
    record = article('"It is over," Ann Li said.', language=language)
    assert QuoteStage()([record]) == [record]


def test_the_stage_is_small_when_pickled_and_works_after() -> None:
    stage = pickle.loads(pickle.dumps(QuoteStage()))  # noqa: S301 - our own bytes
    (outcome,) = stage([article('"It is over," Ann Li said.')])
    assert isinstance(outcome, EnrichedArticle)
    assert len(outcome.quotes) == 1


def test_marks_nested_fifty_deep_are_one_quotation() -> None:
    text = "“‘" * 25 + "go" + "’”" * 25 + " said Ann Li."
    assert quotes(text)[0].start == 0


def test_right_to_left_words_inside_marks_are_quoted_whole() -> None:
    (found,) = quotes('"שלום לכולם ולכל מי שבא," said Ann Li.')
    assert found.text == '"שלום לכולם ולכל מי שבא,"'
    assert found.speaker is not None


HEAPS = [
    "said ",
    "said, ",
    "Li said ",
    "Li said, ",
    "says ",
    "calling ",
    "report, ",
    "told — ",
    "Mr Ann Li saying so\n",
    "'x' said ",
    '"a." ,',
    ".\n",
]


def _work(text: str) -> int:
    """Lines executed while the stage reads a text: the same on every machine, however busy."""
    record, stage, lines = article(text), QuoteStage(), 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        stage([record])
    finally:
        sys.settrace(before)
    return lines


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        '" ',
        "“",
        "‘“",
        "'a' ",
        '"a," Li said. ',
        '"a b c d e f" ',
        '"a," Li said.\n\n',
        "Li said that ",
        'he said "x y z w, ',
        "Li (a) said ",
        "the man who ",
        "Li, a doctor, ",
        ", ",
        "A: b\n\n",
        "Ann Li and he said ",
        "<a ",
        *HEAPS,
    ],
)
def test_work_grows_in_proportion_to_the_text(unit: str) -> None:
    quotes(unit * 20)  # loads the word lists
    small, large = (_work(unit * count) for count in (300, 1200))
    assert large < 4.8 * small


@pytest.mark.parametrize("unit", HEAPS)
def test_a_heap_of_cues_is_little_more_work_than_prose_full_of_quotations(unit: str) -> None:
    prose = '"We go on," Ann Li said. She called it "a start", and he told the mayor that it was late.\n'
    quotes(unit + prose)  # loads the word lists
    letters = 9_000
    assert _work(unit * (letters // len(unit))) < 6 * _work(prose * (letters // len(prose)))
