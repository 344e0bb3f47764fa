"""The records of a paragraph: quotations and reported speech brought together, each statement once."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.decisions import INDIRECT, Decision
from pipeline.stages.quotes.indirect import Content, contents
from pipeline.stages.quotes.prose import QUOTE, Paragraph

_start = attrgetter("start")
_INTENTION = lexicon.intention_verbs()
_OPINION = lexicon.opinion_verbs()


def merge(p: Paragraph, decided: Sequence[Decision], clauses: Sequence[Clause]) -> list[Decision]:
    """All decisions of a paragraph in text order.

    Reported speech that holds a quotation gives no record of its own: the words in marks are the tighter answer.
    """
    reported = [
        _reported(p, content)
        for content in contents(p, clauses)
        if (not p.quote_at or QUOTE not in p.tag[content.lo : content.hi]) and _is_statement(content)
    ]
    return sorted([*decided, *reported], key=_start) if reported else list(decided)


def _is_statement(content: Content) -> bool:
    """Whether a clause reports speech, an opinion or an intention."""
    cue = content.clause.cue
    return (
        cue.strong or cue.lemma in _OPINION or (content.pattern == "infinitive" and cue.lemma in _INTENTION)
    )


def _reported(p: Paragraph, content: Content) -> Decision:
    clause = content.clause
    start, end = p.span(content.lo, content.hi)
    cue = p.span(clause.lo, clause.hi)
    return Decision(start, end, INDIRECT, "indirect-" + content.pattern, clause.subject, cue)
