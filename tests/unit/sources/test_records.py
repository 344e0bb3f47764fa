from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.record import Article
from pipeline.sources.limits import Limits
from pipeline.sources.problems import Reason, UnfitError
from pipeline.sources.records import DEFAULT_SOURCE, from_record, from_text, headline_of

_NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_BODY = "The gulls have voted.\n\nThe bridge has lost."


def _article(record: object, *, source: str | None = None, limits: Limits | None = None) -> Article:
    return from_record(record, limits=limits or Limits(), source=source, now=lambda: _NOW)


def _reason(record: object, **options: Any) -> Reason:
    with pytest.raises(UnfitError) as caught:
        _article(record, **options)
    return caught.value.reason


def test_text_alone_is_the_whole_article_unchanged() -> None:
    text = "Gulls out-vote engineers\r\n\r\nThe bridge\tis shut.\n \nIt rained. "
    article = _article({"text": text})
    assert article.text == text
    assert article.title == "Gulls out-vote engineers"
    assert article.text[article.body_start :].startswith("The bridge")


@pytest.mark.parametrize("field", ["text", "body"])
def test_with_a_title_the_text_is_headline_blank_line_and_body(field: str) -> None:
    article = _article({"title": "Gulls win", field: _BODY})
    assert article.title == "Gulls win"
    assert article.text == "Gulls win\n\n" + _BODY


def test_a_title_that_the_text_begins_with_is_not_doubled() -> None:
    article = _article({"title": 'Gulls  "win" vote', "text": "Gulls “win” vote\n\n" + _BODY})
    assert article.text == "Gulls “win” vote\n\n" + _BODY
    assert article.title == "Gulls “win” vote"


def test_a_title_that_only_begins_the_first_sentence_is_put_before_it() -> None:
    article = _article(
        {"title": "Gulls win", "text": "Gulls win again, and nobody is surprised.\n\n" + _BODY}
    )
    assert article.text.startswith("Gulls win\n\nGulls win again")


def test_a_body_alone_has_no_headline() -> None:
    article = _article({"body": _BODY})
    assert article.title is None
    assert article.text == _BODY


@pytest.mark.parametrize(
    "text",
    [
        "One line alone",
        "\n\nLeading white space\n\nthen more",
        "x" * 301 + "\n\nmore",
        '"I will not go," said the mayor.\n\nShe went.',
        "The mayor said on Monday, after a night on the roof of the town hall, " * 2
        + "that she would go.\n\nShe went.",
        (
            "The mayor said on Monday, after a night on the roof of the town hall, that she would go, as she had "
            "said in the spring of 2019.\n\nMore"
        ),
        "The mayor of the harbour town said on Monday that\nshe would go after all, and\nsoon.\n\nShe went.",
        "The mayor of the harbour town said on Monday that she\nwould go after all.\n\nShe went.",
    ],
)
def test_what_is_no_headline_is_not_taken_for_one(text: str) -> None:
    assert headline_of(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "Gulls win",
        "Gulls win.",
        "Is it over?",
        "Mayor: 'I quit'",
        "Talks in the U.S.",
        "Penhallow is ‘finished.’",
    ],
)
@pytest.mark.parametrize(
    "rest", ["\n\nThe body.", "\nThe body.", "\r\n\r\nThe body.", "\nA deck below\n\nThe body."]
)
def test_a_first_line_is_a_headline(line: str, rest: str) -> None:
    assert headline_of(line + rest) == line


def test_a_given_id_is_kept() -> None:
    assert _article({"id": "a-1", "text": _BODY}).article_id == "a-1"
    assert _article({"id": 17, "text": _BODY}).article_id == "17"


def test_the_address_makes_the_id_in_whatever_form_it_is_written() -> None:
    one = _article({"url": "https://gazette.example/a?utm_source=rss", "text": "one"})
    other = _article({"url": "HTTPS://gazette.example/a/#top", "text": "other", "source": "x"})
    assert one.article_id == other.article_id
    assert one.url == other.url == "https://gazette.example/a"


def test_without_an_address_the_guid_makes_the_id_within_its_source() -> None:
    def id_of(guid: str, source: str, text: str) -> str:
        return _article({"guid": guid, "source": source, "text": text}).article_id

    assert id_of("7", "Gazette", "one") == id_of("7", "Gazette", "other")
    assert id_of("7", "Gazette", "one") != id_of("7", "Courier", "one")


def test_otherwise_source_and_text_make_the_id() -> None:
    first = _article({"text": _BODY, "source": "Gazette"})
    assert first.article_id == _article({"text": _BODY, "source": "Gazette", "extra": 1}).article_id
    assert first.article_id != _article({"text": _BODY, "source": "Courier"}).article_id
    assert first.article_id != _article({"text": _BODY + "!", "source": "Gazette"}).article_id
    assert len(first.article_id) == 32


