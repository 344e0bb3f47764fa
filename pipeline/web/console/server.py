"""Serving the console from a thread, as the metrics port is: whoever started it goes on, and ends it."""

from __future__ import annotations

import socket
import threading
from typing import Self

import uvicorn

from pipeline.errors import SettingsError
from pipeline.settings import PREFIX, Settings
from pipeline.web.console.app import make_app

_END_SECONDS = 30.0
_GRACE_SECONDS = 3


class Console:
    """The console while it runs. A context manager.

    Args:
        settings: where it listens, and what it shows.

    Raises:
        SettingsError: the address can't be listened on or is open without a token; the store can't be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        self._socket = _listening(settings.console_host, settings.console_port)
        config = uvicorn.Config(
            self._app,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=256,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            h11_max_incomplete_event_size=32 * 1024,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="console", daemon=True
        )
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._app.state.hub.close_streams()
        self._server.should_exit = True
        self._thread.join(_END_SECONDS)
        self._socket.close()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._thread.is_alive()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(128)
    except OSError as error:
        raise SettingsError(
            f"{PREFIX}CONSOLE_PORT: can't listen on {host}:{port} ({error.strerror}): choose another, or 0"
        ) from None
    return opened
