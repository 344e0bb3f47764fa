"""Score the stages on labelled news, through `pipeline enrich --json -`: the figures of docs/benchmarks.md.

    python benchmarks/quality.py DATA TOOLS [quotes|speakers|entities|names|duplicates ...]

DATA holds the labelled corpora (PolNeAR, GUM Wikinews, Worldwide newswire, Reuters-21578 pairs), TOOLS their
scorers; neither is part of this repository, since the texts are not ours to pass on. Prints what each scorer
prints.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What goes in, what a scorer wants of a record, and the scorer's command."""

    documents: Callable[[Path], Iterator[Record]]
    prediction: Callable[[Record], Record]
    scorer: Callable[[Path, Path, Path], list[str]]


def polnear(data: Path) -> Iterator[Record]:
    for path in sorted((data / "polnear" / "dev" / "text").glob("*.txt")):
        with path.open(encoding="utf-8", newline="") as text:
            yield {"id": path.stem, "text": text.read()}


def lines(*parts: str) -> Callable[[Path], Iterator[Record]]:
    def read(data: Path) -> Iterator[Record]:
        path = data.joinpath(*parts)
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as file
        ):
            for line in file:
                item = json.loads(line)
                yield {key: item[key] for key in ("id", "text", "title", "published_at") if item.get(key)}

    return read


def without_title(read: Callable[[Path], Iterator[Record]]) -> Callable[[Path], Iterator[Record]]:
    """For corpora whose gold offsets are into a text that holds its own headline."""
    return lambda data: ({"id": item["id"], "text": item["text"]} for item in read(data))


def speakers(record: Record) -> list[Record]:
    return [
        {
            "start": quote["start"],
            "end": quote["end"],
            "speaker": quote["speaker"] and {key: quote["speaker"][key] for key in ("start", "end")},
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
    "quotes": Task(
        polnear,
        lambda record: {"quotes": speakers(record)},
        lambda data, tools, found: [
            str(tools / "score_quotes.py"),
            str(data / "polnear" / "dev"),
            str(found),
        ],
    ),
    "speakers": Task(
        without_title(lines("gum_wikinews", "gum_news.jsonl")),
        lambda record: {"quotes": named_speakers(record)},
        lambda data, tools, found: [
            str(tools / "score_speakers.py"),
            str(data / "gum_wikinews" / "quotes_gold.jsonl"),
            str(found),
        ],
    ),
    "entities": Task(
        without_title(lines("worldwide_ner", "dev.jsonl")),
        lambda record: {"entities": mentions(record)},
        lambda data, tools, found: [
            str(tools / "score_entities.py"),
            str(data / "worldwide_ner" / "dev.jsonl"),
            str(found),
        ],
    ),
    "names": Task(
        without_title(lines("gum_wikinews", "gum_news.jsonl")),
        lambda record: {"entities": record["entities"]},
        lambda data, tools, found: [
            str(tools / "score_names.py"),
            str(data / "gum_wikinews" / "gum_news.jsonl"),
            str(found),
        ],
    ),
    "duplicates": Task(
        lines("reuters", "articles.jsonl.gz"),
        lambda record: {"cluster_id": record["duplicate"]["cluster_id"]},
        lambda data, tools, found: [
            str(tools / "score_duplicates.py"),
            str(data / "reuters" / "pairs_dev.jsonl"),
            str(found),
        ],
    ),
}


def run(task: Task, data: Path, tools: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "predictions.jsonl"
        documents = "".join(json.dumps(document) + "\n" for document in task.documents(data))
        enriched = subprocess.run(
            [sys.executable, "-m", "pipeline", "enrich", "--json", "-"],
            input=documents.encode(),
            stdout=subprocess.PIPE,
            check=True,
        )
        with found.open("w", encoding="utf-8") as output:
            for line in enriched.stdout.splitlines():
                record = json.loads(line)
                print(
                    json.dumps({"id": record["article"]["article_id"], **task.prediction(record)}),
                    file=output,
                )
        subprocess.run([sys.executable, *task.scorer(data, tools, found)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of the labelled corpora")
    parser.add_argument("tools", type=Path, help="the folder of their scorers")
    parser.add_argument("tasks", nargs="*", choices=[*TASKS, []], help="all by default")
    arguments = parser.parse_args()
    for name in arguments.tasks or TASKS:
        print(f"== {name}", flush=True)
        run(TASKS[name], arguments.data, arguments.tools)


if __name__ == "__main__":
    main()
