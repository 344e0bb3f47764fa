"""The commands as a user runs them: processes with arguments, output and an exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from pipeline.kafka.topics import Topic
from pipeline.record import EnrichedArticle
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually
from tests.support.workers import environment

_STORY = (
    "Ferry reopens\n\nThe ferry to Lisbon reopened on Monday.\n\n"
    '"It floats again," said Clara Oduya, who runs it.'
)


@pytest.fixture(scope="module")
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "ferry.txt"
    path.write_text(_STORY, encoding="utf-8")
    return path


def _run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_topics_are_made_once_and_compared(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.environment["PIPELINE_TOPIC_PREFIX"] = f"{pipeline.name}-new"

    before = pipeline.run("topics", "list", "--json")
    made = pipeline.run("topics", "ensure", "--json")
    again = pipeline.run("topics", "ensure", "--json")

    assert (before.returncode, made.returncode, again.returncode) == (1, 0, 0)
    assert all("missing" in topic["problem"] for topic in json.loads(before.stdout))
    assert [topic["created"] for topic in json.loads(made.stdout)] == [True] * len(Topic)
    assert [topic["created"] for topic in json.loads(again.stdout)] == [False] * len(Topic)


def test_replay_names_and_counts_what_it_skips(pipeline: LivePipeline, story: Path) -> None:
    (story.parent / "broken.jsonl").write_text('{"text": "Fine\\n\\nAll is fine here."}\n{"text"\n')

    dry = pipeline.run("replay", str(story.parent), "--dry-run", "--json")
    done = pipeline.run("replay", str(story.parent), "--json")

    assert dry.returncode == done.returncode == 1
    assert json.loads(dry.stdout)["accepted"] == 0
    summary = json.loads(done.stdout)
    assert (summary["read"], summary["accepted"], summary["lost"], summary["skipped"]) == (2, 2, 0, 1)
    assert b"broken.jsonl:2" in done.stderr.replace(b"\n", b"")
    assert pipeline.ledger().accepted >= 2


def test_doctor_finds_all_well_or_says_what_to_do(pipeline: LivePipeline) -> None:
    well = pipeline.run("doctor", "--json")
    unwell = _run(
        pipeline.folder, "doctor", "--json", **{**_settings(pipeline), "PIPELINE_TOPIC_PREFIX": "nowhere"}
    )

    assert well.returncode == 0
    checks = {check["name"]: check for check in json.loads(well.stdout)["checks"]}
    assert all(check["ok"] for check in checks.values())
    model = checks["model"]["details"]
    assert (model["name"], model["engine"]) == ("en_core_web_md", "fast")
    assert checks["model"]["found"] == f"{model['name']} {model['version']}, recognition: fast"
    assert unwell.returncode == 1
    failed = [check for check in json.loads(unwell.stdout)["checks"] if not check["ok"]]
    assert [(check["name"], check["fix"]) for check in failed] == [("topics", "run `pipeline topics ensure`")]


@pytest.mark.long
def test_a_secret_is_shown_nowhere(pipeline: LivePipeline) -> None:
    canary = "canary-7c1f"
    url = f"postgresql+psycopg://someone:{canary}@127.0.0.1:1/nothing"
    variables = {**_settings(pipeline), "PIPELINE_DATABASE_URL": url}

    for command in (["doctor"], ["doctor", "--json"], ["status"], ["verify"]):
        done = _run(pipeline.folder, *command, **variables)
        assert done.returncode in {1, 3}
        assert canary.encode() not in done.stdout + done.stderr


def _enriched(folder: Path, lines: list[dict[str, str]], *arguments: str) -> list[EnrichedArticle]:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "enrich", "--json", "-", *arguments],
        cwd=folder,
        env=environment(),
        input=b"".join(json.dumps(line).encode() + b"\n" for line in lines),
        capture_output=True,
        check=True,
    )
    return [EnrichedArticle.model_validate_json(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("stages", "verdicts", "names", "quotes"),
    [
        (["duplicates"], ["original", "exact"], False, False),
        (["entities"], ["original", "original"], True, False),
        (["entities", "quotes"], ["original", "original"], True, True),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_enrich_runs_only_the_stages_that_are_asked_for(
    tmp_path: Path, stages: list[str], verdicts: list[str], names: bool, quotes: bool
) -> None:
    first, second = _enriched(
        tmp_path,
        [{"id": "a", "text": _STORY}, {"id": "b", "text": _STORY}],
        *(word for stage in stages for word in ("--stage", stage)),
    )
    assert [first.duplicate.verdict, second.duplicate.verdict] == verdicts
    assert (bool(first.entities), bool(first.quotes)) == (names, quotes)


def test_enrich_names_the_stages_there_are(tmp_path: Path) -> None:
    done = _run(tmp_path, "enrich", "-", "--stage", "speling")
    assert done.returncode == 2
    assert b"--stage speling: there are duplicates, entities, quotes" in done.stderr


def test_enrich_calls_nothing_a_copy_that_was_published_outside_the_window(tmp_path: Path) -> None:
    days = ("2026-03-01", "2026-03-03", "2026-03-20")
    lines = [{"id": day, "text": _STORY, "published_at": f"{day}T08:00:00Z"} for day in days]
    verdicts = [record.duplicate.verdict for record in _enriched(tmp_path, lines, "--stage", "duplicates")]
    assert verdicts == ["original", "exact", "original"]


def test_enrich_prints_one_record_a_line_in_the_order_of_input(tmp_path: Path) -> None:
    lines = [{"id": "b", "text": _STORY}, {"id": "a", "title": "Ferry", "body": "It sank."}, {"id": "c"}]
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "enrich", "--json", "-"],
        cwd=tmp_path,
        env=environment(),
        input=b"".join(json.dumps(line).encode() + b"\n" for line in lines),
        capture_output=True,
        timeout=120,
        check=False,
    )
    records = [EnrichedArticle.model_validate_json(line) for line in done.stdout.splitlines()]

    assert done.returncode == 1, "the third has no text"
    assert [record.article.article_id for record in records] == ["b", "a"]
    assert [quote.speaker.name for quote in records[0].quotes if quote.speaker] == ["Clara Oduya"]


@pytest.mark.parametrize(
    ("arguments", "variables", "code"),
    [
        (["worker", "--stage", "astrology"], {}, 2),
        (["replay", "no-such-file.txt", "--dry-run"], {}, 1),
        (["replay", "-", "--resume", "progress.json"], {}, 2),
        (["replay", ".", "--seed", "3"], {}, 2),
        (["status"], {"PIPELINE_BATCH_SIZE": "many"}, 2),
        (["status"], {"PIPELINE_SECURITY_PROTOCOL": "SASL_SSL"}, 2),
        (["topics", "list"], {"PIPELINE_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, 3),
        (["demo", "--data", "/proc/nothing"], {}, 2),
    ],
)
def test_a_mistake_is_one_line_and_a_documented_exit_code(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], code: int
) -> None:
    done = _run(tmp_path, *arguments, **variables)

    assert done.returncode == code, done.stderr
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_worker_without_its_topics_ends_with_what_to_do(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline()
    pipeline.environment["PIPELINE_TOPIC_PREFIX"] = f"{pipeline.name}-nowhere"

    done = pipeline.run("worker", "--json")

    assert done.returncode == 2
    assert b"pipeline topics ensure" in done.stderr


def test_a_demo_shows_what_it_found_and_leaves_nothing_running(story: Path) -> None:
    done = _run(story.parent, "demo", str(story), "--data", str(story.parent / "data"), "--json")
    shown = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert shown["ledger"]["closed"]
    assert [record["article"]["text"] for record in shown["records"]] == [_STORY]
    assert _speaks_of(str(story.parent)) == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that a shell runs in the background ignore Ctrl-C, and so would all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_ends_all_that_it_started(story: Path, how: signal.Signals) -> None:
    data = story.parent / "data"
    demo = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "demo", str(story), "--data", str(data)],
        cwd=story.parent,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        family = eventually(
            lambda: found if len(found := psutil.Process(demo.pid).children(recursive=True)) > 1 else None,
            what="broker and worker run",
        )
        demo.send_signal(how)
        assert demo.wait(90) == 130
    finally:
        demo.kill()
        demo.wait()

    gone, alive = psutil.wait_procs(family, timeout=30)
    assert (len(gone), alive) == (len(family), [])


def _settings(pipeline: LivePipeline) -> dict[str, str]:
    return {name: value for name, value in pipeline.environment.items() if name.startswith("PIPELINE_")}


def _speaks_of(folder: str) -> list[int]:
    """The processes that have to do with a folder."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "cwd"])
        if folder in " ".join(process.info["cmdline"] or ()) or process.info["cwd"] == folder
    ]
