"""Standing questions: what 5,000 of them cost an article, beside what the rest of the pipeline costs it.

    python benchmarks/questions.py                         # articles of 800 words, made of seeds/
    python benchmarks/questions.py PATH [--questions 5000] # a folder of .txt files, first line the headline

A question asks for a name or a subject of its own, which one in a hundred shares with the articles, and half of them
for a word beside it that articles have. The processor time of this process counts, of matching the best round of
several. Articles are new to the stages and to the matcher, which has read as many before them; and then again, when
both have seen every sentence. The rest is the duplicates stage, the record as bytes and back four times, and the write
into a SQLite store; the clients of Kafka, and writing down what matches, are left out.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.processes import best_seconds
from pipeline.execution.memory import spare_collections
from pipeline.questions.matcher import Matcher
from pipeline.questions.question import Question
from pipeline.record import Article, EnrichedArticle, Polarity
from pipeline.record.codec import decode_record, encode
from pipeline.stages.base import Stage, begun
from pipeline.stages.duplicates import Deduplicator, DuplicateStage
from pipeline.stages.duplicates.state import MemoryStateStore
from pipeline.stages.entities import EntityStage
from pipeline.stages.isolation import Sifted
from pipeline.stages.quotes import QuoteStage
from pipeline.stores.base import open_store

WORDS = 800
ARTICLES = 60
SEEDS = Path(__file__).parent.parent / "seeds"
HOPS = 4
START = datetime(2031, 1, 1, tzinfo=UTC)


def texts(folder: Path | None, seed: int) -> list[str]:
    """Those of a folder; else of the seeds, one behind the other until there are words enough.

    In those of the seeds some words are others, so that no sentence is there twice: the entities stage remembers what
    it has seen.
    """
    found = [path.read_text(encoding="utf-8") for path in sorted((folder or SEEDS).glob("*.txt"))]
    if folder is not None:
        return [text for text in found if text.strip()]
    paragraphs = [
        paragraph for text in found for paragraph in text.split("\n\n") if len(paragraph.split()) > 10
    ]
    words = sorted({word for text in found for word in re.findall(r"\b[a-z]{5,}\b", text)})
    rng = random.Random(seed)  # noqa: S311 - made-up articles, not secrets

    def another(word: re.Match[str]) -> str:
        return rng.choice(words) if rng.random() < 0.2 else word[0]

    made = []
    for _ in range(ARTICLES):
        body: list[str] = []
        while sum(len(paragraph.split()) for paragraph in body) < WORDS:
            body.append(re.sub(r"\b[a-z]{5,}\b", another, rng.choice(paragraphs)))
        made.append("\n\n".join(("Harbour news", *body)))
    return made


def enriched(texts: Sequence[str], entities: Stage, quotes: Stage) -> list[EnrichedArticle]:
    records = [
        begun(
            Article(
                article_id=str(number),
                source="benchmark",
                title=text.split("\n", 1)[0],
                text=text,
                language="en",
                ingested_at=START,
            )
        )
        for number, text in enumerate(texts)
    ]
    return Sifted[EnrichedArticle](quotes(Sifted[EnrichedArticle](entities(records)).good)).good


def rest(records: Sequence[EnrichedArticle]) -> float:
    """Seconds of what else the pipeline does with them."""
    duplicates = DuplicateStage(Deduplicator(MemoryStateStore(), window=timedelta(days=3)))
    with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{folder}/store.db")) as store:
        store.upgrade()
        start = time.process_time()
        duplicates([begun(record.article) for record in records])
        for _ in range(HOPS):
            records = [decode_record(encode(record)) for record in records]
        store.write(records)
        return time.process_time() - start


def made_up(records: Sequence[EnrichedArticle], count: int) -> list[Question]:
    rng = random.Random(2)  # noqa: S311 - made-up questions, not secrets
    read = [word for record in records for word in re.findall(r"[A-Za-z]{4,}", record.article.text)]
    subjects = sorted(set(read))
    names = sorted({entity.name for record in records for entity in record.entities})
    speakers = sorted({quote.speaker.name for record in records for quote in record.quotes if quote.speaker})

    def one(known: Sequence[str], words: int = 1) -> str:
        if rng.random() < 0.01:
            return rng.choice(known)
        return " ".join("".join(rng.choices("abdeilmnorstu", k=6)).title() for _ in range(words))

    forms: tuple[Callable[[], dict[str, object]], ...] = (
        lambda: {"words": f"{one(subjects)} {rng.choice(read)}"},
        lambda: {"words": f'"{one(subjects)} {rng.choice(read)}"'},
        lambda: {"names": (one(names, 2),)},
        lambda: {"names": (one(names, 2),), "words": rng.choice(read)},
        lambda: {"speakers": (one(speakers, 2),), "polarity": (rng.choice(list(Polarity)),)},
        lambda: {"words": one(subjects), "outlet": ("benchmark", "gazette")},
    )
    return [
        Question.model_validate({"id": f"q{number}", "title": "made up", **forms[number % len(forms)]()})
        for number in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path, help="a folder of .txt files")
    parser.add_argument("--questions", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    entities, quotes = EntityStage(), QuoteStage()
    entities.warm_up()
    if args.path is None:
        enriched(texts(None, 1), entities, quotes)  # words and names are known, as in a worker that has run
    read = texts(args.path, 2)
    spare_collections()
    start = time.process_time()
    records = enriched(read, entities, quotes)
    stages = time.process_time() - start
    seen = best_seconds(lambda: enriched(read, entities, quotes), 3)
    questions = made_up(records, args.questions)
    begin = time.process_time()
    matcher = Matcher(questions)
    built = time.process_time() - begin
    half = len(records) // 2
    found = sum(len(matcher.matches(record)) for record in records[:half])
    begin = time.process_time()
    found += sum(len(matcher.matches(record)) for record in records[half:])
    unread = (time.process_time() - begin) / (len(records) - half) * len(records)
    matching = best_seconds(lambda: [matcher.matches(record) for record in records], args.rounds)
    size = sum(len(text.split()) for text in read) / len(read)
    each = 1000 / len(records)
    print(
        f"{len(records)} articles of {size:.0f} words, {len(questions)} questions (made ready in {built:.2f} s)"
    )
    other = min(rest(records) for _ in range(3))
    print(
        f"{found / len(records):.1f} matches an article; duplicates, bytes, store {other * each:.2f} ms an article"
    )
    for what, stage_seconds, match_seconds in (("new", stages, unread), ("seen before", seen, matching)):
        of_stages, of_all = (
            100 * match_seconds / (match_seconds + beside)
            for beside in (stage_seconds, stage_seconds + other)
        )
        print(
            f"{what:12} entities and quotes {stage_seconds * each:6.2f} ms, matching {match_seconds * each:5.2f} ms: "
            f"{of_all:.1f} % of all, {of_stages:.1f} % of entities, quotes and matching"
        )


if __name__ == "__main__":
    main()
