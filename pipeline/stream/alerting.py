"""Standing questions, asked of what the sink has stored.

Beside the write, and not in the pool: exact copies come by here too, the questions are in the store, and what is told
may change with them, while a record may not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pipeline.errors import PermanentError, SettingsError, TransientError
from pipeline.questions.matcher import Matcher
from pipeline.questions.telling import alert_of
from pipeline.record import Alert, EnrichedArticle, Verdict
from pipeline.stores.base import StandingParts, Store, standing_in
from pipeline.stores.standing import Draft
from pipeline.stores.versions import version_hash
from pipeline.watch import metrics

T = TypeVar("T")

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0


class Alerting:
    """Says which questions records answer that nobody was told of before. For one thread at a time.

    Args:
        store: where the records are; what it has stored is asked for again for exact copies.
        standing: its questions and alerts.
        least_confidence: in 0..1; statements that are less sure are no answer.
        clock: seconds, for how often questions are looked for.
    """

    def __init__(
        self,
        store: Store,
        standing: StandingParts,
        *,
        least_confidence: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._questions, self._alerts = standing
        self._least_confidence = least_confidence
        self._clock = clock
        self._looked = -_LOOK_SECONDS
        self._state = ""
        self._matcher = Matcher(())
        self._of_copies = Matcher(())

    def answered(self, records: Sequence[EnrichedArticle]) -> list[Alert]:
        """The alerts of records that are stored, those that were kept before included: they are told again.

        What goes wrong here for good is logged and counted, and costs alerts alone: the articles are stored.

        Raises:
            TransientError: the store is away; the same call again is right.
            SettingsError: a person has to mend something first.
        """
        with metrics.QUESTIONS_DURATION.time():
            found = self._or_nothing(records, lambda: self._answered(records))
        return found or []

    def _answered(self, records: Sequence[EnrichedArticle]) -> list[Alert]:
        self._look()
        if not len(self._matcher):
            return []
        drafts = [
            self._drafts(self._matcher, record, version_hash(record.article))
            for record in records
            if record.duplicate.verdict is not Verdict.EXACT
        ]
        drafts += self._or_nothing(records, lambda: self._of_exact_copies(records)) or []
        return self._noted([some for some in drafts if some])

    def _noted(self, drafts: Sequence[Sequence[Draft]]) -> list[Alert]:
        """Keep the drafts of several records; where the store refuses something, each record's alone."""
        try:
            noted = self._alerts.note([draft for some in drafts for draft in some])
        except PermanentError as refusal:
            if len(drafts) > 1:
                return [alert for some in drafts for alert in self._noted([some])]
            _lose(1, drafts[0][0].alert.article_id, refusal)
            return []
        metrics.ALERTS.inc(noted.new)
        return noted.alerts

    def _look(self) -> None:
        """Read the questions again when they have changed."""
        now = self._clock()
        if now - self._looked < _LOOK_SECONDS:
            return
        state = self._questions.state()
        if state != self._state:
            questions, problems = self._questions.all()
            for problem in problems:
                log.warning("is not asked: %s", problem)
            of_copies = [one for one in questions if one.every_copy or one.outlet or one.language]
            self._matcher = Matcher(questions, least_confidence=self._least_confidence)
            self._of_copies = Matcher(of_copies, least_confidence=self._least_confidence)
            self._state = state
            metrics.QUESTIONS.set(len(questions))
        self._looked = now

    def _drafts(self, matcher: Matcher, record: EnrichedArticle, version: bytes) -> list[Draft]:
        def made() -> list[Draft]:
            now = datetime.now(UTC)
            return [
                Draft(
                    alert_of(matcher, match, record, now),
                    version,
                    match.question.every_copy,
                    match.question.webhook,
                )
                for match in matcher.matches(record)
            ]

        return self._or_nothing([record], made) or []

    def _of_exact_copies(self, records: Sequence[EnrichedArticle]) -> list[list[Draft]]:
        """By the findings of their originals, as soon as both are stored, whichever came first."""
        if not len(self._of_copies):
            return []
        found = []
        for copy_id, origin_id in self._alerts.borrowed([record.article.article_id for record in records]):
            copy, origin = self._store.article(copy_id), self._store.article(origin_id)
            if copy is not None and origin is not None:
                version = version_hash(copy.article)
                found.append(self._drafts(self._of_copies, _with_findings(copy, origin), version))
        return found

    def _or_nothing(self, records: Sequence[EnrichedArticle], work: Callable[[], T]) -> T | None:
        try:
            return work()
        except (TransientError, SettingsError):
            raise
        except Exception as defect:  # noqa: BLE001 - whatever it is, the articles are stored
            _lose(len(records), records[0].article.article_id, defect)
            return None


def alerting_for(store: Store, *, least_confidence: float) -> Alerting | None:
    """Of a store; None where it keeps no questions."""
    standing = standing_in(store)
    return None if standing is None else Alerting(store, standing, least_confidence=least_confidence)


def _lose(articles: int, first: str, why: Exception) -> None:
    metrics.ALERTS_LOST.inc(articles)
    log.error("the alerts of %d articles are lost, %s the first of them", articles, first, exc_info=why)


def _with_findings(copy: EnrichedArticle, origin: EnrichedArticle) -> EnrichedArticle:
    """The copy with what was found in its original, whose text is what the findings point into."""
    article = copy.article.model_copy(update={"text": origin.article.text})
    return origin.model_copy(update={"article": article, "duplicate": copy.duplicate})
