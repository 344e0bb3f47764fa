"""A small HTTP server that strangers can't fill up: bounded connections, bytes and seconds.

It answers one request a connection, each in a thread. Who connects and says nothing holds a thread; so there are at
most LIMIT of them, the one that has been silent longest makes room for a newcomer, and a request that is not there
after some seconds is given up, however slowly it trickles in. A probe that asks at once is answered all the while.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

log = logging.getLogger(__name__)

LIMIT = 32
"""Connections that are listened to at once."""

REQUEST_BYTES = 16 * 1024
"""Of a request's line and headers together."""

REQUEST_SECONDS = 5.0
ANSWER_SECONDS = 30.0

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_BUSY = b"HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/plain\r\n\r\ntoo many connections\n"


@dataclass(slots=True)
class _Connection:
    since: float
    asks: bool = True
    dropped: bool = False


class _Bounded(io.RawIOBase):
    """A connection's first bytes; behind them it seems to end."""

    def __init__(self, raw: io.RawIOBase, limit: int) -> None:
        super().__init__()
        self._raw = raw
        self.left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._raw.readinto(memoryview(buffer)[: self.left]) if self.left else 0
        self.left -= count or 0
        return count or 0

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Handler(WSGIRequestHandler):
    server: BoundedServer

    def setup(self) -> None:
        super().setup()
        self._head = _Bounded(self.rfile.detach(), REQUEST_BYTES)
        self.rfile = io.BufferedReader(self._head)

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if self._head.left == 0:
            self.send_error(431)
            return False
        return self.server.begin_answer(self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Scrapes are not news."""


class BoundedServer(ThreadingMixIn, WSGIServer):
    """Serves a WSGI application; `serve_forever` in a thread of its own, as the base class has it.

    Args:
        address: host and port; 0 for any free one.
        application: answers the requests; has to be safe for threads.
        request_seconds: until a request has to be there.
        answer_seconds: until its answer has to be taken.

    Raises:
        OSError: the port is taken.
    """

    daemon_threads = True
    request_queue_size = 512  # a burst is taken in by the kernel meanwhile, not turned away for a second

    def __init__(
        self,
        address: tuple[str, int],
        application: Application,
        *,
        request_seconds: float = REQUEST_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._seconds = {True: request_seconds, False: answer_seconds}
        self._lock = threading.Lock()
        self._open: dict[socket.socket, _Connection] = {}
        super().__init__(address, _Handler)
        self.set_app(application)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - the base class's
        """Take a connection in; the longest silent one makes room. Without room it is told so, and refused."""
        with self._lock:
            room = self._make_room()
            if room:
                self._open[request] = _Connection(time.monotonic())
        if not room:
            with contextlib.suppress(OSError):
                request.send(_BUSY, socket.MSG_DONTWAIT)
        return room

    def _make_room(self) -> bool:
        listened_to = [found for found in self._open.items() if not found[1].dropped]
        if len(listened_to) < LIMIT:
            return True
        silent = next((found for found in listened_to if found[1].asks), None)
        # Threads of dropped connections end within moments; until they have, they count.
        if silent is None or len(self._open) >= 2 * LIMIT:
            return False
        _drop(*silent)
        return True

    def begin_answer(self, request: socket.socket) -> bool:
        """A connection has sent its request; False when it was given up meanwhile."""
        with self._lock:
            connection = self._open[request]
            connection.asks, connection.since = False, time.monotonic()
            return not connection.dropped

    def service_actions(self) -> None:
        """Give up what takes too long; called twice a second at least."""
        now = time.monotonic()
        with self._lock:
            for request, connection in self._open.items():
                if now - connection.since > self._seconds[connection.asks]:
                    _drop(request, connection)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and end what is open."""
        super().server_close()
        with self._lock:
            for request, connection in self._open.items():
                _drop(request, connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's
        """A client that has gone is not news."""
        log.debug("a connection to the metrics port ended: %r", sys.exc_info()[1])


def _drop(request: socket.socket, connection: _Connection) -> None:
    """Wake the connection's thread, which ends it."""
    connection.dropped = True
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
