"""Words and marks of a stretch of prose, each with what is known of it wherever it stands.

A news text says most of its words again and again, so a stretch is cut at white space and each piece is read once in
a process; after that a piece is one look-up.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain
from typing import NamedTuple

from pipeline.stages.quotes import lexicon

# A plain word is tried first.
_TOKEN = re.compile(
    r"\w++(?![-'’.@/&])|[^\W\d_]\.(?:[^\W\d_]\.)+|[#@$]?\w+(?:[-'’.@/&]\w+)*|--+|\.\.\.|[^\w\s]"
)
_PIECE = re.compile(r"\S+\s*")
_MOST_KNOWN = 1 << 15  # pieces remembered; then the memory begins anew
_LONGEST_KNOWN = 40  # characters of a piece worth remembering


class Token(NamedTuple):
    """A word or a mark.

    `low` is in lower case with straight apostrophes; `tag` a word class of lexicon.py; `length` counts characters;
    `step` is from its first character to that of the next token, one space taken for granted at the end of a piece;
    `capital` tells that it is a word with a capital.
    """

    word: str
    low: str
    tag: str
    length: int
    step: int
    capital: bool


class _Pieces(dict[str, tuple[Token, ...]]):
    """What stands between white space -> its tokens."""

    def __missing__(self, piece: str) -> tuple[Token, ...]:
        tokens = tuple(_read(piece))
        if len(piece) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[piece] = tokens
        return tokens


_PIECES = _Pieces()


def tokenise(text: str, start: int, end: int, found: list[Token], starts: list[int]) -> None:
    """Put the tokens of `text[start:end]` behind those found so far, and the offsets in `text` where they start."""
    stretch = text[start:end]
    pieces = stretch.split()
    if not pieces:
        return
    bare = stretch.strip()
    if len(bare) != len(" ".join(pieces)):
        pieces = _PIECE.findall(stretch)  # more than one space somewhere: each piece holds what follows it
    more = list(chain.from_iterable(map(_PIECES.__getitem__, pieces)))
    found += more
    starts += accumulate([token[4] for token in more[:-1]], initial=start + stretch.index(bare[0]))


def _read(piece: str) -> list[Token]:
    found: list[Token] = []
    matches = list(_TOKEN.finditer(piece))
    stops = [match.start() for match in matches[1:]]
    stops.append(max(len(piece), len(piece.rstrip()) + 1))
    for match, stop in zip(matches, stops, strict=True):
        word = match.group()
        low = word.lower().replace("’", "'")
        tag = lexicon.word_classes().get(low, lexicon.WORD)
        capital = word[0].isupper() and tag != lexicon.PUNCT
        found.append(Token(word, low, tag, len(word), stop - match.start(), capital))
    return found
