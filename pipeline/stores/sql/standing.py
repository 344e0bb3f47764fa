"""Standing questions and their alerts in the database."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Update,
    and_,
    func,
    or_,
    select,
)

from pipeline.errors import UsageError
from pipeline.questions.question import Question, question_of
from pipeline.record import Alert, Verdict, alert_id
from pipeline.record.codec import encode
from pipeline.stores.questions import Page, Place
from pipeline.stores.sql.bulk import slices, upsert
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.queries.copies import with_copies
from pipeline.stores.sql.schema import alerts, articles, cluster_merges, questions, webhooks
from pipeline.stores.standing import (
    Borrowed,
    Delivery,
    Draft,
    Kept,
    Noted,
    Outstanding,
    Retry,
    Undelivered,
)


class SqlQuestions:
    """See pipeline.stores.standing.Questions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> Kept:
        """See Questions."""
        kept = Kept([], [])
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(questions.c.id, questions.c.question).order_by(questions.c.id)
            ).all()
        for row in rows:
            try:
                kept.questions.append(question_of(row.question))
            except UsageError as problem:
                kept.problems.append(str(problem))
        return kept

    def state(self) -> str:
        """See Questions."""
        with reading(self._engine) as connection:
            row = connection.execute(select(func.count(), func.sum(questions.c.mark))).one()
        return f"{row[0]} {row[1]}"

    def put(self, question: Question) -> bool:
        """See Questions."""
        # Chance tells changes apart where no clock and no order of commits does: two may be made at once.
        values = {"question": question.model_dump_json(), "mark": secrets.randbelow(_MARKS)}
        this = questions.c.id == question.id
        with writing(self._engine) as connection:
            if connection.execute(questions.update().where(this).values(values)).rowcount:
                _send_to(connection, question)
                return False
            row = upsert(connection, questions).values(id=question.id, **values)
            connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
            return True

    def remove(self, question_id: str) -> bool:
        """See Questions."""
        with writing(self._engine) as connection:  # its alerts go with it
            gone = connection.execute(questions.delete().where(questions.c.id == question_id))
            return bool(gone.rowcount)


_MARKS = 1 << 40  # the sum of millions of them is an integer of the databases


