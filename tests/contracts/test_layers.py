"""Who may import whom: `make check` asks import-linter; here it is seen that it would say no."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts import rooms


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of pyproject.toml over the package of this folder."""
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copy(rooms.PROJECT / "pyproject.toml", tmp_path)
    shutil.copytree(
        rooms.PROJECT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def test_the_contracts_are_kept(copied: Path) -> None:
    done = _lint(copied)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("stages/quotes/stage.py", "import pipeline.stores.sql.store", "a room imports only rooms below it"),
        ("stages/base.py", "import pipeline.kafka.topics", "a room imports only rooms below it"),
        ("sources/reading.py", "import pipeline.stages.quotes", "a room imports only rooms below it"),
        ("record/codec.py", "import pipeline.text.paragraphs", "a room imports only rooms below it"),
        ("accounts/ledger.py", "import faust", "only stream/ knows Faust"),
        ("sources/reading.py", "import kafka", "only kafka/ and stream/ know the clients of Kafka"),
        ("watch/health.py", "import sqlalchemy", "only stores/ knows databases"),
        ("stream/worker.py", "import sqlite3", "only stores/ knows databases"),
        ("stores/sql/rows.py", "import pipeline.stages.quotes", "stores/ knows of the stages their records alone"),
        ("cli/verify.py", "import pipeline.stages.duplicates", "the commands hold no domain logic"),
    ],
)  # fmt: skip
def test_an_import_from_the_wrong_room_is_refused(copied: Path, module: str, line: str, broken: str) -> None:
    changed = copied / "pipeline" / module
    head, future, rest = changed.read_text(encoding="utf-8").partition("from __future__ import annotations\n")
    assert future
    changed.write_text(f"{head}{future}{line}\n{rest}", encoding="utf-8")
    done = _lint(copied)
    assert done.returncode == 1
    assert any(broken in said and "BROKEN" in said for said in done.stdout.splitlines()), done.stdout


def test_a_room_that_no_layer_names_is_refused(copied: Path) -> None:
    (copied / "pipeline" / "attic.py").write_text('"""Nobody knows."""\n', encoding="utf-8")
    done = _lint(copied)
    assert done.returncode == 1
    assert "attic" in done.stdout


def test_an_exception_that_nothing_needs_any_more_is_an_error(copied: Path) -> None:
    changed = copied / "pyproject.toml"
    text = changed.read_text(encoding="utf-8")
    needed = '"pipeline.accounts.account -> sqlite3",'
    assert needed in text
    changed.write_text(
        text.replace(needed, f'{needed} "pipeline.accounts.ledger -> sqlite3",'), encoding="utf-8"
    )
    assert _lint(copied).returncode == 1


def test_the_architecture_page_shows_the_rooms_as_they_are() -> None:
    assert rooms.in_the_page() == rooms.drawn(), "write it anew: python -m tests.contracts.rooms"
