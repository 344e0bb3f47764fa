"""The pieces of one statement: `"X," he said. "Y."` are two quotations and one thing that was said."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.stages.quotes.decisions import DIRECT, HEADLINE, Decision, Rule

_GOING_ON = frozenset({Rule.SAME_PARAGRAPH, Rule.OPEN_QUOTE, Rule.NEXT_CUE})
"""By these rules a quotation has its speaker from the piece before it or behind it."""


def tied(text: str, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions of an article in their order, each that is a statement with the number of the one it belongs to."""
    number = 0
    before: Decision | None = None
    in_marks: Decision | None = None
    for decision in decisions:
        if decision.kind is None:
            continue
        if before is not None and _goes_on(text, before, decision):
            decision.statement = before.statement
        elif in_marks is not None and _resumes(text, in_marks, decision):
            decision.statement = in_marks.statement
        else:
            number += 1
            decision.statement = number
        before = decision
        if decision.kind is DIRECT:
            in_marks = decision
    return list(decisions)


def _resumes(text: str, in_marks: Decision, decision: Decision) -> bool:
    """Whether a quotation goes on behind what the narrator added: `"X," said Li, noting that it rained. "Y."`."""
    near = decision.kind is DIRECT and "\n" not in text[in_marks.end : decision.start]
    return near and _goes_on(text, in_marks, decision)


def _goes_on(text: str, before: Decision, decision: Decision) -> bool:
    """Whether a quotation goes on with what the piece before it began."""
    if HEADLINE in (before.kind, decision.kind):
        return False  # it repeats what the text has, or stands alone
    if decision.cue is not None and decision.cue == before.cue:
        return True
    if before.kind is not DIRECT or decision.kind is not DIRECT or decision.phrase is None:
        return False
    together = before.phrase is not None and before.phrase.start == decision.phrase.start
    return together and (decision.rule in _GOING_ON or "\n" not in text[before.end : decision.start])
