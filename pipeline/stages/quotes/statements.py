"""The records of a paragraph: quotations and reported speech brought together, each statement once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from pipeline.languages.speech import Speech
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.decisions import INDIRECT, MIXED, Decision, Rule
from pipeline.stages.quotes.indirect import Content, contents
from pipeline.stages.quotes.prose import QUOTE, Paragraph

_start = attrgetter("start")
_INDIRECT_THAT = Rule.INDIRECT_THAT
_INDIRECT_INFINITIVE = Rule.INDIRECT_INFINITIVE


def merge(
    paragraph: Paragraph, decided: Sequence[Decision], clauses: Sequence[Clause], *, headline: bool = False
) -> list[Decision]:
    """All decisions of a paragraph in text order, each statement once.

    Reported speech takes the words of it that stand in marks along: `Li said the plan was "a disgrace"` is one
    statement. Where it holds direct speech, or words in marks that somebody else says, these stand alone; so do
    all words in marks of a headline.
    """
    statements = [
        content for content in contents(paragraph, clauses) if _is_statement(content, paragraph.speech)
    ]
    if not statements:
        return list(decided)
    starts = list(map(_start, decided))
    taken: set[int] = set()
    reported: list[Decision] = []
    for content in statements:
        whole = _reported(paragraph, content)
        if starts and QUOTE in paragraph.tag[content.lo : content.hi]:
            first, behind = bisect_left(starts, whole.start), bisect_left(starts, whole.end)
            inside = decided[first:behind]
            if headline or taken.intersection(range(first, behind)) or not _is_one(whole, inside):
                continue
            mixed = [i for i, quoted in enumerate(inside, first) if quoted.kind is MIXED]
            if mixed:
                whole = replace(decided[mixed[0]], start=whole.start, end=whole.end)
                taken.update(mixed)
        reported.append(whole)
    left = [quoted for i, quoted in enumerate(decided) if i not in taken] if taken else decided
    return sorted([*left, *reported], key=_start)


def _is_one(whole: Decision, inside: Sequence[Decision]) -> bool:
    """Whether the words in marks inside reported speech are its speaker's or nobody's, and not all there is of it."""
    if not inside or (inside[0].start, inside[0].end) == (whole.start, whole.end):
        return False
    return all(d.end <= whole.end and (d.kind is None or _is_part(d, whole)) for d in inside)


def _is_part(quoted: Decision, whole: Decision) -> bool:
    """Whether words in marks are no sentence of their own, and the reporting clause's subject says them."""
    if quoted.kind is not MIXED or quoted.phrase is None or whole.phrase is None:
        return False
    return quoted.phrase.start == whole.phrase.start


def _is_statement(content: Content, speech: Speech) -> bool:
    """Whether a clause reports speech, an opinion, a finding or an intention."""
    lemma = content.clause.cue.lemma
    return (
        content.clause.cue.strong
        or lemma in speech.opinions
        or (content.rule == _INDIRECT_THAT and lemma in speech.findings)
        or (content.rule == _INDIRECT_INFINITIVE and lemma in speech.intentions)
    )


def _reported(paragraph: Paragraph, content: Content) -> Decision:
    clause = content.clause
    start, end = paragraph.span(content.lo, content.hi)
    cue = paragraph.span(clause.lo, clause.hi)
    return Decision(start, end, INDIRECT, content.rule, clause.subject, cue)
