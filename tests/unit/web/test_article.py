"""An article as a page shows it."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given

from pipeline.record import EnrichedArticle
from pipeline.web.console.article import (
    entities_by_kind,
    marked_body,
    marked_headline,
    marked_text,
    statements,
    visible,
)
from tests.support.newsroom import HOSTILE, PIER, newsroom
from tests.support.records import records

_TAG = re.compile(r"<[^>]*>")


def _shown(record: EnrichedArticle) -> str:
    return unescape(_TAG.sub("", str(marked_text(record))))


def test_each_piece_is_marked_at_its_own_words_behind_an_emoji_too() -> None:
    html = str(marked_text(newsroom()[0]))
    assert html == f"{marked_headline(newsroom()[0])}\n\n{marked_body(newsroom()[0])}"
    assert marked_headline(newsroom()[0]) == "Pier burns 👩‍🚒"
    assert re.search(
        r'<span class="quote direct asserted" id="q0"[^>]*data-statement="s0">“It burned for hours,”</span>',
        html,
    )
    assert re.search(
        r'id="q1"[^>]*>“Nobody in <span class="entity place"[^>]*>Fenmouth</span> slept.”</span>', html
    )
    assert re.search(
        r'<span class="quote indirect denied" id="q2"[^>]*>that the pier was unsafe</span>', html
    )


def test_markup_of_the_text_is_shown_and_never_run() -> None:
    html = str(marked_text(newsroom()[3]))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html
    assert "␇␛[31mred" in html
    assert _shown(newsroom()[3]) == visible(HOSTILE)


def test_a_statement_has_its_pieces_its_speaker_and_how_they_were_found() -> None:
    first, second = statements(newsroom()[0])
    assert first.text == "“It burned for hours,” … “Nobody in Fenmouth slept.”"
    assert first.anchors == ("q0", "q1")
    assert [speaker.name for speaker in first.speakers] == ["Tom Reed"]
    assert (second.verb, second.kind, second.how) == ("denied", "indirect", ("by the name itself",))


def test_names_are_shown_by_kind() -> None:
    found = entities_by_kind(newsroom()[0])
    assert {kind: [one.name for one in some] for kind, some in found.items()} == {
        "person": ["Tom Reed", "Ada Quill"],
        "organisation": ["Reed Shipping"],
        "place": ["Fenmouth"],
    }


def test_signs_stand_for_control_characters_one_for_one() -> None:
    assert visible("a\x00\x1b\n\t\x7f") == "a␀␛\n\t␡"
    assert len(visible(PIER)) == len(PIER)


@given(records())
def test_whatever_is_marked_the_text_is_all_there(record: EnrichedArticle) -> None:
    assert _shown(record) == visible(record.article.text)
    html = str(marked_text(record))
    assert html.count("<span") == html.count("</span>")
