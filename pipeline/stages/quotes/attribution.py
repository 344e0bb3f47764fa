"""Which reporting clause a quotation belongs to: the rules, in order of how much they are to be trusted.

Each rule looks at one candidate and gives an Attribution or leaves it to the next rule. The order is the method:
a clause right behind the quotation, a clause that governs it from the left, the speaker of the sentence before,
who has the floor from earlier paragraphs, the subject of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.models import QuoteKind
from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.clauses import ASIDE, Clause, Side, introduction, spent
from pipeline.stages.quotes.lexicon import ADV, CONJ, PRON, WORD
from pipeline.stages.quotes.marks import Fragment, Style
from pipeline.stages.quotes.nouns import Nouns, Phrase, Shape
from pipeline.stages.quotes.prose import PUNCT, QUOTE, Paragraph

_TURNING = frozenset({"but", "although", "though", "while", "whereas"})
_FEW_WORDS = 3  # up to here marks may as well be scare quotes
_CLAUSE_WORDS = 5  # from here on a fragment says something by itself
_SCRIPT_LABEL = re.compile(r"\s*([A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3}):\s")
_FLOOR_LASTS = 2  # paragraphs without a quotation after which nobody has the floor any more


@dataclass(frozen=True, slots=True)
class Attribution:
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

    def paragraph(self, p: Paragraph, clauses: Sequence[Clause], nouns: Nouns) -> list[Attribution]:
        """Decide for every candidate of a paragraph, in order."""
        if not p.quote_at:
            self._pass_on(p, clauses, [])
            return []
        rules = _Rules(self.text, p, clauses, nouns, self.floor, single=self.single)
        decided = rules.decide_all()
        self._pass_on(p, rules.clauses, decided)
        return decided

    def _pass_on(self, p: Paragraph, clauses: Sequence[Clause], decided: Sequence[Attribution]) -> None:
        floor = self.floor
        spoken = [a for a in decided if a.kind is not None and a.phrase is not None]
        floor.open_quote = bool(decided) and not decided[-1].fragment.closed
        floor.announced = floor.announced_cue = None
        if spoken:
            floor.phrase, floor.cue, floor.age = spoken[-1].phrase, spoken[-1].cue, 0
        else:
            floor.age += 1
        announcing = [c for c in clauses if c.strong and c.side is not Side.POSSESSOR]
        if announcing and (not spoken or p.word[-1] == ":"):
            last = announcing[0] if p.word[-1] != ":" else announcing[-1]
            floor.announced = last.subject
            floor.announced_cue = (p.starts[last.lo], p.ends[last.hi - 1])


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One quote token with what every rule asks about it."""

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
        return self.words > _FEW_WORDS or self.inner[:1].isupper() or self.inner[-1:] in frozenset(",.?!")

    @property
    def short(self) -> bool:
        return self.words <= _FEW_WORDS


