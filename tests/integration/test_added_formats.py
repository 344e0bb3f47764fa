"""The example's format: installed as anybody would, through its own tests, and read by a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.workers import environment

_EXAMPLE = Path(__file__).parents[2] / "examples" / "format-ticker"
_INSTALL = ("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target")
_ITEMS = "=== 2026-03-01T09:30Z | Ferry late again\nThe ferry came an hour late, the harbour master said.\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH with the package in it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "pip", *_INSTALL, str(folder), str(_EXAMPLE)], check=True)
    return folder


def _run(*arguments: str, added: Path) -> subprocess.CompletedProcess[str]:
    python_path = os.pathsep.join([environment()["PYTHONPATH"], str(added)])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=_EXAMPLE.parents[1],
        env=environment(PYTHONPATH=python_path),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_passes_its_tests(installed: Path) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(_EXAMPLE)]
    done = _run("pytest", *options, added=installed)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_command_reads_it_once_the_package_is_installed(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "morning.ticker").write_text(_ITEMS, encoding="utf-8")
    done = _run("pipeline", "enrich", "--json", "--stage", "quotes", str(tmp_path), added=installed)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["article"]["title"] == "Ferry late again"


def test_a_format_that_can_not_be_imported_is_one_line_and_nothing_starts(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    information = broken / "news_broken-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: news-broken\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[news_pipeline.formats]\nbroken = no_such_module:FORMAT\n")
    done = _run("pipeline", "enrich", "--json", str(_EXAMPLE / "pyproject.toml"), added=broken)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "plug-in broken of news-broken (news_pipeline.formats) can't be loaded" in line
