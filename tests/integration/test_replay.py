"""Files replayed again and again, in a drawn order, and gone on with where a replay was ended."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from pipeline.kafka.scan import scan
from pipeline.kafka.topics import Topic
from pipeline.record import Article
from pipeline.record.codec import decode_article
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually

_MANY = 300


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two files, the first of which begins with a line that is no article."""
    folder = tmp_path / "archive"
    folder.mkdir()
    lines = [_line(article) for article in articles(_MANY)]
    (folder / "a.jsonl").write_bytes(b"\n".join([b"{broken", *lines[:100]]))
    (folder / "b.jsonl").write_bytes(b"\n".join(lines[100:]))
    return folder


def _line(article: Article) -> bytes:
    return orjson.dumps({"id": article.article_id, **article.model_dump(mode="json", exclude={"article_id"})})


def _sent(pipeline: LivePipeline) -> list[Article]:
    return [decode_article(message.value) for message in scan(pipeline.settings, Topic.RAW)]


def _ids(pipeline: LivePipeline) -> list[str]:
    return [article.article_id for article in _sent(pipeline)]


def _started(pipeline: LivePipeline, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", "replay", *arguments],
        cwd=pipeline.folder,
        env=pipeline.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _ended(
    pipeline: LivePipeline, arguments: Sequence[str], how: signal.Signals, after: int
) -> tuple[int, str, str]:
    """Start a replay and end it when so many articles are on the topic; its exit code and what it has said."""
    with _started(pipeline, *arguments) as replaying:
        try:
            eventually(lambda: len(_ids(pipeline)) > after, what="some are accepted")
            replaying.send_signal(how)
            shown, said = replaying.communicate(timeout=60)
        finally:
            replaying.kill()
    return replaying.returncode, shown.decode(), said.decode()


@dataclass(frozen=True)
class Course:
    """A replay, and when it is ended."""

    options: tuple[str, ...]
    rounds: int
    rate: int
    after: int


@pytest.mark.parametrize(
    "course",
    [Course((), 1, 50, 50), Course(("--shuffle", "--seed", "3", "--loop", "5"), 5, 150, 350)],
    ids=["in order", "shuffled rounds"],
)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_replay_that_was_ended_is_gone_on_with(
    pipeline: LivePipeline, archive: Path, course: Course, how: signal.Signals
) -> None:
    note = pipeline.folder / "progress.json"
    arguments = [str(archive), "--resume", str(note), *course.options]
    ended, _, said = _ended(pipeline, [*arguments, "--rate", str(course.rate)], how, course.after)
    before = _ids(pipeline)
    assert ended == (130 if how is signal.SIGTERM else -how)
    assert ("goes on behind them" in said) == (how is signal.SIGTERM)

    done = pipeline.run("replay", *arguments, "--json")

    summary = json.loads(done.stdout)
    found = _ids(pipeline)
    assert (done.returncode, done.stderr) == (0, b""), "what was named is not named again"
    assert summary["accepted"] == _MANY * course.rounds - summary["resumed_at"]
    assert summary["rounds"] == course.rounds
    doubled = 0 if how is signal.SIGTERM else 2 * course.rate  # it is noted once a second
    assert 0 <= len(before) - summary["resumed_at"] <= doubled
    assert len(set(found)) == _MANY * course.rounds, "none is missing"
    whole = list(dict.fromkeys(found))
    assert found[len(before) :] == whole[summary["resumed_at"] :], (
        "in the order in which it would have been sent"
    )
    assert not note.exists()
    if not course.options:
        assert whole == [article.article_id for article in articles(_MANY)]


def test_progress_of_other_files_is_refused_and_left_alone(pipeline: LivePipeline, archive: Path) -> None:
    note = pipeline.folder / "progress.json"
    arguments = [str(archive), "--resume", str(note)]
    _ended(pipeline, [*arguments, "--rate", "50"], signal.SIGTERM, 10)
    kept = note.read_bytes()

    seeded = pipeline.run("replay", *arguments, "--shuffle", "--seed", "4")
    (archive / "c.txt").write_text("Ferry late\n\nIt came an hour late.")
    grown = pipeline.run("replay", *arguments)

    assert (seeded.returncode, grown.returncode) == (2, 2)
    assert b"it was begun with another --seed, --shuffle; give what it was begun with" in seeded.stderr
    assert b"its files are others, or have changed since" in grown.stderr
    assert note.read_bytes() == kept


def test_each_round_has_articles_of_its_own_with_the_same_text(
    pipeline: LivePipeline, tmp_path: Path
) -> None:
    path = tmp_path / "day.jsonl"
    given = [*articles(3)]
    path.write_bytes(b"\n".join(map(_line, given)))

    done = pipeline.run("replay", str(path), "--loop", "2", "--speed", "1000000", "--json")

    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["accepted"], summary["rounds"], summary["resumed_at"]) == (6, 2, None)
    found = _sent(pipeline)
    assert [one.article_id for one in found] == [
        f"{one.article_id}{end}" for end in ("", "@2") for one in given
    ]
    assert [one.text for one in found] == [one.text for one in given] * 2
    span = _published(given[-1]) - _published(given[0])
    assert span > timedelta()
    assert [_published(one) for one in found[3:]] == [_published(one) + span for one in given]


def _published(article: Article) -> datetime:
    assert article.published_at is not None
    return article.published_at


def test_it_goes_on_until_it_is_told_to_stop(pipeline: LivePipeline, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_bytes(b"\n".join(map(_line, articles(5))))

    code, shown, said = _ended(pipeline, ["--loop", str(path), "--rate", "200", "--json"], signal.SIGTERM, 50)

    assert (code, said) == (0, "")
    summary = json.loads(shown)
    found = _ids(pipeline)
    assert summary["accepted"] == len(found) == len(set(found)) > 50
    # One that is told to stop just behind a round's last article may not have seen that it was the last.
    assert summary["rounds"] in {(len(found) - 1) // 5, len(found) // 5}


def test_a_seed_draws_the_same_order_again(pipeline: LivePipeline, archive: Path) -> None:
    for seed in ("3", "3", "4"):
        done = pipeline.run("replay", str(archive), "--shuffle", "--seed", seed, "--json")
        assert done.returncode == 1, "there is a broken line"
        assert json.loads(done.stdout)["accepted"] == _MANY
    found = _ids(pipeline)
    first, again, other = (found[start : start + _MANY] for start in range(0, 3 * _MANY, _MANY))
    assert first == again
    assert sorted(first) == sorted(other) == sorted({article.article_id for article in articles(_MANY)})
    assert first not in (other, [article.article_id for article in articles(_MANY)])


@pytest.mark.parametrize("options", [[], ["--shuffle"]])
def test_on_a_terminal_progress_is_articles_and_how_many_a_second(
    pipeline: LivePipeline, archive: Path, options: list[str]
) -> None:
    ours, theirs = pty.openpty()
    environment = {**pipeline.environment, "COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline", "replay", str(archive), "--dry-run", *options],
        cwd=pipeline.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ):
        os.close(theirs)
        shown = _all_of(ours)
    assert "300 articles, " in shown
    assert "/s" in shown
    assert "100%" in shown
    assert "left 0:00:" in re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)
    assert "300 articles read (dry run), 1 skipped" in shown


def _all_of(terminal: int) -> str:
    """What is written to a terminal until nobody writes to it any more."""
    found = bytearray()
    with open(terminal, "rb", buffering=0) as stream:
        try:
            while data := stream.read(65_536):
                found += data
        except OSError:  # so Linux says that the other end is closed
            pass
    return found.decode()
