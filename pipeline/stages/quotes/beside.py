"""Rules that find the speaker in the sentence of the quotation."""

from __future__ import annotations

import re

from pipeline.stages.quotes.candidates import FEW_WORDS, Candidate, Work
from pipeline.stages.quotes.clause import ASIDE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.decisions import DIRECT, MIXED, Decision
from pipeline.stages.quotes.lexicon import ADV, DET, POSS, WORD
from pipeline.stages.quotes.nouns import NAME, NOMINAL, RELATIVE, Phrase
from pipeline.stages.quotes.prose import PUNCT, QUOTE
from pipeline.stages.quotes.scope import adjacent, introduces, reaches, scope
from pipeline.text.marks import APOSTROPHES, DASH_WORDS, DASHES

_SCRIPT_LABEL = re.compile(rf"\s*([A-Z][A-Z.{APOSTROPHES}-]+(?: [A-Z][A-Z.{APOSTROPHES}-]+){{0,3}}):\s")
_LABELS = frozenset({"label"})
_NAMING = frozenset({NAME, NOMINAL})
_GOING_ON = frozenset(",?!….-" + DASHES)
_DETERMINING = frozenset({DET, POSS})
_SIGNATURE = 8  # tokens of a name behind a closing dash


def scripted(w: Work, c: Candidate) -> Decision | None:
    """A transcript inside marks: `"LI: We will."`."""
    if c.q or not c.inner[:2].isupper():
        return None
    label = _SCRIPT_LABEL.match(w.text, c.fragment.inner_start, c.fragment.inner_end)
    if label is None:
        return None
    phrase = Phrase(c.q, c.q + 1, label.start(1), label.end(1), NAME)
    return c.decide(DIRECT, "transcript", phrase)


def signed(w: Work, c: Candidate) -> Decision | None:
    """The paragraph ends in a dash and a name: `"X." - Ann Li`."""
    p = w.p
    if not c.starts or DASH_WORDS.isdisjoint(p.low[-_SIGNATURE:]):
        return None
    end = len(p) - 1 if p.low[-1] == "." and len(p) > 1 else len(p)
    dash = next((k for k in range(end - 1, max(c.q, end - _SIGNATURE), -1) if p.low[k] in DASH_WORDS), None)
    if dash is None or p.tag[dash - 1] != QUOTE:
        return None
    phrase = w.nouns.starting(dash + 1, end)
    if phrase is None or phrase.shape is not NAME or phrase.hi < end:
        return None
    return c.decide(DIRECT, "signed", phrase)


def behind(w: Work, c: Candidate) -> Decision | None:
    """The clause follows the quotation at once: `"X," Ann Li said`."""
    p = w.p
    k, aside = _next_word(w, c.q + 1)
    clause = w.by_first.get(k)
    if clause is None or clause.cue.kinds == _LABELS:
        return None
    closes = clause.last >= len(p.low) or p.tag[clause.last] == PUNCT
    if not _joined(w, c, clause, aside=aside, closes=closes):
        return None
    runner = None
    if c.ahead:
        governing = any(other.cue.strong and reaches(w, other, c) for other in scope(w, c))
        if governing and not (closes and clause.subject.shape in _NAMING):
            return None
        runner = c.ahead[-1].subject
    ends_reported = not c.starts and not c.sentence_begins(w.p)
    return w.by(c, "behind", clause, MIXED if ends_reported else DIRECT, runner)


def _next_word(w: Work, k: int) -> tuple[int, bool]:
    """The first token from k on that is no comma, dash or adverb, and whether there was a comma or dash."""
    p = w.p
    start, end = k, len(p.low)
    while k < end and p.low[k] in ASIDE:
        k += 1
    aside = k > start
    while k < end and p.tag[k] == ADV and not p.capital(k):
        k += 1
    return k, aside


def _joined(w: Work, c: Candidate, clause: Clause, *, aside: bool, closes: bool) -> bool:
    """Whether quotation and clause are one sentence, by how the one ends and the other goes on."""
    p = w.p
    ends = c.inner.rstrip(" " + APOSTROPHES)[-1:] or " "
    alone = c.q == c.lo and closes
    if ends == "." and p.capital(clause.first):
        # A full stop closes the quotation's sentence; what follows introduces the next one.
        return alone and p.low[min(clause.last, len(p) - 1)] not in {",", ":"}
    return ends in _GOING_ON or aside or alone


