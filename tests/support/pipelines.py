"""One pipeline of its own for a test: topics, groups and a store that no other test sees."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, select

from pipeline.accounts import deadletters, ledger
from pipeline.accounts.deadletters import Selection
from pipeline.accounts.ledger import Ledger
from pipeline.errors import TransientError
from pipeline.flow import FLOW
from pipeline.kafka.admin import Admin, PartitionLag
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.topics import Topic, topic_name
from pipeline.record import Article, DeadLetter
from pipeline.record.codec import encode
from pipeline.settings import Settings
from pipeline.stores.base import configured_store
from pipeline.stores.sql.database import reading
from pipeline.stores.sql.schema import duplicate_state, metadata, store_identities
from pipeline.stores.sql.store import SqlStore
from tests.support.articles import articles
from tests.support.waiting import eventually
from tests.support.workers import FAULTY, PLAIN, WorkerProcess, environment

SESSION_SECONDS = 3
_LOG_CHARACTERS = 4000

# What the order of writing decides, or the log that was written to, and nothing else.
_POSITION = {"log", "log_offset", "appended_at"}
_NUMBERS = {
    "quotes": {"id"},
    "duplicate_state": {"seq"},
    "articles": _POSITION,
    "superseded_versions": _POSITION,
}


class LivePipeline:
    """A pipeline on a broker. A context manager: leaving it ends its workers.

    Args:
        address: the broker.
        folder: for its store and logs.
        database_url: the store; a SQLite file in the folder by default.
        variables: further settings by the names of their environment variables, without PIPELINE_.
    """

    def __init__(
        self, address: str, folder: Path, *, database_url: str | None = None, **variables: object
    ) -> None:
        name = f"t{uuid.uuid4().hex[:8]}"
        values: dict[str, object] = {
            "bootstrap_servers": address,
            "topic_prefix": name,
            "group_prefix": name,
            "partitions": 2,
            "pool_processes": 1,
            "session_timeout_seconds": SESSION_SECONDS,
            "metrics_port": 0,
            "database_url": database_url or f"sqlite:///{folder / 'store.db'}",
            **{variable.lower(): value for variable, value in variables.items()},
        }
        self.name = name
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment(
            **{f"PIPELINE_{variable.upper()}": str(value) for variable, value in values.items()}
        )
        self.settings = Settings(_env_file=None, **values)  # type: ignore[arg-type]
        self._stack = ExitStack()
        self._started = 0
        self.workers: list[WorkerProcess] = []
        """All that were started, also those that have ended."""

    def __enter__(self) -> Self:
        self.admin = Admin(self.settings, timeout=30)
        self.admin.ensure_topics()
        self.store = configured_store(self.settings)
        self._stack.callback(self.store.close)
        self.store.upgrade()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.admin.close()

    @property
    def engine(self) -> Engine:
        """Of a store in a database."""
        assert isinstance(self.store, SqlStore)
        return self.store.engine

    def reconnect(self) -> None:
        """Connect to the broker anew, after it has been away."""
        self.admin.close()

        def connected() -> Admin | None:
            try:
                return Admin(self.settings, timeout=30)
            except TransientError:
                return None

        self.admin = eventually(connected, what="the broker answers")

    def worker(self, *stages: str, **variables: object) -> WorkerProcess:
        """Start the product's worker; it ends with the pipeline at the latest."""
        return self._start(PLAIN, stages, variables)

    def faulty_worker(self, *stages: str, options: Sequence[str] = (), **variables: object) -> WorkerProcess:
        """Start a worker that does what Marker says; `options` are those of tests.support.faulty_worker."""
        return self._start((*FAULTY, "--faults", str(self.folder), *options), stages, variables)

    def worker_of(self, tree: Path, *stages: str) -> WorkerProcess:
        """Start the worker of another version of the program, which is in that folder."""
        return self._start(PLAIN, stages, {}, PYTHONPATH=str(tree))

    def _start(
        self, command: Sequence[str], stages: Sequence[str], variables: dict[str, object], **environment: str
    ) -> WorkerProcess:
        self._started += 1
        settings = {f"PIPELINE_{name.upper()}": str(value) for name, value in variables.items()}
        worker = WorkerProcess(
            {**self.environment, **settings, **environment},
            self.folder / f"worker-{self._started}.log",
            *stages,
            command=command,
        )
        self.workers.append(worker)
        return self._stack.enter_context(worker)

    def run(
        self, *arguments: str, stdin: bytes | None = None, timeout: float = 120, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a `pipeline` command to its end; `variables` are environment variables beside its own."""
        return subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=timeout,
            check=False,
        )

    def publish(self, articles: Iterable[Article]) -> list[str]:
        """Send articles to the raw topic and await the broker's answer; gives their ids."""
        return self.publish_bytes((article.article_id.encode(), encode(article)) for article in articles)

    def publish_bytes(
        self,
        messages: Iterable[tuple[bytes | None, bytes | None]],
        *,
        topic: Topic = Topic.RAW,
        headers: list[tuple[str, Any]] | None = None,
    ) -> list[str]:
        """Send keys and values as they are; gives the keys as text."""
        keys: list[str] = []
        with Publisher(self.settings) as publisher:
            for key, value in messages:
                publisher.send(topic_name(self.settings, topic), key, value, headers)
                keys.append((key or b"").decode(errors="replace"))
            publisher.flush()
        assert publisher.accepted == len(keys), publisher.lost
        return keys

    def lags(self) -> list[PartitionLag]:
        """The lag of every stage by partition; patient with a broker that has just come back."""

        def look() -> list[PartitionLag] | None:
            try:
                return self.admin.lag(FLOW.sources)
            except TransientError:
                self.reconnect()
                return None

        return eventually(look, what="the broker tells the lag")

    def lag(self, stage: str) -> int:
        """The lag of one stage."""
        return sum(lag.lag for lag in self.lags() if lag.group == self.settings.group(stage))

    def ledger(self) -> Ledger:
        """The ledger as it is now."""
        return ledger.verify(self.settings, self.store.versions, admin=self.admin)

    def stored(self) -> set[str]:
        """The ids of all stored articles."""
        return {article_id for article_id, _ in self.store.versions.all()}

    def letters(self, selection: Selection | None = None) -> list[DeadLetter]:
        """The dead letters; open ones unless said otherwise."""
        return list(deadletters.letters(self.settings, selection or Selection()))

    def await_lag_zero(self, within: float = 120.0) -> None:
        """Wait until every stage has committed all there is."""

        eventually(lambda: not any(lag.lag for lag in self.lags()), within=within, what="all lag is 0")

    def await_closed(self, within: float = 120.0) -> Ledger:
        """Wait until the ledger closes; gives it."""

        def closed() -> Ledger | None:
            found = self.ledger()
            return found if found.closed else None

        try:
            return eventually(closed, within=within, what="the ledger is closed")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.ledger()}\n{self.logs()}") from None

    def logs(self) -> str:
        """The ends of the workers' logs, for failures."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-_LOG_CHARACTERS:]}"
            for log in sorted(self.folder.glob("worker-*.log"))
        )

    def rows(self, *, numbered: bool = False) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of the store by table, sorted; with the numbers that database and broker gave them if wanted."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        with reading(self.engine) as connection:
            for table in metadata.sorted_tables:
                if table is store_identities:  # each store has its own
                    continue
                hidden = set() if numbered else _NUMBERS.get(table.name, set())
                columns = [column for column in table.columns if column.name not in hidden]
                query = select(*columns)
                if table is duplicate_state and not numbered:
                    found[table.name] = _as_found(connection.execute(query.order_by(table.c.seq)).all())
                else:
                    found[table.name] = [tuple(map(_comparable, row)) for row in connection.execute(query)]
                found[table.name].sort(key=repr)
        return found


def _comparable(value: Any) -> Any:
    """A value of a row; JSON as text, since lists have no hash."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def _as_found(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of the duplicates' state, in the order of writing, by what later articles can find of them.

    A version that was replaced is found by nothing: whether it was in the index until then, or was never put there
    since the next version came in the same batch, its sketch tells and nothing else.
    """
    last = {row.article_id: number for number, row in enumerate(rows)}
    return [
        tuple(
            None if name == "sketch" and last[row.article_id] != number else value
            for name, value in row._mapping.items()
        )
        for number, row in enumerate(rows)
    ]


def work_through_45_articles(pipeline: LivePipeline) -> None:
    """Two workers, one after the other, store what comes, some of it twice; the ledger closes behind each."""
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(40))
    pipeline.publish(articles(10))  # again
    assert pipeline.await_closed().stored == 40
    pipeline.await_lag_zero()
    assert worker.stop() == 0
    again = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(5, start=40))
    assert pipeline.await_closed().stored == 45
    pipeline.await_lag_zero()
    assert again.stop() == 0
