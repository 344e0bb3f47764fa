"""The words that an article writes small: none of them is a name because a sentence or a headline begins with it."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from pipeline.text.marks import APOSTROPHES

_WORD = re.compile(rf"[^\W\d_][\w{APOSTROPHES}-]*")
_STRETCH = re.compile(rf"\b[a-z][a-z{APOSTROPHES}-]+\b")


class SmallWords:
    """The words of a text in lower case.

    Args:
        text: the article.
    """

    def __init__(self, text: str) -> None:
        # Commas and full stops part words as spaces do; with them gone most words stand as they are.
        self._between_spaces = frozenset(text.replace(",", " ").replace(".", " ").split())

    def has(self, word: str) -> bool:
        """Whether `word` is one of the words in lower case."""
        return bool(word.islower() and _WORD.fullmatch(word)) and (
            word in self._between_spaces or word in self._words
        )

    def has_stretch(self, word: str) -> bool:
        """Whether `word` is all the small English letters in a row of some word, as `war` is of `Anti-war`."""
        return bool(_STRETCH.fullmatch(word)) and (word in self._between_spaces or word in self._stretches)

    @cached_property
    def _to_be_cut(self) -> str:
        """What stands between spaces with more than letters in it, each once: little of a text has to be cut."""
        return " ".join([word for word in self._between_spaces if not word.isalpha()])

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self._to_be_cut))

    @cached_property
    def _stretches(self) -> frozenset[str]:
        return frozenset(_STRETCH.findall(self._to_be_cut))


@lru_cache(maxsize=1)  # several steps ask, article by article
def small_words(text: str) -> SmallWords:
    """The words of `text` in lower case."""
    return SmallWords(text)
