"""`pipeline demo`: the whole pipeline on this machine, from files to a table of what was found."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.accounts.ledger import Ledger
from pipeline.cli.console import running
from pipeline.cli.output import EXIT_PROBLEMS, AsJson, print_json, say, stderr, stdout, warn
from pipeline.cli.present import ShowAll, show_record, title_of
from pipeline.cli.verify import show as show_ledger
from pipeline.errors import PipelineError, SourceError
from pipeline.execution.signals import terminated_like_interrupted
from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.local import LocalPipeline, passing, seeds
from pipeline.record import Article, EnrichedArticle
from pipeline.settings import Settings
from pipeline.sources import Limits, read_articles

if TYPE_CHECKING:
    from pipeline.web.console.server import Console

_PATIENCE_SECONDS = 300.0


def demo(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH...]",
            help="What to replay; by default the articles that come with the project, its seeds.",
        ),
    ] = None,
    *,
    console: Annotated[
        bool, typer.Option("--console", help="Open the console on this machine, until Ctrl-C.")
    ] = False,
    everything: ShowAll = False,
    data: Annotated[Path, typer.Option(help="Where the store and the logs go.")] = Path("var/demo"),
    as_json: AsJson = False,
) -> None:
    """Run everything once: an embedded broker, all stages, SQLite; replay files and show what was found.

    Needs no Kafka and no database server. The store of the run before, in the same folder, is replaced. Exit 0
    only if every article is accounted for.
    """
    chosen = paths or [str(seeds())]
    started = time.monotonic()
    with (
        terminated_like_interrupted(),
        LocalPipeline(passing(data)) as local,
        ExitStack() as stack,
    ):
        say(f"embedded broker at {local.broker}; store and logs in {data}")
        articles, problems = _replay(local.settings, chosen)
        metrics = local.await_ready()
        if console:
            served = stack.enter_context(_console(local.settings, metrics))
            say(f"console at {served.url}")
        say(f"{len(articles)} articles accepted; all stages ready after {time.monotonic() - started:.1f} s")
        with stderr.status("waiting for the ledger to close"):
            found = local.await_closed(_PATIENCE_SECONDS)
        records = [record for article in articles if (record := local.store.article(article.article_id))]
        seconds = time.monotonic() - started
        if as_json:
            print_json(
                {
                    "records": [record.model_dump(mode="json") for record in records],
                    "ledger": found.as_dict(),
                    "problems": [str(problem) for problem in problems],
                    "metrics": metrics,
                    "data": str(data),
                    "seconds": round(seconds, 1),
                }
            )
        else:
            least = 0.0 if everything else local.settings.display_confidence
            _show_records(records, least)
            _show(found, metrics, data, seconds)
        if console:
            say("the console goes on: Ctrl-C ends it")
            _until_interrupted()
    if problems or not found.closed:
        raise typer.Exit(EXIT_PROBLEMS)


def _console(settings: Settings, metrics: str) -> Console:
    """The console on any free port, which knows where the worker's metrics are."""
    return running(settings.model_copy(update={"console_port": 0, "console_sink_metrics": metrics}))


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("ending")


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


def _show_records(records: list[EnrichedArticle], least_confidence: float) -> None:
    titles = {record.article.article_id: title_of(record) for record in records}
    for record in records:
        show_record(record, titles=titles, least_confidence=least_confidence)
        stdout.print()


def _show(found: Ledger, metrics: str, data: Path, seconds: float) -> None:
    show_ledger(found)
    stdout.print()
    command = "pipeline" if shutil.which("pipeline") else os.path.relpath(sys.argv[0])
    for line in (
        "next:",
        f"  export PIPELINE_DATABASE_URL=sqlite:///{data / 'demo.db'}",
        f"  {command} quotes --limit 10        # who said what",
        f"  {command} clusters                 # the stories and their copies",
        f"  {command} articles --naming NAME   # who is named where",
    ):
        stdout.print(line, markup=False, soft_wrap=True)
    say(f"done in {seconds:.1f} s; metrics were at {metrics} while it ran; store and logs are in {data}")
