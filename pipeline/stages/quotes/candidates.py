"""A candidate for a quotation, and what every rule asks about it and its paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.models import QuoteKind
from pipeline.stages.quotes.clause import Clause, Side
from pipeline.stages.quotes.lexicon import ADV, CONJ
from pipeline.stages.quotes.marks import Fragment
from pipeline.stages.quotes.nouns import Nouns, Phrase
from pipeline.stages.quotes.prose import PUNCT, QUOTE, Paragraph

FEW_WORDS = 3  # up to here marks may as well be scare quotes
CLAUSE_WORDS = 5  # from here on a fragment says something by itself
_ENDS_SENTENCE = frozenset(",.?!")
_PAUSES = frozenset(",?!—")
_LEADING = frozenset({PUNCT, CONJ, ADV})


class Attribution(NamedTuple):
    """What was decided for one candidate.

    `kind` is None when it is no quotation, and `rule` then says why. `phrase` refers to the speaker, None when
    nobody was found; `cue` is an offset range.
    """

    fragment: Fragment
    kind: QuoteKind | None
    rule: str
    phrase: Phrase | None = None
    cue: tuple[int, int] | None = None
    runner_up: Phrase | None = None

    @property
    def start(self) -> int:
        """Where the candidate begins."""
        return self.fragment.start


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


class Candidate(NamedTuple):
    """One quote token: its sentence [lo, hi), the words in the marks, and the clauses of the sentence before it.

    `starts` tells that nothing but punctuation, conjunctions and adverbs stands before it in the sentence.
    """

    q: int
    lo: int
    hi: int
    fragment: Fragment
    inner: str
    words: int
    ahead: tuple[Clause, ...]
    starts: bool

    @property
    def sentence_like(self) -> bool:
        """Whether the words could be a sentence."""
        return self.words > FEW_WORDS or self.inner[:1].isupper() or self.inner[-1:] in _ENDS_SENTENCE

    @property
    def short(self) -> bool:
        """Whether the words are so few that the marks may be scare quotes."""
        return self.words <= FEW_WORDS

    @property
    def pauses(self) -> bool:
        """Whether the words end as a quotation does whose sentence goes on."""
        return self.inner[-1:] in _PAUSES


@dataclass(slots=True)
class Work:
    """One paragraph, its reporting clauses, and how far the deciding has come.

    `latest` is the last attribution with a speaker in the paragraph; `single` tells that the article has no double
    marks, so that single ones open quotations like them.
    """

    text: str
    p: Paragraph
    clauses: Sequence[Clause]
    nouns: Nouns
    floor: Floor
    single: bool
    latest: Attribution | None = None
    by_sentence: dict[int, list[Clause]] = field(default_factory=dict)
    by_first: dict[int, Clause] = field(default_factory=dict)
    spent: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        p = self.p
        for clause in self.clauses:
            self.by_sentence.setdefault(p.sentence[clause.lo], []).append(clause)
            if clause.side in (Side.BEFORE, Side.AFTER):
                self.by_first.setdefault(clause.first, clause)
            first = clause.first
            if first and p.tag[first - 1] == QUOTE and p.sentence[first - 1] == p.sentence[first]:
                self.spent.add(clause.lo)  # it stands behind a quotation: what it reports is on its left

    def candidate(self, q: int) -> Candidate:
        """What is known of the quote token q."""
        p = self.p
        fragment = p.quote_at[q]
        inner = self.text[fragment.inner_start : fragment.inner_end].strip()
        lo, hi = p.bounds[p.sentence[q]]
        ahead = tuple(c for c in self.by_sentence.get(p.sentence[q], ()) if c.hi <= q)
        starts = _LEADING.issuperset(p.tag[lo:q])
        return Candidate(q, lo, hi, fragment, inner, inner.count(" ") + 1, ahead, starts)

    def by(
        self, c: Candidate, rule: str, clause: Clause, kind: QuoteKind, runner: Phrase | None = None
    ) -> Attribution:
        """The attribution of a candidate to the subject of a clause; words that were not said are never direct."""
        cue = (self.p.starts[clause.lo], self.p.stop(clause.hi - 1))
        if clause.negated and kind is QuoteKind.DIRECT:
            kind = QuoteKind.MIXED
        return Attribution(c.fragment, kind, rule, clause.subject, cue, runner)