def test_the_id_of_a_text_never_changes() -> None:
    article = from_text("Gulls win\n\nThe bridge has lost.", limits=Limits(), source=None, now=lambda: _NOW)
    assert article.article_id == "e1c48400116dbcbe756dcb76a53a798c"


def test_the_source_is_the_records_else_the_callers_else_the_host_else_local() -> None:
    url = {"url": "https://www.gazette.example/a"}
    assert _article({"text": _BODY, "source": "Gazette", **url}, source="given").source == "Gazette"
    assert _article({"text": _BODY, **url}, source="given").source == "given"
    assert _article({"text": _BODY, **url}).source == "gazette.example"
    assert _article({"text": _BODY}).source == DEFAULT_SOURCE


def test_dates_and_languages_are_read_and_wrong_ones_do_not_cost_the_article() -> None:
    good = _article({"text": _BODY, "published_at": "2026-02-28T23:00:00-02:00", "language": "de-AT"})
    assert good.published_at == datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    assert good.language == "de"
    odd = _article({"text": _BODY, "published_at": "soon", "language": ["Klingon"]})
    assert odd.published_at is None
    assert odd.language == "en"
    assert odd.ingested_at == _NOW


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], Reason.NOT_AN_OBJECT),
        ("text", Reason.NOT_AN_OBJECT),
        (None, Reason.NOT_AN_OBJECT),
        (7, Reason.NOT_AN_OBJECT),
        ({}, Reason.NO_TEXT),
        ({"title": "Gulls win"}, Reason.NO_TEXT),
        ({"text": None}, Reason.NO_TEXT),
        ({"text": " \n "}, Reason.NO_TEXT),
        ({"text": 7}, Reason.WRONG_TYPE),
        ({"text": ["a"]}, Reason.WRONG_TYPE),
        ({"text": "a", "title": {}}, Reason.WRONG_TYPE),
        ({"text": "a", "url": 1}, Reason.WRONG_TYPE),
        ({"text": "a", "source": True}, Reason.WRONG_TYPE),
        ({"text": "a", "id": True}, Reason.WRONG_TYPE),
        ({"text": "a", "id": 1.5}, Reason.WRONG_TYPE),
        ({"text": "a", "id": "x" * 201}, Reason.TOO_LARGE),
        ({"text": "a\0b"}, Reason.BAD_CHARACTER),
        ({"text": "a \ud800 b"}, Reason.BAD_CHARACTER),
        ({"text": "a", "source": "\udfff"}, Reason.BAD_CHARACTER),
        ({"text": "a", "id": "\ud800"}, Reason.BAD_CHARACTER),
    ],
)
def test_a_record_that_is_no_article_says_why(record: object, reason: Reason) -> None:
    assert _reason(record) is reason


def test_length_counts_in_bytes_of_utf_8() -> None:
    limits = Limits(max_article_bytes=10)
    assert _article({"text": "é" * 5}, limits=limits).text == "ééééé"
    assert _reason({"text": "é" * 5 + "!"}, limits=limits) is Reason.TOO_LARGE
    assert _reason({"title": "12345", "body": "6789"}, limits=limits) is Reason.TOO_LARGE


def _id(record: object, *, source: str | None = None) -> str:
    return from_record(record, limits=Limits(), source=source, now=lambda: _NOW, qualify_ids=True).article_id


def test_an_id_that_is_given_can_be_told_from_that_of_another_source() -> None:
    assert _id({"id": 17, "text": _BODY, "source": "Harbour Post"}) == "Harbour Post/17"
    assert _id({"id": "17", "text": _BODY}, source="Fen Courier") == "Fen Courier/17"
    assert _id({"id": "17", "text": _BODY, "url": "https://www.fen.example/a"}) == "fen.example/17"


def test_an_id_that_is_made_needs_no_source_in_front() -> None:
    record = {"text": _BODY, "source": "Harbour Post"}
    assert _id(record) == _article(record).article_id


@pytest.mark.parametrize("length", [187, 188, 5_000])
def test_a_qualified_id_is_within_the_limit_and_its_own(length: int) -> None:
    one, other = (_id({"id": f"17{end}", "text": _BODY, "source": "x" * (length + 10)}) for end in "ab")
    assert len(one) <= 200
    assert one != other
    assert one.startswith("xxx")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_FIELDS = ["id", "guid", "text", "title", "body", "source", "url", "published_at", "language", "other"]


@given(st.dictionaries(st.sampled_from(_FIELDS), _JSON) | _JSON)
def test_any_json_is_an_article_or_unfit(record: object) -> None:
    try:
        article = _article(record)
    except UnfitError:
        return
    assert article == Article.model_validate_json(article.model_dump_json())
    assert article.title is None or article.text.startswith(article.title)
    assert article.article_id == _article(record).article_id
