"""What is decided for a stretch of text: which kind of quotation it is, by which rule, and whose."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.record import QuoteKind
from pipeline.stages.quotes.nouns import Phrase

DIRECT, MIXED = QuoteKind.DIRECT, QuoteKind.MIXED
INDIRECT, HEADLINE = QuoteKind.INDIRECT, QuoteKind.HEADLINE


@dataclass(slots=True)
class Decision:
    """What was decided for the half-open range of code points [start, end).

    `kind` is None when it is no quotation, and `rule` then says why. `phrase` refers to the speaker, None when
    nobody was found; `cue` is an offset range; `runner_up` refers to the speaker that came second.
    """

    start: int
    end: int
    kind: QuoteKind | None
    rule: str
    phrase: Phrase | None = None
    cue: tuple[int, int] | None = None
    runner_up: Phrase | None = None

    def given_to(self, source: Decision, rule: str) -> Decision:
        """The same words with the speaker of another decision; whoever had them comes second."""
        return Decision(self.start, self.end, self.kind, rule, source.phrase, source.cue, self.phrase)
