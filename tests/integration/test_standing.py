"""Standing questions and their alerts, as the databases keep them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.questions.question import Question, question_of
from pipeline.record import Alert, Duplicate, Verdict, effective_time
from pipeline.stores.base import open_store, standing_of
from pipeline.stores.following import Following
from pipeline.stores.removals import Forgotten
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.schema import cluster_merges, questions
from pipeline.stores.sql.standing import SqlAlerts
from pipeline.stores.sql.store import SqlStore
from pipeline.stores.standing import Borrowed, Delivery, Draft, Outstanding, Retry
from pipeline.stores.versions import version_hash
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
    version = version_hash(article)
    return Draft(alert, **{"version": version, "every_copy": False, "webhook": None, **fields})


def _note(store: SqlStore, *drafts: Draft) -> list[Alert]:
    return store.alerts.note(drafts).alerts


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
        row = {"id": "later", "question": '{"id": "later", "moods": ["glad"]}', "mark": 1}
        connection.execute(questions.insert().values(row))
    kept = store.questions.all()
    assert kept.questions == [_question()]
    assert [problem.partition(": ")[0] for problem in kept.problems] == ["question later"]


def test_a_story_is_told_once_and_to_the_same_article_again(store: SqlStore) -> None:
    store.questions.put(_question())
    _stored(store, "first", "s")
    _stored(store, "second", "s", Verdict.NEAR, "first")
    once = _note(store, _draft("first", "s"), _draft("second", "s"))
    assert _told(once) == [("first", "s")]
    assert _note(store, _draft("second", "s", seconds=5)) == []
    assert _note(store, _draft("first", "s", seconds=9)) == once  # after a kill: the very same


def test_every_copy_is_told_where_it_is_wanted(store: SqlStore) -> None:
    store.questions.put(_question(every_copy=True))
    _stored(store, "first", "s")
    _stored(store, "second", "s", Verdict.EXACT, "first")
    drafts = [_draft("first", "s", every_copy=True), _draft("second", "s", every_copy=True)]
    assert _told(_note(store, *drafts)) == [("first", "s"), ("second", "s")]
    assert _note(store, *drafts[1:]) == _note(store, *drafts)[1:]


def test_stories_that_were_merged_are_one(store: SqlStore) -> None:
    store.questions.put(_question())
    for article_id, story in (("a", "lost"), ("b", "won"), ("c", "lost"), ("d", "third")):
        _stored(store, article_id, story)
    assert _told(_note(store, _draft("a", "lost"))) == [("a", "lost")]
    with writing(store.engine) as connection:
        connection.execute(cluster_merges.insert().values(loser="lost", winner="won"))
    assert _note(store, _draft("b", "won"), _draft("c", "lost")) == []
    assert _told(_note(store, _draft("a", "lost"), _draft("d", "third"))) == [
        ("a", "lost"),
        ("d", "third"),
    ]


def test_nothing_is_kept_of_what_is_not_stored_and_of_what_nobody_asks(store: SqlStore) -> None:
    store.questions.put(_question())
    _stored(store, "first", "s")
    assert _note(store, _draft("nowhere", "t"), _draft("first", "s", question="gone")) == []


def test_a_question_that_is_removed_in_this_moment_costs_no_other_its_alerts(store: SqlStore) -> None:
    store.questions.put(_question())
    with ThreadPoolExecutor(1) as other:
        for number in range(20):
            store.questions.put(_question("bridge"))
            _stored(store, f"a{number}", f"a{number}")
            removed = other.submit(store.questions.remove, "bridge")
            drafts = [_draft(f"a{number}", f"a{number}", question=name) for name in ("bridge", "ferry")]
            assert "ferry" in {alert.question for alert in _note(store, *drafts)}
            assert removed.result()
            assert store.alerts.page(question="bridge").found == ()


def test_alerts_go_with_their_article_and_with_their_question(store: SqlStore) -> None:
    for name in ("ferry", "bridge"):
        store.questions.put(_question(name))
    for article_id in ("a", "b"):
        _stored(store, article_id, article_id)
        _note(store, *[_draft(article_id, article_id, question=name) for name in ("ferry", "bridge")])
    store.removals.remove(["a"], {}, Forgotten(NOON, "id a"))
    assert {alert.article_id for alert in store.alerts.page().found} == {"b"}
    store.questions.remove("ferry")
    assert [alert.question for alert in store.alerts.page().found] == ["bridge"]


def test_pages_go_from_the_latest_to_the_first(store: SqlStore) -> None:
    store.questions.put(_question())
    for number in range(5):
        _stored(store, f"a{number}", f"a{number}")
        _note(store, _draft(f"a{number}", f"a{number}", seconds=number // 2))
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


def test_alerts_are_followed_also_those_that_other_clocks_have_written(store: SqlStore) -> None:
    store.questions.put(_question())
    for name in ("a", "b", "c", "d"):
        _stored(store, name, name)
    _note(store, _draft("a", "a", seconds=-5))
    following = Following(store.alerts, question="ferry", now=NOON)
    assert following.new() == []
    _note(store, _draft("b", "b", seconds=50), _draft("c", "c", seconds=2))
    assert [alert.article_id for alert in following.new()] == ["c", "b"]
    _note(store, _draft("d", "d", seconds=-3))  # its clock is behind
    assert [alert.article_id for alert in following.new()] == ["d"]
    assert following.new() == []


def test_what_exact_copies_borrow_is_found_from_either_end(store: SqlStore) -> None:
    _stored(store, "copy", "s", Verdict.EXACT, "first")
    assert store.alerts.borrowed(["copy"]) == []  # it has overtaken its original
    _stored(store, "first", "s")
    _stored(store, "again", "s", Verdict.EXACT, "copy")
    both = [Borrowed("again", "first"), Borrowed("copy", "first")]
    assert store.alerts.borrowed(["first"]) == both
    assert store.alerts.borrowed(["again"]) == both[:1]


def test_an_older_version_than_the_one_that_stands_is_no_answer(store: SqlStore) -> None:
    store.questions.put(_question())
    _stored(store, "first", "s")
    earlier = replace(_draft("first", "s"), version=b"of another text")
    assert _note(store, earlier) == []
    assert store.alerts.note([earlier, _draft("first", "s")]).new == 1
    assert store.alerts.note([_draft("first", "s")]).new == 0


def _waiting(store: SqlStore, *articles: tuple[str, str]) -> None:
    """Alerts of articles, each with its webhook."""
    for number, (name, hook) in enumerate(articles):
        store.questions.put(_question(f"q{number}", webhook=hook))
        _stored(store, name, name)
        _note(store, _draft(name, name, question=f"q{number}", webhook=hook, seconds=number))


def _due(store: SqlStore, seconds: int, limit: int = 10) -> list[Outstanding]:
    now = NOON + seconds * _SECOND
    return store.alerts.due(now, now + 30 * _SECOND, limit)


def _retry(seconds: int, webhook: int | None = None, given_up: int = -1) -> Retry:
    later = seconds if webhook is None else webhook
    return Retry(NOON + seconds * _SECOND, NOON + later * _SECOND, NOON + given_up * _SECOND)


def test_a_webhook_is_told_of_one_alert_after_the_other(store: SqlStore) -> None:
    _waiting(store, ("a", _HOOK), ("b", _HOOK), ("c", "https://other.example/"))
    assert _due(store, -1) == []
    [a, c] = _due(store, 9)
    assert [(one.alert.article_id, one.webhook) for one in (a, c)] == [
        ("a", _HOOK),
        ("c", "https://other.example/"),
    ]
    assert _due(store, 38) == []  # others have them
    store.alerts.delivered(a, NOON + 10 * _SECOND)
    store.alerts.delivered(c, NOON + 10 * _SECOND)
    [b] = _due(store, 10)
    assert (b.alert.article_id, b.attempts, b.failures) == ("b", 0, 0)
    [again] = _due(store, 40)  # whoever had it was killed
    assert again == b
    store.alerts.delivered(b, NOON + 41 * _SECOND)
    assert _due(store, 99) == []
    assert store.alerts.counts() == {Delivery.DUE: 0, Delivery.FAILED: 0}


def test_after_a_failure_the_webhook_is_left_alone_and_then_told_of_another(store: SqlStore) -> None:
    _waiting(store, ("a", _HOOK), ("b", _HOOK))
    [a] = _due(store, 9)
    assert store.alerts.not_delivered(a, "answered 500", _retry(60, webhook=20)) == 0
    assert _due(store, 19) == []
    [b] = _due(store, 20)
    assert (b.alert.article_id, b.failures) == ("b", 1)
    store.alerts.delivered(b, NOON + 21 * _SECOND)
    assert _due(store, 59) == []
    [a] = _due(store, 60)
    assert (a.alert.article_id, a.attempts, a.failures) == ("a", 1, 0)


def test_what_waited_too_long_is_given_up_with_its_reason_and_can_be_tried_again(store: SqlStore) -> None:
    _waiting(store, ("a", _HOOK), ("b", _HOOK), ("c", _HOOK))
    [a] = _due(store, 9)
    assert store.alerts.not_delivered(a, "no answer", _retry(60, given_up=2)) == 2
    assert store.alerts.counts() == {Delivery.DUE: 1, Delivery.FAILED: 2}
    failed = {one.alert.article_id: (one.attempts, one.problem) for one in store.alerts.undelivered(10)}
    assert failed == {"a": (1, "no answer"), "b": (0, "given up with others: no answer")}
    assert store.alerts.retry(NOON + 10 * _SECOND) == 2
    assert [one.attempts for one in _due(store, 10)] == [0]
    assert store.alerts.counts() == {Delivery.DUE: 3, Delivery.FAILED: 0}


def test_what_waits_goes_where_the_question_says_by_then(store: SqlStore) -> None:
    _waiting(store, ("a", _HOOK), ("b", _HOOK))
    store.questions.put(_question("q0", webhook="https://moved.example/"))
    store.questions.put(_question("q1"))
    later = (datetime.now(UTC) - NOON).seconds + 10**8
    assert [(one.alert.article_id, one.webhook) for one in _due(store, later)] == [
        ("a", "https://moved.example/")
    ]


def test_two_writers_with_one_story_have_one_alert(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the other one had written between this one's look and its own writing."""
    store.questions.put(_question())
    for name in ("a", "b"):
        _stored(store, name, "s")
    assert _told(_note(store, _draft("a", "s"))) == [("a", "s")]
    monkeypatch.setattr("pipeline.stores.sql.standing._Standing._take", lambda *_: None)
    assert SqlAlerts(store.engine).note([_draft("b", "s")]) == ([], 0)


def test_a_store_that_keeps_none_says_so() -> None:
    with pytest.raises(UsageError, match="_Other keeps no standing questions: name a store that does"):
        standing_of(_Other())  # type: ignore[arg-type]


class _Other:
    pass
