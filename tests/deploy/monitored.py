"""A real run under a real Prometheus: embedded broker, worker, exporter, and what they tell."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pipeline.kafka.embedded import EmbeddedBroker
from pipeline.questions.question import question_of
from pipeline.record import Article
from pipeline.stores.base import standing_of
from tests.deploy.programs import DEPLOY
from tests.support.articles import articles
from tests.support.pipelines import LivePipeline
from tests.support.waiting import eventually
from tests.support.workers import WorkerProcess

_CONFIGURATION = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}/rules.yml", "{rules}/alerts.yml"]
scrape_configs:
{jobs}
"""
_JOB = """\
  - job_name: {name}
    static_configs: [{{targets: [{targets}]}}]
"""
# It logs the port that it was given.
_LISTENING = re.compile(r'msg="Listening on" address=(\S+)')
_WAVES = 3
_ARTICLES_A_WAVE = 12


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an answer: its labels, and (Unix time, value) pairs."""

    labels: dict[str, str]
    values: list[tuple[float, float]]


class Prometheus:
    """The real program on a free port. A context manager.

    Args:
        program: its path.
        folder: for its data, configuration and log.
        jobs: host:port of what to scrape, by the name of the job.
    """

    def __init__(self, program: str, folder: Path, jobs: Mapping[str, list[str]]) -> None:
        self._folder = folder
        folder.mkdir()
        configuration = folder / "prometheus.yml"
        scraped = "".join(
            _JOB.format(name=name, targets=", ".join(f'"{target}"' for target in targets))
            for name, targets in jobs.items()
        )
        configuration.write_text(_CONFIGURATION.format(rules=DEPLOY / "prometheus", jobs=scraped))
        self._command = [
            program,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--web.listen-address=127.0.0.1:0",
            "--log.level=info",
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        log = self._folder / "prometheus.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(self._command, stdout=output, stderr=output)

        def listening() -> re.Match[str] | None:
            text = log.read_text()
            return _LISTENING.search(text) if "Server is ready" in text else None

        self.url = f"http://{eventually(listening, within=30, what='Prometheus is ready').group(1)}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)

    def at_once(self, expression: str) -> list[Series]:
        """The series of an instant query, each with one value."""
        found = self._ask("query", query=expression)
        return [Series(one["metric"], [(one["value"][0], float(one["value"][1]))]) for one in found]

    def over_time(self, expression: str, *, seconds: float, step: float = 1.0) -> list[Series]:
        """The series of a range query up to now."""
        now = time.time()
        found = self._ask("query_range", query=expression, start=now - seconds, end=now, step=step)
        return [Series(one["metric"], [(at, float(value)) for at, value in one["values"]]) for one in found]

    def value(self, expression: str) -> float:
        """The only value of an instant query; 0 when there is none."""
        found = self.at_once(expression)
        return found[0].values[0][1] if found else 0.0

    def _ask(self, endpoint: str, **parameters: object) -> list[dict[str, Any]]:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}/api/v1/{endpoint}?{query}", timeout=30) as answer:  # noqa: S310 - our own http URL
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return result


class Monitored:
    """A pipeline, its exporter, and a Prometheus that scrapes both. A context manager.

    Args:
        prometheus: the program.
        folder: for everything that is written.
    """

    def __init__(self, prometheus: str, folder: Path) -> None:
        self._program = prometheus
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        broker = enter(EmbeddedBroker(self._folder / "broker.log"))
        self.pipeline = enter(LivePipeline(broker.address, self._folder / "pipeline"))
        asked = {"id": "all", "title": "All", "language": ["en"], "webhook": "http://127.0.0.1:1/"}
        standing_of(self.pipeline.store).questions.put(question_of(asked))  # nobody listens there
        self.worker = self.pipeline.worker()
        self.exporter = enter(
            WorkerProcess(
                self.pipeline.environment,
                self._folder / "exporter.log",
                command=("-m", "pipeline", "exporter", "--json"),
            )
        )
        self.exporter.wait_ready()
        self.worker.wait_ready()
        feeds = enter(
            WorkerProcess(
                self.pipeline.environment, self._folder / "feeds.log", command=_watch(self._folder / "feeds")
            )
        ).wait_ready()
        webhooks = enter(
            WorkerProcess(
                self.pipeline.environment | {"PIPELINE_WEBHOOK_SECRET": "a secret of the desk"},
                self._folder / "webhooks.log",
                command=("-m", "pipeline", "questions", "deliver", "--metrics-port", "0", "--json"),
            )
        ).wait_ready()
        jobs = {"pipeline": [self.exporter, self.worker], "feeds": [feeds], "webhooks": [webhooks]}
        self.prometheus = enter(
            Prometheus(
                self._program,
                self._folder / "prometheus",
                {
                    job: [one._metrics_url.split("/")[2] for one in processes]
                    for job, processes in jobs.items()
                },
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def have_traffic(self) -> None:
        """Waves of articles with exact and near copies, and a message that is no article; until all was seen."""
        self._await('sum(up{job="pipeline"})', 2)
        self._await("sum(pipeline_feed_items_total)", 1)
        sent = 1
        for wave in range(_WAVES):
            sent += len(self.pipeline.publish(_wave(wave)))
            self._await('sum(pipeline_messages_total{stage="sink"})', sent)
            self.pipeline.publish_bytes([(None, b"this is not JSON")])
            self._await("sum(pipeline_dead_letters_total)", wave + 1)
        self._await("sum(pipeline_dead_letters_open)", _WAVES)
        self._await('sum(pipeline_webhook_deliveries_total{outcome="failed"})', 1)
        self._await("sum(group:pipeline_consumer_lag_messages:sum) == bool 0", 1)

    def _await(self, expression: str, value: float) -> None:
        eventually(lambda: self.prometheus.value(expression) >= value, what=f"{expression} is {value}")


def _watch(folder: Path) -> tuple[str, ...]:
    """The command that watches a folder with one article in it, looking often."""
    folder.mkdir()
    (folder / "1.txt").write_text("Ferry late\n\nThe ferry came an hour late on Monday.\n", encoding="utf-8")
    file = folder.with_suffix(".toml")
    file.write_text(f'[[folder]]\npath = "{folder}"\nname = "quay"\nevery = 1\n', encoding="utf-8")
    return ("-m", "pipeline", "watch", "--feeds", str(file), "--metrics-port", "0", "--json")


def _wave(number: int) -> list[Article]:
    """Articles, one of them again under another address, and one with a few words more."""
    now = datetime.now(UTC)
    fresh = [
        one.model_copy(update={"ingested_at": now, "published_at": now})
        for one in articles(_ARTICLES_A_WAVE, start=number * _ARTICLES_A_WAVE)
    ]
    copy = fresh[0].model_copy(update={"article_id": f"copy-{number}", "source": "quayside-times"})
    longer = fresh[1].model_copy(
        update={
            "article_id": f"near-{number}",
            "source": "quayside-times",
            "text": f"{fresh[1].text} More soon.",
        }
    )
    return [*fresh, copy, longer]
