"""The words that a reporting clause reports, and where they may begin behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.languages.speech import ADV, DET, POSS, PREP, PRON, PUNCT, WORD
from pipeline.stages.quotes.clause import AFTER, Clause
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.predicates import NOT_FINITE, finite, opens_predicate
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.stages.quotes.verbs import behind_time

# Members of an enumeration are slow to reach.
_INDIRECT_BARE = Rule.INDIRECT_BARE
_INDIRECT_INFINITIVE = Rule.INDIRECT_INFINITIVE
_INDIRECT_QUESTION = Rule.INDIRECT_QUESTION
_INDIRECT_THAT = Rule.INDIRECT_THAT

_STOPS = frozenset({":", ";", '"'})  # what no `that` stands behind
# Sets of word classes.
_OPENS_CONTENT = frozenset({DET, POSS, PRON, WORD, QUOTE})
_DETERMINING = frozenset({DET, POSS})
_NO_ADDRESSEE = frozenset({PUNCT, QUOTE, PREP})
_TELLING = frozenset({"tell"})
_URGING = frozenset({"tell", "ask"})
_NO_PERSON = frozenset({PUNCT, QUOTE})
_ADVERBIAL = 9  # tokens that may stand between a cue and its "that"


@dataclass(slots=True)
class Content:
    """Tokens [lo, hi) that a clause reports, and the rest of them where the clause stands in their midst.

    `The plan, Li said, is dead`: `rest` is what stands behind the clause. `sure` is how likely it ends there, in 0..1.
    """

    lo: int
    hi: int
    clause: Clause
    rule: Rule
    rest: tuple[int, int] | None = None
    sure: float = 1.0


def content_starts(paragraph: Paragraph, clause: Clause, start: int, end: int) -> Iterator[tuple[int, Rule]]:
    """Where the content may begin: at `that` or `whether`, at once, or behind an addressee."""
    if start >= end:
        return
    if paragraph.low[start] in paragraph.speech.questions:
        yield start, _INDIRECT_QUESTION
        return
    that = _complementiser(paragraph, start, end)
    if that == start and that + 1 < end and opens_predicate(paragraph, that + 1):
        yield that, _INDIRECT_BARE  # `said that was not so`: it is a pronoun
        return
    if that is not None and finite(paragraph, start, that) is NOT_FINITE:
        first = that + 1
        while first < end and paragraph.tag[first] == PUNCT:
            first += 1
        yield first, _INDIRECT_THAT
    if that is not None and (that == start or clause.cue.kinds == _TELLING):
        return
    yield from _without_that(paragraph, clause, start, end, that)


def _without_that(
    paragraph: Paragraph, clause: Clause, start: int, end: int, that: int | None
) -> Iterator[tuple[int, Rule]]:
    """Where the content may begin without a word that opens it: at `to`, at whom somebody urges, at its subject."""
    if paragraph.low[start] in paragraph.speech.infinitives and start + 1 < end:
        if not _is_asked_for(paragraph, clause):
            yield start, _INDIRECT_INFINITIVE
        return
    if that is None and not clause.cue.kinds.isdisjoint(_URGING) and _is_urged(paragraph, start, end):
        yield start, _INDIRECT_INFINITIVE
        return
    bare = _bare(paragraph, clause, start, end) if clause.side is not AFTER else None
    if bare is not None and (that is None or bare < that - 1):
        yield bare, _INDIRECT_BARE


def _complementiser(paragraph: Paragraph, start: int, end: int) -> int | None:
    """The `that` behind a cue; not the one of `agreed on a plan that would end it`, which tells of the plan."""
    that = _that(paragraph, start, min(end, start + _ADVERBIAL))
    if that is not None and any(_hands_on(paragraph, k) for k in range(start + 1, that)):
        return None
    of_noun = that is not None and start < that < end - 1 and opens_predicate(paragraph, that + 1)
    return None if of_noun else that


def _hands_on(paragraph: Paragraph, token: int) -> bool:
    """Whether a participle reports what follows, and not the verb before it: `Li said, adding that ...`."""
    cue = paragraph.speech.cues.get(paragraph.low[token])
    return cue is not None and cue.form == "ing" and cue.strong and cue.utters


def _is_urged(paragraph: Paragraph, start: int, end: int) -> bool:
    """Whether somebody is asked to do something: `urged the council to act`."""
    low, tag = paragraph.low, paragraph.tag
    if tag[start] not in _OPENS_CONTENT and low[start] not in paragraph.speech.object_pronouns:
        return False
    near = range(start + 1, min(end - 1, start + _ADVERBIAL))
    to = next((k for k in near if low[k] in paragraph.speech.infinitives or tag[k] in _NO_PERSON), None)
    return (
        to is not None
        and low[to] in paragraph.speech.infinitives
        and finite(paragraph, start, to) is NOT_FINITE
    )


def _is_asked_for(paragraph: Paragraph, clause: Clause) -> bool:
    """Whether a question word stands for what is said: `what Li hopes to achieve`."""
    begin, _ = paragraph.sentence_at(clause.lo)
    return clause.first > begin and paragraph.low[clause.first - 1] in paragraph.speech.questions


def _bare(paragraph: Paragraph, clause: Clause, start: int, end: int) -> int | None:
    """Where a content without a word that opens it begins, None if there is none."""
    k = start
    speech = paragraph.speech
    while k < end and _is_adverb(paragraph, k) and paragraph.low[k] not in speech.content_words:
        k += 1
    k = behind_time(paragraph, k, end)
    kinds = clause.cue.kinds
    if "tell" in kinds and "say" not in kinds:
        return _behind_addressee(paragraph, k, end)
    if k >= end:
        return None
    opens = paragraph.tag[k] in _OPENS_CONTENT or paragraph.low[k] in paragraph.speech.content_words
    return k if opens else None


def _is_adverb(paragraph: Paragraph, token: int) -> bool:
    """Whether a word says how something was said: `asked quietly, shaking his head`."""
    if paragraph.tag[token] == ADV:
        return True
    manner = paragraph.low[token].endswith(paragraph.speech.adverb_ending) and not paragraph.capital(token)
    return manner and paragraph.tag[token + 1] == PUNCT if token + 1 < len(paragraph) else manner


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
