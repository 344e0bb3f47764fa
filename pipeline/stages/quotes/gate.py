"""Whether what follows a reporting verb is a statement: how likely it is that somebody utters it, and just so.

`Li said the ferry was late` is one, `Li added 25 points` is none. A clause is read as signs (verb, form, what opens the
content, who the subject is, whether there is a finite verb), whose weights were learned from labelled news
(docs/quotes.md). Their sum is a log odds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from math import exp, inf

from pipeline.languages.reporting import Words
from pipeline.languages.speech import DET, POSS, REL, WORD, Speech
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.phrases import NOMINAL
from pipeline.stages.quotes.predicates import finite, opens_predicate
from pipeline.stages.quotes.prose import QUOTE, Paragraph

_BOUNDS = (3, 5, 9, 16, 28)  # tokens of a content
_ADDRESSED = frozenset({DET, POSS, WORD})  # with these begins whom somebody told
_CERTAIN = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)  # steps of how likely a content ends where it does
_NOT_LEARNED = 0.7
"""The likelihood where a language has no weights: what its rules find is taken."""


def likelihood(speech: Speech, found: Iterable[str]) -> float:
    """How likely a content with these signs is a statement, cut right and given to the right one, in 0..1."""
    weights = speech.gate
    if not weights:
        return _NOT_LEARNED
    odds = sum(map(weights.get, found, repeat(0.0)))
    return 1.0 / (1.0 + exp(-odds)) if odds > -30 else 0.0  # noqa: PLR2004 - as good as never


def signs(
    paragraph: Paragraph,
    clause: Clause,
    lo: int,
    hi: int,
    rule: Rule,
    *,
    inner: bool,
    split: bool,
    headline: bool,
    sure: float,
) -> Iterator[str]:
    """What speaks for or against the tokens [lo, hi) being what the clause's subject says.

    `inner` tells that they lie inside the content of another clause, `split` that the clause stands in the midst of it;
    `sure` is how likely they end there.
    """
    low, tag, speech = paragraph.low, paragraph.tag, paragraph.speech
    cue = clause.cue
    shape = rule.value.removeprefix("indirect-")
    lemma = "<source>" if low[clause.lo] in speech.sources else cue.lemma
    kinds, of_cue = _of_cue(lemma, cue.form, cue.kinds, cue.strong, shape)
    yield from of_cue
    yield f"side {clause.side} {shape}"
    yield f"negated {clause.negated}"
    verb = finite(paragraph, lo, hi) or "none"
    yield f"finite {verb}"
    yield f"finite {verb} {shape}"
    yield f"finite {verb != 'none'} {cue.lemma if cue.strong else kinds} {shape}"
    opening = _opening(paragraph, lo)
    yield f"opens {opening} {shape}"
    yield f"opens {opening} {cue.strong}"
    holder = _holder(paragraph, clause)
    yield f"holder {holder}"
    yield f"holder {holder} {cue.strong}"
    yield f"length {next((bound for bound in _BOUNDS if hi - lo <= bound), inf)} {shape}"
    yield f"quoted {QUOTE in tag[lo:hi]}"
    yield f"inner {inner} {shape}"
    yield f"split {split} {verb}"
    if shape == "before":
        yield from _in_the_midst(paragraph, clause, lo, split=split)
    yield f"headline {headline}"
    certain = next((bound for bound in _CERTAIN if sure >= bound), 0.0)
    yield f"sure {certain}"
    yield f"sure {certain} {shape}"
    yield f"sure {certain} {kinds}"
    yield f"modal {clause.modal} {clause.refused}"
    yield f"holder {holder} {kinds} {shape}"
    yield f"finite {verb} {lemma}"
    yield f"opens {opening} {kinds}"
    begin, end = paragraph.sentence_at(clause.lo)
    yield f"first {_before(paragraph, clause, begin)} {shape}"
    yield f"ends {'sentence' if hi >= end - 1 else low[hi] if tag[hi] != WORD else 'word'}"
    if clause.hi < end:
        yield f"after {low[clause.hi] if tag[clause.hi] != WORD else 'word'} {shape}"


@lru_cache(maxsize=4096)
def _of_cue(lemma: str, form: str, classes: Words, strong: bool, shape: str) -> tuple[str, tuple[str, ...]]:
    """The classes of a cue as one word, and what the cue alone tells in a content of this shape: few, and often."""
    kinds = "+".join(sorted(classes))
    return kinds, (
        "statement",
        f"rule {shape}",
        f"cue {lemma}",
        f"cue {lemma} {shape}",
        f"kinds {kinds} {shape}",
        f"strong {strong} {shape}",
        f"form {form} {shape}",
        f"form {form} {strong}",
    )


def _in_the_midst(paragraph: Paragraph, clause: Clause, lo: int, *, split: bool) -> Iterator[str]:
    """What tells whether a content goes on behind its clause."""
    _, end = paragraph.sentence_at(clause.lo)
    whole = finite(paragraph, lo, clause.first) or "none"
    opening = clause.last + 1
    if opening >= end or (paragraph.tag[opening] == REL and not split):  # `according to Ann Li, who left`
        yield f"midst end {whole}"
        return
    if paragraph.tag[clause.last] in _ADDRESSED:
        yield f"midst addressee {whole}"  # `Ann Li told a news conference`
        return
    word = "<quote>" if paragraph.tag[opening] == QUOTE else _opening(paragraph, opening)
    predicate = opens_predicate(paragraph, opening)
    yield f"midst {split} {paragraph.low[clause.last]} {whole != 'none'} {predicate}"
    yield f"midst {split} {word}"
    yield f"midst {split} {paragraph.low[clause.last]} {paragraph.tag[opening] or 'word'}"
    yield f"midst {split} {finite(paragraph, opening, end) or 'none'} {whole}"
    yield f"midst {split} {_opening(paragraph, lo)}"


def _opening(paragraph: Paragraph, lo: int) -> str:
    tag = paragraph.tag[lo]
    if tag == QUOTE:
        return "<quote>"
    if tag != WORD:
        return paragraph.low[lo]
    low = paragraph.low[lo]
    ending = next((e for e in paragraph.speech.participle_endings if low.endswith(e)), "word")
    return "<name>" if paragraph.capital(lo) else f"<{ending}>"


def _holder(paragraph: Paragraph, clause: Clause) -> str:
    subject = clause.subject
    if subject.mention is not None:
        return f"{subject.shape} {subject.mention.entity.type}"
    if subject.shape is not NOMINAL:
        return f"{subject.shape} {paragraph.low[subject.hi - 1]}" if subject.shape != "name" else "name"
    words = paragraph.low[subject.lo : subject.hi]
    speech = paragraph.speech
    if not speech.person_nouns.isdisjoint(words):
        return "person"
    if not speech.body_nouns.isdisjoint(words):
        return "body"
    if not speech.document_nouns.isdisjoint(words):
        return "document"
    return "other"


def _before(paragraph: Paragraph, clause: Clause, begin: int) -> str:
    """What stands in front of the clause."""
    k = clause.first - 1
    if k < begin:
        return "<start>"
    if paragraph.tag[k] == QUOTE:
        return "<quote>"
    return paragraph.low[k] if paragraph.tag[k] != WORD else "<word>"
