"""Score the stages on labelled news, through `pipeline enrich --json -`: the figures of docs/benchmarks.md.

    python benchmarks/quality.py DATA TOOLS [quotes|speakers|entities|names|pairs|copies ...]

DATA holds the labelled corpora (PolNeAR, GUM Wikinews, Worldwide newswire, Reuters-21578 pairs), TOOLS their
scorers and the maker of the artificial copies; neither is part of this repository, since the texts are not ours
to pass on. Prints what each scorer prints.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.history import add_option, record

Record = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """How a corpus is read, what its scorer wants of a record, and where scorer and gold are.

    Attributes:
        documents: gives the lines for `enrich` from the folder or file of the corpus.
        corpus: that folder or file, below DATA; None when it is made by `scorer[0] gen`.
        prediction: what is scored of a record.
        scorer: the program, below TOOLS, and its words before the gold.
        gold: what the scorer compares with, below DATA; None for the corpus.
        stages: what has to run.
    """

    documents: Callable[[Path], Iterator[Record]]
    corpus: str | None
    prediction: Callable[[Record], Record]
    scorer: tuple[str, ...]
    gold: str | None = None
    stages: tuple[str, ...] = ("entities", "quotes")


def polnear(folder: Path) -> Iterator[Record]:
    for path in sorted((folder / "text").glob("*.txt")):
        with path.open(encoding="utf-8", newline="") as text:
            yield {"id": path.stem, "text": text.read()}


def lines(path: Path) -> Iterator[Record]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            yield {key: item[key] for key in ("id", "text", "title", "published_at") if item.get(key)}


def texts(path: Path) -> Iterator[Record]:
    """For corpora whose gold offsets are into a text that holds its own headline."""
    return ({"id": item["id"], "text": item["text"]} for item in lines(path))


def speakers(record: Record) -> list[Record]:
    return [
        {
            "start": quote["start"],
            "end": quote["end"],
            "speaker": quote["speaker"] and {key: quote["speaker"][key] for key in ("start", "end")},
            "statement": quote.get("statement"),
        }
        for quote in record["quotes"]
    ]


def named_speakers(record: Record) -> list[Record]:
    return [
        {
            "start": quote["start"],
            "end": quote["end"],
            "speaker_name": quote["speaker"] and quote["speaker"]["name"],
        }
        for quote in record["quotes"]
    ]


def mentions(record: Record) -> list[Record]:
    return [
        {"start": mention["start"], "end": mention["end"], "type": entity["type"]}
        for entity in record["entities"]
        for mention in entity["mentions"]
    ]


TASKS = {
    "quotes": Task(polnear, "polnear/dev", lambda record: {"quotes": speakers(record)}, ("score_quotes.py",)),
    "speakers": Task(
        texts,
        "gum_wikinews/gum_news.jsonl",
        lambda record: {"quotes": named_speakers(record)},
        ("score_speakers.py",),
        gold="gum_wikinews/quotes_gold.jsonl",
    ),
    "entities": Task(
        texts,
        "worldwide_ner/dev.jsonl",
        lambda record: {"entities": mentions(record)},
        ("score_entities.py",),
        stages=("entities",),
    ),
    "names": Task(
        texts,
        "gum_wikinews/gum_news.jsonl",
        lambda record: {"entities": record["entities"]},
        ("score_names.py",),
        stages=("entities",),
    ),
    "pairs": Task(
        lines,
        "reuters/articles.jsonl.gz",
        lambda record: {"cluster_id": record["duplicate"]["cluster_id"]},
        ("score_duplicates.py",),
        gold="reuters/pairs_dev.jsonl",
        stages=("duplicates",),
    ),
    "copies": Task(
        texts,
        None,
        lambda record: {"duplicate_of": record["duplicate"]["duplicate_of"]},
        ("dedup_corpus.py", "score"),
        stages=("duplicates",),
    ),
}


def run(task: Task, data: Path, tools: Path, *, numbers: bool = False) -> dict[str, float]:
    """Score a task and print what the scorer says; gives its figures by their places in its JSON, when wanted."""
    program, *words = task.scorer
    scorer = [sys.executable, str(tools / program)]
    with tempfile.TemporaryDirectory() as folder:
        if task.corpus is None:
            corpus = Path(folder) / "corpus.jsonl"
            subprocess.run([*scorer, "gen", "--out", str(corpus)], check=True)
        else:
            corpus = data / task.corpus
        gold = data / task.gold if task.gold else corpus
        found = Path(folder) / "predictions.jsonl"
        with found.open("w", encoding="utf-8") as output:
            for one in enriched(task.documents(corpus), task.stages):
                line = {"id": one["article"]["article_id"], **task.prediction(one)}
                print(json.dumps(line), file=output)
        subprocess.run([*scorer, *words, str(gold), str(found)], check=True)
        if not numbers:
            return {}
        said = subprocess.run(
            [*scorer, *words, str(gold), str(found), "--json"], check=True, stdout=subprocess.PIPE
        )
    return dict(flattened(json.loads(said.stdout)))


def flattened(said: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a scorer's JSON with the names that lead to it."""
    if isinstance(said, dict):
        for name, value in said.items():
            yield from flattened(value, f"{place}.{name}" if place else name)
    elif isinstance(said, int | float) and not isinstance(said, bool):
        yield place, said


def enriched(documents: Iterable[Record], stages: Iterable[str]) -> Iterator[Record]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pipeline", "enrich", "--json", "-"),
            *(word for stage in stages for word in ("--stage", stage)),
        ],
        input="".join(json.dumps(document) + "\n" for document in documents).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return map(json.loads, done.stdout.splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of the labelled corpora")
    parser.add_argument("tools", type=Path, help="the folder of their scorers")
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, []], help="all by default")
    add_option(parser)
    arguments = parser.parse_args()
    for name in arguments.tasks or TASKS:
        print(f"== {name}", flush=True)
        figures = run(TASKS[name], arguments.data, arguments.tools, numbers=arguments.record)
        record(arguments, f"quality, {name}", figures)


if __name__ == "__main__":
    main()
