"""The example's store: installed as anybody would, through its own tests, and under a worker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import NewPipeline
from tests.support.pipelines import work_through_45_articles
from tests.support.workers import environment

pytestmark = pytest.mark.long

_EXAMPLE = Path(__file__).parents[2] / "examples" / "store-jsonlines"
_INSTALL = ("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH with the package in it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "pip", *_INSTALL, str(folder), str(_EXAMPLE)], check=True)
    return folder


def _python_path(folder: Path) -> str:
    return os.pathsep.join([environment()["PYTHONPATH"], str(folder)])


def test_it_passes_its_tests_the_suite_of_every_store_among_them(installed: Path) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(_EXAMPLE)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=_EXAMPLE.parents[1],
        env=environment(PYTHONPATH=_python_path(installed)),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()[-4000:]


def test_a_worker_runs_with_it_and_its_ledger_closes(
    installed: Path, new_pipeline: NewPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(installed))
    path = tmp_path / "records.jsonl"
    pipeline = new_pipeline(database_url=f"jsonl:///{path}")
    pipeline.environment["PYTHONPATH"] = _python_path(installed)
    work_through_45_articles(pipeline)
    found = json.loads(pipeline.run("verify", "--json").stdout)
    assert (found["closed"], found["stored"], found["dead_lettered"]) == (True, 45, 0)
    status = json.loads(pipeline.run("status", "--json").stdout)
    assert status["store"]["articles"] == 45
    search = pipeline.run("quotes")
    assert (search.returncode, search.stderr.decode().count("\n")) == (2, 1)
    assert "answers no searches" in search.stderr.decode()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 46, "a line an article, and the store's own"
