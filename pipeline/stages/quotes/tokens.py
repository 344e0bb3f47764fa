"""Words and marks of a stretch of prose, each with what is known of it wherever it stands.

A news text says most of its words again and again, so a stretch is cut at white space and each piece is read once in
a process; after that a piece is one look-up, and all that depends on the word alone is known with it.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain
from operator import itemgetter
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
    `capital` tells that it is a word with a capital; `notable` that it may end a sentence, may be part of a cue, or
    may be a name in spite of its class; `speaks` that its piece is one of `lexicon.speaking`.
    """

    word: str
    low: str
    tag: str
    length: int
    step: int
    capital: bool
    notable: bool
    speaks: bool


low_of, tag_of, is_notable, speaks = map(itemgetter, (1, 2, 6, 7))
_step = itemgetter(4)


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
    pieces = text[start:end].split()
    if not pieces:
        return
    first = text.index(pieces[0], start)
    more, offsets = _look_up(pieces, first)
    past = offsets.pop()
    if past <= end and not text[past - 1 : end].isspace():
        # More than one space somewhere: each piece holds what follows it.
        more, offsets = _look_up(_PIECE.findall(text, first, end), first)
        offsets.pop()
    found += more
    starts += offsets


def _look_up(pieces: list[str], first: int) -> tuple[list[Token], list[int]]:
    """The tokens of the pieces, the first of them at offset `first`; one offset more, where another piece would be."""
    tokens = list(chain.from_iterable(map(_PIECES.__getitem__, pieces)))
    return tokens, list(accumulate(map(_step, tokens), initial=first))


def _read(piece: str) -> list[Token]:
    found: list[Token] = []
    speaks = piece.strip().lower() in lexicon.speaking()
    matches = list(_TOKEN.finditer(piece))
    stops = [match.start() for match in matches[1:]]
    stops.append(max(len(piece), len(piece.rstrip()) + 1))
    for match, stop in zip(matches, stops, strict=True):
        word = match.group()
        low = word.lower().replace("’", "'")
        tag = lexicon.word_classes().get(low, lexicon.WORD)
        capital = word[0].isupper() and tag != lexicon.PUNCT
        notable = low in lexicon.notable()
        found.append(Token(word, low, tag, len(word), stop - match.start(), capital, notable, speaks))
    return found
