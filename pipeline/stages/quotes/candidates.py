"""A candidate for a quotation, and what every rule asks about it and its paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.languages.speech import ADV, CONJ, PUNCT
from pipeline.record import QuoteKind
from pipeline.stages.quotes.clause import AFTER, BEFORE, Clause
from pipeline.stages.quotes.decisions import DIRECT, MIXED, Decision, Rule
from pipeline.stages.quotes.fragments import Fragment
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.openings import Openings
from pipeline.stages.quotes.phrases import Phrase
from pipeline.stages.quotes.polarity import of_quotation
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASHES

FEW_WORDS = 3  # up to here marks may as well be scare quotes
CLAUSE_WORDS = 5  # from here on a fragment says something by itself
_ENDS_SENTENCE = frozenset(",.?!")
_INTRODUCTION = frozenset(",:")
_PAUSES = frozenset(",?!" + DASHES)
_LEADING = frozenset({PUNCT, CONJ, ADV})


@dataclass(slots=True)
class Floor:
    """Who has the floor when a paragraph begins.

    `phrase` spoke last, `age` paragraphs ago; `announced` is the subject of the last reporting clause of a
    paragraph that quoted nothing itself.
    """

    phrase: Phrase | None = None
    cue: tuple[int, int] | None = None
    open_quote: bool = False
    announced: Phrase | None = None
    announced_cue: tuple[int, int] | None = None
    age: int = 0


@dataclass(slots=True)
class Candidate:
    """One quote token: its sentence [lo, hi), the words in the marks, and the clauses of the sentence before it.

    `starts` tells that nothing but punctuation, conjunctions and adverbs stands before it in the sentence; `short`
    that its words are so few that the marks may be scare quotes.
    """

    token: int
    lo: int
    hi: int
    fragment: Fragment
    inner: str
    words: int
    ahead: list[Clause]
    starts: bool
    short: bool

    @property
    def sentence_like(self) -> bool:
        """Whether the words could be a sentence."""
        return not self.short or self.inner[:1].isupper() or self.inner[-1:] in _ENDS_SENTENCE

    def sentence_begins(self, paragraph: Paragraph) -> bool:
        """Whether the words begin a sentence of their own behind what stands before them."""
        return self.inner[:1].isupper() or paragraph.low[self.token - 1] in _INTRODUCTION

    @property
    def pauses(self) -> bool:
        """Whether the words end as a quotation does whose sentence goes on."""
        return self.inner[-1:] in _PAUSES

    def decide(
        self,
        kind: QuoteKind | None,
        rule: Rule,
        phrase: Phrase | None = None,
        cue: tuple[int, int] | None = None,
        runner_up: Phrase | None = None,
    ) -> Decision:
        """The decision of a rule for the whole candidate."""
        return Decision(self.fragment.start, self.fragment.end, kind, rule, phrase, cue, runner_up)


class Work:
    """One paragraph, its reporting clauses, and how far the deciding has come.

    `latest` is the last decision with a speaker in the paragraph; `single` tells that the article has no double
    marks, so that single ones open quotations like them. `by_sentence` are the clauses of each sentence, `by_first`
    those with a subject next to the cue, by the first token of both; `spent` the first tokens of cues that stand
    behind a quotation.
    """

    __slots__ = (
        "by_first",
        "by_sentence",
        "floor",
        "latest",
        "nouns",
        "openings",
        "paragraph",
        "single",
        "spent",
        "text",
    )

    def __init__(
        self,
        text: str,
        paragraph: Paragraph,
        clauses: Sequence[Clause],
        nouns: Nouns,
        floor: Floor,
        *,
        single: bool,
    ) -> None:
        self.text = text
        self.paragraph = paragraph
        self.nouns = nouns
        self.openings = Openings(paragraph, nouns)
        self.floor = floor
        self.single = single
        self.latest: Decision | None = None
        self.by_sentence: dict[int, list[Clause]] = {}
        self.by_first: dict[int, Clause] = {}
        self.spent: set[int] = set()
        for clause in clauses:
            self.by_sentence.setdefault(paragraph.sentence[clause.lo], []).append(clause)
            if clause.side is BEFORE or clause.side is AFTER:
                self.by_first.setdefault(clause.first, clause)
            first = clause.first
            if (
                first
                and paragraph.tag[first - 1] == QUOTE
                and paragraph.sentence[first - 1] == paragraph.sentence[first]
            ):
                self.spent.add(clause.lo)  # it stands behind a quotation: what it reports is on its left

    def candidate(self, token: int) -> Candidate:
        """What is known of the quote `token`."""
        paragraph = self.paragraph
        fragment = paragraph.quote_at[token]
        inner = fragment.inner
        sentence = paragraph.sentence[token]
        lo, hi = paragraph.bounds[sentence]
        ahead = [c for c in self.by_sentence.get(sentence, ()) if c.hi <= token]
        starts = token == lo or _LEADING.issuperset(paragraph.tag[lo:token])
        words = inner.count(" ") + 1
        return Candidate(token, lo, hi, fragment, inner, words, ahead, starts, words <= FEW_WORDS)

    def by(
        self, candidate: Candidate, rule: Rule, clause: Clause, kind: QuoteKind, runner: Phrase | None = None
    ) -> Decision:
        """The decision for the subject of a clause; words that were not said are never direct."""
        if clause.negated and kind is DIRECT:
            kind = MIXED
        polarity = of_quotation(self.paragraph, clause, candidate.token, candidate.inner)
        found = candidate.decide(
            kind, rule, clause.subject, self.paragraph.span(clause.lo, clause.hi), runner
        )
        found.polarity = polarity
        found.beside = clause.beside
        return found
