"""Reported speech without quotation marks: which words of a sentence are the content of a reporting clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.stages.quotes.clause import ASIDE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.lexicon import ADV, CONJ, DET, POSS, PREP, PRON, SUB
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph
from pipeline.text.marks import DASH_WORDS

_QUESTIONS = frozenset({"whether", "if", "how", "why", "what", "who", "when", "where", "which"})
_TURNS = frozenset({"that", ":", ";", '"'})  # `that`, and what it does not stand behind
_CONTENT_WORDS = frozenset({"of", "for", "about", "against", "it's", "there"})
_APPOSITION = frozenset({"a", "an", "who", "its", "their"})
# Sets of word classes.
_SKIPPED = frozenset({CONJ, PUNCT})
_BEHIND_CLAUSE = frozenset({PUNCT, PREP, ADV})
_OPENS_CONTENT = frozenset({DET, POSS, PRON, WORD, QUOTE})
_DETERMINING = frozenset({DET, POSS})
_NO_ADDRESSEE = frozenset({PUNCT, QUOTE, PREP})
_LINKS = frozenset({CONJ, SUB})
_SOURCE = 30  # tokens of a source behind `according to`
_LEAST_TOKENS = 3
_NEXT_CLAUSES = 30  # clauses looked at for the end of a content; a sentence of prose has fewer
_ADVERBIAL = 9  # tokens that may stand between a cue and its "that"


@dataclass(slots=True)
class Content:
    """Tokens [lo, hi) that a clause reports."""

    lo: int
    hi: int
    clause: Clause
    pattern: str


def contents(p: Paragraph, clauses: Sequence[Clause]) -> list[Content]:
    """The contents of a paragraph's reporting clauses, in text order, at most one a clause."""
    found: list[Content] = []
    for n, clause in enumerate(clauses):
        if clause.side is POSSESSOR or not clause.cue.reports:
            continue
        lo, hi = p.bounds[p.sentence[clause.lo]]
        content = _before(p, clause, lo, hi) or _after(p, clauses, n, hi)
        if content is not None and content.hi - content.lo >= _LEAST_TOKENS:
            found.append(content)
    return found


def _before(p: Paragraph, clause: Clause, lo: int, hi: int) -> Content | None:
    """A clause behind its content: `The plan is dead, Ann Li said.`."""
    first = clause.first
    if first - lo < _LEAST_TOKENS or clause.side is SHARED:
        return None
    end = first - 1 if p.low[first - 1] in ASIDE else first
    quoted = p.tag[end - 1] == QUOTE
    if (end == first and not quoted) or (quoted and end - 1 == lo):
        return None
    after = clause.last
    according = p.low[clause.lo] == "according"
    if not according and not clause.cue.utters:
        return None
    if after < hi and p.low[after] == ":":
        return None
    if not according and not (after >= hi or p.tag[after] in _BEHIND_CLAUSE):
        return None
    start = lo
    while start < first and p.tag[start] in _SKIPPED:
        start += 1
    return Content(start, end, clause, "before")


def _after(p: Paragraph, clauses: Sequence[Clause], n: int, hi: int) -> Content | None:
    clause = clauses[n]
    start = clause.last
    if hi - start < _LEAST_TOKENS:
        return None
    if p.low[clause.lo] == "according":
        return _after_comma(p, clause, start, hi)
    end = _end(p, clauses, n, start, hi)
    k, pattern = _opening(p, clause, start, end)
    return None if k is None else Content(k, end, clause, pattern)


def _after_comma(p: Paragraph, clause: Clause, start: int, hi: int) -> Content | None:
    if clause.first > p.bounds[p.sentence[clause.lo]][0] + 1:
        return None
    commas = [k for k in range(start, min(hi, start + _SOURCE)) if p.low[k] == ","]
    if len(commas) > 1 and p.low[commas[0] + 1] in _APPOSITION:
        commas.pop(0)  # `according to Ann Li, a pilot, ...`
    if not commas:
        return None
    return Content(commas[0] + 1, _strip(p, commas[0] + 1, hi), clause, "according")


def _opening(p: Paragraph, clause: Clause, start: int, end: int) -> tuple[int | None, str]:
    """Where the content begins: at `that` or `whether`, at once, or behind an addressee."""
    if start >= end:
        return None, ""
    if p.low[start] in _QUESTIONS:
        return start, "question"
    that = _that(p, start, min(end, start + _ADVERBIAL))
    if that is not None:
        return that + 1, "that"
    if p.low[start] == "to" and start + 1 < end:
        return start, "infinitive"
    k = start
    while k < end and p.tag[k] == ADV:
        k += 1
    kinds = clause.cue.kinds
    if "tell" in kinds and "say" not in kinds:
        return _behind_addressee(p, k, end), "bare"
    opens = k < end and (p.tag[k] in _OPENS_CONTENT or p.low[k] in _CONTENT_WORDS)
    return (k, "bare") if opens else (None, "")


def _that(p: Paragraph, start: int, stop: int) -> int | None:
    """The first `that` of the tokens [start, stop), unless a quotation, a colon or a semicolon comes before it."""
    for k, low in enumerate(p.low[start:stop], start):
        if low in _TURNS and (low != '"' or p.tag[k] == QUOTE):
            return k if low == "that" else None
    return None


def _behind_addressee(p: Paragraph, k: int, end: int) -> int | None:
    """Where the content of `told the paper she would go` begins: at a pronoun or a determiner behind a noun."""
    for m in range(k + 1, min(end, k + _ADVERBIAL)):
        if p.tag[m] == PRON or (p.tag[m] in _DETERMINING and p.tag[m - 1] == WORD):
            return m
        if p.tag[m] in _NO_ADDRESSEE:
            break
    return None


def _end(p: Paragraph, clauses: Sequence[Clause], n: int, start: int, hi: int) -> int:
    """Where the content ends: with the sentence, or where another clause of the same speaker begins."""
    end = hi
    for m in range(n + 1, min(len(clauses), n + 1 + _NEXT_CLAUSES)):
        other = clauses[m]
        if other.lo >= hi:
            break
        comma = other.first - 1
        if comma <= start + 1 or other.side is POSSESSOR:
            continue
        if _turns(p, clauses[n], other, hi):
            end = comma
            break
    return _strip(p, start, end)


def _turns(p: Paragraph, clause: Clause, other: Clause, hi: int) -> bool:
    """Whether the content of a clause ends where another one begins: behind a comma, or at `and warned that`."""
    comma = other.first - 1
    if p.low[comma] in ASIDE:
        dash = comma
    elif p.tag[comma] in _LINKS and p.low[comma - 1] in ASIDE:
        dash = comma - 1
    else:
        shared = other.side is SHARED and other.subject is clause.subject
        return shared and other.cue.strong and p.tag[comma] == CONJ
    # Between two dashes it is inserted, and the content goes on behind it.
    return p.low[dash] not in DASH_WORDS or DASH_WORDS.isdisjoint(p.low[other.last : hi])


def _strip(p: Paragraph, start: int, end: int) -> int:
    while end > start and (
        (p.tag[end - 1] == PUNCT and p.low[end - 1] not in {")", "%"}) or p.tag[end - 1] == CONJ
    ):
        end -= 1
    return end
