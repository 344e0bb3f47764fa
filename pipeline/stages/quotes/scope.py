"""Which clauses left of a quotation still govern it."""

from __future__ import annotations

from pipeline.languages.speech import CONJ, PRON
from pipeline.stages.quotes.candidates import Candidate, Work
from pipeline.stages.quotes.clause import ASIDE, POSSESSOR, Clause, introduction
from pipeline.stages.quotes.nouns import RELATIVE
from pipeline.stages.quotes.prose import QUOTE

_THAT = 2  # tokens between a cue and a quotation behind `that`
_ADDRESSEE = 4  # tokens that may stand between a cue and the comma or colon before its quotation


def scope(w: Work, c: Candidate) -> list[Clause]:
    """The clauses left of the quotation that no `, but ...` separates from it."""
    governing: list[Clause] = []
    for clause in c.ahead:
        if clause.lo in w.spent and not adjacent(w, clause, c.q):
            continue
        if governing and separated(w, governing[-1].hi, clause.first, c.lo):
            governing = []
        governing.append(clause)
    if governing and not adjacent(w, governing[-1], c.q) and turned(w, governing[-1].hi, c):
        return []
    return governing


def reaches(w: Work, clause: Clause, c: Candidate) -> bool:
    """Whether a clause can have the quotation in its content; a relative clause ends at the next comma."""
    if clause.subject.shape is RELATIVE:
        return not any(w.p.low[k] in ASIDE for k in range(clause.hi, c.q - 1))
    return clause.side is not POSSESSOR


def introduces(w: Work, clause: Clause, q: int) -> bool:
    """Whether the cue is followed by the quotation as direct speech."""
    return w.p.low[q - 1] in {":", ","} and q - clause.last <= _ADDRESSEE and clause.side is not POSSESSOR


def adjacent(w: Work, clause: Clause, q: int) -> bool:
    """Whether only what may stand between a cue and its quotation does: that, a comma, an addressee."""
    p = w.p
    gap = q - clause.last
    return (
        gap <= 1 or p.low[q - 1] in {":", ","} or (gap <= _THAT and p.low[q - 1] in p.speech.complementisers)
    )


def turned(w: Work, a: int, c: Candidate) -> bool:
    """Whether `, but she ...` or the end of an introduction lies between token a and the quotation."""
    p = w.p
    intro = introduction(p, c.lo, c.q)
    if intro is not None and a <= intro:
        return True
    return any(
        p.low[k + 1] in p.speech.turning
        and (p.tag[k + 2] == PRON or p.capital(k + 2))
        and (
            p.low[k] == "," or p.tag[k] == QUOTE or (p.low[k] in ASIDE and p.low[k] not in p.low[k + 1 : c.q])
        )
        for k in range(a, c.q - 2)
    )


def separated(w: Work, a: int, b: int, lo: int) -> bool:
    """Whether a coordinate clause or the end of an introduction lies between the tokens a and b."""
    p = w.p
    intro = introduction(p, lo, b)
    if intro is not None and a <= intro < b:
        return True
    return any(
        (p.low[k] in ASIDE or p.tag[k] == QUOTE)
        and (p.tag[k + 1] == CONJ or p.low[k + 1] in p.speech.separating)
        for k in range(a, b - 1)
    )
