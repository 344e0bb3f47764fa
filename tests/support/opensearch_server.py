"""A real OpenSearch for tests: out of its jars, one node, on loopback. A context manager."""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Self

from tests.support.maven import free_ports, jars, program

_NAME = "OpenSearch"
_HERE = Path(__file__).parent / "opensearch"
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.1
_JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN")


class OpenSearchServer:
    """One server in a folder of its own.

    Args:
        folder: for its data and log; made when it is not there.

    Attributes:
        address: host:port; the same for all of its life.

    Raises:
        UnavailableError: what it needs is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._classpath = f"{jars(_HERE / 'pom.xml', _NAME)}/*"
        program("javac", _NAME)
        self._http, self._transport = free_ports(2)
        self.address = f"127.0.0.1:{self._http}"
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        (folder / "config").mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it answers."""
        self._log = (self._folder / "opensearch.log").open("ab")
        self._process = subprocess.Popen(
            [
                *(program("java", _NAME), *_JVM, "-cp", self._classpath, str(_HERE / "Server.java")),
                *(str(self._folder), str(self._http), str(self._transport)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop(signal.SIGKILL)
                log = (self._folder / "opensearch.log").read_text(errors="replace")
                raise RuntimeError(f"OpenSearch did not start: {log[-2000:]}")
            time.sleep(_LOOK_SECONDS)  # another process's port: nothing announces it

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; what it has acknowledged is there when it is started again."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _answers(self) -> bool:
        url = f"http://{self.address}/_cluster/health?wait_for_status=yellow&timeout=1s"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False
