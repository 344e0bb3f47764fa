"""Which reporting clause a quotation belongs to: the rules, in order of how much they are to be trusted.

Each rule looks at one candidate and gives a Decision or leaves it to the next rule. The order is the method:
a clause right behind the quotation, a clause that governs it from the left, the speaker of the sentence before,
who has the floor from earlier paragraphs, the subject of the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.stages.quotes import from_discourse, in_sentence
from pipeline.stages.quotes.candidates import Candidate, Floor, Work
from pipeline.stages.quotes.clause import POSSESSOR, Clause
from pipeline.stages.quotes.decisions import Decision, Rule
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import Paragraph

RULES: tuple[Callable[[Work, Candidate], Decision | None], ...] = (
    in_sentence.scripted,
    in_sentence.signed,
    in_sentence.titled,
    in_sentence.behind,
    in_sentence.behind_name,
    from_discourse.named,
    in_sentence.governed,
    in_sentence.colon,
    from_discourse.same_paragraph,
    in_sentence.behind_far,
    in_sentence.behind_unknown,
    from_discourse.bare_single,
    from_discourse.previous_sentence,
    from_discourse.floating,
    from_discourse.possessor,
    from_discourse.scare,
    from_discourse.sentence_subject,
)
_OPEN = frozenset({Rule.NOBODY, Rule.FLOATING, Rule.ANNOUNCED})
_BEHIND = Rule.BEHIND
_NEXT_CUE = Rule.NEXT_CUE


class Attributor:
    """Decides for the candidates of one paragraph after the other, keeping who has the floor.

    `single` tells that the article has no double marks, so that single ones open quotations like them.
    """

    def __init__(self, text: str, *, single: bool = False) -> None:
        self.text = text
        self.single = single
        self.floor = Floor()

    def forget(self) -> None:
        """Take the floor from whoever has it."""
        self.floor = Floor()

    def silence(self) -> None:
        """Take note of a paragraph in which nobody speaks."""
        self.floor.open_quote = False
        self.floor.announced = self.floor.announced_cue = None
        self.floor.age += 1

    def paragraph(self, paragraph: Paragraph, clauses: Sequence[Clause], nouns: Nouns) -> list[Decision]:
        """Decide for every candidate of a paragraph, in order."""
        decided: list[Decision] = []
        if paragraph.quote_at:
            work = Work(self.text, paragraph, clauses, nouns, self.floor, single=self.single)
            for q in paragraph.quote_at:
                candidate = work.candidate(q)
                decided.append(_decide(work, candidate))
                if decided[-1].phrase is not None:
                    work.latest = decided[-1]
            decided = _look_ahead(decided)
        if decided or clauses or paragraph.low[-1] == ":":
            self._pass_on(paragraph, clauses, decided)
            if paragraph.low[-1] == ":" and self.floor.announced is None and not decided:
                self.floor.announced = nouns.last_person()
        else:
            self.silence()
        return decided

    def _pass_on(self, paragraph: Paragraph, clauses: Sequence[Clause], decided: Sequence[Decision]) -> None:
        floor = self.floor
        floor.open_quote = bool(decided) and not paragraph.fragments[-1].closed
        floor.announced = floor.announced_cue = None
        floor.age += 1
        last = next((a for a in reversed(decided) if a.kind is not None and a.phrase is not None), None)
        if last is not None:
            floor.phrase, floor.cue, floor.age = last.phrase, last.cue, 0
        goes_on = paragraph.low[-1] == ":"
        if floor.age or goes_on:
            self._announce(paragraph, reversed(clauses) if goes_on else clauses, goes_on=goes_on)

    def _announce(self, paragraph: Paragraph, clauses: Iterable[Clause], *, goes_on: bool) -> None:
        """Let the subject of the first of the clauses that reports speak next; `goes_on` at a colon."""
        for clause in clauses:
            reports = clause.cue.strong or (goes_on and clause.cue.utters)
            if reports and clause.side is not POSSESSOR:
                self.floor.announced = clause.subject
                self.floor.announced_cue = paragraph.span(clause.lo, clause.hi)
                return


def _decide(work: Work, candidate: Candidate) -> Decision:
    for rule in RULES:
        found = rule(work, candidate)
        if found is not None:
            return found
    return from_discourse.nobody(work, candidate)


def _look_ahead(decided: list[Decision]) -> list[Decision]:
    """Give quotations that open the paragraph without a cue the speaker of the paragraph's first cue."""
    if _OPEN.isdisjoint([a.rule for a in decided]):
        return decided
    first = next((a for a in decided if a.phrase is not None and a.rule == _BEHIND), None)
    if first is None:
        return decided
    return [a.given_to(first, _NEXT_CUE) if a.start < first.start and a.rule in _OPEN else a for a in decided]
