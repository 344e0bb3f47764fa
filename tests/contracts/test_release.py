"""The release script: what it refuses, before it fetches anything. `make release` is the rest of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent.parent.parent
_FILES = ("deploy/release.sh", "pyproject.toml", "CHANGELOG.md")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with what the script looks at before it builds, all of it committed."""
    folder = tmp_path / "a checkout"
    for name in _FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PROJECT / name, folder / name)
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "all")):
        _git(folder, *words)
    return folder


def _git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Ada Bell", "-c", "user.email=ada@example.org", "-c", "core.hooksPath=/dev/null")
    subprocess.run([shutil.which("git") or "git", "-C", folder, *who, *words], check=True)


def _release(checkout: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "deploy" / "release.sh", folder], capture_output=True, text=True, check=False
    )


def test_what_no_commit_has_is_not_released(checkout: Path, tmp_path: Path) -> None:
    (checkout / "left-over.py").write_text("")
    done = _release(checkout, tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "has changes that no commit has" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_version_without_a_date_in_the_changelog_is_not_released(checkout: Path, tmp_path: Path) -> None:
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace('\nversion = "', '\nversion = "9', 1))
    _git(checkout, "commit", "--quiet", "--all", "--message", "a number ahead of its notes")
    done = _release(checkout, tmp_path / "out")
    assert done.returncode == 2
    assert "CHANGELOG.md has no '## 9" in done.stderr


def test_a_folder_with_files_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "wheel of yesterday").write_text("")
    done = _release(checkout, out)
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert [path.name for path in out.iterdir()] == ["wheel of yesterday"]
