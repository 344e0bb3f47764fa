"""The docker-compose stack under a test's control: a project, ports, secrets and volumes of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from pipeline.record import Article
from tests.deploy.programs import DEPLOY, PROJECT
from tests.support.waiting import eventually

_OFFLINE = DEPLOY / "offline" / "images.env"
_PROJECT_NAME = "news-pipeline-test"
_PORTS = ("KAFKA_PORT", "POSTGRES_PORT", "PROMETHEUS_PORT", "GRAFANA_PORT")
ONE_SHOTS = ("topics", "migrate")

REPORT: list[str] = []
"""What a run wants to show at its end; conftest prints it."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the engine sees it."""

    id: str
    service: str
    status: str
    health: str
    restarts: int
    exit_code: int
    pid: int

    @property
    def is_up(self) -> bool:
        """Running, and healthy where it has a health check."""
        return self.status == "running" and self.health in {"healthy", ""}


def compose_command() -> list[str]:
    """`docker compose` or `docker-compose`; without an engine the test is skipped, or fails where it is wanted."""
    reason = "no Docker engine answers"
    docker = shutil.which("docker")
    if docker and not subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        for command in ([docker, "compose"], [shutil.which("docker-compose") or "docker-compose"]):
            try:
                if not subprocess.run([*command, "version"], capture_output=True, check=False).returncode:
                    return command
            except FileNotFoundError:
                continue
        reason = "neither `docker compose` nor `docker-compose` is installed"
    if os.environ.get("PIPELINE_TEST_COMPOSE") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


class Stack:
    """The stack. A context manager: leaving it removes the containers and volumes.

    Args:
        folder: for secrets and articles.
    """

    def __init__(self, folder: Path) -> None:
        self._compose = compose_command()
        self._docker = str(shutil.which("docker"))
        self._folder = folder
        self.articles = folder / "articles"
        self.articles.mkdir()
        self.articles.chmod(0o755)  # the container's user is another
        secrets = folder / "secrets"
        subprocess.run([str(DEPLOY / "secrets.sh"), str(secrets)], check=True)
        ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        self._prometheus = f"http://127.0.0.1:{ports['PROMETHEUS_PORT']}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIPELINE_")},
            **{name: str(port) for name, port in ports.items()},
            "PIPELINE_SECRETS": str(secrets),
            "PIPELINE_ARTICLES": str(self.articles),
            "PIPELINE_POOL_PROCESSES": "1",
            "COMPOSE_PROFILES": "",
        }

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self._down)
            self._down()
            self.compose("up", "-d", timeout=900)
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._down()

    def _down(self) -> None:
        self.compose("--profile", "replay", "down", "--volumes", "--remove-orphans", "--timeout", "20")

    def compose(self, *arguments: str, timeout: float = 300, check: bool = True) -> str:
        """Run a compose command; gives its standard output."""
        images = ["--env-file", str(_OFFLINE)] if _OFFLINE.exists() else []
        command = [*self._compose, *images, "--project-name", _PROJECT_NAME, *arguments]
        return self._run(command, timeout=timeout, check=check)

    def docker(self, *arguments: str) -> str:
        """Run a docker command; gives its standard output."""
        return self._run([self._docker, *arguments], timeout=120, check=True)

    def containers(self, service: str) -> list[Container]:
        """The containers of a service, those that have ended too."""
        ids = self.compose("ps", "--all", "--quiet", service).split()
        return [self._container(service, one) for one in ids]

    def container(self, service: str) -> Container:
        """The only container of a service."""
        (found,) = self.containers(service)
        return found

    def await_up(self, service: str, *, count: int = 1, restarts: int = 0) -> None:
        """Wait until so many containers of the service are healthy, after at least so many restarts each."""

        def up() -> bool:
            found = self.containers(service)
            return len(found) == count and all(one.is_up and one.restarts >= restarts for one in found)

        eventually(up, within=180, what=f"{count} of {service} up, restarted")

    def report(self) -> None:
        """Keep the states of the containers and the ledger, to be shown at the end."""
        found = [
            one
            for service in self.compose("config", "--services").split()
            for one in self.containers(service)
        ]
        REPORT.extend(
            f"{one.service:12} {one.status:8} {one.health:10} restarts {one.restarts}  exit code {one.exit_code}"
            for one in sorted(found, key=lambda one: one.service)
        )
        REPORT.append(f"ledger {json.dumps(self.ledger())}")

    def crash(self, container: Container) -> None:
        """SIGKILL its first process from outside, as the kernel does when memory runs out.

        `docker kill` would be an operator's word, after which the engine does not start it again.
        """
        image = self.docker("inspect", "--format", "{{.Config.Image}}", self.container("sink").id).strip()
        self.docker(
            *("run", "--rm", "--network", "none", "--pid", "host", "--user", "0", "--entrypoint", "python"),
            *(image, "-c", f"import os; os.kill({container.pid}, 9)"),
        )

    def replay(self, articles: Iterable[Article]) -> dict[str, Any]:
        """Stream articles in with the profile's service, trying again while Kafka is away; gives its summary."""
        lines = (one.model_dump_json(include={"source", "text"}) for one in articles)
        (self.articles / "articles.jsonl").write_text(
            "".join(f"{line}\n" for line in lines), encoding="utf-8"
        )
        return self.replay_folder()

    def replay_folder(self) -> dict[str, Any]:
        """Stream in what is in the folder of articles."""

        def sent() -> dict[str, Any] | None:
            output = self.compose(
                *("--profile", "replay", "run", "--rm", "-T", "replay", "replay", "--json", "/articles"),
                check=False,
            )
            summary: dict[str, Any] | None = json.loads(output) if output.strip() else None
            return summary if summary and summary["accepted"] == summary["read"] > 0 else None

        return eventually(sent, within=120, what="the articles were accepted")

    def ledger(self) -> dict[str, Any] | None:
        """What `pipeline verify` says; None while Kafka, the database or the container is away."""
        output = self.compose("exec", "-T", "sink", "pipeline", "verify", "--json", check=False)
        found: dict[str, Any] | None = json.loads(output) if output.strip() else None
        return found

    def await_stored(self, at_least: int) -> dict[str, Any]:
        """Wait until the ledger is closed with so many articles stored."""

        def closed() -> dict[str, Any] | None:
            found = self.ledger()
            return found if found and found["closed"] and found["stored"] >= at_least else None

        return eventually(closed, within=240, what=f"the ledger is closed with {at_least} stored")

    def metric(self, expression: str) -> float | None:
        """The only value of a query to the stack's Prometheus; None when there is none, or no answer."""
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"{self._prometheus}/api/v1/query?{query}", timeout=10) as answer:  # noqa: S310 - our own http URL
                result = json.load(answer)["data"]["result"]
        except OSError:
            return None
        return float(result[0]["value"][1]) if result else None

    def _container(self, service: str, identity: str) -> Container:
        (found,) = json.loads(self.docker("inspect", identity))
        state = found["State"]
        return Container(
            identity,
            service,
            state["Status"],
            state.get("Health", {}).get("Status", ""),
            found["RestartCount"],
            state["ExitCode"],
            state["Pid"],
        )

    def _run(self, command: list[str], *, timeout: float, check: bool) -> str:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
