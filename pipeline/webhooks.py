"""Alerts sent to the webhooks of their questions: signed, again and again for a day, and then given up.

One alert at a time is sent to a webhook, and where that fails it is left alone for a time, each time longer. One that
hangs holds one thread of a few until its time is over, and no other webhook.
"""

from __future__ import annotations

import hmac
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from pipeline.record.codec import encode
from pipeline.stores.standing import Alerts, Outstanding, Retry
from pipeline.watch import metrics

log = logging.getLogger(__name__)

AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
SIGNATURE, TIMESTAMP = "X-Pipeline-Signature", "X-Pipeline-Timestamp"

_MOST_DOUBLINGS = 20
_LEASE = timedelta(seconds=60)
_LOOK_SECONDS = 1.0


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What the header says: `sha256=` and the HMAC of the time, a full stop and the body, in hexadecimal digits."""
    return f"sha256={hmac.digest(secret, timestamp.encode() + b'.' + body, 'sha256').hex()}"


class Deliverer:
    """Sends what is due.

    Args:
        alerts: of the store.
        secret: of the signatures.
        timeout: seconds that an answer may take, connecting included.
        now: the time.
    """

    def __init__(
        self,
        alerts: Alerts,
        secret: bytes,
        *,
        timeout: float = TIMEOUT_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._alerts = alerts
        self._secret = secret
        self._timeout = timeout
        self._now = now

    def run(self, stop: threading.Event, *, once: bool = False) -> None:
        """Send what is due until `stop`, or with `once` until nothing is due.

        Raises:
            TransientError: the store is away; what was sent and is not noted is sent again.
        """
        with ThreadPoolExecutor(AT_ONCE) as threads:
            under_way: set[Future[None]] = set()
            while True:
                if not stop.is_set() and len(under_way) < AT_ONCE:
                    under_way |= {
                        threads.submit(self._tell, one) for one in self._due(AT_ONCE - len(under_way))
                    }
                if under_way:
                    done, under_way = wait(under_way, _LOOK_SECONDS, FIRST_COMPLETED)
                    for one in done:
                        one.result()
                elif once or stop.wait(_LOOK_SECONDS):
                    return

    def _due(self, most: int) -> list[Outstanding]:
        now = self._now()
        due = self._alerts.due(now, now + _LEASE, most)
        for delivery, count in self._alerts.counts().items():
            metrics.WEBHOOK_ALERTS.labels(delivery).set(count)
        return due

    def _tell(self, one: Outstanding) -> None:
        problem = self._problem(one)
        now = self._now()
        if problem is None:
            self._alerts.delivered(one, now)
            metrics.WEBHOOK_DELIVERIES.labels("delivered").inc()
            return
        retry = Retry(now + pause(one.attempts), now + pause(one.failures), now - GIVEN_UP_AFTER)
        given_up = self._alerts.not_delivered(one, problem, retry)
        metrics.WEBHOOK_DELIVERIES.labels("failed").inc()
        metrics.WEBHOOK_DELIVERIES.labels("given-up").inc(given_up)
        host = urlsplit(one.webhook).hostname  # the rest of an address may be a secret
        end = f": {given_up} alerts are given up" if given_up else ""
        log.warning("webhook of %s at %s: %s%s", one.alert.question, host, problem, end)

    def _problem(self, one: Outstanding) -> str | None:
        """Send one; gives what was wrong, if anything."""
        body = encode(one.alert)
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "news-pipeline",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(self._secret, timestamp, body),
        }
        try:
            status = _post(one.webhook, body, headers, self._timeout)
        except (OSError, HTTPException) as error:
            return f"no answer: {type(error).__name__}: {error}"
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        return f"answered {status}"


def pause(failures: int) -> timedelta:
    """How long to wait after a failure that had others before it: each time twice as long, an hour at most."""
    return min(FIRST_WAIT * (1 << min(failures, _MOST_DOUBLINGS)), LONGEST_WAIT)


def _post(address: str, body: bytes, headers: dict[str, str], timeout: float) -> int:
    """The status of the answer. No redirect is followed, and no answer is read."""
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    # The time-out of a socket begins anew with each byte: one that drips would hold a thread for ever.
    clock = threading.Timer(timeout, _shut, [connection])
    clock.daemon = True
    clock.start()
    try:
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        clock.cancel()
        connection.close()


def _shut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("the connection was closed already")
