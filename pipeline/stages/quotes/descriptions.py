"""Where a description of somebody begins and ends: `the head of the guild's pilots`."""

from __future__ import annotations

from pipeline.languages.speech import DET, POSS, PREP, WORD
from pipeline.stages.quotes.predicates import acts, is_cue, opens_predicate
from pipeline.stages.quotes.prose import Paragraph, dot_of_name, inner_dot
from pipeline.text.marks import APOSTROPHES

_DETERMINING = frozenset({DET, POSS})
_DESCRIBING = frozenset({DET, POSS, WORD})
LONGEST = 24
"""Tokens of a noun phrase."""


def description_start(paragraph: Paragraph, last: int, lo: int) -> int:
    """The first token of the description whose last one is `last`, with the nouns that prepositions tie it to."""
    k = last
    while paragraph.tag[k] != DET and k > lo and last - k < LONGEST:
        step = _nominal_step(paragraph, k - 1, lo)
        if step == k:
            break
        k = step
        if paragraph.tag[k] in _DETERMINING:
            if not _tied(paragraph, k - 1, lo):
                break
            k -= 2
    return max(k, lo)


def _nominal_step(paragraph: Paragraph, before: int, lo: int) -> int:
    """The first token of the description if the token before it is taken in, else of it as it is."""
    tag = paragraph.tag[before]
    if tag in _DETERMINING:
        return before + 1 if paragraph.low[before] in paragraph.speech.complementisers else before
    if tag == WORD:
        return before + 1 if is_cue(paragraph, before) or _ends_a_clause(paragraph, before, lo) else before
    if _tied(paragraph, before, lo) and not paragraph.low[before - 1].endswith(
        paragraph.speech.adverb_ending
    ):
        return before - 1
    if (dot_of_name(paragraph, before) and inner_dot(paragraph, before)) or paragraph.low[before] in "-/&":
        return before - 1
    plural = (
        paragraph.word(before) in APOSTROPHES
        and before > lo
        and paragraph.stop(before - 1) == paragraph.starts[before]
    )
    return before - 1 if plural and paragraph.tag[before - 1] == WORD else before + 1


def _ends_a_clause(paragraph: Paragraph, index: int, lo: int) -> bool:
    """Whether a past tense stands behind the plural noun that is its subject: `Marchers carried banners`."""
    if (
        index <= lo
        or not paragraph.low[index].endswith(paragraph.speech.past_ending)
        or paragraph.capital(index)
    ):
        return False
    before = paragraph.low[index - 1]
    if index - 1 == lo and paragraph.tag[lo] == WORD and before.endswith(paragraph.speech.plural_ending):
        return True
    return (
        paragraph.tag[index - 1] == WORD
        and before.endswith(paragraph.speech.plural_ending)
        and before in paragraph.speech.speakers
    )


def _tied(paragraph: Paragraph, index: int, lo: int) -> bool:
    """Whether token `index` is a preposition that ties what follows to a noun before it."""
    return (
        index > lo
        and paragraph.low[index] in paragraph.speech.ties
        and paragraph.tag[index - 1] == WORD
        and not is_cue(paragraph, index - 1)
    )


def description_end(paragraph: Paragraph, index: int, hi: int) -> int:
    """Where a description ends with its "of ..." or "for ..." phrases."""
    if index < hi and paragraph.low[index - 1] in paragraph.speech.attached and paragraph.tag[index] == PREP:
        end = index + 1
        while end < hi and paragraph.tag[end] in _DESCRIBING and end - index < LONGEST:
            end += 1
        index = end
    while index + 1 < hi and paragraph.low[index] in paragraph.speech.belonging:
        m = index + 1
        while (
            m < hi
            and paragraph.tag[m] in _DESCRIBING
            and not acts(paragraph, m)
            and not opens_predicate(paragraph, m)
            and m - index < LONGEST
        ):
            m += 1
        if m == index + 1:
            break
        index = m
    return index
