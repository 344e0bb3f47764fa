"""Articles of a fictional press, made from a seed: no two stories share more than single words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pipeline.errors import TransientError
from pipeline.record import Article
from pipeline.stages.duplicates import MemoryStateStore, Merge, StateKey, StateRow

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)

_SYLLABLES = [
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "za",
    "dre",
    "flo",
    "gri",
    "kla",
    "pren",
    "sto",
]
_WORDS = ["".join(random.Random(n).choices(_SYLLABLES, k=3)) for n in range(3000)]


def words(story: int, count: int = 200) -> list[str]:
    """The words of a story; its longer version begins with its shorter one."""
    rng = random.Random(f"story {story}")
    return [rng.choice(_WORDS) for _ in range(count)]


def prose(tokens: Sequence[str]) -> str:
    """Sentences of ten words, three to a paragraph."""
    sentences = [" ".join(tokens[at : at + 10]).capitalize() + "." for at in range(0, len(tokens), 10)]
    return "\n\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))


def edited(tokens: Sequence[str], share: float, seed: int = 0) -> list[str]:
    """The words with a share of them replaced."""
    rng = random.Random(f"edit {seed}")
    return [rng.choice(_WORDS) if rng.random() < share else word for word in tokens]


def article(article_id: str, text: str, *, hours: float = 0, published: float | None = None) -> Article:
    """An article taken in `hours` after noon, and published so long after noon if it says so."""
    return Article(
        article_id=article_id,
        source="Fennmark Courier",
        text=text,
        published_at=None if published is None else NOON + timedelta(hours=published),
        ingested_at=NOON + timedelta(hours=hours),
    )


class FailingStore(MemoryStateStore):
    """A store that is away as often as told, before or after it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.fail_before = self.fail_after = 0

    def record(self, rows: Sequence[StateRow], merges: Sequence[Merge]) -> dict[StateKey, StateRow]:
        if self.fail_before:
            self.fail_before -= 1
            raise TransientError("the store is away")
        standing = dict(super().record(rows, merges))
        if self.fail_after:
            self.fail_after -= 1
            raise TransientError("the answer of the store was lost")
        return standing
