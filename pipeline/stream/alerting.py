"""Standing questions, asked of what the sink has stored.

Beside the write, and not in the pool: exact copies come by here too, the questions are in the store, and what is told
may change with them, while a record may not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pipeline.errors import PermanentError
from pipeline.questions.matcher import Match, Matcher
from pipeline.record import Alert, EnrichedArticle, Said, Verdict, effective_time
from pipeline.stores.base import StandingParts, Store, standing_in
from pipeline.stores.standing import Draft

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_STATEMENTS = 5
_LONGEST = 500  # characters of a statement or a headline: an alert is a small message


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
        self._of_copies = False

    def answered(self, records: Sequence[EnrichedArticle]) -> list[Alert]:
        """The alerts of records that are stored, those that were kept before included: they are told again.

        Raises:
            TransientError: the store is away; the same call again is right.
        """
        self._look()
        if not len(self._matcher):
            return []
        originals = [record for record in records if record.duplicate.verdict is not Verdict.EXACT]
        copies = self._copies([record.article.article_id for record in records]) if self._of_copies else []
        drafts = [draft for record in (*originals, *copies) for draft in self._drafts(record)]
        try:
            return self._alerts.note(drafts)
        except PermanentError:  # the articles are stored: no alert is worth a dead letter of one
            log.exception("alerts of %d articles are lost", len(records))
            return []

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
            self._matcher = Matcher(questions, least_confidence=self._least_confidence)
            self._of_copies = any(one.every_copy or one.outlet or one.language for one in questions)
            self._state = state
        self._looked = now

    def _drafts(self, record: EnrichedArticle) -> list[Draft]:
        try:
            matches = self._matcher.matches(record)
        except Exception:  # a defect of ours is no reason to store nothing
            log.exception("questions can't be asked of %s", record.article.article_id)
            return []
        now = datetime.now(UTC)
        return [
            Draft(_alert(match, record, now), match.question.every_copy, match.question.webhook)
            for match in matches
        ]

    def _copies(self, article_ids: Sequence[str]) -> list[EnrichedArticle]:
        """Exact copies with the findings of their originals, as soon as both are stored, whichever came first."""
        found = []
        for copy_id, origin_id in self._alerts.borrowed(article_ids):
            copy, origin = self._store.article(copy_id), self._store.article(origin_id)
            if copy is not None and origin is not None:
                found.append(_with_findings(copy, origin))
        return found


def alerting_for(store: Store, *, least_confidence: float) -> Alerting | None:
    """Of a store; None where it keeps no questions."""
    standing = standing_in(store)
    return None if standing is None else Alerting(store, standing, least_confidence=least_confidence)


def _with_findings(copy: EnrichedArticle, origin: EnrichedArticle) -> EnrichedArticle:
    """The copy with what was found in its original, whose text is what the findings point into."""
    article = copy.article.model_copy(update={"text": origin.article.text})
    return origin.model_copy(update={"article": article, "duplicate": copy.duplicate})


def _alert(match: Match, record: EnrichedArticle, now: datetime) -> Alert:
    article = record.article
    return Alert(
        alert_id="",
        question=match.question.id,
        title=match.question.title,
        story=record.duplicate.cluster_id,
        article_id=article.article_id,
        source=article.source,
        url=article.url,
        headline=article.title and article.title[:_LONGEST],
        time=effective_time(article),
        at=now,
        names=match.names,
        statements=tuple(
            Said(
                text=quote.text[:_LONGEST],
                speaker=quote.speaker and quote.speaker.name,
                polarity=quote.polarity,
            )
            for quote in (record.quotes[number] for number in match.quotes[:_STATEMENTS])
        ),
    )