def behind_name(w: Work, c: Candidate) -> Decision | None:
    """A name right behind the comma, its verb further on: `"X," Ann Li, who chairs Acme, said`."""
    if c.q != c.lo or not c.pauses or c.q + 1 >= c.hi:
        return None
    phrase = w.nouns.starting(c.q + 1, c.hi)
    if phrase is None or phrase.shape is not NAME:
        return None
    for clause in w.by_sentence.get(w.p.sentence[c.q], ()):
        if clause.first > c.q and clause.cue.strong and QUOTE not in w.p.tag[c.q + 1 : clause.lo]:
            return c.decide(DIRECT, "behind-name", phrase, w.p.span(clause.lo, clause.hi), clause.subject)
    return None


def behind_unknown(w: Work, c: Candidate) -> Decision | None:
    """A verb that no list has: `"X," beamed Ann Li`, `"X," she deadpanned`."""
    p = w.p
    if c.q != c.lo or not c.pauses or c.q + 2 >= c.hi:
        return None
    verb = c.q + 1
    if past(w, verb):
        phrase = w.nouns.starting(verb + 1, c.hi)
    else:
        phrase = w.nouns.starting(verb, c.hi)
        verb = phrase.hi if phrase is not None else c.hi
        if verb >= c.hi or not past(w, verb):
            return None
    if phrase is None:
        return None
    return c.decide(DIRECT, "behind-unknown", phrase, p.span(verb, verb + 1))


def past(w: Work, k: int) -> bool:
    """Whether a token looks like a verb in the past tense."""
    p = w.p
    return p.tag[k] == WORD and p.low[k].endswith("ed") and not p.capital(k)


def governed(w: Work, c: Candidate) -> Decision | None:
    """A clause to the left in the sentence has the quotation in its content.

    The outermost one speaks (`Li said Hill had called it "X"` are Li's words), unless an inner one introduces the
    quotation as direct speech.
    """
    governing = scope(w, c)
    if not governing:
        return None
    strong = [clause for clause in governing if clause.cue.strong and reaches(w, clause, c)]
    inner = governing[-1]
    chosen = inner if not strong or (inner.cue.strong and introduces(w, inner, c.q)) else strong[0]
    beside = adjacent(w, chosen, c.q)
    if chosen.side is POSSESSOR or not (strong or beside):
        return None
    opens = c.inner[:1].isupper() or w.p.low[c.q - 1] in {",", ":"}
    part = w.p.tag[c.q - 1] in _DETERMINING
    kind = DIRECT if beside and opens and c.sentence_like and not part else MIXED
    rule = ("shared" if chosen.side is SHARED else "before") + ("" if beside else "-far")
    others = [clause.subject for clause in governing if clause.subject is not chosen.subject]
    return w.by(c, rule if chosen.cue.strong else "weak", chosen, kind, others[-1] if others else None)


def colon(w: Work, c: Candidate) -> Decision | None:
    """A name and a colon: `Ann Li: "X"`."""
    if c.q < c.lo + 2 or w.p.low[c.q - 1] != ":":
        return None
    phrase = w.nouns.ending(c.q - 2, c.lo)
    if phrase is None or phrase.shape is not NAME:
        return None
    return c.decide(DIRECT, "colon", phrase)


def behind_far(w: Work, c: Candidate) -> Decision | None:
    """A clause set off by a comma, later in the sentence: `The "X" plan is dead, Li said.`."""
    p = w.p
    for clause in w.by_sentence.get(p.sentence[c.q], ()):
        apart = clause.first > c.q and (p.low[clause.first - 1] in ASIDE or p.tag[clause.first - 1] == QUOTE)
        reporting = clause.cue.strong and clause.cue.utters
        if apart and reporting and clause.side is not SHARED and clause.subject.shape is not RELATIVE:
            kind = DIRECT if c.starts and c.hi - c.q <= FEW_WORDS else MIXED
            return w.by(c, "behind-far", clause, kind)
    return None
