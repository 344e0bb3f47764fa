"""Alerts as they come."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.record import Alert
from pipeline.stores.standing import Alerts

_LATE = timedelta(minutes=10)
_PAGE = 500


class Following:
    """Gives each alert once that comes after the beginning.

    Several workers write, each by its own clock, and what is written first need not be seen first: alerts that are up
    to ten minutes older than the latest are still looked for.

    Args:
        alerts: of the store.
        question: only of this one; of all if None.
        now: the beginning.
    """

    def __init__(self, alerts: Alerts, *, question: str | None, now: datetime) -> None:
        self._alerts = alerts
        self._question = question
        self._latest = now
        self._seen: dict[str, datetime] = {}
        self.new()

    def new(self) -> list[Alert]:
        """Those that have come since the last call, the first first. Raises TransientError: the store is away."""
        back_to = self._latest - _LATE
        found = []
        after = None
        while True:
            page = self._alerts.page(question=self._question, after=after, limit=_PAGE)
            recent = [alert for alert in page.found if alert.at >= back_to]
            found += [alert for alert in recent if alert.alert_id not in self._seen]
            after = page.after
            if after is None or len(recent) < len(page.found):
                break
        self._seen.update({alert.alert_id: alert.at for alert in found})
        self._latest = max((self._latest, *(alert.at for alert in found)))
        self._seen = {key: at for key, at in self._seen.items() if at >= self._latest - _LATE}
        return found[::-1]
