"""The records of a paragraph: quotations and reported speech brought together, each statement once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from pipeline.record import Polarity
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.content import Content
from pipeline.stages.quotes.decisions import DIRECT, INDIRECT, MIXED, Decision
from pipeline.stages.quotes.gate import likelihood, signs
from pipeline.stages.quotes.indirect import contents
from pipeline.stages.quotes.polarity import of_clause
from pipeline.stages.quotes.prose import QUOTE, Paragraph

_start = attrgetter("start")
_NEAR = 12  # contents among which one is looked for that another lies in
_CLOSING = frozenset(".,?!")
_AROUND_MARKS = 0.5
"""Of the least likelihood, where some of the words stand in marks: these are somebody's, only how much is in doubt."""
_READINGS = 2  # other readings of a clause, at most


def merge(
    paragraph: Paragraph, decided: Sequence[Decision], clauses: Sequence[Clause], *, headline: bool = False
) -> list[Decision]:
    """All decisions of a paragraph in text order, each statement once.

    Reported speech takes the words of it that stand in marks along: `Li said the plan was "a disgrace"` is one
    statement. Where it holds direct speech, or words in marks that somebody else says, these stand alone; so do
    all words in marks of a headline.
    """
    reported = list(_accepted(paragraph, contents(paragraph, clauses), headline=headline))
    if not reported:
        return list(decided)
    starts = list(map(_start, decided))
    taken: set[int] = set()
    kept: list[Decision] = []
    for whole in reported:
        if starts:
            first, behind = bisect_left(starts, whole.start), bisect_left(starts, whole.end)
            inside = decided[first:behind]
            if inside:
                if headline or taken.intersection(range(first, behind)):
                    continue
                if not _is_one(paragraph, whole, inside):
                    continue
                parts = [i for i, quoted in enumerate(inside, first) if quoted.kind is not None]
                if parts:
                    whole = _with_marks(whole, decided[parts[0]])  # noqa: PLW2901
                    taken.update(parts)
        if whole.kind is MIXED or (whole.likelihood or 1.0) >= paragraph.speech.least_likely:
            kept.append(whole)
    left = [quoted for i, quoted in enumerate(decided) if i not in taken] if taken else decided
    return sorted([*left, *kept], key=_start)


def candidates(
    paragraph: Paragraph, found: Sequence[Content], *, headline: bool
) -> Iterator[tuple[Content, Iterator[str]]]:
    """The contents of a paragraph with the signs by which each is judged, to be read before the next."""
    for number, content in enumerate(found):
        inner = any(
            other.clause is not content.clause and other.lo <= content.lo and content.hi <= other.hi
            for other in found[max(0, number - _NEAR) : number + _NEAR]
        )
        split = content.rest is not None
        hi = content.rest[1] if content.rest else content.hi
        found_signs = signs(
            paragraph,
            content.clause,
            content.lo,
            hi,
            content.rule,
            inner=inner,
            split=split,
            headline=headline,
            sure=content.sure,
        )
        yield content, found_signs


def _accepted(paragraph: Paragraph, found: Sequence[Content], *, headline: bool) -> Iterator[Decision]:
    """The decisions for contents that are likely enough to be statements."""
    speech = paragraph.speech
    judged = [
        (likelihood(speech, told), content)
        for content, told in candidates(paragraph, found, headline=headline)
    ]
    for number, (sure, content) in enumerate(judged):
        least = speech.least_likely
        if sure < least and QUOTE in paragraph.tag[content.lo : content.hi]:
            least *= _AROUND_MARKS
        if sure < least or _is_outdone(judged, number):
            continue
        polarity = of_clause(paragraph, content.clause, content.lo)
        if polarity is None:
            continue
        whole = _reported(paragraph, content, polarity, sure)
        yield whole
        if content.rest is not None:
            start, end = paragraph.span(*content.rest)
            yield replace(whole, start=start, end=end)


def _is_outdone(judged: Sequence[tuple[float, Content]], number: int) -> bool:
    """Whether another reading of the same clause is likelier."""
    sure, content = judged[number]
    near = judged[max(0, number - _READINGS) : number + _READINGS + 1]
    return any(other.clause is content.clause and better > sure for better, other in near)


def _is_one(paragraph: Paragraph, whole: Decision, inside: Sequence[Decision]) -> bool:
    """Whether the words in marks inside reported speech are its speaker's or nobody's, and not all there is of it."""
    if not inside or (inside[0].start, inside[0].end) == (whole.start, whole.end):
        return False
    return all(d.end <= whole.end and (d.kind is None or _is_part(paragraph, d, whole)) for d in inside)


def _is_part(paragraph: Paragraph, quoted: Decision, whole: Decision) -> bool:
    """Whether words in marks are no sentence of their own, and the reporting clause's subject says them."""
    if quoted.phrase is None or whole.phrase is None or quoted.phrase.start != whole.phrase.start:
        return False
    return quoted.kind is MIXED or (quoted.kind is DIRECT and _goes_over(paragraph, quoted, whole))


def _goes_over(paragraph: Paragraph, quoted: Decision, whole: Decision) -> bool:
    """Whether the marks open or close in the midst of a sentence: `he was, "for good or ill", the first`."""
    at = bisect_left(paragraph.fragments, quoted.start, key=_start)
    if at == len(paragraph.fragments) or paragraph.fragments[at].start != quoted.start:
        return False
    fragment = paragraph.fragments[at]
    opens = whole.start < quoted.start and fragment.inner[:1].islower()
    return opens or (quoted.end < whole.end and fragment.inner[-1:] not in _CLOSING)


def _reported(paragraph: Paragraph, content: Content, polarity: Polarity, sure: float) -> Decision:
    clause = content.clause
    start, end = paragraph.span(content.lo, content.hi)
    cue = paragraph.span(clause.lo, clause.hi)
    # By place: `replace` costs as much as all the rest of it, and most decisions are made here.
    said = (content.rule, clause.subject, cue, None, clause.beside, None, polarity, sure)
    return Decision(start, end, INDIRECT, *said)


def _with_marks(whole: Decision, quoted: Decision) -> Decision:
    """Reported speech with the speaker of the words of it that stand in marks."""
    by = (quoted.rule, quoted.phrase, whole.cue, quoted.runner_up, quoted.beside, quoted.statement)
    return Decision(whole.start, whole.end, MIXED, *by, whole.polarity, quoted.likelihood, whole=True)
