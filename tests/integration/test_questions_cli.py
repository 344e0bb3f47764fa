"""`pipeline questions` and `pipeline alerts`, on a store with two articles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.errors import UsageError
from pipeline.stores.base import open_store
from pipeline.stream.alerting import alerting_for
from tests.support.workers import environment
from tests.unit.stores.builders import full_record, record


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    made = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("PIPELINE_DATABASE_URL", made)
    with closing(open_store(made)) as store:
        store.upgrade()
        store.write([full_record(), record("other", text="Nothing of the kind.")])
    return made


def _run(*arguments: str) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def test_a_question_is_added_tried_asked_and_removed(url: str) -> None:
    asked = ["questions", "add", "ferries", "--words", "ferry", "--name", "Quill"]
    assert _run(*asked)["added"] is True
    assert _run(*asked, "--every-copy")["added"] is False
    [kept] = _run("questions", "list")
    assert kept == {
        "id": "ferries",
        "title": "ferries",
        "words": "ferry",
        "names": ["Quill"],
        "every_copy": True,
    }
    tried = {"question": "ferries", "article_id": "bridge", "names": ["Ada Quill"]}
    assert _run("questions", "test", "ferries", "--since", "2030") == [tried]
    assert _run("alerts") == []  # nothing is told by trying
    _answer(url)
    assert [alert["article_id"] for alert in _run("alerts", "--question", "ferries")] == ["bridge"]
    assert _run("questions", "remove", "ferries") == {"removed": "ferries"}
    assert _run("alerts") == []


def _answer(url: str) -> None:
    with closing(open_store(url)) as store:
        alerting = alerting_for(store, least_confidence=0.6)
        assert alerting is not None
        assert alerting.answered([full_record()])


def test_alerts_are_followed_until_the_end(url: str) -> None:
    _run("questions", "add", "ferries", "--words", "ferry")
    command = [sys.executable, "-m", "pipeline", "alerts", "--follow", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment(PIPELINE_DATABASE_URL=url)
    ) as process:
        try:
            _answer(url)
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["article_id"] == "bridge"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.usefixtures("url")
def test_a_question_that_nearly_everything_answers_is_named_when_it_is_added(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cli.questions._TRIED", 2)
    assert _run("questions", "add", "some", "--words", "ferry")["answers"] == 1
    result = CliRunner().invoke(app, ["questions", "add", "all", "--language", "en"])
    assert result.exit_code == 0
    said = result.stderr + capsys.readouterr().err
    assert "of the latest 2 stored articles 2 answer" in said
    assert "it answers more than half of all articles" in said


def test_tables_fit_a_narrow_terminal_and_programs_get_tabs(url: str) -> None:
    _run("questions", "add", "ferries", "--words", "ferry", "--webhook", "https://desk.example/secret")
    _answer(url)
    for arguments in (["questions", "list"], ["questions", "test"], ["alerts"]):
        for columns in ("60", ""):
            variables = {"COLUMNS": columns} if columns else {}
            done = subprocess.run(
                [sys.executable, "-m", "pipeline", *arguments],
                env=environment(PIPELINE_DATABASE_URL=url, **variables),
                capture_output=True,
                text=True,
                check=True,
            )
            assert "secret" not in done.stdout
            lines = done.stdout.splitlines()
            if columns:
                assert max(map(len, lines)) <= 60
            else:
                assert len({line.count("\t") for line in lines}) == 1


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["add", "x"], "question x: asks for nothing"),
        (["test"], "no question is kept"),
        (["test", "x"], "no question x: `pipeline questions list` shows"),
        (["remove", "x"], "no question x"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: list[str], problem: str) -> None:
    error = CliRunner().invoke(app, ["questions", *arguments]).exception
    assert isinstance(error, UsageError)
    assert str(error).startswith(problem)
