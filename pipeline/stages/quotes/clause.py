"""A reporting clause: a cue and its subject."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, CONJ, DET, POSS, PRON, SUB
from pipeline.stages.quotes.nouns import Phrase
from pipeline.stages.quotes.prose import QUOTE, WORD, Paragraph

ASIDE = frozenset({",", "-", "–", "—", "―", "--"})
CLAUSE_OPENERS = frozenset({"when", "while", "as", "where", "although", "though", "whereas", "because"})


class Side(StrEnum):
    """Where the subject stands, seen from the cue."""

    BEFORE = "before"
    AFTER = "after"
    SHARED = "shared"
    POSSESSOR = "possessor"


class Clause(NamedTuple):
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

    @property
    def strong(self) -> bool:
        """Whether the verb as such reports speech, whatever follows it."""
        return self.cue.strong

    @property
    def end(self) -> int:
        """The first token behind cue and subject."""
        return max(self.last, self.hi)


def introduction(p: Paragraph, lo: int, hi: int) -> int | None:
    """The comma that closes the subordinate clause a sentence begins with, None if it begins otherwise."""
    i = lo
    while i < hi and p.tag[i] in (CONJ, ADV):
        i += 1
    if i >= hi or not (p.tag[i] == SUB or p.low[i] in CLAUSE_OPENERS) or p.low[i] == "that":
        return None
    for k in range(i, hi):
        if p.low[k] == ",":
            return k
        if p.tag[k] == QUOTE and k + 1 < hi and p.tag[k + 1] in (DET, POSS, PRON, WORD):
            return k
    return None
