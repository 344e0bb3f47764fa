"""Words and marks of a stretch of prose, each with what is known of it wherever it stands.

A news text says most of its words again and again, so a stretch is cut at white space and each piece is read once in
a process; after that a piece is one look-up, and all that depends on the word alone is known with it.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate, chain, pairwise
from operator import itemgetter
from sys import intern
from typing import Final

from pipeline.languages.speech import PUNCT, WORD, Speech
from pipeline.text.marks import APOSTROPHE, APOSTROPHES, SINGLE_CLOSING

_LINKS = f"{APOSTROPHES}.@/&-"
# A plain word is tried first.
_TOKEN = re.compile(
    # 1,000 is one word.
    rf"[#@$]?\d{{1,3}}+(?:,\d{{3}})++(?![\w,])|\w++(?![{_LINKS}])|[^\W\d_]\.(?:[^\W\d_]\.)+|[#@$]?\w+(?:[{_LINKS}]\w+)*|--+|\.\.\.|[^\w\s]"
)
_PIECE = re.compile(r"\S+\s*")
_CLOSING = frozenset(",.;:?!")
_MOST_KNOWN = 1 << 15  # pieces remembered, and as many older ones
_LONGEST_KNOWN = 40  # characters of a piece worth remembering
_LONGEST_CUT = (
    1_000  # characters of a piece that is cut; a longer one is nobody's words (prose has less than 200)
)


Token = tuple[str, str, int, bool, bool, int, bool, str]
"""A word or a mark; what its places hold is named below. A plain tuple, which is fast to read and no work to keep."""

LOW: Final = 0
"""In lower case with straight apostrophes."""
TAG: Final = 1
"""A word class of `pipeline.languages.speech`."""
STEP: Final = 2
"""Characters from its first one to that of the next token, one space taken for granted at the end of a piece."""
NOTABLE: Final = 3
"""Whether it may end a sentence, may be part of a cue, or may be a name in spite of its class."""
SPEAKS: Final = 4
"""Whether its piece is one of `Speech.speaking`."""
LENGTH: Final = 5
"""In characters."""
CAPITAL: Final = 6
"""Whether it is a word with a capital."""
SPELT: Final = 7
"""As it stands in the text."""

low_of, tag_of, step_of, is_notable, speaks = map(itemgetter, (LOW, TAG, STEP, NOTABLE, SPEAKS))


class _Pieces(dict[str, tuple[Token, ...]]):
    """What stands between white space -> its tokens.

    Equal tokens are one object, so that much text needs few. When as many pieces are known as shall be, they become
    the older ones, and what is not met again until there are as many new ones is forgotten.
    """

    def __init__(self, speech: Speech) -> None:
        super().__init__()
        self._speech = speech
        self._older: dict[str, tuple[Token, ...]] = {}
        self._tokens: dict[Token, Token] = {}

    def __missing__(self, piece: str) -> tuple[Token, ...]:
        tokens = self._older.get(piece) or _read(piece, self._speech)
        if len(piece) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self._older = dict(self)
                self._tokens = {}
                self.clear()
            tokens = self[piece] = tuple([self._tokens.setdefault(token, token) for token in tokens])
        return tokens


_pieces_of = cache(_Pieces)


def tokenise(text: str, start: int, end: int, speech: Speech) -> tuple[list[Token], list[int]]:
    """The tokens of `text[start:end]`, and the offsets in `text` where they start."""
    pieces = text[start:end].split()
    if not pieces:
        return [], []
    first = text.index(pieces[0], start)
    tokens_of = _pieces_of(speech).__getitem__
    tokens = list(chain.from_iterable(map(tokens_of, pieces)))
    starts = list(accumulate(map(step_of, tokens), initial=first))
    past = starts.pop()
    if past <= end and not text[past - 1 : end].isspace():
        # More than one space somewhere: each piece is to hold what follows it.
        tokens = list(chain.from_iterable(map(tokens_of, _PIECE.findall(text, first, end))))
        starts = list(accumulate(map(step_of, tokens), initial=first))
        starts.pop()
    return tokens, starts


def _read(piece: str, speech: Speech) -> tuple[Token, ...]:
    bare = piece.rstrip()
    speaks = bare.lower() in speech.speaking
    past = max(len(piece), len(bare) + 1)
    if bare.isalpha() or len(bare) > _LONGEST_CUT:
        return (_token(bare, past, speech, speaks=speaks),)
    if bare[-1] in _CLOSING and bare[:-1].isalpha():
        last = len(bare) - 1
        return (
            _token(bare[:-1], last, speech, speaks=speaks),
            _token(bare[-1], past - last, speech, speaks=speaks),
        )
    words = [(match.group(), match.start()) for match in _TOKEN.finditer(piece)]
    return tuple(
        _token(word, stop - start, speech, speaks=speaks)
        for (word, start), (_, stop) in pairwise([*words, ("", past)])
    )


def _token(word: str, step: int, speech: Speech, *, speaks: bool) -> Token:
    low = intern(word.lower().replace(SINGLE_CLOSING, APOSTROPHE))
    tag = speech.classes.get(low, WORD)
    capital = word[0].isupper() and tag != PUNCT
    notable = low in speech.notable or low.endswith(".")
    return low, tag, step, notable, speaks, len(word), capital, word
