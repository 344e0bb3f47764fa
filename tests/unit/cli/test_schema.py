from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.errors import UsageError
from pipeline.record import schemas


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["schema", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_schema_prints_all_messages_or_one() -> None:
    assert json.loads(_run("--json")) == {name: schemas.schema(name) for name in schemas.MESSAGES}
    assert json.loads(_run("record")) == json.loads(_run("record", "--json")) == schemas.schema("record")


def test_schema_writes_a_file_each(tmp_path: Path) -> None:
    _run("--write", str(tmp_path / "new" / "folder"))
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "folder").iterdir()}
    assert json.loads(written.pop("asyncapi.json"))["channels"]["raw"]["address"] == "news.raw"
    assert written == {f"{name}.json": schemas.pretty(name) for name in schemas.MESSAGES}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["recrod"], "recrod: no such message; there are article, record, cluster-merge, alert, dead-letter"),
        (["record", "--write", "."], "--write writes all of them"),
        (["--write", __file__], "can't be written: File exists"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], problem: str) -> None:
    error = CliRunner().invoke(app, ["schema", *arguments]).exception
    assert isinstance(error, UsageError)
    assert problem in str(error)
