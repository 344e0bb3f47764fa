"""Words and marks of a stretch of prose, each with what is known of it wherever it stands.

A news text says most of its words again and again, so a stretch is cut at white space and each piece is read once in
a process; after that a piece is one look-up, and all that depends on the word alone is known with it.
"""

from __future__ import annotations

import re
from itertools import accumulate, chain
from operator import itemgetter
from sys import intern
from typing import Final

from pipeline.stages.quotes import lexicon

# A plain word is tried first.
_TOKEN = re.compile(
    r"\w++(?![-'’.@/&])|[^\W\d_]\.(?:[^\W\d_]\.)+|[#@$]?\w+(?:[-'’.@/&]\w+)*|--+|\.\.\.|[^\w\s]"
)
_PIECE = re.compile(r"\S+\s*")
_MOST_KNOWN = 1 << 15  # pieces remembered; then the memory begins anew
_LONGEST_KNOWN = 40  # characters of a piece worth remembering


Token = tuple[str, str, int, bool, bool, int, bool, str]
"""A word or a mark; what its places hold is named below. A plain tuple, which is fast to read and no work to keep."""

LOW: Final = 0
"""In lower case with straight apostrophes."""
TAG: Final = 1
"""A word class of lexicon.py."""
STEP: Final = 2
"""Characters from its first one to that of the next token, one space taken for granted at the end of a piece."""
NOTABLE: Final = 3
"""Whether it may end a sentence, may be part of a cue, or may be a name in spite of its class."""
SPEAKS: Final = 4
"""Whether its piece is one of `lexicon.speaking`."""
LENGTH: Final = 5
"""In characters."""
CAPITAL: Final = 6
"""Whether it is a word with a capital."""
SPELT: Final = 7
"""As it stands in the text."""

low_of, tag_of, step_of, is_notable, speaks = map(itemgetter, (LOW, TAG, STEP, NOTABLE, SPEAKS))


class _Pieces(dict[str, tuple[Token, ...]]):
    """What stands between white space -> its tokens. Equal tokens are one object, so that much text needs few."""

    def __init__(self) -> None:
        super().__init__()
        self._tokens: dict[Token, Token] = {}

    def __missing__(self, piece: str) -> tuple[Token, ...]:
        tokens = tuple(_read(piece))
        if len(piece) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
                self._tokens.clear()
            tokens = tuple(self._tokens.setdefault(token, token) for token in tokens)
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
    return tokens, list(accumulate(map(step_of, tokens), initial=first))


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
        found.append((intern(low), tag, stop - match.start(), notable, speaks, len(word), capital, word))
    return found
