"""What goes wrong with the questions costs alerts, of as few articles as can be, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import PermanentError, Reason, TransientError
from pipeline.questions.matcher import Match, Matcher
from pipeline.questions.question import question_of
from pipeline.record import EnrichedArticle
from pipeline.stores.sql.standing import SqlAlerts
from pipeline.stores.sql.store import SqlStore, open_sql_store
from pipeline.stores.standing import Draft, Noted
from pipeline.stream.alerting import Alerting, alerting_for
from pipeline.watch import metrics
from tests.unit.stores.builders import record

_RECORDS = [record(name, text=f"The ferry {name} is late.") for name in ("a", "b", "c")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_sql_store(f"sqlite:///{tmp_path / 'store.db'}")) as opened:
        opened.upgrade()
        opened.write(_RECORDS)
        opened.questions.put(question_of({"id": "ferry", "title": "Ferries", "words": "ferry"}))
        yield opened


@pytest.fixture
def alerting(store: SqlStore) -> Alerting:
    made = alerting_for(store, least_confidence=0.0)
    assert made is not None
    return made


def _told(alerting: Alerting) -> tuple[list[str], float]:
    """Whose alerts are told, and how many articles' were lost."""
    before = metrics.ALERTS_LOST._value.get()
    told = [alert.article_id for alert in alerting.answered(_RECORDS)]
    return told, metrics.ALERTS_LOST._value.get() - before


def test_an_article_that_can_not_be_compared_costs_its_own_alerts(
    alerting: Alerting, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = Matcher.matches

    def defect(self: Matcher, record: EnrichedArticle) -> list[Match]:
        if record.article.article_id == "b":
            raise KeyError("a defect")
        return matches(self, record)

    monkeypatch.setattr(Matcher, "matches", defect)
    assert _told(alerting) == (["a", "c"], 1)


def test_an_alert_that_the_store_refuses_costs_no_other(
    alerting: Alerting, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = SqlAlerts.note

    def refusing(self: SqlAlerts, drafts: Sequence[Draft]) -> Noted:
        if any(draft.alert.article_id == "b" for draft in drafts):
            raise PermanentError(Reason.NOT_STORABLE, "it is refused")
        return note(self, drafts)

    monkeypatch.setattr(SqlAlerts, "note", refusing)
    assert _told(alerting) == (["a", "c"], 1)


def test_a_store_that_is_away_is_waited_for(alerting: Alerting, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Noted:
        raise TransientError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(SqlAlerts, "note", away)
        with pytest.raises(TransientError):
            alerting.answered(_RECORDS)
    assert _told(alerting) == (["a", "b", "c"], 0)