class _Rules:
    """The rules for one paragraph."""

    def __init__(
        self,
        text: str,
        p: Paragraph,
        clauses: Sequence[Clause],
        nouns: Nouns,
        floor: Floor,
        *,
        single: bool,
    ) -> None:
        self.text = text
        self.p = p
        self.clauses = clauses
        self.spent = spent(clauses, p)
        self.nouns = nouns
        self.floor = floor
        self.single = single
        self.decided: list[Attribution] = []
        self.latest: Attribution | None = None
        self.by_sentence: dict[int, list[Clause]] = {}
        for clause in self.clauses:
            self.by_sentence.setdefault(p.sentence[clause.lo], []).append(clause)
        self.by_first = {c.first: c for c in reversed(self.clauses) if c.side in (Side.BEFORE, Side.AFTER)}
        self.order = (
            self._scripted,
            self._signed,
            self._behind,
            self._behind_name,
            self._named,
            self._governed,
            self._colon,
            self._same_paragraph,
            self._behind_far,
            self._behind_unknown,
            self._bare_single,
            self._previous_sentence,
            self._floating,
            self._possessor,
            self._scare,
            self._sentence_subject,
            self._nobody,
        )

    def decide_all(self) -> list[Attribution]:
        for q in self.p.quote_at:
            candidate = self._candidate(q)
            attribution = next(a for rule in self.order if (a := rule(candidate)) is not None)
            self.decided.append(attribution)
            if attribution.phrase is not None:
                self.latest = attribution
        return self._look_ahead()

    def _candidate(self, q: int) -> _Candidate:
        p = self.p
        fragment = p.quote_at[q]
        inner = self.text[fragment.inner_start : fragment.inner_end].strip()
        lo, hi = p.bounds[p.sentence[q]]
        ahead = tuple(c for c in self.by_sentence.get(p.sentence[q], ()) if c.hi <= q)
        starts = all(p.tag[k] in (PUNCT, CONJ, ADV) for k in range(lo, q))
        return _Candidate(q, lo, hi, fragment, inner, inner.count(" ") + 1, ahead, starts)

    def _by(
        self, c: _Candidate, rule: str, clause: Clause, kind: QuoteKind, runner: Phrase | None = None
    ) -> Attribution:
        cue = (self.p.starts[clause.lo], self.p.ends[clause.hi - 1])
        if clause.negated and kind is QuoteKind.DIRECT:
            kind = QuoteKind.MIXED
        return Attribution(c.fragment, kind, rule, clause.subject, cue, runner)

    # -- the rules, in order -----------------------------------------------------------------------------------

    def _behind(self, c: _Candidate) -> Attribution | None:
        """The clause follows the quotation at once: `"X," Ann Li said`."""
        p = self.p
        k = c.q + 1
        aside = False
        while k < len(p) and p.word[k] in ASIDE:
            aside = True
            k += 1
        while k < len(p) and p.tag[k] == ADV and not p.capital(k):
            k += 1
        clause = self.by_first.get(k)
        if clause is None or not clause.cue.kinds & {"say", "tell", "ask", "post", "speak", "think"}:
            return None
        ends = c.inner.rstrip(" '’")[-1:] or " "
        last = max(clause.last, clause.hi)
        closes = last >= len(p) or p.tag[last] == PUNCT
        if ends == "." and p.capital(k):
            # A full stop closes the quotation's sentence; what follows introduces the next one.
            if not closes or c.q != c.lo or p.word[min(last, len(p) - 1)] in ",:":
                return None
        elif ends not in ",?!…-—–." and not aside and not (c.q == c.lo and closes):
            return None
        governing = [other for other in self._scope(c) if other.strong and self._reaches(other, c)]
        if governing and not (closes and clause.subject.shape in (Shape.NAME, Shape.NOMINAL)):
            return None
        runner = c.ahead[-1].subject if c.ahead else None
        return self._by(c, "behind", clause, QuoteKind.DIRECT, runner)

    def _scripted(self, c: _Candidate) -> Attribution | None:
        """A transcript inside marks: `"LI: We will."`"""
        label = None if c.q else _SCRIPT_LABEL.match(self.text, c.fragment.inner_start, c.fragment.inner_end)
        if label is None:
            return None
        phrase = Phrase(c.q, c.q + 1, label.start(1), label.end(1), Shape.NAME)
        return Attribution(c.fragment, QuoteKind.DIRECT, "transcript", phrase)

    def _signed(self, c: _Candidate) -> Attribution | None:
        """The paragraph ends in a dash and a name: `"X." - Ann Li`."""
        p = self.p
        end = len(p) - 1 if p.word[-1] == "." and len(p) > 1 else len(p)
        dash = next((k for k in range(end - 1, max(c.q, end - 8), -1) if p.word[k] in ASIDE - {","}), None)
        if dash is None or p.tag[dash - 1] != QUOTE or not c.starts:
            return None
        phrase = self.nouns.starting(dash + 1, end)
        if phrase is None or phrase.shape is not Shape.NAME or phrase.hi < end:
            return None
        return Attribution(c.fragment, QuoteKind.DIRECT, "signed", phrase)

    def _behind_name(self, c: _Candidate) -> Attribution | None:
        """A name right behind the comma, its verb further on: `"X," Ann Li, who chairs Acme, said`."""
        if c.q != c.lo or c.inner[-1:] not in frozenset(",?!—") or c.q + 1 >= c.hi:
            return None
        phrase = self.nouns.starting(c.q + 1, c.hi)
        if phrase is None or phrase.shape is not Shape.NAME:
            return None
        for clause in self.by_sentence.get(self.p.sentence[c.q], ()):
            if clause.first > c.q and clause.strong and QUOTE not in self.p.tag[c.q + 1 : clause.lo]:
                cue = (self.p.starts[clause.lo], self.p.ends[clause.hi - 1])
                return Attribution(c.fragment, QuoteKind.DIRECT, "behind-name", phrase, cue, clause.subject)
        return None

    def _behind_unknown(self, c: _Candidate) -> Attribution | None:
        """A verb that no list has: `"X," beamed Ann Li`, `"X," she deadpanned`."""
        p = self.p
        if c.q != c.lo or c.inner[-1:] not in frozenset(",?!—") or c.q + 2 >= c.hi:
            return None
        verb = c.q + 1
        phrase = None
        if self._past(verb):
            phrase = self.nouns.starting(verb + 1, c.hi)
        else:
            phrase = self.nouns.starting(verb, c.hi)
            verb = phrase.hi if phrase is not None else verb
            if phrase is None or verb >= c.hi or not self._past(verb):
                return None
        if phrase is None:
            return None
        return Attribution(
            c.fragment, QuoteKind.DIRECT, "behind-unknown", phrase, (p.starts[verb], p.ends[verb])
        )

    def _past(self, k: int) -> bool:
        p = self.p
        return p.tag[k] == WORD and p.low[k].endswith("ed") and not p.capital(k)

    def _bare_single(self, c: _Candidate) -> Attribution | None:
        """Single marks without a reporting clause, in an article that quotes with double ones."""
        if c.fragment.style is Style.SINGLE and not self.single:
            return Attribution(c.fragment, None, "not-a-quote:single")
        return None

    def _previous_sentence(self, c: _Candidate) -> Attribution | None:
        """A sentence that is all quotation, behind one about somebody: `Li praised the plan. "It works."`"""
        p = self.p
        if not c.starts or c.short or c.lo == 0:
            return None
        number = p.sentence[c.q] - 1
        lo, hi = p.bounds[number]
        reporting = [k for k in self.by_sentence.get(number, ()) if k.side is not Side.POSSESSOR]
        strong = [k for k in reporting if k.strong]
        if strong or reporting:
            return self._by(c, "previous-sentence", (strong or reporting)[0], QuoteKind.DIRECT)
        phrase = self.nouns.leading(lo, hi)
        if phrase is None or phrase.shape is Shape.NOMINAL:
            return None
        return Attribution(c.fragment, QuoteKind.DIRECT, "previous-sentence", phrase)

    def _named(self, c: _Candidate) -> Attribution | None:
        """The words before the marks say that a name or a title follows."""
        if not c.q or c.words > _CLAUSE_WORDS:
            return None
        p = self.p
        k = c.q - 2 if p.low[c.q - 1] == "the" and c.q > 1 else c.q - 1
        reports = any(clause.hi == k + 1 for clause in c.ahead)
        if p.low[k] in lexicon.word_set("naming") or (p.low[k] in {"called", "dubbed"} and not reports):
            return Attribution(c.fragment, None, "not-a-quote:name")
        return None

    def _governed(self, c: _Candidate) -> Attribution | None:
        """A clause to the left in the sentence has the quotation in its content."""
        scope = self._scope(c)
        if not scope:
            return None
        strong = [clause for clause in scope if clause.strong and self._reaches(clause, c)]
        inner = scope[-1]
        direct = inner.strong and self._introduces(inner, c.q)
        chosen = inner if direct or not strong else strong[0]
        if not strong and not self._adjacent(chosen, c.q) and chosen.side is not Side.POSSESSOR:
            return None
        if chosen.side is Side.POSSESSOR:
            return None
        adjacent = self._adjacent(chosen, c.q)
        kind = QuoteKind.DIRECT if adjacent and c.sentence_like else QuoteKind.MIXED
        rule = ("shared" if chosen.side is Side.SHARED else "before") + ("" if adjacent else "-far")
        if not chosen.strong:
            rule = "weak"
        others = [clause.subject for clause in scope if clause.subject is not chosen.subject]
        return self._by(c, rule, chosen, kind, others[-1] if others else None)

    def _scope(self, c: _Candidate) -> list[Clause]:
        """The clauses left of the quotation that no `, but ...` separates from it."""
        p = self.p
        scope: list[Clause] = []
        for clause in c.ahead:
            if clause.lo in self.spent and not self._adjacent(clause, c.q):
                continue
            if scope and self._separated(scope[-1].hi, clause.first, c.lo):
                scope = []
            scope.append(clause)
        if scope and not self._adjacent(scope[-1], c.q) and self._turned(scope[-1].hi, c):
            return []
        return scope

    def _turned(self, a: int, c: _Candidate) -> bool:
        """Whether `, but she ...` or the end of an introduction lies between token a and the quotation."""
        p = self.p
        intro = introduction(p, c.lo, c.q)
        if intro is not None and a <= intro:
            return True
        return any(
            p.low[k + 1] in _TURNING
            and (p.tag[k + 2] == PRON or p.capital(k + 2))
            and (
                p.word[k] == ","
                or p.tag[k] == QUOTE
                or (p.word[k] in ASIDE and p.word[k] not in p.word[k + 1 : c.q])
            )
            for k in range(a, c.q - 2)
        )

    def _separated(self, a: int, b: int, lo: int) -> bool:
        p = self.p
        intro = introduction(p, lo, b)
        if intro is not None and a <= intro < b:
            return True
        return any(
            (p.word[k] in ASIDE or p.tag[k] == QUOTE)
            and (
                p.tag[k + 1] == CONJ
                or p.low[k + 1] in {"while", "though", "although", "whereas", "when", "as"}
            )
            for k in range(a, b - 1)
        )

    def _reaches(self, clause: Clause, c: _Candidate) -> bool:
        if clause.subject.shape is Shape.RELATIVE:
            return not any(self.p.word[k] in ASIDE for k in range(clause.hi, c.q - 1))
        return clause.side is not Side.POSSESSOR

    def _introduces(self, clause: Clause, q: int) -> bool:
        """Whether the cue is followed by the quotation as direct speech."""
        return self.p.word[q - 1] in {":", ","} and q - clause.last <= 4 and clause.side is not Side.POSSESSOR

    def _adjacent(self, clause: Clause, q: int) -> bool:
        """Whether only what may stand between a cue and its quotation does: that, a comma, an addressee."""
        p = self.p
        gap = q - max(clause.last, clause.hi)
        return gap <= 1 or p.word[q - 1] in {":", ","} or (gap <= 2 and p.low[q - 1] == "that")

    def _colon(self, c: _Candidate) -> Attribution | None:
        """A name and a colon: `Ann Li: "X"`."""
        if c.q - c.lo < 2 or self.p.word[c.q - 1] != ":":
            return None
        phrase = self.nouns.ending(c.q - 2, c.lo)
        if phrase is None or phrase.shape is not Shape.NAME:
            return None
        return Attribution(c.fragment, QuoteKind.DIRECT, "colon", phrase)

    def _same_paragraph(self, c: _Candidate) -> Attribution | None:
        """A sentence of its own after somebody's words: `"X," Li said. "Y."`"""
        previous = self.latest
        if previous is None or not c.starts or not c.sentence_like:
            return None
        return Attribution(c.fragment, QuoteKind.DIRECT, "same-paragraph", previous.phrase, previous.cue)

    def _behind_far(self, c: _Candidate) -> Attribution | None:
        """A clause set off by a comma, later in the sentence: `The "X" plan is dead, Li said.`"""
        p = self.p
        for clause in self.by_sentence.get(p.sentence[c.q], ()):
            if clause.first <= c.q or not clause.strong or clause.side in (Side.POSSESSOR, Side.SHARED):
                continue
            if clause.subject.shape is Shape.RELATIVE:
                continue
            if clause.cue.kinds & {"say", "tell", "post"} and p.word[clause.first - 1] in ASIDE | {'"'}:
                kind = QuoteKind.DIRECT if c.starts and c.hi - c.q <= _FEW_WORDS else QuoteKind.MIXED
                return self._by(c, "behind-far", clause, kind)
        return None

    def _floating(self, c: _Candidate) -> Attribution | None:
        """A paragraph that opens with a quotation and names nobody: the speaker goes on."""
        floor = self.floor
        if c.q or not (c.hi == c.q + 1 or not c.fragment.closed or not c.short):
            return None
        if floor.open_quote and floor.phrase is not None:
            return Attribution(c.fragment, QuoteKind.DIRECT, "open-quote", floor.phrase, floor.cue)
        if floor.announced is not None:
            return Attribution(
                c.fragment, QuoteKind.DIRECT, "announced", floor.announced, floor.announced_cue, floor.phrase
            )
        if floor.phrase is not None and floor.age <= _FLOOR_LASTS and not c.short:
            return Attribution(c.fragment, QuoteKind.DIRECT, "floating", floor.phrase, floor.cue)
        return None

    def _possessor(self, c: _Candidate) -> Attribution | None:
        """`Li's promise to "X"`, with no other clause in the sentence."""
        near = [k for k in c.ahead if k.side is Side.POSSESSOR and c.q - k.hi <= _CLAUSE_WORDS]
        if not near:
            return None
        subject = self.nouns.leading(c.lo, near[-1].first)
        if subject is not None and subject.shape in (Shape.PRONOUN, Shape.NAME):
            return Attribution(
                c.fragment, QuoteKind.MIXED, "sentence-subject", subject, runner_up=near[-1].subject
            )
        return self._by(c, "possessor", near[-1], QuoteKind.MIXED)

    def _scare(self, c: _Candidate) -> Attribution | None:
        """A few words in marks and nobody who says them."""
        if c.short and (not c.starts or c.words == 1):
            return Attribution(c.fragment, None, "not-a-quote:scare")
        return None

    def _sentence_subject(self, c: _Candidate) -> Attribution | None:
        """Nobody reports it: the subject of the sentence, or whoever spoke last in the paragraph."""
        subject = self.nouns.leading(c.lo, c.q)
        if subject is not None and subject.shape in (Shape.PRONOUN, Shape.NAME):
            return Attribution(c.fragment, QuoteKind.MIXED, "sentence-subject", subject)
        previous = self.latest
        if previous is not None:
            return Attribution(
                c.fragment, QuoteKind.MIXED, "same-paragraph-far", previous.phrase, previous.cue, subject
            )
        if subject is not None:
            return Attribution(c.fragment, QuoteKind.MIXED, "sentence-subject-nominal", subject)
        return None

    def _nobody(self, c: _Candidate) -> Attribution:
        if c.short:
            return Attribution(c.fragment, None, "not-a-quote:scare")
        return Attribution(c.fragment, QuoteKind.DIRECT if c.starts else QuoteKind.MIXED, "nobody")

    def _look_ahead(self) -> list[Attribution]:
        """Give quotations that open the paragraph without a cue the speaker of the paragraph's first cue."""
        first = next((a for a in self.decided if a.phrase is not None and a.rule == "behind"), None)
        if first is None:
            return self.decided
        return [
            replace(a, rule="next-cue", phrase=first.phrase, cue=first.cue, runner_up=a.phrase)
            if a.fragment.start < first.fragment.start and a.rule in {"nobody", "floating", "announced"}
            else a
            for a in self.decided
        ]
