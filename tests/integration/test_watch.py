"""`pipeline watch`, on a folder and on the example's feed, installed as anybody would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.flow import Topic
from pipeline.kafka.scan import scan
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.support.web_feeds import serving
from tests.support.workers import environment

_EXAMPLE = Path(__file__).parents[2] / "examples" / "feed-maildir"
_INSTALL = ("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target")
_MESSAGE = """\
From: Harbour Office <press@harbour.example>
Subject: Ferry late again
Date: Sun, 01 Mar 2026 09:30:00 +0000
Content-Type: text/plain; charset=utf-8

The ferry came an hour late, the harbour master said.
"""


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH with the package in it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "pip", *_INSTALL, str(folder), str(_EXAMPLE)], check=True)
    return os.pathsep.join([environment()["PYTHONPATH"], str(folder)])


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


def _titles(pipeline: LivePipeline) -> list[str]:
    return [json.loads(message.value or b"")["title"] for message in scan(pipeline.settings, Topic.RAW)]


def _put(folder: Path, name: str, text: str) -> None:
    (folder / f".{name}").write_text(text, encoding="utf-8")
    (folder / f".{name}").rename(folder / name)


def test_what_turns_up_is_accepted_until_it_is_told_to_stop(pipeline: LivePipeline, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    _put(folder, "1.txt", "Ferry late\n\nThe ferry came an hour late.\n")
    command = (sys.executable, "-m", "pipeline", "watch", "folder", str(folder), "--every", "0.1", "--json")
    with subprocess.Popen(
        command, cwd=pipeline.folder, env=pipeline.environment, stdout=subprocess.PIPE
    ) as watching:
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline()) == {"accepted": 1, "skipped": 0}
        _put(folder, "2.txt", "Bridge closed\n\nThe bridge is closed until noon.\n")
        assert json.loads(watching.stdout.readline()) == {"accepted": 1, "skipped": 0}
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0
    assert _titles(pipeline) == ["Ferry late", "Bridge closed"]


def test_a_feed_of_another_package_is_watched_once_it_is_installed(
    pipeline: LivePipeline, tmp_path: Path, added: str
) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_text(_MESSAGE, encoding="utf-8")
    (tmp_path / "new" / "2").write_text(_MESSAGE.replace("text/plain", "image/png"), encoding="utf-8")
    done = pipeline.run("watch", "maildir", str(tmp_path), "--once", "--json", PYTHONPATH=added)
    assert done.returncode == 1, "one message was skipped"
    assert json.loads(done.stdout) == {"accepted": 1, "skipped": 1}
    assert b"has no plain text" in done.stderr
    assert _titles(pipeline) == ["Ferry late again"]


def test_the_example_passes_its_tests(added: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(_EXAMPLE)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=_EXAMPLE.parents[1],
        env=environment(PYTHONPATH=added),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_feed_that_is_not_there_is_one_line(pipeline: LivePipeline) -> None:
    done = pipeline.run("watch", "agency", "x", "--once")
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "'agency' is no feed: name one of folder" in line


def test_feeds_on_the_web_are_watched_and_each_item_is_sent_once_across_restarts(
    pipeline: LivePipeline, tmp_path: Path
) -> None:
    async def run() -> None:
        async with serving() as (_, url):
            file = tmp_path / "feeds.toml"
            (tmp_path / "in").mkdir()
            _put(tmp_path / "in", "1.txt", "Bridge closed\n\nThe bridge is closed until noon.\n")
            file.write_text(
                f'[[feed]]\nurl = "{url}/good"\nname = "fen"\nallow_private = true\ndelay = 0\n'
                f'[[feed]]\nurl = "{url}/failing"\nallow_private = true\ndelay = 0\n'
                f'[[folder]]\npath = "{tmp_path / "in"}"\n'
            )
            for expected in (
                3,
                4,
            ):  # a folder is read anew by each start: the same article, which changes nothing
                done = await asyncio.to_thread(pipeline.run, "watch", "--feeds", str(file), "--once")
                assert done.returncode == 1
                assert done.stderr.count(f"{url}/failing: answers 500".encode()) == 1
                assert len(_titles(pipeline)) == expected
            status = await asyncio.to_thread(
                pipeline.run, "watch", "--feeds", str(file), "--status", "--json"
            )
        rows = {row["feed"]: row for row in map(json.loads, status.stdout.splitlines())}
        assert rows["fen"]["fault"] is None
        assert rows[f"{url}/failing"]["failures"] == 2

    asyncio.run(run())
    assert sorted(set(_titles(pipeline))) == ["Bridge closed", "Story 1", "Story 2"]
