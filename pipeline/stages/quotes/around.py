"""Rules for quotations whose sentence names nobody who says them, and for marks that quote nothing."""

from __future__ import annotations

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.candidates import CLAUSE_WORDS, Candidate, Work
from pipeline.stages.quotes.clause import POSSESSOR
from pipeline.stages.quotes.decisions import DIRECT, MIXED, Decision
from pipeline.stages.quotes.fragments import SINGLE
from pipeline.stages.quotes.nouns import NAME, NOMINAL, PRONOUN

_NAMING = lexicon.word_set("naming")
_FLOOR_LASTS = 2  # paragraphs without a quotation after which nobody has the floor any more


def named(w: Work, c: Candidate) -> Decision | None:
    """The words before the marks say that a name or a title follows."""
    if not c.q or c.words > CLAUSE_WORDS:
        return None
    p = w.p
    k = c.q - 2 if p.low[c.q - 1] == "the" and c.q > 1 else c.q - 1
    reports = any(clause.hi == k + 1 for clause in c.ahead)
    if p.low[k] in _NAMING or (p.low[k] in {"called", "dubbed"} and not reports):
        return c.decide(None, "not-a-quote:name")
    return None


def same_paragraph(w: Work, c: Candidate) -> Decision | None:
    """A sentence of its own after somebody's words: `"X," Li said. "Y."`."""
    previous = w.latest
    if previous is None or not c.starts or not c.sentence_like:
        return None
    return c.decide(DIRECT, "same-paragraph", previous.phrase, previous.cue)


def bare_single(w: Work, c: Candidate) -> Decision | None:
    """Single marks without a reporting clause, in an article that quotes with double ones."""
    if c.fragment.style is SINGLE and not w.single:
        return c.decide(None, "not-a-quote:single")
    return None


def previous_sentence(w: Work, c: Candidate) -> Decision | None:
    """A sentence that is all quotation, behind one about somebody: `Li praised the plan. "It works."`."""
    p = w.p
    if not c.starts or c.short or c.lo == 0:
        return None
    number = p.sentence[c.q] - 1
    lo, hi = p.bounds[number]
    reporting = [k for k in w.by_sentence.get(number, ()) if k.side is not POSSESSOR]
    strong = [k for k in reporting if k.cue.strong]
    if strong or reporting:
        return w.by(c, "previous-sentence", (strong or reporting)[0], DIRECT)
    phrase = w.nouns.leading(lo, hi)
    if phrase is None or phrase.shape is NOMINAL:
        return None
    return c.decide(DIRECT, "previous-sentence", phrase)


def floating(w: Work, c: Candidate) -> Decision | None:
    """A paragraph that opens with a quotation and names nobody: the speaker goes on."""
    floor = w.floor
    if c.q or not (c.hi == c.q + 1 or not c.fragment.closed or not c.short):
        return None
    if floor.open_quote and floor.phrase is not None:
        return c.decide(DIRECT, "open-quote", floor.phrase, floor.cue)
    if floor.announced is not None:
        return c.decide(DIRECT, "announced", floor.announced, floor.announced_cue, floor.phrase)
    if floor.phrase is not None and floor.age <= _FLOOR_LASTS and not c.short:
        return c.decide(DIRECT, "floating", floor.phrase, floor.cue)
    return None


def possessor(w: Work, c: Candidate) -> Decision | None:
    """`Li's promise to "X"`, with no other clause in the sentence."""
    near = [k for k in c.ahead if k.side is POSSESSOR and c.q - k.hi <= CLAUSE_WORDS]
    if not near:
        return None
    subject = w.nouns.leading(c.lo, near[-1].first)
    if subject is not None and subject.shape in (PRONOUN, NAME):
        return c.decide(MIXED, "sentence-subject", subject, runner_up=near[-1].subject)
    return w.by(c, "possessor", near[-1], MIXED)


def scare(_work: Work, c: Candidate) -> Decision | None:
    """A few words in marks and nobody who says them."""
    if c.short and (not c.starts or c.words == 1):
        return c.decide(None, "not-a-quote:scare")
    return None


def sentence_subject(w: Work, c: Candidate) -> Decision | None:
    """Nobody reports it: the subject of the sentence, or whoever spoke last in the paragraph."""
    subject = w.nouns.leading(c.lo, c.q)
    if subject is not None and subject.shape in (PRONOUN, NAME):
        return c.decide(MIXED, "sentence-subject", subject)
    previous = w.latest
    if previous is not None:
        return c.decide(MIXED, "same-paragraph-far", previous.phrase, previous.cue, subject)
    if subject is not None:
        return c.decide(MIXED, "sentence-subject-nominal", subject)
    return None


def nobody(_work: Work, c: Candidate) -> Decision:
    """Whatever is left: long enough for a quotation, or a few words that stay words."""
    if c.short:
        return c.decide(None, "not-a-quote:scare")
    return c.decide(DIRECT if c.starts else MIXED, "nobody")
