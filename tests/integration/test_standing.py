"""Standing questions and their alerts, as the databases keep them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.questions.question import Question, question_of
from pipeline.record import Alert, Duplicate, Verdict, effective_time
from pipeline.stores.base import open_store, standing_of
from pipeline.stores.removals import Forgotten
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.schema import cluster_merges, questions
from pipeline.stores.sql.standing import SqlAlerts
from pipeline.stores.sql.store import SqlStore
from pipeline.stores.standing import Borrowed, Draft
from tests.unit.stores.builders import NOON, record

_SECOND = timedelta(seconds=1)
_HOOK = "https://desk.example/alerts"


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    with closing(open_store(database_url)) as opened:
        assert isinstance(opened, SqlStore)
        opened.upgrade()
        yield opened


def _question(name: str = "ferry", **fields: Any) -> Question:
    return question_of({"id": name, "title": f"About {name}", "words": name, **fields})


def _stored(
    store: SqlStore, article_id: str, story: str, verdict: Verdict = Verdict.ORIGINAL, of: str | None = None
) -> None:
    duplicate = Duplicate(verdict=verdict, cluster_id=story, duplicate_of=of)
    store.write([record(article_id, duplicate=duplicate)])


def _draft(article_id: str, story: str, *, question: str = "ferry", seconds: int = 0, **fields: Any) -> Draft:
    article = record(article_id).article
    alert = Alert(
        alert_id="",
        question=question,
        title="A question",
        story=story,
        article_id=article_id,
        source=article.source,
        time=effective_time(article),
        at=NOON + seconds * _SECOND,
    )
    return Draft(alert, **{"every_copy": False, "webhook": None, **fields})


def _told(alerts: list[Alert]) -> list[tuple[str, str]]:
    return [(alert.article_id, alert.story) for alert in alerts]


def test_questions_come_back_and_every_change_is_seen(store: SqlStore) -> None:
    states = [store.questions.state()]
    for question in (
        _question(),
        _question("bridge", speakers=["Quill"], every_copy=True),
        _question(title="Ferries"),
    ):
        store.questions.put(question)
        states.append(store.questions.state())
    assert store.questions.remove("bridge")
    states.append(store.questions.state())
    assert len(set(states)) == len(states)
    assert store.questions.all() == ([_question(title="Ferries")], [])
    assert not store.questions.remove("bridge")


def test_a_question_that_can_not_be_read_costs_no_other(store: SqlStore) -> None:
    store.questions.put(_question())
    with writing(store.engine) as connection:
        row = {"id": "later", "question": '{"id": "later", "moods": ["glad"]}', "changed_at": NOON}
        connection.execute(questions.insert().values(row))
    kept = store.questions.all()
    assert kept.questions == [_question()]
    assert [problem.partition(": ")[0] for problem in kept.problems] == ["question later"]


def test_a_story_is_told_once_and_to_the_same_article_again(store: SqlStore) -> None:
    store.questions.put(_question())
    _stored(store, "first", "s")
    _stored(store, "second", "s", Verdict.NEAR, "first")
    once = store.alerts.note([_draft("first", "s"), _draft("second", "s")])
    assert _told(once) == [("first", "s")]
    assert store.alerts.note([_draft("second", "s", seconds=5)]) == []
    assert store.alerts.note([_draft("first", "s", seconds=9)]) == once  # after a kill: the very same


def test_every_copy_is_told_where_it_is_wanted(store: SqlStore) -> None:
    store.questions.put(_question(every_copy=True))
    _stored(store, "first", "s")
    _stored(store, "second", "s", Verdict.EXACT, "first")
    drafts = [_draft("first", "s", every_copy=True), _draft("second", "s", every_copy=True)]
    assert _told(store.alerts.note(drafts)) == [("first", "s"), ("second", "s")]
    assert store.alerts.note(drafts[1:]) == store.alerts.note(drafts)[1:]


def test_stories_that_were_merged_are_one(store: SqlStore) -> None:
    store.questions.put(_question())
    for article_id, story in (("a", "lost"), ("b", "won"), ("c", "lost"), ("d", "third")):
        _stored(store, article_id, story)
    assert _told(store.alerts.note([_draft("a", "lost")])) == [("a", "lost")]
    with writing(store.engine) as connection:
        connection.execute(cluster_merges.insert().values(loser="lost", winner="won"))
    assert store.alerts.note([_draft("b", "won"), _draft("c", "lost")]) == []
    assert _told(store.alerts.note([_draft("a", "lost"), _draft("d", "third")])) == [
        ("a", "lost"),
        ("d", "third"),
    ]


def test_nothing_is_kept_of_what_is_not_stored_and_of_what_nobody_asks(store: SqlStore) -> None:
    store.questions.put(_question())
    _stored(store, "first", "s")
    assert store.alerts.note([_draft("nowhere", "t"), _draft("first", "s", question="gone")]) == []


def test_alerts_go_with_their_article_and_with_their_question(store: SqlStore) -> None:
    for name in ("ferry", "bridge"):
        store.questions.put(_question(name))
    for article_id in ("a", "b"):
        _stored(store, article_id, article_id)
        store.alerts.note([_draft(article_id, article_id, question=name) for name in ("ferry", "bridge")])
    store.removals.remove(["a"], {}, Forgotten(NOON, "id a"))
    assert {alert.article_id for alert in store.alerts.page().found} == {"b"}
    store.questions.remove("ferry")
    assert [alert.question for alert in store.alerts.page().found] == ["bridge"]


def test_pages_go_from_the_latest_to_the_first(store: SqlStore) -> None:
    store.questions.put(_question())
    for number in range(5):
        _stored(store, f"a{number}", f"a{number}")
        store.alerts.note([_draft(f"a{number}", f"a{number}", seconds=number // 2)])
    sizes: list[int] = []
    found: list[Alert] = []
    after = None
    while not sizes or after:
        page = store.alerts.page(question="ferry", after=after, limit=2)
        sizes.append(len(page.found))
        found += page.found
        after = page.after
    assert sizes == [2, 2, 1]
    assert found == sorted(found, key=lambda alert: (-alert.at.timestamp(), alert.alert_id))
    assert {alert.article_id for alert in found} == {f"a{number}" for number in range(5)}
    assert store.alerts.page(question="other").found == ()


def test_what_exact_copies_borrow_is_found_from_either_end(store: SqlStore) -> None:
    _stored(store, "copy", "s", Verdict.EXACT, "first")
    assert store.alerts.borrowed(["copy"]) == []  # it has overtaken its original
    _stored(store, "first", "s")
    _stored(store, "again", "s", Verdict.EXACT, "copy")
    both = [Borrowed("again", "first"), Borrowed("copy", "first")]
    assert store.alerts.borrowed(["first"]) == both
    assert store.alerts.borrowed(["again"]) == both[:1]


def test_webhooks_are_due_until_they_are_told_or_given_up(store: SqlStore) -> None:
    store.questions.put(_question(webhook=_HOOK))
    for name in ("a", "b", "c"):
        _stored(store, name, name)
    store.alerts.note([_draft("a", "a", webhook=_HOOK), _draft("b", "b", webhook=_HOOK), _draft("c", "c")])
    lease = NOON + 30 * _SECOND

    def due(seconds: int) -> list[tuple[str, int]]:
        found = store.alerts.due(NOON + seconds * _SECOND, lease + seconds * _SECOND, 10)
        assert {one.webhook for one in found} <= {_HOOK}
        return sorted((one.alert.article_id, one.attempts) for one in found)

    ids = {alert.article_id: alert.alert_id for alert in store.alerts.page().found}
    assert due(-1) == []
    assert due(0) == [("a", 0), ("b", 0)]
    assert due(29) == []  # others have them
    store.alerts.delivered(ids["a"])
    store.alerts.not_delivered(ids["b"], "500", NOON + 40 * _SECOND)
    assert due(39) == []
    assert due(40) == [("b", 1)]
    store.alerts.not_delivered(ids["b"], "gone", None)
    assert due(9999) == []
    [failed] = store.alerts.undelivered(10)
    assert (failed.alert.article_id, failed.attempts, failed.problem) == ("b", 2, "gone")
    assert store.alerts.retry(NOON) == 1
    assert due(0) == [("b", 0)]


def test_two_writers_with_one_story_have_one_alert(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the other one had written between this one's look and its own writing."""
    store.questions.put(_question())
    for name in ("a", "b"):
        _stored(store, name, "s")
    assert _told(store.alerts.note([_draft("a", "s")])) == [("a", "s")]
    monkeypatch.setattr("pipeline.stores.sql.standing._Standing._take", lambda *_: None)
    assert SqlAlerts(store.engine).note([_draft("b", "s")]) == []


def test_a_store_that_keeps_none_says_so() -> None:
    with pytest.raises(UsageError, match="_Other keeps no standing questions: name a store that does"):
        standing_of(_Other())  # type: ignore[arg-type]


class _Other:
    pass
