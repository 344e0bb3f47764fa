"""Words of a text as the store's full text search compares them: without case and accents, by their English stems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from pipeline.questions.stems import stem
from pipeline.text.folding import unaccented

TEXT_LIMIT = 100_000
"""Characters of an article of which the words are known, as in the store's index."""

_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"\S+")
_CHARACTERS_AT_MOST = 2_000_000  # of pieces that are remembered; some 70 MB when it is full

Term = tuple[str, ...]
"""The stems of a word, or of a phrase: one behind the other."""


def stems_of(text: str) -> Term:
    """The stems of the words of a text, in their order."""
    return tuple(map(stem, _WORD.findall(unaccented(text).lower().replace("_", " "))))


def parts_of(search: str) -> list[str]:
    """The words and "phrases" of a search as they are written; empty where there is no word in it."""
    return [part for pair in _TERM.findall(search) if _WORD.search(part := pair[0] or pair[1])]


def terms(search: str) -> list[Term]:
    """The words and "phrases" of a search, all of which must occur; empty where there is no word in it."""
    return list(dict.fromkeys(term for part in parts_of(search) if (term := stems_of(part))))


class Stems:
    """What is known of pieces of text, which are what stands between white space. For one thread at a time.

    A text is compared piece by piece, and a piece is looked into once: that takes a fraction of finding the words of
    each text.

    Args:
        only: the stems that are asked for; None for all.
        leading: those of them by which questions are looked up.
    """

    def __init__(self, only: Collection[str] | None = None, leading: Collection[str] = ()) -> None:
        self._only = only
        self._leading = frozenset(leading)
        self.of: dict[str, Term] = {}
        """All stems of a piece that was learned."""
        self.pieces: dict[str, set[str]] = {}
        """The pieces in which a stem that is asked for stands, of those that were learned."""
        self._leading_pieces: set[str] = set()
        self._characters = 0

    def make_room(self) -> None:
        """Forget, where it has become too much; no text that is being read may need it afterwards."""
        if self._characters > _CHARACTERS_AT_MOST:
            for known in (self.of, self.pieces, self._leading_pieces):
                known.clear()
            self._characters = 0

    def learn(self, pieces: set[str]) -> None:
        """Look into those that are new."""
        for piece in pieces.difference(self.of):
            found = self.of[piece] = stems_of(piece)
            self._characters += len(piece)
            for one in found:
                if self._only is None or one in self._only:
                    self.pieces.setdefault(one, set()).add(piece)
                if one in self._leading:
                    self._leading_pieces.add(piece)

    def leading(self, pieces: set[str]) -> set[str]:
        """The leading ones among the stems of pieces that were learned."""
        return {one for piece in pieces & self._leading_pieces for one in self.of[piece]} & self._leading


class Words:
    """The words of a text, for asking whether words and phrases occur in it.

    Args:
        text: whose.
        stems: that are asked for.
    """

    def __init__(self, text: str, stems: Stems) -> None:
        self._text = text
        self._different = set(text.split())
        self._stems = stems
        stems.learn(self._different)

    @cached_property
    def leading(self) -> set[str]:
        """The stems that occur, of those by which questions are looked up."""
        return self._stems.leading(self._different)

    def have(self, term: Term) -> bool:
        """Whether a word occurs, or a phrase with its words one behind the other. Of what is asked for alone."""
        for one in term:
            pieces = self._stems.pieces.get(one)
            if pieces is None or pieces.isdisjoint(self._different):
                return False
        return len(term) == 1 or next(self.places(term), None) is not None

    def have_all(self, terms: Iterable[Term]) -> bool:
        """Whether each of them occurs."""
        for term in terms:  # noqa: SIM110 - `all` takes twice as long here
            if not self.have(term):
                return False
        return True

    def places(self, term: Term) -> Iterator[int]:
        """Where it stands in the text, piece after piece of those in which it begins."""
        wanted = f" {' '.join(term)} "
        for piece in sorted(self._stems.pieces.get(term[0], set()) & self._different):
            for place in self._places(piece):
                if len(term) == 1 or wanted in f" {' '.join(self._from(place, len(term)))} ":
                    yield place

    def _places(self, piece: str) -> Iterator[int]:
        text, place = self._text, -1
        while (place := text.find(piece, place + 1)) >= 0:
            end = place + len(piece)
            if (not place or text[place - 1].isspace()) and (end == len(text) or text[end].isspace()):
                yield place

    def _from(self, place: int, length: int) -> list[str]:
        """The stems of the piece at this place, and those of `length` words that begin in it."""
        found: list[str] = []
        for piece in _PIECE.finditer(self._text, place):
            if not found:
                length += len(self._stems.of[piece[0]]) - 1
            found += self._stems.of[piece[0]]  # none of a dash
            if len(found) >= length:
                break
        return found
