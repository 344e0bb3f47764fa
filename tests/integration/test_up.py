"""`pipeline up`: a pipeline that stays on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.support.articles import articles
from tests.support.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]


@contextmanager
def _up(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, str]]]:
    """It, and the environment that it has printed, once it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "up", "--data", str(data), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        names = {"PIPELINE_BOOTSTRAP_SERVERS": "bootstrap_servers", "PIPELINE_DATABASE_URL": "database_url"}
        yield process, os.environ | {name: ready[key] for name, key in names.items()}
    finally:
        process.kill()
        process.communicate()


def _pipeline(
    environment: dict[str, str], *command: str, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *command],
        env=environment,
        input=given,
        capture_output=True,
        check=False,
    )


def _stored(environment: dict[str, str]) -> int:
    found = json.loads(_pipeline(environment, "status", "--json").stdout)
    return int(found["store"]["articles"]) if found["store"] else 0


def _lines(count: int, start: int = 0) -> bytes:
    return b"".join(article.model_dump_json().encode() + b"\n" for article in articles(count, start=start))


def _worker(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The worker itself, not its guard, whose command line ends with the worker's."""
    family = psutil.Process(process.pid).children(recursive=True)
    return next(
        child
        for child in family
        if child.cmdline()[-2:] == ["worker", "--json"] and "pipeline.guard" not in child.cmdline()
    )


def test_it_goes_on_where_it_was_and_leaves_nothing_running(tmp_path: Path) -> None:
    data = tmp_path / "kept"
    with _up(data) as (process, environment):
        family = psutil.Process(process.pid).children(recursive=True)
        second = _pipeline(environment, "up", "--data", str(data), "--port", "0")
        worker = _worker(process)
        worker.suspend()  # it takes nothing any more
        assert b"20 of 20 articles accepted" in _pipeline(environment, "replay", "-", given=_lines(20)).stderr
        worker.resume()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        code = process.returncode
        psutil.wait_procs(family, timeout=10)
        left = [child for child in family if child.is_running()]

    assert (second.returncode, second.stderr.decode().count("is in use: `pipeline up` runs there")) == (2, 1)
    assert (code, left) == (0, []), said.decode()

    with _up(data) as (_, environment):
        eventually(lambda: _stored(environment) == 20, what="what was accepted before is stored")
        assert _pipeline(environment, "verify").returncode == 0


@pytest.mark.parametrize("guard", [False, True], ids=["worker", "its guard"])
def test_a_worker_that_dies_is_started_again_and_all_ends_with_its_parent(
    tmp_path: Path, *, guard: bool
) -> None:
    with _up(tmp_path / "kept") as (process, environment):
        worker = _worker(process)
        (worker.parent() if guard else worker).kill()
        _, alive = psutil.wait_procs([worker], timeout=60)
        assert not alive
        _pipeline(environment, "replay", "-", given=_lines(3))
        eventually(lambda: _stored(environment) == 3, what="the next worker stores")

        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        _, alive = psutil.wait_procs(family, timeout=60)

    assert not alive
    assert "Fatal" not in (tmp_path / "kept" / "worker.log").read_text()


def test_a_broker_that_dies_is_started_again_with_what_it_held(tmp_path: Path) -> None:
    with _up(tmp_path / "kept") as (process, environment):
        worker = _worker(process)
        worker.suspend()
        _pipeline(environment, "replay", "-", given=_lines(3))
        family = psutil.Process(process.pid).children(recursive=True)
        broker = next(child for child in family if child.cmdline()[1:2] == ["broker"])
        broker.kill()
        worker.resume()

        eventually(lambda: _stored(environment) == 3, what="the next broker hands out what was accepted")
        _pipeline(environment, "replay", "-", given=_lines(3, start=3))
        eventually(lambda: _stored(environment) == 6, what="and takes more")


def test_what_can_be_seen_is_shown_and_what_cannot_is_named(tmp_path: Path) -> None:
    away = os.environ | {
        "PIPELINE_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "PIPELINE_DATABASE_URL": f"sqlite:///{tmp_path / 'news.db'}",
    }
    _pipeline(away, "store", "upgrade")

    shown, ledger = _pipeline(away, "status"), _pipeline(away, "verify")
    as_json = json.loads(_pipeline(away, "status", "--json").stdout)

    for done in (shown, ledger):
        assert done.returncode == 3
        assert b"articles stored" in done.stdout
        assert b"no answer from Kafka" in done.stderr
    assert (as_json["lags"], as_json["store"]["articles"]) == (None, 0)


def test_a_status_that_is_watched_says_a_line_each_time_until_it_is_interrupted(tmp_path: Path) -> None:
    environment = os.environ | {
        "PIPELINE_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "PIPELINE_DATABASE_URL": f"sqlite:///{tmp_path / 'news.db'}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline", "status", "--watch", "0.5", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        looks = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        code = process.wait(60)

    assert [bool(look["at"] and look["unseen"]) for look in looks] == [True, True]
    assert code == 0
