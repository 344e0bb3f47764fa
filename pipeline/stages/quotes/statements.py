"""The records of a paragraph: quotations and reported speech brought together, each statement once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.models import QuoteKind
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.candidates import Attribution
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.indirect import Content, contents
from pipeline.stages.quotes.nouns import Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph


class Decision(NamedTuple):
    """What was decided for a stretch of text: a record, or no quotation when `kind` is None."""

    start: int
    end: int
    kind: QuoteKind | None
    rule: str
    phrase: Phrase | None
    cue: tuple[int, int] | None
    runner_up: Phrase | None


def merge(p: Paragraph, decided: Sequence[Attribution], clauses: Sequence[Clause]) -> list[Decision]:
    """All decisions of a paragraph in text order.

    Reported speech that holds a quotation gives no record of its own: the words in marks are the tighter answer.
    """
    out = [
        Decision(a.fragment.start, a.fragment.end, a.kind, a.rule, a.phrase, a.cue, a.runner_up)
        for a in decided
    ]
    out += [
        _reported(p, content)
        for content in contents(p, clauses)
        if QUOTE not in p.tag[content.lo : content.hi] and _is_statement(content)
    ]
    out.sort(key=lambda d: d.start)
    return out


def _is_statement(content: Content) -> bool:
    """Whether a clause reports speech, an opinion or an intention."""
    clause = content.clause
    intends = content.pattern == "infinitive" and clause.cue.lemma in lexicon.intention_verbs()
    return clause.strong or intends or clause.cue.lemma in lexicon.opinion_verbs()


def _reported(p: Paragraph, content: Content) -> Decision:
    clause = content.clause
    return Decision(
        p.starts[content.lo],
        p.stop(content.hi - 1),
        QuoteKind.INDIRECT,
        "indirect-" + content.pattern,
        clause.subject,
        (p.starts[clause.lo], p.stop(clause.hi - 1)),
        None,
    )
