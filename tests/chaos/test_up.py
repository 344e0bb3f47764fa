"""`pipeline up`, killed whole at any moment: what was accepted is stored once the next one has run."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psutil  # type: ignore[import-untyped]
import pytest

from pipeline.accounts import ledger
from pipeline.errors import PipelineError
from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.record import Article
from pipeline.settings import Settings
from pipeline.stores.base import configured_store
from tests.support.articles import articles
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(600)

_ARTICLES = 400
_KILLS = 3
_LONGEST_RUN = 6.0  # seconds after it is ready


@dataclass
class Sender:
    """Sends articles one by one until told to stop, and notes each that the broker has taken."""

    settings: Settings
    waiting: list[Article]
    taken: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send; a broker that goes away ends it, and nothing is noted of what it had not taken."""
        try:
            with Publisher(self.settings) as publisher:
                producer = ArticleProducer(self.settings, publisher)
                while self.waiting and not self.stopping.is_set():
                    before = publisher.accepted
                    producer.send(self.waiting[-1])
                    if not _acknowledged(publisher, before, self.stopping):
                        return
                    self.taken.append(self.waiting.pop().article_id)
        except PipelineError:
            return


def _acknowledged(publisher: Publisher, before: int, stopping: threading.Event) -> bool:
    while publisher.accepted == before and not publisher.lost:
        if stopping.wait(0.01):
            return publisher.accepted > before
    return not publisher.lost


@contextmanager
def running(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], Settings]]:
    """`pipeline up`, ready; killed whole at the end: it and all that it started, at one stroke."""
    with (data.parent / "up.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "up", "--data", str(data), "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    try:
        ready = orjson.loads(process.stdout.readline())
        yield (
            process,
            Settings(
                _env_file=None,
                bootstrap_servers=ready["bootstrap_servers"],
                database_url=ready["database_url"],
            ),
        )
    finally:
        whole = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for one in whole:
            one.suspend()  # none of them sees another end
        for one in whole:
            one.kill()
        psutil.wait_procs(whole)
        process.wait()
        process.stdout.close()


def test_what_was_accepted_is_stored_once_however_often_all_of_it_is_killed(
    tmp_path: Path, seed: int, rounds: int
) -> None:
    rng = random.Random(seed)
    waiting = list(articles(_ARTICLES, seed=seed))
    taken: list[str] = []
    for _ in range(min(rounds, _KILLS)):
        with running(tmp_path / "data") as (process, settings):
            sender = Sender(settings, waiting)
            thread = threading.Thread(target=sender.run, daemon=True)
            thread.start()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0, _LONGEST_RUN))
        sender.stopping.set()
        taken += sender.taken

    with running(tmp_path / "data") as (_, settings), closing(configured_store(settings)) as store:
        eventually(lambda: ledger.verify(settings, store.versions).closed, what="the ledger closes")
        found = ledger.verify(settings, store.versions)
        missing = [one for one in taken if store.article(one) is None]
        stored = store.count_articles()

    assert taken, "nothing was accepted: nothing was tried"
    assert not missing
    assert found.accepted == found.stored == stored
    assert not found.doubled
