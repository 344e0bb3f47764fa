"""The commands are there by name, and none waits for what only another one needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app


def test_the_help_names_every_command_with_what_it_does() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in (
        "demo",
        "enrich",
        "replay",
        "worker",
        "quotes",
        "clusters",
        "dead-letters",
        "topics",
        "doctor",
    ):
        (line,) = (line for line in shown.splitlines() if line.split()[:1] == [name])
        assert len(line.split()) > 3, "a name without what it is for"


def test_a_misspelt_command_is_wrong_usage_and_the_right_one_is_named() -> None:
    result = CliRunner().invoke(app, ["quots"])
    assert result.exit_code == 2
    assert "'quotes'" in result.output


@pytest.mark.parametrize(
    ("command", "spared"),
    [
        (["quotes", "--help"], {"kafka", "faust", "spacy", "alembic", "psycopg"}),
        (["topics", "list", "--help"], {"sqlalchemy", "faust", "spacy"}),
        (["status", "--help"], {"faust", "spacy", "alembic"}),
        (["worker", "--help"], {"faust", "spacy", "sqlalchemy", "kafka"}),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(command: list[str], spared: set[str]) -> None:
    program = f"""
import sys
from pipeline.cli.main import app
try:
    app({command!r})
finally:
    print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "Usage:" in done.stdout
    assert spared.isdisjoint(done.stderr.split())
