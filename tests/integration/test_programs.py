"""The programs of examples/programs-python and examples/programs-node, run as anybody would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.flow import Topic
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import topic_name
from pipeline.record.codec import decode_article, encode
from tests.integration.conftest import NewPipeline
from tests.unit.stores.builders import full_record

_EXAMPLES = Path(__file__).parents[2] / "examples"
_INSTALL = ("install", "--no-package-lock", "--no-audit", "--no-fund", "--silent")


def _python(_: Path) -> tuple[list[str], list[str]]:
    folder = _EXAMPLES / "programs-python"
    return [sys.executable, str(folder / "produce.py")], [sys.executable, str(folder / "consume.py")]


def _node(tmp_path: Path) -> tuple[list[str], list[str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node and npm are missing")
        pytest.skip("node and npm are not installed")
    folder = tmp_path / "programs"
    shutil.copytree(_EXAMPLES / "programs-node", folder)
    subprocess.run([npm, *_INSTALL], cwd=folder, check=True, timeout=120)
    return [node, str(folder / "produce.js")], [node, str(folder / "consume.js")]


@pytest.mark.parametrize("programs", [_python, _node], ids=["python", "node"])
def test_what_the_example_publishes_is_an_article_and_what_is_enriched_it_reads(
    new_pipeline: NewPipeline, tmp_path: Path, programs: Callable[[Path], tuple[list[str], list[str]]]
) -> None:
    produce, consume = programs(tmp_path)
    settings = new_pipeline().settings
    (broker,) = settings.bootstrap_servers
    article = {
        "article_id": "a",
        "source": "Courier",
        "text": "The ferry came an hour late.",
        "desk": "harbour",
    }
    done = subprocess.run(
        [*produce, broker, topic_name(settings, Topic.RAW)],
        input=json.dumps(article).encode() + b"\n",
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == b"1 articles acknowledged\n"
    (message,) = scan(settings, Topic.RAW)
    found = decode_article(message.value)
    assert (message.key, found.article_id, found.model_extra) == (b"a", "a", {"desk": "harbour"})

    record = full_record()
    enriched = topic_name(settings, Topic.ENRICHED)
    with Publisher(settings) as publisher:
        publisher.send(enriched, record.article.article_id.encode(), encode(record))
    done = subprocess.run(
        [*consume, broker, "--topic", enriched, "--until", "1"], capture_output=True, timeout=60, check=True
    )
    said = [json.loads(line)["words"] for line in done.stdout.splitlines()]
    assert said == [quote.text for quote in record.quotes]
    assert said
