"""A reporting clause: a cue and its subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, CONJ, DET, POSS, PRON, SUB
from pipeline.stages.quotes.nouns import Phrase
from pipeline.stages.quotes.prose import QUOTE, WORD, Paragraph
from pipeline.text.marks import DASH_WORDS

ASIDE = DASH_WORDS | {","}
_LEADING = frozenset({CONJ, ADV})
_OPENS_NOUN = frozenset({DET, POSS, PRON, WORD})
CLAUSE_OPENERS = frozenset({"when", "while", "as", "where", "although", "though", "whereas", "because"})


Side = Literal["before", "after", "shared", "possessor"]
"""Where the subject stands, seen from the cue."""
BEFORE: Final = "before"
AFTER: Final = "after"
SHARED: Final = "shared"
POSSESSOR: Final = "possessor"


@dataclass(slots=True)
class Clause:
    """A reporting clause: cue tokens [lo, hi), the subject, and how sure the reading is.

    `first` and `last` bound subject and cue together (tokens, half-open); `negated` is a refusal or a denial of
    speech ("declined to say").
    """

    lo: int
    hi: int
    cue: lexicon.Cue
    subject: Phrase
    side: Side
    first: int
    last: int
    negated: bool = False


def introduction(p: Paragraph, lo: int, hi: int) -> int | None:
    """The comma that closes the subordinate clause a sentence begins with, None if it begins otherwise."""
    i = lo
    while i < hi and p.tag[i] in _LEADING:
        i += 1
    if i >= hi or not (p.tag[i] == SUB or p.low[i] in CLAUSE_OPENERS) or p.low[i] == "that":
        return None
    for k in range(i, hi):
        if p.low[k] == ",":
            return k
        if p.tag[k] == QUOTE and k + 1 < hi and p.tag[k + 1] in _OPENS_NOUN:
            return k
    return None
