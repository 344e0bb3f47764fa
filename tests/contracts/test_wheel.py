"""The wheel, built as it is released and installed where no checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parent.parent.parent
_SEEDS = _PROJECT / "seeds"
_IN_THE_WHEEL = "pipeline/data/seeds/"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")

pytestmark = pytest.mark.timeout(1200)  # the requirements are fetched where pip has none of them


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=_PROJECT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a new environment with the wheel, its locked requirements and nothing else."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    fetched = subprocess.run(
        [python, *_PIP, "--require-hashes", "-r", _PROJECT / "requirements" / "demo.txt"],
        check=False,
        capture_output=True,
        text=True,
    )
    if fetched.returncode:
        reason = f"the requirements can't be fetched: {fetched.stderr[-500:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # With its dependencies, but from nowhere: the lock has to have what the wheel asks for.
    _run(str(python), *_PIP, "--no-index", f"{wheel}[embedded]", cwd=home)
    return home / "bin"


def test_the_wheel_carries_the_seeds_byte_for_byte(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.removeprefix(_IN_THE_WHEEL): archive.read(name)
            for name in archive.namelist()
            if name.startswith(_IN_THE_WHEEL)
        }
    assert packed == {path.name: path.read_bytes() for path in _SEEDS.iterdir()}


def test_the_wheel_carries_the_package_alone_and_says_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (described,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(described))
    assert {name.partition("/")[0] for name in names} == {"pipeline", described.partition("/")[0]}
    assert "pipeline/py.typed" in names
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    tables = {path.relative_to(_PROJECT).as_posix() for path in (_PROJECT / "pipeline").rglob("*.toml")}
    assert tables | {"pipeline/data/places.json"} <= set(names)


@pytest.mark.wheel
def test_the_demo_of_an_installed_wheel_accounts_for_all_seeds(installed: Path, tmp_path: Path) -> None:
    done = _run(str(installed / "pipeline"), "demo", "--json", cwd=tmp_path)
    found = json.loads(done)
    assert found["ledger"]["closed"]
    assert found["ledger"]["stored"] == found["ledger"]["accepted"] == len(found["records"]) > len(_names())
    assert (tmp_path / "var" / "demo" / "demo.db").is_file()


@pytest.mark.wheel
def test_the_python_interface_of_an_installed_wheel_gives_a_record(installed: Path, tmp_path: Path) -> None:
    code = "from pipeline import enrich; print(enrich('“We sail,” said Ada Bell.').quotes[0].speaker.name)"
    assert _run(str(installed / "python"), "-c", code, cwd=tmp_path) == "Ada Bell\n"


def _names() -> list[str]:
    return [path.name for path in _SEEDS.iterdir()]


def _run(*command: str, cwd: Path) -> str:
    """What a program says on stdout, where nothing of the checkout and of this process's settings is to be seen."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    done = subprocess.run(command, cwd=cwd, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, (
        f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    )
    return done.stdout
