"""Alerts sent to the webhooks of their questions: signed, again and again for a time, and then given up.

A receiver that hangs holds one thread of a few until its time is over, and nothing else.
"""

from __future__ import annotations

import hmac
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from pipeline.record.codec import encode
from pipeline.stores.standing import Alerts, Outstanding

log = logging.getLogger(__name__)

AT_ONCE = 8
TIMEOUT_SECONDS = 10.0
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = 30
"""Attempts: about a day."""
SIGNATURE, TIMESTAMP = "X-Pipeline-Signature", "X-Pipeline-Timestamp"

_MOST_DOUBLINGS = 20
_LEASE = timedelta(seconds=60)


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

    def deliver(self) -> int:
        """Send all that is due now, some at once; gives how many were sent, with success or without.

        Raises:
            TransientError: the store is away; what was sent and is not noted is sent again.
        """
        now = self._now()
        due = self._alerts.due(now, now + _LEASE, AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            problems = list(threads.map(self._problem, due))
        for one, problem in zip(due, problems, strict=True):
            if problem is None:
                self._alerts.delivered(one.alert.alert_id)
                continue
            again = None if one.attempts + 1 >= GIVEN_UP_AFTER else self._now() + wait(one.attempts)
            host = urlsplit(one.webhook).hostname  # the rest of an address may be a secret
            log.warning(
                "webhook of %s at %s: %s%s", one.alert.question, host, problem, "" if again else ": given up"
            )
            self._alerts.not_delivered(one.alert.alert_id, problem, again)
        return len(due)

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


def wait(attempts: int) -> timedelta:
    """How long to wait after a failure, of `attempts` that failed before: each time twice as long, an hour at most."""
    return min(FIRST_WAIT * (1 << min(attempts, _MOST_DOUBLINGS)), LONGEST_WAIT)


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
