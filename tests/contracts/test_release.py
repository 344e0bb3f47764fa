"""The release script: what it refuses, before it fetches anything. `make release` is the rest of it."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_a_key_that_is_not_there_is_said_before_anything_is_built(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEASE_KEY", str(tmp_path / "no key"))
    done = _release(checkout, tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no key is no file" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_parts_of_an_image_are_what_python_and_dpkg_have() -> None:
    done = subprocess.run(
        [sys.executable, "-", "news-pipeline:1", "sha256:12"],
        input=(_PROJECT / "deploy" / "image_parts.py").read_bytes(),
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["metadata"]["component"]["version"] == "sha256:12"
    addresses = [part["purl"] for part in found["components"]]
    assert addresses == sorted(set(addresses))
    assert f"pkg:pypi/pytest@{pytest.__version__}" in addresses


def test_of_debians_packages_those_that_are_installed_count() -> None:
    parts = _parts()
    status = (
        "Package: tree\nStatus: install ok installed\nArchitecture: all\nVersion: 1:2.1-3+b1\nDescription: a tree\n"
        " Status: of the leaves\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n"
    )
    (found,) = parts["debian"](status)
    assert found["purl"] == "pkg:deb/debian/tree@1%3A2.1-3%2Bb1?arch=all"


def _parts() -> dict[str, Any]:
    return runpy.run_path(str(_PROJECT / "deploy" / "image_parts.py"))
