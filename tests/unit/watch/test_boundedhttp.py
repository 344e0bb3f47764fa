"""The metrics port under people who mean it no good."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from pipeline.watch.boundedhttp import LIMIT, REQUEST_BYTES, BoundedServer

_SECONDS = 20.0
"""How long anything may take here before it counts as never."""


def _ok(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok\n"]


@contextmanager
def serving(application: Any = _ok, **seconds: float) -> Iterator[BoundedServer]:
    server = BoundedServer(("127.0.0.1", 0), application, **seconds)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connect(server: BoundedServer, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", server.server_port), timeout=_SECONDS))


def read(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection."""
    found = bytearray()
    try:
        while data := connection.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return bytes(found)


def get(server: BoundedServer) -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=_SECONDS) as connection:
        connection.sendall(b"GET /live HTTP/1.1\r\nHost: worker\r\n\r\n")
        return read(connection)


def test_a_probe_is_answered_while_hundreds_of_connections_say_nothing() -> None:
    before = threading.active_count()
    with serving(request_seconds=_SECONDS) as server, ExitStack() as stack:
        idle = [connect(server, stack) for _ in range(400)]

        started = time.monotonic()
        assert get(server).endswith(b"\r\n\r\nok\n")

        assert time.monotonic() - started < _SECONDS / 4, "nobody's time-out was waited for"
        assert threading.active_count() - before <= 2 * LIMIT + 1
        # Those that came first made room; told or not, they are no longer connected.
        assert all(b"ok" not in read(connection) for connection in idle[: 400 - 2 * LIMIT])


def test_the_silent_are_given_up_after_a_while() -> None:
    with serving(request_seconds=0.2) as server, ExitStack() as stack:
        idle = [connect(server, stack) for _ in range(LIMIT)]
        assert [read(connection) for connection in idle] == [b""] * LIMIT


def test_a_request_that_trickles_in_is_given_up_at_the_same_time() -> None:
    with serving(request_seconds=0.5) as server, ExitStack() as stack:
        slow = connect(server, stack)
        started = time.monotonic()
        slow.sendall(b"GET /live HTTP/1.1\r\n")
        slow.settimeout(0.02)
        ended = False
        while not ended and time.monotonic() - started < _SECONDS:
            try:
                slow.sendall(b"X: y\r\n")
                ended = slow.recv(1) == b""
            except TimeoutError:
                continue  # not ended: the next bit
            except (BrokenPipeError, ConnectionResetError):
                ended = True
        assert ended
        assert time.monotonic() - started >= 0.5


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * REQUEST_BYTES,
        b"GET / HTTP/1.1\r\nX: " + b"a" * REQUEST_BYTES,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000,
        b"\r\n",
        b"\x16\x03\x01\x02\x00" * 1000 + b"\r\n\r\n",
    ],
    ids=["long line", "long header", "many headers", "nothing", "no HTTP"],
)
def test_a_request_without_end_or_sense_is_not_served(request_: bytes) -> None:
    with serving() as server, ExitStack() as stack:
        connection = connect(server, stack)
        connection.sendall(request_)
        assert b"ok\n" not in read(connection)
        assert get(server).endswith(b"ok\n")


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    ended = threading.Event()

    def endless(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            while True:
                yield b"a" * 65536
        finally:
            ended.set()

    with serving(endless, answer_seconds=0.2) as server, ExitStack() as stack:
        connect(server, stack).sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert ended.wait(_SECONDS)


def test_who_comes_while_all_are_being_answered_is_told_so() -> None:
    go_on, answering = threading.Event(), threading.Semaphore(0)

    def waits(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answering.release()
        go_on.wait(_SECONDS)
        return _ok(environ, start_response)

    with serving(waits) as server, ExitStack() as stack:
        busy = [connect(server, stack) for _ in range(LIMIT)]
        for connection in busy:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        for _ in busy:
            assert answering.acquire(timeout=_SECONDS)

        assert read(connect(server, stack)).startswith(b"HTTP/1.0 503 ")

        go_on.set()
        assert all(read(connection).endswith(b"ok\n") for connection in busy), "none was dropped for it"


def test_closing_ends_what_is_open() -> None:
    with ExitStack() as stack:
        with serving() as server:
            idle = connect(server, stack)
            assert get(server).endswith(b"ok\n")
        assert read(idle) == b""
