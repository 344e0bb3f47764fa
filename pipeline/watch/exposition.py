"""The metrics port: /metrics for Prometheus, /live and /ready for whoever runs the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import make_wsgi_app

from pipeline.errors import SettingsError
from pipeline.watch.boundedhttp import BoundedServer

Probe = Callable[[], list[str]]
"""Gives the reasons why not; none when all is well."""


class Exposition:
    """Serves the metrics port from a thread.

    Args:
        host: the address to listen on.
        port: 0 for any free one.
        live: why the process should be restarted.
        ready: why it should not be counted on yet.

    Raises:
        SettingsError: the port is taken.
    """

    def __init__(self, host: str, port: int, *, live: Probe, ready: Probe) -> None:
        self._metrics = make_wsgi_app()
        self._probes = {"/live": live, "/ready": ready}
        try:
            self._server = BoundedServer((host, port), self._answer)
        except OSError as error:
            raise SettingsError(
                f"PIPELINE_METRICS_PORT: can't listen on {host}:{port} ({error.strerror}): choose another, or 0"
            ) from None
        self.port = int(self._server.server_port)
        self.host = host
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the metrics are."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if probe := self._probes.get(path):
            problems = probe()
            start_response(
                "503 Service Unavailable" if problems else "200 OK",
                [("Content-Type", "text/plain; charset=utf-8")],
            )
            return [("\n".join(problems) or "ok").encode() + b"\n"]
        if path == "/metrics":
            page: Iterable[bytes] = self._metrics(environ, start_response)
            return page
        start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"/metrics, /live, /ready\n"]
