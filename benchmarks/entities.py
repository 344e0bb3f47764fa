"""The entities stage beside the library's own `nlp.pipe` (recognition only), on one core, in one run.

    python benchmarks/entities.py                       # made-up articles
    python benchmarks/entities.py PATH [--rounds 5]     # a folder of .txt files, or a .jsonl[.gz] with "text"
    python benchmarks/entities.py PATH --profile        # where our time goes

Seconds are those of the processor, of the best of several rounds in which every way is run one after another, so
that neighbours on a busy machine disturb the figures little and the ratios less. A word is what white space
separates.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import json
import os
import pstats
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline.languages import ENGLISH
from pipeline.record import Article, Duplicate, EnrichedArticle, Provenance, Verdict
from pipeline.stages.entities import EntityStage
from pipeline.stages.entities.fast.engine import FastRecogniser, library_spans
from pipeline.stages.entities.passages import passages
from pipeline.stages.entities.recognise import load
from pipeline.stages.entities.stage import DEFAULT_MODEL

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
BATCH = 32  # articles

GIVEN = (
    "Amara",
    "Bjorn",
    "Celia",
    "Dmitri",
    "Elif",
    "Farid",
    "Greta",
    "Hamid",
    "Ines",
    "Jonas",
    "Kavita",
    "Lerato",
)
FAMILY = (
    "Adeyemi",
    "Brandvold",
    "Castellano",
    "Drummond",
    "Eriksen",
    "Falk",
    "Gupta",
    "Hale",
    "Ivanova",
    "Kimani",
)
TOWNS = (
    "Nairobi",
    "Lisbon",
    "Ferrycross",
    "Toronto",
    "Osaka",
    "Brindlemouth",
    "Warsaw",
    "Lima",
    "Accra",
    "Oslo",
)
BODIES = (
    "the Ferrycross Council",
    "Brightwater Holdings",
    "the Ministry of Transport",
    "the European Union",
    "Harrowgate University",
    "the Clean Rivers Alliance",
)
SENTENCES = (
    "{full} told reporters in {town} on {day} that {body} would decide within {number} weeks.",
    "“We have waited {number} years for this,” said {full}, who leads {body}.",
    "Mr {family} said the plan would cost ${number} million and create {number} jobs in {town}.",
    "Officials from {body} declined to comment, citing an investigation that began in {month}.",
    "Residents of {town} have complained about the noise, the dust and the lorries since {month}.",
    "The {number}-page report, seen by {body}, finds that prices rose by {number}% in the last quarter.",
    "Critics say that little has changed, and that the money was spent before anybody had asked for it.",
    "Ms {family} is expected to travel to {town} next week for talks with {full} of {body}.",
    "It was raining when the first boats came in, and nobody on the quay had slept.",
)


def made_up(articles: int = 150, *, seed: int = 7) -> list[str]:
    """Articles of about 400 words on nobody's affairs."""
    rng = random.Random(seed)  # noqa: S311 - the same articles every time, nothing secret
    texts = []
    for _ in range(articles):
        paragraphs = []
        for _ in range(12):
            chosen = rng.choices(SENTENCES, k=rng.randint(1, 3))
            paragraphs.append(
                " ".join(
                    sentence.format(
                        full=f"{rng.choice(GIVEN)} {(family := rng.choice(FAMILY))}",
                        family=family,
                        town=rng.choice(TOWNS),
                        body=rng.choice(BODIES),
                        day=rng.choice(["Monday", "Tuesday", "Friday"]),
                        month=rng.choice(["January", "June", "October"]),
                        number=rng.randint(2, 90),
                    )
                    for sentence in chosen
                )
            )
        texts.append("\n\n".join(paragraphs))
    return texts


def read(path: Path, limit: int) -> list[str]:
    """The texts under `path`, in the order of their names."""
    if path.is_dir():
        return [file.read_text(encoding="utf-8") for file in sorted(path.rglob("*.txt"))[:limit]]
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, limit)]


def as_record(number: int, text: str) -> EnrichedArticle:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    article = Article(article_id=f"b{number}", source="benchmark", text=text, language="en", ingested_at=now)
    duplicate = Duplicate(verdict=Verdict.ORIGINAL, cluster_id=article.article_id)
    return EnrichedArticle(article=article, duplicate=duplicate, provenance=Provenance(pipeline_version="0"))


def run_stage(stage: EntityStage, records: Sequence[EnrichedArticle]) -> None:
    for at in range(0, len(records), BATCH):
        stage(records[at : at + BATCH])


def measure(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Processor seconds of the best round of each way."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            begin = time.process_time()
            way()
            best[name] = min(best[name], time.process_time() - begin)
    return best


def agreement(nlp: Any, fast: FastRecogniser, texts: Sequence[str]) -> tuple[int, int]:
    """How many spans of the library's there are, and how many differ from ours, before any clean-up."""
    ours, theirs = fast(texts), library_spans(nlp, texts)
    different = sum(len(set(one) ^ set(other)) for one, other in zip(ours, theirs, strict=True))
    return sum(map(len, theirs)), different


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "path", nargs="?", type=Path, help="a folder of .txt files or a .jsonl[.gz]; made-up without"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=400, help="articles at most")
    parser.add_argument(
        "--profile", action="store_true", help="profile our recognition and our stage instead"
    )
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        return subprocess.run(
            [sys.executable, *sys.argv], env={**os.environ, **ONE_THREAD}, check=False
        ).returncode

    texts = read(arguments.path, arguments.limit) if arguments.path else made_up()
    words = sum(len(text.split()) for text in texts)
    records = [as_record(number, text) for number, text in enumerate(texts)]
    paragraphs = [passage.text for record in records for passage in passages(record.article, ENGLISH.names)]
    nlp = load(arguments.model, "en")
    fast = FastRecogniser(load(arguments.model, "en"))  # one of its own: it changes settings of the tokeniser
    stage = EntityStage(arguments.model, cache_paragraphs=0)
    stage.warm_up()
    cached = EntityStage(arguments.model)
    run_stage(cached, records)
    if arguments.profile:
        for name, way in (
            ("recognition", lambda: fast(paragraphs)),
            ("stage", lambda: run_stage(stage, records)),
        ):
            print(f"\n{name}, {words:,} words")
            with cProfile.Profile() as profile:
                way()
            pstats.Stats(profile).sort_stats("tottime").print_stats(15)
        return 0

    ways: dict[str, Callable[[], Any]] = {
        "nlp.pipe, whole articles": lambda: library_spans(nlp, texts),
        "nlp.pipe, paragraphs": lambda: library_spans(nlp, paragraphs),
        "our recognition, paragraphs": lambda: fast(paragraphs),
        "our whole stage": lambda: run_stage(stage, records),
        "our whole stage, articles it has just seen": lambda: run_stage(cached, records),
    }
    seconds = measure(ways, arguments.rounds)
    spans, different = agreement(nlp, fast, paragraphs)
    base = seconds["nlp.pipe, whole articles"]
    table = Table(
        title=f"{len(texts)} articles, {words:,} words, one core, best of {arguments.rounds} rounds"
    )
    for column in ("way", "words/s", "times nlp.pipe"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for name, taken in seconds.items():
        table.add_row(name, f"{words / taken:,.0f}", f"{base / taken:.2f}")
    console = Console(width=100)
    console.print(table)
    console.print(f"spans before clean-up: {spans:,}, different from the library's: {different}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"peak resident memory of this process, four loaded models: {peak:,.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
