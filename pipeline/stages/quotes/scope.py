"""Which clauses left of a quotation still govern it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.languages.speech import CONJ, PRON
from pipeline.stages.quotes.candidates import Candidate, Work
from pipeline.stages.quotes.clause import ASIDE, BEFORE, POSSESSOR, SHARED, Clause, introduction
from pipeline.stages.quotes.phrases import RELATIVE
from pipeline.stages.quotes.prose import QUOTE

_THAT = 2  # tokens between a cue and a quotation behind `that`
_ADDRESSEE = 4  # tokens that may stand between a cue and the comma or colon before its quotation


def scope(work: Work, candidate: Candidate) -> list[Clause]:
    """The clauses left of the quotation that no `, but ...` separates from it."""
    governing: list[Clause] = []
    for clause in candidate.ahead:
        if clause.lo in work.spent and not adjacent(work, clause, candidate.token):
            continue
        if governing and (
            separated(work, governing[-1].hi, clause.first, candidate.lo)
            or _only_introduce(work, governing, clause)
        ):
            governing = []
        governing.append(clause)
    if (
        governing
        and not adjacent(work, governing[-1], candidate.token)
        and turned(work, governing[-1].hi, candidate)
    ):
        return []
    return governing


def _only_introduce(work: Work, before: Sequence[Clause], clause: Clause) -> bool:
    """Whether what stands before a clause is no more than its introduction: `In a note praising the plan, Li said`."""
    if clause.side is not BEFORE or work.paragraph.low[clause.first - 1] != ",":
        return False
    return all(other.side is SHARED and other.cue.form == "ing" for other in before)


def reaches(work: Work, clause: Clause, candidate: Candidate) -> bool:
    """Whether a clause can have the quotation in its content; a relative clause ends at the next comma."""
    if clause.subject.shape is RELATIVE:
        return not any(work.paragraph.low[k] in ASIDE for k in range(clause.hi, candidate.token - 1))
    return clause.side is not POSSESSOR


def introduces(work: Work, clause: Clause, token: int) -> bool:
    """Whether the cue is followed by the quotation as direct speech."""
    return (
        work.paragraph.low[token - 1] in {":", ","}
        and token - clause.last <= _ADDRESSEE
        and clause.side is not POSSESSOR
    )


def adjacent(work: Work, clause: Clause, token: int) -> bool:
    """Whether only what may stand between a cue and its quotation does: that, a comma, an addressee."""
    paragraph = work.paragraph
    gap = token - clause.last
    return (
        gap <= 1
        or paragraph.low[token - 1] in {":", ","}
        or (gap <= _THAT and paragraph.low[token - 1] in paragraph.speech.complementisers)
    )


def turned(work: Work, start: int, candidate: Candidate) -> bool:
    """Whether `, but she ...` or the end of an introduction lies between token `start` and the quotation."""
    paragraph = work.paragraph
    intro = introduction(paragraph, candidate.lo, candidate.token)
    if intro is not None and start <= intro:
        return True
    turning = paragraph.speech.turning
    if turning.isdisjoint(paragraph.low[start + 1 : candidate.token - 1]):
        return False
    return any(
        paragraph.low[k + 1] in turning
        and (paragraph.tag[k + 2] == PRON or paragraph.capital(k + 2))
        and (
            paragraph.low[k] == ","
            or paragraph.tag[k] == QUOTE
            or (paragraph.low[k] in ASIDE and paragraph.low[k] not in paragraph.low[k + 1 : candidate.token])
        )
        for k in range(start, candidate.token - 2)
    )


def separated(work: Work, start: int, end: int, lo: int) -> bool:
    """Whether a coordinate clause or the end of an introduction lies between the tokens `start` and `end`."""
    paragraph = work.paragraph
    intro = introduction(paragraph, lo, end)
    if intro is not None and start <= intro < end:
        return True
    separating = paragraph.speech.separating
    return any(
        (paragraph.low[k] in ASIDE or paragraph.tag[k] == QUOTE)
        and (paragraph.tag[k + 1] == CONJ or paragraph.low[k + 1] in separating)
        for k in range(start, end - 1)
    )
