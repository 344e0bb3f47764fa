"""`pipeline questions` and `pipeline alerts`, on a store with two articles."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.errors import UsageError
from pipeline.stores.base import open_store
from pipeline.stream.alerting import alerting_for
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
    with closing(open_store(url)) as store:
        alerting = alerting_for(store, least_confidence=0.6)
        assert alerting is not None
        assert len(alerting.answered([full_record()])) == 1
    assert [alert["article_id"] for alert in _run("alerts", "--question", "ferries")] == ["bridge"]
    assert _run("questions", "remove", "ferries") == {"removed": "ferries"}
    assert _run("alerts") == []


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
