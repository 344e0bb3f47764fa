"""The documents: every link leads somewhere, the site builds, and the version is the same wherever it stands."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent.parent.parent
_PAGES = sorted([*_PROJECT.glob("*.md"), *(_PROJECT / "docs").rglob("*.md")])
_VERSION = tomllib.loads((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(_PROJECT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+://", target):
            continue
        path, _, anchor = target.partition("#")
        leads_to = (page.parent / path).resolve() if path else page
        assert leads_to.exists(), target
        assert not anchor or anchor in _anchors(leads_to), target


def test_the_site_builds_with_every_page_in_its_navigation(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=_PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = {page.relative_to(tmp_path).parts[0] for page in tmp_path.glob("*/index.html")}
    assert {page.stem for page in (_PROJECT / "docs").glob("*.md")} - {"index"} <= built


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("CHANGELOG.md", r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$"),
        ("deploy/Dockerfile", r"^ARG VERSION=(.*)$"),
        ("deploy/kubernetes/overlays/example/kustomization.yaml", r"newTag: (.*)$"),
        ("docker-compose.yml", r"PIPELINE_IMAGE:-news-pipeline:([^}]*)}"),
        ("docs/deployment.md", r"`news-pipeline:([^`]*)`"),
    ],
)
def test_the_version_is_the_same_wherever_it_stands(file: str, pattern: str) -> None:
    found = re.findall(pattern, (_PROJECT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert found[:1] == [_VERSION]


def test_the_message_of_the_tag_is_prepared() -> None:
    assert (
        (_PROJECT / "docs" / "releases" / f"{_VERSION}.md")
        .read_text(encoding="utf-8")
        .startswith(f"# {_VERSION}\n")
    )


@pytest.mark.parametrize(
    ("subject", "right"),
    [
        ("ledger: prove versions, not ids", True),
        ("Merge branch 'x'", True),
        ("prove versions", False),
        ("ledger:prove", False),
        ("ledger: " + "x" * 64, True),
        ("ledger: " + "x" * 65, False),
    ],
)
def test_a_commits_subject_says_its_area_in_72_characters(tmp_path: Path, subject: str, right: bool) -> None:
    message = tmp_path / "message"
    message.write_text(f"{subject}\n\nwhy\n", encoding="utf-8")
    done = subprocess.run(
        [_PROJECT / ".ci" / "subject", message], check=False, capture_output=True, text=True
    )
    assert (done.returncode == 0) is right
