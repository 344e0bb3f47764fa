"""A fictional press for benchmarks: a stream of stories, of copies in many ways, and of what only looks like one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

SYLLABLES = [
    "al",
    "bel",
    "cor",
    "dan",
    "fer",
    "gan",
    "hol",
    "jor",
    "kal",
    "mer",
    "nor",
    "pra",
    "sul",
    "tam",
    "zel",
]
VOCABULARY = 30_000


class Doc(NamedTuple):
    """One article, and what is true of it."""

    story: int
    kind: str
    text: str


class Press:
    """Writes the same articles for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - reproducible on purpose
        self.vocabulary = list(dict.fromkeys(map(self._word, range(2 * VOCABULARY))))[:VOCABULARY]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
        self.lexicon = np.array(self.vocabulary, object)
        self.quick = np.random.default_rng(seed)
        self.footers = [self.words(length) for length in self.rng.choices(range(40, 110), k=30)]

    def _word(self, rank: int) -> str:
        return "".join(self.rng.choices(SYLLABLES, k=1 + (rank > 15) + (rank > 400) + (rank > 8000)))

    def words(self, count: int) -> list[str]:
        """Words by Zipf's law, one in thirty a figure."""
        words = self.rng.choices(self.vocabulary, cum_weights=self.weights, k=count)
        for at in range(self.rng.randrange(30), count, 30):
            words[at] = str(self.rng.randrange(2, 9000))
        return words

    def story(self) -> list[str]:
        """The words of an article nobody wrote before."""
        return self.words(self.rng.randrange(380, 580))

    def quick_texts(self, count: int, words: int = 420) -> list[str]:
        """Plain texts that share no more than phrases, for filling an index."""
        shares = np.array(self.weights) / self.weights[-1]
        ranks = np.searchsorted(shares, self.quick.random((count, words)))
        return [" ".join(row) for row in self.lexicon[ranks]]

    def typeset(self, words: Sequence[str]) -> str:
        """Sentences and paragraphs of varying length."""
        pieces, at = [], 0
        while at < len(words):
            length = self.rng.randrange(7, 30)
            end = self.rng.choice([". ", ". ", ".\n\n"])
            pieces.append(" ".join(words[at : at + length]).capitalize() + end)
            at += length
        return "".join(pieces)

    def edited(self, words: Sequence[str], share: float) -> list[str]:
        """A share of the words replaced, left out or followed by another."""
        edited: list[str] = []
        for word in words:
            if self.rng.random() >= share:
                edited.append(word)
            else:
                edited += self.rng.choice([self.words(1), self.words(1), [], [word, *self.words(1)]])
        return edited

    def copiers(self) -> dict[str, Callable[[list[str]], list[str]]]:
        """The ways to copy an article."""
        return {
            "same words": list,
            "headline": lambda words: self.words(14) + words[10:],
            "edited 5 %": lambda words: self.edited(words, 0.05),
            "edited 15 %": lambda words: self.edited(words, 0.15),
            "edited 30 %": lambda words: self.edited(words, 0.30),
            "cut to 60 %": lambda words: words[: len(words) * 6 // 10],
            "cut to 30 %": lambda words: words[: len(words) * 3 // 10],
            "wrapped": lambda words: words + self.words(110),
            "new lede": lambda words: self.words(len(words) // 4) + words[len(words) // 5 :],
            "several": lambda words: [
                *self.words(12),
                *self.edited(words[12 : len(words) * 6 // 10], 0.05),
                *self.rng.choice(self.footers),
            ],
        }

    def forms(self, story: int) -> list[Doc]:
        """Reports on one form, a quarter of whose words differ from report to report."""
        form = self.words(self.rng.randrange(180, 320))
        slots = {at: self.rng.random() < 0.6 for at in range(len(form)) if self.rng.random() < 0.25}
        docs = []
        for number in range(48):
            filled = [
                word
                if at not in slots
                else str(self.rng.randrange(1, 9000))
                if slots[at]
                else self.words(1)[0]
                for at, word in enumerate(form)
            ]
            docs.append(Doc(story + number, "form", self.typeset(filled)))
        return docs

    def corpus(self, size: int) -> list[Doc]:
        """A stream of about `size` articles: first versions, then copies in random order."""
        stories = [self.story() for _ in range(size * 19 // 40)]
        docs = []
        for number, words in enumerate(stories):
            footer = self.rng.choice([[], self.rng.choice(self.footers)])
            docs.append(Doc(number, "story", self.typeset(words + footer)))
        for _ in range(max(1, size // 1600)):
            docs += self.forms(len(docs))
        for _ in range(size // 22):
            source, at = self.rng.choice(stories), self.rng.randrange(20, 250)
            shared = self.words(150) + source[at : at + 70] + self.words(250)
            docs.append(Doc(len(docs), "statement", self.typeset(shared)))
        copies = []
        for kind, copy in self.copiers().items():
            for _ in range((size - len(docs)) // 10):
                number = self.rng.randrange(len(stories))
                copies.append(Doc(number, kind, self.typeset(copy(stories[number]))))
        self.rng.shuffle(copies)
        return docs + copies
