"""Stages of other packages: installed into a folder, found by entry point, run on a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.flow import Topic
from pipeline.kafka.scan import scan
from pipeline.record.codec import decode_record
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.workers import environment

pytestmark = pytest.mark.long

EXAMPLE = Path(__file__).parents[2] / "examples" / "stage-keywords"

PICKY = """
from pipeline.stages.annotations import Annotator

class Picky(Annotator):
    name = "picky"
    needs = ("article", "quotes", "keywords")

    def annotate(self, record):
        if "marmalade" in record.article.text:
            raise ZeroDivisionError("no marmalade")
        return {"first": record.annotations["keywords"][0]}
"""


@pytest.fixture(scope="module")
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The example, installed as anybody would, but into a folder."""
    folder = tmp_path / "installed"
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--target",
    ]
    subprocess.run([sys.executable, *install, str(folder), str(EXAMPLE)], check=True)
    return folder


def _add(folder: Path, name: str, code: str, stage: str) -> None:
    """A package that is installed in the folder."""
    module = f"news_{name.replace('-', '_')}"
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(code)
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: news-{name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[news_pipeline.stages]\n{name} = {module}:{stage}\n")


def _beside(variables: dict[str, str], folder: Path) -> dict[str, str]:
    return {**variables, "PYTHONPATH": f"{variables['PYTHONPATH']}{os.pathsep}{folder}"}


def test_an_installed_stage_annotates_every_article_and_one_it_raises_on_is_dead_lettered_alone(
    pipeline: LivePipeline, installed: Path
) -> None:
    _add(installed, "picky", PICKY, "Picky")
    pipeline.environment = _beside(pipeline.environment, installed)
    wanted = list(articles(12, seed=4))
    bad = wanted[5].model_copy(update={"text": f"{wanted[5].text} No more marmalade."})
    wanted[5] = bad
    worker = pipeline.worker().wait_ready()
    pipeline.publish(wanted)
    pipeline.await_closed()

    ids = {article.article_id for article in wanted}
    assert pipeline.stored() == ids - {bad.article_id}
    (letter,) = pipeline.letters()
    assert (letter.article_id, letter.stage, letter.reason) == (bad.article_id, "quotes", "stage-error")
    assert letter.error == "picky: ZeroDivisionError: no marmalade"
    records = [decode_record(message.value) for message in scan(pipeline.settings, Topic.ENRICHED)]
    assert {record.article.article_id for record in records} == pipeline.stored()
    for record in records:
        words: Any = record.annotations["keywords"]
        assert 1 <= len(words) <= 5
        assert record.annotations["picky"] == {"first": words[0]}
    assert worker.metric("pipeline_dead_letters_total", stage="quotes", reason="stage-error") == 1
    assert worker.stop() == 0
    prefix = f"{pipeline.settings.topic_prefix}."
    ours = {name for name in pipeline.admin.partition_counts() if name.startswith(prefix)}
    assert ours == {f"{prefix}{topic}" for topic in Topic}


def _enrich(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        env=_beside(environment(), folder),
        input=b'{"text": "Ferry late\\n\\nThe ferry was late, and the harbour was full.", "language": "en"}\n',
        capture_output=True,
        check=False,
    )


def test_enrich_runs_an_installed_stage_and_lets_it_be_chosen(installed: Path) -> None:
    every = _enrich(installed, "enrich", "--json", "-")
    alone = _enrich(installed, "enrich", "--json", "--stage", "keywords", "-")
    without = _enrich(installed, "enrich", "--json", "--stage", "entities", "-")
    unknown = _enrich(installed, "enrich", "--stage", "keyword", "-")

    found = [json.loads(done.stdout).get("annotations") for done in (every, alone, without)]
    words = {"keywords": ["ferry", "late", "harbour", "full"]}
    assert found == [words, words, None]
    assert unknown.returncode == 2
    assert b"there are duplicates, entities, keywords, quotes" in unknown.stderr.replace(b"\n", b" ")


STAGE = """
from pipeline.stages.annotations import Annotator

class Stage(Annotator):
    name = {name!r}
    needs = {needs!r}

    def warm_up(self):
        {starting}

    def annotate(self, record):
        return 1
"""


def _stage(name: str, needs: tuple[str, ...] = (), starting: str = "pass") -> str:
    return STAGE.format(name=name, needs=needs, starting=starting)


BROKEN = {
    "raises-at-import": ("raise OSError('no list')", "can't be loaded: OSError: no list"),
    "quotes": (_stage("quotes"), "that name is taken"),
    "needs-what-is-not": (
        _stage("needs-what-is-not", ("moods",)),
        "needs moods, which no stage before it adds",
    ),
    "can-not-start": (
        _stage("can-not-start", starting="raise OSError('no list')"),
        "can't start: OSError: no list",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_package_that_does_not_fit_is_named_in_one_line(
    pipeline: LivePipeline, tmp_path: Path, name: str
) -> None:
    code, problem = BROKEN[name]
    _add(tmp_path / "installed", name, code, "Stage")
    path = _beside(pipeline.environment, tmp_path / "installed")["PYTHONPATH"]

    worker = pipeline.run("worker", PYTHONPATH=path)
    doctor = pipeline.run("doctor", "--json", PYTHONPATH=path)

    assert (worker.returncode, doctor.returncode) == (2, 2)
    said = [line for line in worker.stderr.decode().splitlines() if line.startswith("error:")]
    assert len(said) == 1
    assert name in said[0]
    assert problem in said[0]
    assert b"Traceback" not in worker.stderr
    (failed,) = [check for check in json.loads(doctor.stdout)["checks"] if not check["ok"]]
    assert failed["name"] == "stages"
    assert problem in failed["found"]
    assert failed["fix"]