class SqlAlerts:
    """See pipeline.stores.standing.Alerts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, drafts: Sequence[Draft]) -> Noted:
        """See Alerts."""
        if not drafts:
            return Noted([], 0)
        with writing(self._engine) as connection:
            versions = _pairs(
                connection,
                _locked(articles.c.article_id, articles.c.version_hash),
                articles.c.article_id,
                (one.alert.article_id for one in drafts),
            )
            asked = _pairs(
                connection,
                _locked(questions.c.id, questions.c.mark),
                questions.c.id,
                (one.alert.question for one in drafts),
            )
            standing = _Standing(
                connection,
                [
                    one
                    for one in drafts
                    if versions.get(one.alert.article_id) == one.version and one.alert.question in asked
                ],
            )
            made = standing.admitted()
            rows = [_row(alert, draft) for alert, draft in standing.new]
            if rows:
                connection.execute(upsert(connection, alerts).on_conflict_do_nothing(), rows)
                _know(connection, {draft.webhook: alert.at for alert, draft in standing.new if draft.webhook})
            # Another worker may have been faster with the same story: what it has written stands.
            written = _pairs(
                connection,
                select(alerts.c.alert_id, alerts.c.article_id),
                alerts.c.alert_id,
                (alert.alert_id for alert in made),
            )
        new = {alert.alert_id for alert, _ in standing.new}
        told = [alert for alert in made if written.get(alert.alert_id) == alert.article_id]
        return Noted(told, sum(alert.alert_id in new for alert in told))

    def borrowed(self, article_ids: Collection[str]) -> list[Borrowed]:
        """See Alerts."""
        given = set(article_ids)
        with reading(self._engine) as connection:
            origins = _origins(connection, given)
            pairs: set[Borrowed] = set()
            for some in slices(sorted(origins)):
                carriers = with_copies(select(articles.c.article_id).where(articles.c.article_id.in_(some)))
                found = connection.execute(select(carriers.c.article_id, carriers.c.origin))
                pairs.update(Borrowed(copy, origin) for copy, origin in found if copy != origin)
        return sorted(pair for pair in pairs if pair.copy in given or pair.origin in given)

    def page(
        self, *, question: str | None = None, after: Place | None = None, limit: int = 50
    ) -> Page[Alert]:
        """See Alerts."""
        columns = alerts.c
        query = select(columns.alert).order_by(columns.at.desc(), columns.alert_id).limit(limit + 1)
        if question is not None:
            query = query.where(columns.question_id == question)
        if after is not None:
            behind = and_(columns.at == after.time, columns.alert_id > after.key)
            query = query.where(columns.at <= after.time, or_(columns.at < after.time, behind))
        with reading(self._engine) as connection:
            found = [Alert.model_validate(alert) for alert in connection.scalars(query)]
        end = Place(found[limit - 1].at, found[limit - 1].alert_id) if len(found) > limit else None
        return Page(tuple(found[:limit]), end)

    def due(self, now: datetime, lease_until: datetime, limit: int) -> list[Outstanding]:
        """See Alerts."""
        waiting = _waiting(alerts.c.webhook == webhooks.c.address, now)
        query = (
            select(webhooks.c.address, webhooks.c.failures)
            .where(webhooks.c.due_at <= now, waiting.exists())
            .order_by(webhooks.c.due_at, webhooks.c.address)
            .limit(limit)
            .with_for_update(skip_locked=True)  # which SQLite does not need, and leaves out
        )
        found = []
        with writing(self._engine) as connection:
            for address, failures in connection.execute(query).all():
                leased = webhooks.update().where(webhooks.c.address == address).values(due_at=lease_until)
                connection.execute(leased)
                first = _waiting(alerts.c.webhook == address, now).order_by(alerts.c.due_at).limit(1)
                row = connection.execute(first).one_or_none()
                if row is not None:  # its question may have been removed in this moment
                    found.append(
                        Outstanding(Alert.model_validate(row.alert), address, row.attempts, failures)
                    )
        return found

    def delivered(self, one: Outstanding, now: datetime) -> None:
        """See Alerts."""
        with writing(self._engine) as connection:
            told = _this(one).values(delivery=Delivery.DELIVERED.value, due_at=None, problem=None)
            connection.execute(told.values(attempts=alerts.c.attempts + 1))
            connection.execute(_webhook(one).values(due_at=now, failures=0))

    def not_delivered(self, one: Outstanding, problem: str, retry: Retry) -> int:
        """See Alerts."""
        waits = (alerts.c.webhook == one.webhook) & (alerts.c.delivery == Delivery.DUE.value)
        with writing(self._engine) as connection:
            tried = _this(one).values(due_at=retry.alert, problem=problem, attempts=alerts.c.attempts + 1)
            connection.execute(tried)
            failed = _webhook(one).values(due_at=retry.webhook, failures=webhooks.c.failures + 1)
            connection.execute(failed)
            given_up = alerts.update().where(waits, alerts.c.waiting_since < retry.given_up)
            values = {"delivery": Delivery.FAILED.value, "due_at": None}
            reason = func.coalesce(alerts.c.problem, f"given up with others: {problem}")
            return connection.execute(given_up.values(problem=reason, **values)).rowcount

    def counts(self) -> Mapping[Delivery, int]:
        """See Alerts."""
        column = alerts.c.delivery
        query = select(column, func.count()).group_by(column)
        kinds = (Delivery.DUE, Delivery.FAILED)
        with reading(self._engine) as connection:
            rows = connection.execute(query.where(column.in_([kind.value for kind in kinds])))
            found: dict[str, int] = {row[0]: row[1] for row in rows}
        return {kind: found.get(kind.value, 0) for kind in kinds}

    def undelivered(self, limit: int) -> list[Undelivered]:
        """See Alerts."""
        query = (
            select(alerts.c.alert, alerts.c.webhook, alerts.c.attempts, alerts.c.problem)
            .where(alerts.c.delivery == Delivery.FAILED.value)
            .order_by(alerts.c.at.desc(), alerts.c.alert_id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                Undelivered(Alert.model_validate(row.alert), row.webhook, row.attempts, row.problem or "")
                for row in connection.execute(query)
            ]

    def retry(self, now: datetime) -> int:
        """See Alerts."""
        failed = alerts.update().where(alerts.c.delivery == Delivery.FAILED.value)
        with writing(self._engine) as connection:
            again = failed.values(delivery=Delivery.DUE.value, due_at=now, waiting_since=now, attempts=0)
            made_due = connection.execute(again).rowcount
            if made_due:
                connection.execute(webhooks.update().values(due_at=now, failures=0))
            return made_due


class _Standing:
    """The alerts that stand of the stories and articles of some drafts, and those that are made of them."""

    def __init__(self, connection: Connection, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts
        clusters = {draft.alert.story for draft in drafts}
        merges = select(cluster_merges.c.loser, cluster_merges.c.winner)
        self._winners = _pairs(connection, merges, cluster_merges.c.loser, clusters)
        stories = {self._winners.get(cluster, cluster) for cluster in clusters}
        losers = _pairs(connection, merges, cluster_merges.c.winner, stories)
        self._winners |= losers
        family = sorted(stories | losers.keys())
        self._by_story: dict[tuple[str, str], Alert] = {}
        self._by_about: dict[tuple[str, str], Alert] = {}
        self.new: list[tuple[Alert, Draft]] = []
        wanted = {draft.alert.question for draft in drafts}
        about = sorted({draft.alert.article_id for draft in drafts})
        for column, values in ((alerts.c.story, family), (alerts.c.about, about)):
            for some in slices(values):
                for row in connection.execute(select(alerts).where(column.in_(some)).order_by(alerts.c.at)):
                    if row.question_id in wanted:
                        self._take(row.about, Alert.model_validate(row.alert))

    def _take(self, about: str, alert: Alert) -> None:
        story = self._winners.get(alert.story, alert.story)
        self._by_story.setdefault((alert.question, story), alert)
        self._by_about.setdefault((alert.question, about), alert)

    def admitted(self) -> list[Alert]:
        """The alerts that stand with the articles of the drafts."""
        return [alert for draft in self._drafts if (alert := self._admit(draft)) is not None]

    def _admit(self, draft: Draft) -> Alert | None:
        """The alert that stands with the draft's article: an earlier one, or a new one; None where another stands."""
        story = self._winners.get(draft.alert.story, draft.alert.story)
        about = draft.alert.article_id if draft.every_copy else story
        known = self._by_about.get((draft.alert.question, about))
        if known is None and not draft.every_copy:
            known = self._by_story.get((draft.alert.question, story))
        if known is not None:
            return known if known.article_id == draft.alert.article_id else None
        made = draft.alert.model_copy(
            update={"story": story, "alert_id": alert_id(draft.alert.question, about)}
        )
        self._take(about, made)
        self.new.append((made, draft))
        return made


