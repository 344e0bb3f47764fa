"""Worker processes under a test's control."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Self

import psutil  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

PLAIN = ("-m", "pipeline", "worker", "--json")
FAULTY = ("-m", "tests.support.faulty_worker")

_PROJECT = Path(__file__).parent.parent.parent
_STOP_SECONDS = 90.0


class WorkerProcess:
    """One worker, started on entering; what is left of it is killed on leaving.

    Args:
        environment: its whole environment.
        log: the file that takes its log; appended to.
        stages: which stages; all when there are none.
        command: what Python runs: the product's worker, or the one with faults.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        *stages: str,
        command: Sequence[str] = PLAIN,
    ) -> None:
        self._environment = dict(environment)
        self._log_path = log
        self._log: IO[bytes] | None = None
        self._command = [sys.executable, *command, *(part for stage in stages for part in ("--stage", stage))]
        self._metrics_url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self.kill()
        self._forget()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._running.pid

    def start(self) -> None:
        """Start it; does not wait."""
        self._log = self._log_path.open("ab")
        self._process = subprocess.Popen(
            self._command,
            cwd=self._log_path.parent,  # no settings from somebody's .env
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def wait_ready(self) -> Self:
        """Wait for its own word that all of its stages have their partitions."""
        pipe = self._running.stdout
        line = pipe.readline() if pipe else b""
        if not line:
            raise AssertionError(f"the worker ended before it was ready:\n{self.log()[-3000:]}")
        event: dict[str, Any] = json.loads(line)
        assert event["event"] == "ready"
        self._metrics_url = event["metrics"]
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to drain; returns its exit code."""
        self._running.send_signal(how)
        return self.wait()

    def wait(self, seconds: float = _STOP_SECONDS) -> int:
        """Wait for its end; returns its exit code."""
        return self._running.wait(seconds)

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody."""
        self._running.kill()
        self._running.wait()

    def pause(self) -> None:
        """SIGSTOP: frozen, the processes of its pool too."""
        for process in self._family():
            process.suspend()

    def resume(self) -> None:
        """SIGCONT."""
        for process in self._family():
            process.resume()

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def pool_pids(self) -> list[int]:
        """The processes of its pool. They, and not Python's resource tracker, say `spawn_main`."""
        return [child.pid for child in self._family()[1:] if "spawn_main" in " ".join(child.cmdline())]

    def memory(self) -> int:
        """Resident bytes of the worker itself, without its pool."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def metrics_page(self) -> str:
        """A scrape as it comes."""
        with urllib.request.urlopen(self._metrics_url, timeout=30) as answer:  # noqa: S310 - our own http URL
            return str(answer.read().decode())

    def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """A scrape: values by sample name and sorted labels."""
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(self.metrics_page())
            for sample in family.samples
        }

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of that name that have these labels."""
        return sum(
            value
            for (sample, found), value in self.metrics().items()
            if sample == name and labels.items() <= dict(found).items()
        )

    def probe(self, path: str) -> tuple[int, str]:
        """The status and the text of /live or /ready."""
        url = self._metrics_url.removesuffix("/metrics") + path
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own http URL
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def log(self) -> str:
        """What it has logged."""
        return self._log_path.read_text(errors="replace")

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the worker was not started"
        return self._process

    def _family(self) -> list[psutil.Process]:
        try:
            worker = psutil.Process(self.pid)
            return [worker, *worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _forget(self) -> None:
        if self._process is not None and self._process.stdout:
            self._process.stdout.close()
        if self._log is not None:
            self._log.close()


def environment(**variables: str) -> dict[str, str]:
    """The environment of a child: this one's without settings of the pipeline or of a terminal, and then these."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PIPELINE_") and name not in ("COLUMNS", "LINES")
    }
    return {**inherited, "PYTHONPATH": str(_PROJECT), **variables}
