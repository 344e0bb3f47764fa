"""Words a second through the whole worker: embedded broker, all stages, durable sink, beside spaCy alone.

    python benchmarks/worker.py PATH [--articles N]

PATH holds articles in any form that `pipeline replay` reads. In one run: one process of `nlp.pipe` (recognition
only) on the same texts; then the pipeline with one and with two pool processes, entities and quotes apart and
joined, from the first article sent to the last record stored, the ledger closed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from itertools import islice, product
from pathlib import Path

import spacy

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import add_option, record
from pipeline.kafka.publisher import ArticleProducer, Publisher
from pipeline.local import LocalPipeline, passing
from pipeline.record import Article
from pipeline.settings import Settings
from pipeline.sources import read_articles

_PATIENCE_SECONDS = 1800.0


def library(texts: list[str]) -> float:
    """Seconds that one process of the library takes for recognition alone."""
    model = Settings().spacy_model
    nlp = spacy.load(model, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    list(nlp.pipe(texts[:5]))
    start = time.perf_counter()
    for _ in nlp.pipe(texts):
        pass
    return time.perf_counter() - start


def pipeline(articles: list[Article], processes: int, *, joined: bool) -> float:
    """Seconds from the first article sent to all of them stored, with the worker ready before."""
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalPipeline(passing(Path(folder)), pool_processes=processes, join_stages=joined) as local,
    ):
        local.await_ready()
        start = time.perf_counter()
        with Publisher(local.settings) as publisher:
            producer = ArticleProducer(local.settings, publisher)
            for article in articles:
                producer.send(article)
            publisher.flush()
        found = local.await_closed(_PATIENCE_SECONDS)
        seconds = time.perf_counter() - start
        if not found.closed or found.stored != len({article.article_id for article in articles}):
            raise SystemExit(f"the ledger is not closed: {found}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--articles", type=int, default=840)
    add_option(parser)
    arguments = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    found = read_articles([arguments.path])
    articles = list(islice((item for item in found if isinstance(item, Article)), arguments.articles))
    words = sum(len(article.text.split()) for article in articles)
    print(f"{len(articles)} articles, {words} words")
    alone = library([article.text for article in articles])
    print(f"{'nlp.pipe, one process':<28}{words / alone:>10,.0f} words/s   1.00")
    figures = {"nlp.pipe, words/s": words / alone}
    for processes, joined in product((1, 2), (False, True)):
        seconds = pipeline(articles, processes, joined=joined)
        way = f"pool of {processes}{', joined' if joined else ''}"
        figures[f"{way}, words/s"] = words / seconds
        figures[f"{way}, times nlp.pipe"] = alone / seconds
        print(f"{f'whole, {way}':<28}{words / seconds:>10,.0f} words/s{alone / seconds:>7.2f}")
    record(arguments, "worker", figures)


if __name__ == "__main__":
    main()