def _row(alert: Alert, draft: Draft) -> dict[str, Any]:
    return {
        "question_id": alert.question,
        "about": alert.article_id if draft.every_copy else alert.story,
        "alert_id": alert.alert_id,
        "article_id": alert.article_id,
        "story": alert.story,
        "at": alert.at,
        "alert": encode(alert).decode(),
        "webhook": draft.webhook,
        "delivery": Delivery.DUE.value if draft.webhook else None,
        "waiting_since": alert.at if draft.webhook else None,
        "due_at": alert.at if draft.webhook else None,
    }


def _send_to(connection: Connection, question: Question) -> None:
    """Have what waits to be sent go where the question says now."""
    waiting = alerts.update().where(
        alerts.c.question_id == question.id, alerts.c.delivery == Delivery.DUE.value
    )
    if question.webhook is None:
        connection.execute(waiting.values(webhook=None, delivery=None, due_at=None))
    else:
        connection.execute(waiting.values(webhook=question.webhook))
        _know(connection, {question.webhook: datetime.now(UTC)})


def _know(connection: Connection, addresses: Mapping[str, datetime]) -> None:
    """Have rows for webhooks, due at these times where they have none."""
    rows = [{"address": address, "due_at": at} for address, at in sorted(addresses.items())]
    if rows:
        connection.execute(upsert(connection, webhooks).on_conflict_do_nothing(), rows)


def _waiting(where: ColumnElement[bool], now: datetime) -> Select[Any]:
    """Alerts whose webhook is to be told by now."""
    return select(alerts.c.alert, alerts.c.attempts).where(
        where, alerts.c.delivery == Delivery.DUE.value, alerts.c.due_at <= now
    )


def _this(one: Outstanding) -> Update:
    return alerts.update().where(alerts.c.alert_id == one.alert.alert_id)


def _webhook(one: Outstanding) -> Update:
    return webhooks.update().where(webhooks.c.address == one.webhook)


def _locked(key: Column[Any], value: Column[Any]) -> Select[Any]:
    """Keys and values of rows; until the end of the transaction nobody removes one of them."""
    return select(key, value).order_by(key).with_for_update(read=True, key_share=True)


def _pairs(
    connection: Connection, query: Select[Any], among: Column[Any], values: Iterable[str]
) -> dict[str, Any]:
    """What a query of two columns gives of the rows that have one of these values in a column: second by first."""
    found: dict[str, Any] = {}
    for some in slices(sorted(set(values))):
        found.update(connection.execute(query.where(among.in_(some))).all())
    return found


def _origins(connection: Connection, article_ids: Collection[str]) -> set[str]:
    """The articles themselves, but of exact copies their originals, as far as they are stored."""
    origins: set[str] = set()
    seen: set[str] = set()
    here = set(article_ids)
    while here:
        seen |= here
        further: set[str] = set()
        for some in slices(sorted(here)):
            query = select(articles.c.article_id, articles.c.verdict, articles.c.duplicate_of)
            for row in connection.execute(query.where(articles.c.article_id.in_(some))):
                if row.verdict != Verdict.EXACT.value:
                    origins.add(row.article_id)
                elif row.duplicate_of is not None:
                    further.add(row.duplicate_of)
        here = further - seen
    return origins
