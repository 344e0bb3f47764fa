"""ninjs: an item of each version becomes the same article."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest

from pipeline.errors import PermanentError
from pipeline.errors import Reason as DeadLetterReason
from pipeline.record import Article
from pipeline.sources.limits import Limits
from pipeline.sources.messages import article_in
from pipeline.sources.problems import UnfitError
from pipeline.sources.records import from_record

_TEXT = "The pier closes for the winter."
_MARKUP = "<section><p>The pier closes for the winter.</p></section>"
_ONE = {
    "uri": "urn:fen:pier",
    "type": "text",
    "headline": "Pier closes",
    "byline": "By Ada Quill, Fen Wire",
    "versioncreated": "2025-05-04T09:30:00Z",
    "language": "en-GB",
    "subject": [{"name": "Harbour", "code": "h"}],
    "infosource": [{"name": "Fen Wire"}],
}
_TWO = {
    "uri": "urn:fen:pier",
    "headlines": [{"role": "short", "value": "Pier"}, {"role": "main", "value": "Pier closes"}],
    "by": "Ada Quill",
    "versioncreated": "2025-05-04T09:30:00Z",
    "language": "en-GB",
    "subjects": [{"name": "Harbour"}],
    "infosources": [{"name": "Fen Wire"}],
}
_THREE = {
    **{name: value for name, value in _TWO.items() if name not in {"versioncreated", "infosources"}},
    "versionCreated": "2025-05-04T10:30:00+01:00",
    "infoSources": [{"name": "Fen Wire"}],
}
_ITEMS = {
    "1, plain": {**_ONE, "body_text": _TEXT},
    "1, markup": {**_ONE, "body_html": _MARKUP},
    "1, both": {**_ONE, "body_xhtml": "<p>Not this.</p>", "body_text": _TEXT},
    "2, plain": {**_TWO, "bodies": [{"contenttype": "text/plain", "value": _TEXT}]},
    "2, markup": {**_TWO, "bodies": [{"contenttype": "text/html", "value": _MARKUP}]},
    "3, plain": {
        **_THREE,
        "bodies": [
            {"contentType": "text/html", "value": "<p>Not this.</p>"},
            {"contentType": "text/plain", "value": _TEXT},
        ],
    },
    "3, markup": {**_THREE, "bodies": [{"role": "html", "contentType": "text/html", "value": _MARKUP}]},
}


def _read(record: object) -> Article:
    return from_record(record, limits=Limits(), source=None, now=lambda: datetime(2031, 5, 5, tzinfo=UTC))


@pytest.mark.parametrize("name", _ITEMS)
def test_an_item_of_each_version_is_the_same_article(name: str) -> None:
    article = _read(_ITEMS[name])
    assert (article.title, article.text, article.source) == (
        "Pier closes",
        f"Pier closes\n\n{_TEXT}",
        "Fen Wire",
    )
    assert (article.authors, article.section, article.language) == (("Ada Quill",), "Harbour", "en")
    assert article.published_at == datetime(2025, 5, 4, 9, 30, tzinfo=UTC)
    assert article.article_id == _read(_ITEMS["1, plain"]).article_id


@pytest.mark.parametrize(
    "bodies", [[], [{}], [None, 3], [{"contentType": "image/jpeg", "value": "x"}], "x", None]
)
def test_an_item_without_a_text_is_said_to_have_none(bodies: object) -> None:
    with pytest.raises(UnfitError, match="has no text"):
        _read({**_THREE, "bodies": bodies})


def test_a_record_of_ours_with_a_uri_is_no_ninjs() -> None:
    article = _read({"uri": "x", "headline": "Not this", "title": "Pier", "text": _TEXT})
    assert article.title == "Pier"


def test_of_a_message_on_the_topic_its_bodies_are_not_kept_twice() -> None:
    article = article_in(
        json.dumps({**_ITEMS["3, plain"], "urgency": 4}).encode(), timestamp=1_746_351_000_000
    )
    assert article.model_extra == {"urgency": 4}


def test_a_message_whose_markup_can_not_be_read_here_is_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)  # as where the extra is not installed
    with pytest.raises(PermanentError, match="for which a package is needed") as caught:
        article_in(json.dumps(_ITEMS["3, markup"]).encode())
    assert caught.value.reason is DeadLetterReason.WRONG_SCHEMA
    assert article_in(json.dumps(_ITEMS["3, plain"]).encode()).title == "Pier closes"
