"""Ways that go through Kafka into PostgreSQL: ours, and the same stages in other frameworks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient
from sqlalchemy import select

from benchmarks.peers.stages import DUPLICATES, ENRICH
from benchmarks.peers.watching import Watched
from pipeline.kafka.admin import Admin
from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.record import Article
from pipeline.settings import Settings, variable
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import articles as stored_articles
from pipeline.stores.sql.store import SqlStore, open_sql_store
from tests.integration.postgres import PostgresServer
from tests.support.apache_kafka import ApacheKafka

_ROOT = Path(__file__).parent.parent.parent
_START_SECONDS = 180.0
_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_MEMORY_SECONDS = 1.0
_POOL = {"spawn_main": "pool"}

OURS = "news-pipeline"
PEERS = {
    "Quix Streams": "benchmarks.peers.quix_app",
    "FastStream": "benchmarks.peers.faststream_app",
    "confluent-kafka, a loop": "benchmarks.peers.confluent_loop",
}


@dataclass
class Measured:
    """What one way took for all articles: seconds, processor seconds and peak MiB by role, latencies in seconds."""

    seconds: float
    spent: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Servers:
    """The broker and the database that all ways share; each way gets topics and a database of its own."""

    kafka: ApacheKafka
    postgres: PostgresServer

    def roots(self) -> dict[str, list[int]]:
        """Their processes."""
        kafka = self.kafka.process
        if kafka is None:
            raise RuntimeError("Kafka is not running")
        return {"Kafka": [kafka.pid], "PostgreSQL": [self.postgres.pid]}


class Running:
    """One way, ready for articles."""

    def __init__(self, settings: Settings, store: SqlStore, watched: Callable[[], Watched]) -> None:
        self._settings = settings
        self._store = store
        self._watched = watched

    def warm(self, articles: Sequence[Article]) -> None:
        """Send articles that are not measured, and wait until they are stored."""
        self._send(articles)
        self._await_stored(len(articles), lambda: None)

    def flood(self, articles: Sequence[Article]) -> Measured:
        """All at once: from the first one sent to the last one stored."""
        before = self._store.count_articles()
        watched = self._watched()
        start = time.perf_counter()
        self._send(articles)
        self._await_stored(before + len(articles), watched.look)
        return Measured(time.perf_counter() - start, watched.spent(), watched.peaks)

    def trickle(self, articles: Sequence[Article], rate: float) -> Measured:
        """So many a second, evenly: for each the seconds from its sending to when it can be read in the store."""
        sent: dict[str, float] = {}
        latencies: list[float] = []
        start = time.perf_counter()
        with Publisher(self._settings) as publisher:
            producer = ArticleProducer(self._settings, publisher)
            for number, article in enumerate(articles):
                while (ahead := start + number / rate - time.perf_counter()) > 0:
                    self._collect(sent, latencies)
                    time.sleep(min(ahead, _LOOK_SECONDS))
                sent[article.article_id] = time.perf_counter()
                producer.send(article)
            publisher.flush()
        deadline = time.perf_counter() + _START_SECONDS
        while sent and time.perf_counter() < deadline:
            self._collect(sent, latencies)
            time.sleep(_LOOK_SECONDS)
        if sent:
            raise SystemExit(f"{len(sent)} articles were not stored")
        return Measured(time.perf_counter() - start, latencies=latencies)

    def _collect(self, sent: dict[str, float], latencies: list[float]) -> None:
        if not sent:
            return
        query = select(stored_articles.c.article_id).where(stored_articles.c.article_id.in_(list(sent)))
        with reading(self._store.engine) as connection:
            found = connection.execute(query).scalars().all()
        now = time.perf_counter()
        latencies += [now - sent.pop(article_id) for article_id in found]

    def _send(self, articles: Sequence[Article]) -> None:
        with Publisher(self._settings) as publisher:
            producer = ArticleProducer(self._settings, publisher)
            for article in articles:
                producer.send(article)
            publisher.flush()

    def _await_stored(self, count: int, look: Callable[[], None]) -> None:
        """Wait until the store has so many, as others can read it: nothing announces that."""
        progress, stored, looked = time.monotonic(), -1, 0.0
        while (now := self._store.count_articles()) < count:
            if now != stored:
                progress, stored = time.monotonic(), now
            if time.monotonic() - progress > _START_SECONDS:
                raise SystemExit(f"{now} of {count} articles are stored, and no more come")
            if time.monotonic() - looked > _MEMORY_SECONDS:
                look()
                looked = time.monotonic()
            time.sleep(_LOOK_SECONDS)


@contextmanager
def running(way: str, processes: int, servers: Servers) -> Iterator[Running]:
    """Start a way on topics and a database of its own; gives it when it is ready."""
    name = f"b{uuid.uuid4().hex[:8]}"
    values = {
        "bootstrap_servers": servers.kafka.address,
        "topic_prefix": name,
        "group_prefix": name,
        "database_url": servers.postgres.new_database(),
        "pool_processes": str(processes),
        "metrics_port": "0",
    }
    settings = Settings.load(**values)
    with Admin(settings) as admin:
        admin.ensure_topics()
    store = open_sql_store(values["database_url"])
    with ExitStack() as stack:
        stack.callback(store.close)
        store.upgrade()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="peer-")))
        programs = _Programs(folder, values)
        stack.callback(programs.end)
        if way == OURS:
            programs.start("worker", "pipeline", "worker", "--json").await_line()
        else:
            programs.start(DUPLICATES, PEERS[way], DUPLICATES)
            for _ in range(processes):
                programs.start(ENRICH, PEERS[way], ENRICH)
            programs.await_groups(settings, {DUPLICATES: 1, ENRICH: processes})
        yield Running(settings, store, lambda: Watched(programs.roots | servers.roots(), _POOL))


class _Programs:
    def __init__(self, folder: Path, values: dict[str, str]) -> None:
        self._folder = folder
        self._environment = os.environ | {variable(name): value for name, value in values.items()}
        self._environment |= {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"}
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []

    @property
    def roots(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for role, process in self._started:
            found.setdefault(role, []).append(process.pid)
        return found

    def start(self, role: str, module: str, *arguments: str) -> _Programs:
        log = self._folder / f"{len(self._started)}-{role}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        self._started.append((role, process))
        return self

    def await_line(self) -> None:
        """Wait for the first line of the last one started."""
        output = self._started[-1][1].stdout
        if not (output and output.readline()):
            raise SystemExit(f"the worker did not start:\n{self._logs()}")

    def await_groups(self, settings: Settings, members: dict[str, int]) -> None:
        """Wait until the groups have so many members and are at rest."""
        client = AdminClient({"bootstrap.servers": ",".join(settings.bootstrap_servers)})
        deadline = time.monotonic() + _START_SECONDS
        waiting = {settings.group(part): count for part, count in members.items()}
        while waiting:
            for group, answer in client.describe_consumer_groups(list(waiting)).items():
                found = answer.result()
                if found.state == ConsumerGroupState.STABLE and len(found.members) == waiting[group]:
                    del waiting[group]
            ended = [role for role, process in self._started if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise SystemExit(f"did not start: {', '.join(ended) or waiting}\n{self._logs()}")
            time.sleep(_LOOK_SECONDS)

    def end(self) -> None:
        for _, process in self._started:
            process.send_signal(signal.SIGTERM)
        for _, process in self._started:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

    def _logs(self) -> str:
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in self._folder.glob("*.log"))
