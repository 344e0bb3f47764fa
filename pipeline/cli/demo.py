"""`pipeline demo`: the whole pipeline on this machine, from files to a table of what was found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import Engine

from pipeline import ledger
from pipeline.broker import Admin
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, say, stderr, stdout, warn
from pipeline.cli.present import show_record, title_of
from pipeline.cli.verify import show as show_ledger
from pipeline.embedded import EmbeddedBroker
from pipeline.errors import PipelineError, SourceError, UsageError
from pipeline.ledger import Ledger
from pipeline.models import Article, EnrichedArticle
from pipeline.producer import ArticleProducer, Publisher
from pipeline.settings import Settings
from pipeline.sinks.database import connect
from pipeline.sinks.queries.articles import article as stored_article
from pipeline.sinks.queries.ids import stored_ids
from pipeline.sources import Limits, read_articles

_SESSION_SECONDS = 3.0
_PATIENCE_SECONDS = 300.0
_FIRST_LOOK_SECONDS = 0.1
_LONGEST_LOOK_SECONDS = 1.0
_OURS = ("news.db", "news.db-wal", "news.db-shm", "worker.log", "broker.log")


def demo(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH...]", help="What to replay; the articles in seeds/ by default."),
    ] = None,
    *,
    data: Annotated[Path, typer.Option(help="Where the store and the logs go.")] = Path("var/demo"),
    as_json: AsJson = False,
) -> None:
    """Run everything once: an embedded broker, all stages, SQLite; replay files and show what was found.

    Needs no Kafka and no database server. The store of the run before, in the same folder, is replaced. Exit 0
    only if every article is accounted for.
    """
    chosen = paths or ["seeds"]
    if not paths and not Path("seeds").is_dir():
        raise UsageError("there is no seeds/ folder here: name the files or folders to replay")
    started = time.monotonic()
    _clear(data)
    with ExitStack() as stack:
        stack.enter_context(_terminated_like_interrupted())
        broker = stack.enter_context(EmbeddedBroker(data / "broker.log"))
        url = f"sqlite:///{data.resolve() / 'news.db'}"
        settings = Settings.load(
            bootstrap_servers=broker.address,
            database_url=url,
            session_timeout_seconds=_SESSION_SECONDS,
            metrics_port=0,
            replication_factor=1,
        )
        with Admin(settings) as admin:
            admin.ensure_topics()
        say(f"embedded broker at {broker.address}; store and logs in {data}")
        process = stack.enter_context(_worker(settings, url, data / "worker.log"))
        articles, problems = _replay(settings, chosen)
        ready = _await_ready(process, data / "worker.log")
        say(f"{len(articles)} articles accepted; all stages ready after {time.monotonic() - started:.1f} s")
        engine = connect(url)
        stack.callback(engine.dispose)
        found = _await_closed(settings, engine, process, data / "worker.log")
        records = [record for article in articles if (record := stored_article(engine, article.article_id))]
        seconds = time.monotonic() - started
    if as_json:
        print_json(
            {
                "records": [record.model_dump(mode="json") for record in records],
                "ledger": found.as_dict(),
                "problems": [str(problem) for problem in problems],
                "metrics": ready["metrics"],
                "data": str(data),
                "seconds": round(seconds, 1),
            }
        )
    else:
        _show(records, found, str(ready["metrics"]), data, seconds)
    if problems or not found.closed:
        raise typer.Exit(EXIT_PROBLEMS)


def _clear(data: Path) -> None:
    """Make the folder; take away what an earlier demo left there, and nothing else."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        for name in _OURS:
            (data / name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"--data {data}: can't be used: {error.strerror}") from None


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does: through the exits that stop what it started."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _worker(settings: Settings, url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PIPELINE_BOOTSTRAP_SERVERS": ",".join(settings.bootstrap_servers),
        "PIPELINE_DATABASE_URL": url,
        "PIPELINE_SESSION_TIMEOUT_SECONDS": str(settings.session_timeout_seconds),
        "PIPELINE_METRICS_PORT": str(settings.metrics_port),
    }
    environment.pop("PIPELINE_DATABASE_URL_FILE", None)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "worker", "--json"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,  # Ctrl-C comes to us; we stop it in order
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(settings.grace_seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


def _replay(settings: Settings, paths: list[str]) -> tuple[list[Article], list[SourceError]]:
    articles: dict[str, Article] = {}
    problems: list[SourceError] = []
    with Publisher(settings) as publisher:
        producer = ArticleProducer(settings, publisher)
        for found in read_articles(paths, limits=Limits(max_article_bytes=settings.max_article_bytes)):
            if isinstance(found, SourceError):
                problems.append(found)
                warn(str(found))
            else:
                producer.send(found)
                articles[found.article_id] = found
        publisher.flush()
        if publisher.lost:
            raise PipelineError(
                f"the broker did not take {len(publisher.lost)} articles: {publisher.lost[0].error}"
            )
    return list(articles.values()), problems


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """The worker's own word that it is ready: a line on its standard output."""
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        raise PipelineError(f"the worker ended before it was ready: see {log}")
    event: dict[str, Any] = orjson.loads(line)
    return event


def _await_closed(settings: Settings, engine: Engine, process: subprocess.Popen[bytes], log: Path) -> Ledger:
    """Look until the ledger closes: that is a state of three systems, which none of them announces."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = _FIRST_LOOK_SECONDS
    with Admin(settings) as admin, stderr.status("waiting for the ledger to close"):
        while True:
            found = ledger.verify(settings, stored_ids(engine), admin=admin)
            if found.closed or time.monotonic() > deadline:
                return found
            if process.poll() is not None:
                raise PipelineError(f"the worker ended: see {log}")
            time.sleep(pause)
            pause = min(_LONGEST_LOOK_SECONDS, pause * 1.5)


def _show(records: list[EnrichedArticle], found: Ledger, metrics: str, data: Path, seconds: float) -> None:
    titles = {record.article.article_id: title_of(record) for record in records}
    for record in records:
        show_record(record, titles=titles)
        stdout.print()
    show_ledger(found)
    stdout.print()
    command = "pipeline" if shutil.which("pipeline") else os.path.relpath(sys.argv[0])
    for line in (
        "next:",
        f"  export PIPELINE_DATABASE_URL=sqlite:///{data / 'news.db'}",
        f"  {command} quotes --limit 10        # who said what",
        f"  {command} clusters                 # the stories and their copies",
        f"  {command} articles --naming NAME   # who is named where",
    ):
        stdout.print(line, markup=False, soft_wrap=True)
    say(f"done in {seconds:.1f} s; metrics were at {metrics} while it ran; store and logs are in {data}")
