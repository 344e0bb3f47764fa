"""The quotes stage alone, after entities: articles of 800 words a second on one core, and how time grows with length.

    python benchmarks/quotes.py                       # made-up articles
    python benchmarks/quotes.py PATH [--rounds 5]     # a folder of .txt files, first line the headline

The processor time of this process counts, and the best round of several, so that a busy machine disturbs little.
Entities of made-up articles are given; those of files are what the entities stage finds, which is not counted.
A word is what white space separates.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.processes import best_seconds
from pipeline.execution.memory import spare_collections
from pipeline.record import Article, Duplicate, EnrichedArticle, Entity, Provenance, Span, Verdict
from pipeline.stages.base import Rejection
from pipeline.stages.quotes import QuoteStage

WORDS = 800
PEOPLE = ("Ann Li", "Hugh Hill", "Mara Quist", "Tom Vance")
START = datetime(2031, 1, 1, tzinfo=UTC)
SENTENCES = (
    '"The {noun} was never meant to {verb} the {noun}," {name} said.',
    "{name}, who keeps the {noun} of Port Ellis, told reporters that the {noun} would {verb} by the spring.",
    "The {noun} opened in May and drew a crowd from the {noun} and the villages behind it.",
    '"We shall {verb} it," said {name}. "Nobody asked for a {noun}, and nobody will {verb} one."',
    "In the evening the {noun} stood empty, with a lamp in the window and the gate half open.",
    "According to {name}, the {noun} cannot {verb} without a {noun} of its own.",
    'She called the {noun} "a ruin with a view" and asked whether it could {verb} at all.',
    "Two of the older boats lay on the slip, waiting for a {noun} that had been promised for years.",
)  # fmt: skip
NOUNS = ("pier", "ferry", "harbour", "council", "tower", "market", "school", "lighthouse")
VERBS = ("open", "carry", "replace", "outlast", "feed", "repair")


def made_up(words: int, seed: int) -> EnrichedArticle:
    """An article of about so many words."""
    rng = random.Random(seed)  # noqa: S311 - made-up articles, not secrets
    paragraphs: list[str] = []
    count = 0
    while count < words:
        sentences = [_sentence(rng) for _ in range(rng.randint(1, 3))]
        paragraphs.append(" ".join(sentences))
        count += len(paragraphs[-1].split())
    return record(str(seed), "Harbour news\n\n" + "\n\n".join(paragraphs))


def _sentence(rng: random.Random) -> str:
    sentence = rng.choice(SENTENCES)
    sentence = re.sub(r"\{noun\}", lambda _: rng.choice(NOUNS), sentence)
    return sentence.format(name=rng.choice((*PEOPLE, "Hill", "Quist")), verb=rng.choice(VERBS))


def record(name: str, text: str) -> EnrichedArticle:
    entities = []
    for person in PEOPLE:
        last = person.split()[-1]
        spans = [
            Span(start=m.start(), end=m.end(), text=m.group())
            for m in re.finditer(rf"({person}|{last})\b", text)
        ]
        if spans:
            entities.append(Entity(name=person, type="PERSON", mentions=tuple(spans)))
    title = text.split("\n", 1)[0].strip() or None
    return EnrichedArticle(
        article=Article(
            article_id=name, source="benchmark", title=title, text=text, language="en", ingested_at=START
        ),
        duplicate=Duplicate(verdict=Verdict.ORIGINAL, cluster_id=name),
        entities=tuple(entities),
        provenance=Provenance(pipeline_version="benchmark"),
    )


def from_folder(path: Path) -> list[EnrichedArticle]:
    from pipeline.stages.entities import EntityStage  # noqa: PLC0415 - a model that made-up articles don't need

    texts = [(file.stem, file.read_text(encoding="utf-8")) for file in sorted(path.glob("*.txt"))]
    outcomes = EntityStage()([record(name, text) for name, text in texts if text.strip()])
    return [outcome for outcome in outcomes if not isinstance(outcome, Rejection)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", nargs="?", type=Path, help="a folder of .txt files")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    stage = QuoteStage()
    stage([made_up(100, 0)])  # loads the word lists
    records = from_folder(args.path) if args.path else [made_up(WORDS, seed) for seed in range(50)]
    spare_collections()  # as a process of the pool does
    words = sum(len(item.article.text.split()) for item in records)
    took = best_seconds(partial(stage, records), args.rounds)
    print(
        f"{len(records)} articles, {words:,} words: {words / took / WORDS:,.0f} articles of {WORDS} words a second"
    )
    print("\nwords in one article   microseconds a word")
    for length in (1_000, 4_000, 16_000, 64_000):
        item = made_up(length, length)
        took = best_seconds(partial(stage, [item]), max(2, args.rounds // 2))
        print(f"{len(item.article.text.split()):>20,}   {1e6 * took / len(item.article.text.split()):>19.2f}")


if __name__ == "__main__":
    main()
