"""A reporting clause: a cue and its subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pipeline.languages.reporting import Cue
from pipeline.languages.speech import ADV, CONJ, DET, POSS, PRON, SUB, WORD
from pipeline.stages.quotes.phrases import Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASH_WORDS

ASIDE = DASH_WORDS | {","}
_LEADING = frozenset({CONJ, ADV})
_OPENS_NOUN = frozenset({DET, POSS, PRON, WORD})


Side = Literal["before", "after", "shared", "possessor"]
"""Where the subject stands, seen from the cue."""
BEFORE: Final = "before"
AFTER: Final = "after"
SHARED: Final = "shared"
POSSESSOR: Final = "possessor"


@dataclass(slots=True)
class Clause:
    """A reporting clause: cue tokens [lo, hi), the subject, and how sure the reading is.

    `first` and `last` bound subject and cue together (tokens, half-open); `negated` tells that it was not said ("did
    not say", "declined to say"), `refused` that it was a refusal, `modal` that it may be said. `beside` are those who
    say it together with the subject.
    """

    lo: int
    hi: int
    cue: Cue
    subject: Phrase
    side: Side
    first: int
    last: int
    negated: bool = False
    refused: bool = False
    modal: bool = False
    beside: tuple[Phrase, ...] = ()


def introduction(paragraph: Paragraph, lo: int, hi: int) -> int | None:
    """The comma that closes the subordinate clause a sentence begins with, None if it begins otherwise."""
    i = lo
    while i < hi and paragraph.tag[i] in _LEADING:
        i += 1
    if i >= hi or not _opens_clause(paragraph, i):
        return None
    for k in range(i, hi):
        if paragraph.low[k] == ",":
            return k
        if paragraph.tag[k] == QUOTE and k + 1 < hi and paragraph.tag[k + 1] in _OPENS_NOUN:
            return k
    return None


def _opens_clause(paragraph: Paragraph, token: int) -> bool:
    """Whether a word opens a subordinate clause: `when`, `because`; not `that`."""
    low = paragraph.low[token]
    opens = paragraph.tag[token] == SUB or low in paragraph.speech.clause_openers
    return opens and low not in paragraph.speech.complementisers
