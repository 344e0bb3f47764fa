"""What a query asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from pipeline.stores.questions import Place
from pipeline.web.console.parameters import (
    ArticleParameters,
    ParameterError,
    StatementParameters,
    cursor_of,
    place_of,
)


def test_a_form_sends_empty_fields_which_ask_for_nothing() -> None:
    asked = StatementParameters.read(
        QueryParams("speaker=&about=+&since=&confidence=&polarity="), of_form=True
    )
    assert asked == StatementParameters()


def test_a_program_that_sends_an_empty_time_is_told() -> None:
    with pytest.raises(ParameterError, match="since: expected"):
        StatementParameters.read(QueryParams("since="))


def test_several_may_be_given_of_what_takes_several() -> None:
    asked = StatementParameters.read(
        QueryParams("polarity=denied&polarity=doubted&speaker=Quill&since=2031-05-04")
    )
    question = asked.question()
    assert question.polarities == ("denied", "doubted")
    assert question.since == datetime(2031, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("speeker=Quill", "speeker: is no parameter: did you mean speaker?"),
        ("zzz=1", "zzz: is no parameter: there are"),
        ("speaker=a&speaker=b", "speaker: is given more than once"),
        ("polarity=perhaps", "polarity: Input should be 'asserted'"),
        ("since=yesterday", "since: expected a day or a time"),
        ("since=0001-01-01", "since: a time outside"),
        ("limit=0", "limit: "),
        ("limit=1000000", "limit: "),
        ("confidence=2", "confidence: "),
        ("confidence=nan", "confidence: "),
        ("after=nonsense", "after: is no `next`"),
        ("about=" + "x" * 301, "about: "),
        ("speaker=a%00b", "speaker: has a NUL"),
    ],
)
def test_what_is_wrong_is_named(query: str, said: str) -> None:
    with pytest.raises(ParameterError) as raised:
        StatementParameters.read(QueryParams(query))
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(("query", "status"), [("after=nonsense", 404), ("limit=0", 400)])
def test_a_page_that_there_is_not_is_not_found_and_what_is_wrong_is_a_bad_request(
    query: str, status: int
) -> None:
    with pytest.raises(ParameterError) as raised:
        StatementParameters.read(QueryParams(query))
    assert raised.value.status == status


def test_a_cursor_of_articles_is_none_of_statements() -> None:
    cursor = cursor_of(Place(datetime(2031, 5, 4, tzinfo=UTC), "bridge"))
    assert ArticleParameters.read(QueryParams({"after": cursor or ""})).after == cursor
    with pytest.raises(ParameterError, match="page of statements"):
        StatementParameters.read(QueryParams({"after": cursor or ""}))


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.text(st.characters(codec="utf-8", exclude_characters="\0")),
)
def test_a_cursor_is_the_place_that_it_was_made_of(time: datetime, key: str) -> None:
    assert place_of(cursor_of(Place(time, key))) == Place(time, key)


@given(st.text())
def test_no_text_is_a_defect_as_a_cursor(text: str) -> None:
    try:
        place_of(text)
    except ValueError:
        return
