"""`pipeline ingest`, as a process, with a real broker behind it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx2
import pytest

from pipeline.flow import Topic
from pipeline.kafka.scan import scan
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    return new_pipeline()


def test_what_is_accepted_over_http_is_on_the_raw_topic(pipeline: LivePipeline) -> None:
    command = (sys.executable, "-m", "pipeline", "ingest", "--port", "0", "--json", "--source", "Courier")
    token = "a-token-of-the-tests"  # noqa: S105 - of no real service
    with subprocess.Popen(
        command,
        cwd=pipeline.folder,
        env={**pipeline.environment, "PIPELINE_INGEST_TOKEN": token},
        stdout=subprocess.PIPE,
    ) as serving:
        assert serving.stdout is not None
        url = json.loads(serving.stdout.readline())["articles"]
        article = {"id": "a", "text": "The ferry came an hour late."}
        assert httpx2.post(url, json=article, timeout=60).status_code == 401
        answer = httpx2.post(url, json=article, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "ids": ["a"]})
        (message,) = scan(pipeline.settings, Topic.RAW)
        assert message.key == b"a"
        assert json.loads(message.value or b"")["source"] == "Courier"
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0


def test_strangers_are_not_let_in_without_a_token(pipeline: LivePipeline) -> None:
    done = pipeline.run("ingest", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused
    assert done.returncode == 2
    assert b"PIPELINE_INGEST_TOKEN" in done.stderr
