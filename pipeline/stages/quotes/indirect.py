"""Reported speech without quotation marks: which words of a sentence are the content of a reporting clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PREP, PRON, PUNCT, SUB, WORD
from pipeline.stages.quotes.clause import ASIDE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASH_WORDS

# Members of an enumeration are slow to reach.
_INDIRECT_ACCORDING = Rule.INDIRECT_ACCORDING
_INDIRECT_BARE = Rule.INDIRECT_BARE
_INDIRECT_BEFORE = Rule.INDIRECT_BEFORE
_INDIRECT_INFINITIVE = Rule.INDIRECT_INFINITIVE
_INDIRECT_QUESTION = Rule.INDIRECT_QUESTION
_INDIRECT_THAT = Rule.INDIRECT_THAT

_STOPS = frozenset({":", ";", '"'})  # what no `that` stands behind
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
    rule: Rule


def contents(paragraph: Paragraph, clauses: Sequence[Clause]) -> list[Content]:
    """The contents of a paragraph's reporting clauses, in text order, at most one a clause."""
    found: list[Content] = []
    for n, clause in enumerate(clauses):
        if clause.side is POSSESSOR or not clause.cue.reports:
            continue
        lo, hi = paragraph.bounds[paragraph.sentence[clause.lo]]
        content = _before(paragraph, clause, lo, hi) or _after(paragraph, clauses, n, hi)
        if content is not None and content.hi - content.lo >= _LEAST_TOKENS:
            found.append(content)
    return found


def _before(paragraph: Paragraph, clause: Clause, lo: int, hi: int) -> Content | None:
    """A clause behind its content: `The plan is dead, Ann Li said.`."""
    first = clause.first
    if first - lo < _LEAST_TOKENS or clause.side is SHARED:
        return None
    end = first - 1 if paragraph.low[first - 1] in ASIDE else first
    quoted = paragraph.tag[end - 1] == QUOTE
    if (end == first and not quoted) or (quoted and end - 1 == lo):
        return None
    if not _may_follow(paragraph, clause, hi):
        return None
    start = lo
    while start < first and paragraph.tag[start] in _SKIPPED:
        start += 1
    return Content(start, end, clause, _INDIRECT_BEFORE)


def _may_follow(paragraph: Paragraph, clause: Clause, hi: int) -> bool:
    """Whether a clause may stand behind what it reports, by its cue and by what follows it."""
    after = clause.last
    if after < hi and paragraph.low[after] == ":":
        return False
    if paragraph.low[clause.lo] in paragraph.speech.sources:
        return True
    return clause.cue.utters and (after >= hi or paragraph.tag[after] in _BEHIND_CLAUSE)


def _after(paragraph: Paragraph, clauses: Sequence[Clause], number: int, hi: int) -> Content | None:
    clause = clauses[number]
    start = clause.last
    if hi - start < _LEAST_TOKENS:
        return None
    if paragraph.low[clause.lo] in paragraph.speech.sources:
        return _after_comma(paragraph, clause, start, hi)
    end = _end(paragraph, clauses, number, start, hi)
    k, rule = _opening(paragraph, clause, start, end)
    return None if k is None else Content(k, end, clause, rule)


def _after_comma(paragraph: Paragraph, clause: Clause, start: int, hi: int) -> Content | None:
    if clause.first > paragraph.bounds[paragraph.sentence[clause.lo]][0] + 1:
        return None
    commas = [k for k in range(start, min(hi, start + _SOURCE)) if paragraph.low[k] == ","]
    if len(commas) > 1 and paragraph.low[commas[0] + 1] in paragraph.speech.apposition:
        commas.pop(0)  # `according to Ann Li, a pilot, ...`
    if not commas:
        return None
    return Content(commas[0] + 1, _strip(paragraph, commas[0] + 1, hi), clause, _INDIRECT_ACCORDING)


def _opening(paragraph: Paragraph, clause: Clause, start: int, end: int) -> tuple[int | None, Rule]:
    """Where the content begins: at `that` or `whether`, at once, or behind an addressee."""
    if start >= end:
        return None, _INDIRECT_BARE
    if paragraph.low[start] in paragraph.speech.questions:
        return start, _INDIRECT_QUESTION
    that = _that(paragraph, start, min(end, start + _ADVERBIAL))
    if that is not None:
        return that + 1, _INDIRECT_THAT
    if paragraph.low[start] in paragraph.speech.infinitives and start + 1 < end:
        return start, _INDIRECT_INFINITIVE
    return _bare(paragraph, clause, start, end), _INDIRECT_BARE


def _bare(paragraph: Paragraph, clause: Clause, start: int, end: int) -> int | None:
    """Where a content without a word that opens it begins, None if there is none."""
    k = start
    while k < end and paragraph.tag[k] == ADV:
        k += 1
    kinds = clause.cue.kinds
    if "tell" in kinds and "say" not in kinds:
        return _behind_addressee(paragraph, k, end)
    if k >= end:
        return None
    opens = paragraph.tag[k] in _OPENS_CONTENT or paragraph.low[k] in paragraph.speech.content_words
    return k if opens else None


def _that(paragraph: Paragraph, start: int, stop: int) -> int | None:
    """The first `that` of the tokens [start, stop), unless a quotation, a colon or a semicolon comes before it."""
    complementisers = paragraph.speech.complementisers
    for k, low in enumerate(paragraph.low[start:stop], start):
        if low in complementisers:
            return k
        if low in _STOPS and (low != '"' or paragraph.tag[k] == QUOTE):
            return None
    return None


def _behind_addressee(paragraph: Paragraph, index: int, end: int) -> int | None:
    """Where the content of `told the paper she would go` begins: at a pronoun or a determiner behind a noun."""
    for m in range(index + 1, min(end, index + _ADVERBIAL)):
        if paragraph.tag[m] == PRON or (paragraph.tag[m] in _DETERMINING and paragraph.tag[m - 1] == WORD):
            return m
        if paragraph.tag[m] in _NO_ADDRESSEE:
            break
    return None


def _end(paragraph: Paragraph, clauses: Sequence[Clause], number: int, start: int, hi: int) -> int:
    """Where the content ends: with the sentence, or where another clause of the same speaker begins."""
    end = hi
    for m in range(number + 1, min(len(clauses), number + 1 + _NEXT_CLAUSES)):
        other = clauses[m]
        if other.lo >= hi:
            break
        comma = other.first - 1
        if comma <= start + 1 or other.side is POSSESSOR:
            continue
        if _turns(paragraph, clauses[number], other, hi):
            end = comma
            break
    return _strip(paragraph, start, end)


def _turns(paragraph: Paragraph, clause: Clause, other: Clause, hi: int) -> bool:
    """Whether the content of a clause ends where another one begins: behind a comma, or at `and warned that`."""
    comma = other.first - 1
    if paragraph.low[comma] in ASIDE:
        dash = comma
    elif paragraph.tag[comma] in _LINKS and paragraph.low[comma - 1] in ASIDE:
        dash = comma - 1
    else:
        shared = other.side is SHARED and other.subject is clause.subject
        return shared and other.cue.strong and paragraph.tag[comma] == CONJ
    # Between two dashes it is inserted, and the content goes on behind it.
    return paragraph.low[dash] not in DASH_WORDS or DASH_WORDS.isdisjoint(paragraph.low[other.last : hi])


def _strip(paragraph: Paragraph, start: int, end: int) -> int:
    while end > start and (
        (paragraph.tag[end - 1] == PUNCT and paragraph.low[end - 1] not in {")", "%"})
        or paragraph.tag[end - 1] == CONJ
    ):
        end -= 1
    return end
