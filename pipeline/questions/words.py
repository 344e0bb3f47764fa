"""Words of a text as the store's full text search compares them: without case and accents, by their English stems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from pipeline.questions.stems import stem
from pipeline.text.folding import unaccented

TEXT_LIMIT = 100_000
"""Characters of an article of which the words are known, as in the store's index."""

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_WORD = re.compile(r"\w+")
_PIECES_AT_MOST = 100_000  # that are remembered; some 20 MB when it is full
_LONGEST_PIECE = 60  # characters of what is remembered

Term = tuple[str, ...]
"""The stems of a word, or of a phrase: one behind the other."""


def terms(search: str) -> list[Term]:
    """The words and "phrases" of a search, all of which must occur; empty where there is no word in it."""
    found = (tuple(EVERY_WORD.stems((phrase or word).split())) for phrase, word in _TERM.findall(search))
    return list(dict.fromkeys(term for term in found if term))


class Vocabulary:
    """The stems of texts, as far as they are among those that are of interest. Safe for threads.

    Texts are cut by white space, and what is remembered are the stems of the pieces: that takes half as long as finding
    the words in a text.

    Args:
        only: the stems that are of interest; None for all.
    """

    def __init__(self, only: Collection[str] | None = None) -> None:
        self._pieces = _Pieces(only)

    def stems(self, pieces: Iterable[str]) -> Iterator[str]:
        """The stems of pieces of text, in their order."""
        return chain.from_iterable(map(self._pieces.__getitem__, pieces))


class _Pieces(dict[str, Term]):
    """The stems of pieces of text."""

    def __init__(self, only: Collection[str] | None) -> None:
        super().__init__()
        self._only = only

    def __missing__(self, piece: str) -> Term:
        found = tuple(map(stem, _WORD.findall(unaccented(piece).lower().replace("_", " "))))
        if self._only is not None:
            found = tuple(one for one in found if one in self._only)
        if len(piece) <= _LONGEST_PIECE:
            if len(self) >= _PIECES_AT_MOST:
                self.clear()
            self[piece] = found
        return found


EVERY_WORD = Vocabulary()
