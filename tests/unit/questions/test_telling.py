from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pipeline.questions.matcher import Matcher
from pipeline.questions.question import question_of
from pipeline.questions.telling import alert_of, passage
from pipeline.record import Alert, EnrichedArticle
from pipeline.record.codec import encode
from tests.unit.stores.builders import entity, full_record, record

_NOW = datetime(2031, 5, 4, tzinfo=UTC)


def _alert(record: EnrichedArticle, **fields: object) -> Alert:
    question = question_of({"id": "q", "title": "A question", **fields})
    matcher = Matcher([question])
    [match] = matcher.matches(record)
    return alert_of(matcher, match, record, _NOW)


def test_an_alert_says_why_the_article_answers() -> None:
    record = full_record()
    text = record.article.text
    assert "ferries" in (_alert(record, words="ferries").passage or "")
    assert "Quill" in (_alert(record, names=["Quill"]).passage or "")
    said = _alert(record, speakers=["Quill"])
    assert (said.passage, said.statements[0].speaker) == (None, "Ada Quill")
    assert said.statements[0].text in text
    assert _alert(record, language=["en"]).passage is None


def test_the_passage_has_as_many_of_the_words_and_names_as_there_are_together() -> None:
    text = (
        "Ferry news\n\nThe ferry was late.\n\nA wall stands.\n\n"
        "Quill saw the ferry at the wall.\n\nA ferry, a wall, and somebody."
    )
    made = record(text=text, entities=(entity("Ada Quill", "PERSON", "Quill", text=text),))
    article = made.model_copy(update={"article": made.article.model_copy(update={"title": "Ferry news"})})
    assert _alert(article, words="ferry").passage == "The ferry was late."
    assert _alert(article, words='late "a wall"').passage == "A wall stands."  # not where only `late` is
    assert _alert(article, words="ferry wall", names=["Quill"]).passage == "Quill saw the ferry at the wall."


def test_an_alert_is_a_small_message_whatever_the_article_has_in_it() -> None:
    record = full_record()
    long = {"title": "t" * 9_000, "url": f"https://h/{'u' * 9_000}", "source": "s" * 9_000}
    article = record.article.model_copy(update={**long, "text": record.article.text + "x" * 90_000})
    alert = _alert(record.model_copy(update={"article": article}), names=["Quill"], words="ferry")
    assert alert.url is None
    assert len(encode(alert)) < 4_000


@given(st.lists(st.text("ab", min_size=1, max_size=400), min_size=1, max_size=40), st.data())
def test_a_passage_is_of_its_paragraph_and_has_its_place_in_it(words: list[str], data: st.DataObject) -> None:
    text = words[0]
    for word in words[1:]:
        text += data.draw(st.sampled_from([" ", "\n"])) + word
    place = data.draw(st.integers(0, len(text) - 1).filter(lambda one: text[one] in "ab"))
    found = passage(text, place)
    assert len(found) <= 304
    assert found.removeprefix("… ").removesuffix(" …") in text
    assert "\n" not in found
    bare = found.removeprefix("… ").removesuffix(" …")
    places = (start for start in range(len(text)) if text.startswith(bare, start))
    assert any(start <= place < start + len(bare) for start in places)
