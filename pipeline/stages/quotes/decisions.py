"""What is decided for a stretch of text: which kind of quotation it is, by which rule, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.record import Polarity, QuoteKind
from pipeline.stages.quotes.phrases import Phrase

DIRECT, MIXED = QuoteKind.DIRECT, QuoteKind.MIXED
INDIRECT, HEADLINE = QuoteKind.INDIRECT, QuoteKind.HEADLINE


class Rule(StrEnum):
    """The rules of attribution, by the names under which they are explained and their confidence is kept."""

    BEHIND = "behind"
    BEFORE = "before"
    BEFORE_FAR = "before-far"
    SHARED = "shared"
    SHARED_FAR = "shared-far"
    WEAK = "weak"
    BEHIND_FAR = "behind-far"
    BEHIND_NAME = "behind-name"
    BEHIND_UNKNOWN = "behind-unknown"
    COLON = "colon"
    TRANSCRIPT = "transcript"
    SIGNED = "signed"
    NOT_NAME = "not-a-quote:name"
    NOT_SINGLE = "not-a-quote:single"
    NOT_SCARE = "not-a-quote:scare"
    SAME_PARAGRAPH = "same-paragraph"
    SAME_PARAGRAPH_FAR = "same-paragraph-far"
    PREVIOUS_SENTENCE = "previous-sentence"
    OPEN_QUOTE = "open-quote"
    ANNOUNCED = "announced"
    FLOATING = "floating"
    POSSESSOR = "possessor"
    SENTENCE_SUBJECT = "sentence-subject"
    SENTENCE_SUBJECT_NOMINAL = "sentence-subject-nominal"
    NOBODY = "nobody"
    NEXT_CUE = "next-cue"
    HEADLINE_DASH = "headline-dash"
    HEADLINE_COLON = "headline-colon"
    HEADLINE_BODY = "headline-body"
    INDIRECT_BARE = "indirect-bare"
    INDIRECT_THAT = "indirect-that"
    INDIRECT_BEFORE = "indirect-before"
    INDIRECT_INFINITIVE = "indirect-infinitive"
    INDIRECT_QUESTION = "indirect-question"
    INDIRECT_ACCORDING = "indirect-according"


@dataclass(slots=True)
class Decision:
    """What was decided for the half-open range of code points [start, end).

    `kind` is None when it is no quotation, and `rule` then says why. `phrase` refers to the speaker, None when nobody
    was found; `cue` is an offset range; `runner_up` refers to the speaker that came second. `beside` refer to those who
    speak together with `phrase`. Decisions of one statement share `statement`, a number within the article.
    `likelihood` in 0..1 is that of a statement, cut and given right, where that was judged. `whole` tells of words in
    marks that what is reported around them was found too.
    """

    start: int
    end: int
    kind: QuoteKind | None
    rule: Rule
    phrase: Phrase | None = None
    cue: tuple[int, int] | None = None
    runner_up: Phrase | None = None
    beside: tuple[Phrase, ...] = ()
    statement: int | None = None
    polarity: Polarity = Polarity.ASSERTED
    likelihood: float | None = None
    whole: bool = False

    def given_to(self, source: Decision, rule: Rule) -> Decision:
        """The same words with the speaker of another decision; whoever had them comes second."""
        given = (source.phrase, source.cue, self.phrase, source.beside)
        return Decision(self.start, self.end, self.kind, rule, *given)
