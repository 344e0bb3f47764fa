"""A proxy before a PostgreSQL server that can lose the answer to a commit."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
from pathlib import Path
from typing import Self

_SOCKET = ".s.PGSQL.5432"
_CHUNK = 65536


class CommitDroppingProxy:
    """Passes everything on. Armed, it lets the next commit reach the server, and closes the connection on its answer.

    A context manager.

    Args:
        server: the folder of the server's Unix socket.

    Attributes:
        folder: the folder of the proxy's own socket: the `host` that clients connect to.
        dropped: how many answers were lost.
    """

    def __init__(self, server: Path) -> None:
        self._server = server / _SOCKET
        self._temporary = tempfile.TemporaryDirectory(prefix="pgx-")
        self.folder = Path(self._temporary.name)
        self.dropped = 0
        self._armed = threading.Event()
        self._changed = threading.Condition()
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._listener.bind(str(self.folder / _SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._temporary.cleanup()

    def drop_next_commit(self, within: float) -> bool:
        """Lose the answer to the next commit; whether there was one in time (seconds)."""
        with self._changed:
            before = self.dropped
            self._armed.set()
            came = self._changed.wait_for(lambda: self.dropped > before, timeout=within)
        self._armed.clear()
        return came

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._server))
            except OSError:
                server.close()
                client.close()
                continue
            connection = _Connection(self, client, server)
            for pump in (connection.requests, connection.answers):
                threading.Thread(target=pump, daemon=True).start()

    def is_dropping(self) -> bool:
        """Whether the next commit is to be lost; true once each time it is armed."""
        with self._changed:
            armed = self._armed.is_set()
            self._armed.clear()
            return armed

    def note_dropped(self) -> None:
        """An answer was lost."""
        with self._changed:
            self.dropped += 1
            self._changed.notify_all()


class _Connection:
    def __init__(self, proxy: CommitDroppingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._losing = False

    def requests(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._client.recv(_CHUNK):
                if b"COMMIT" in data and self._proxy.is_dropping():
                    self._losing = True
                self._server.sendall(data)
        self._close()

    def answers(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(_CHUNK):
                if self._losing and b"COMMIT" in data:
                    self._proxy.note_dropped()
                    break
                self._client.sendall(data)
        self._close()

    def _close(self) -> None:
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
