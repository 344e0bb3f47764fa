"""What belongs to a verb on its left: auxiliaries, adverbs, times of day, `declined to`."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.languages.speech import ADV, AUX, WORD
from pipeline.stages.quotes.prose import Paragraph

_YEAR = 4


@dataclass(slots=True)
class VerbGroup:
    """The words of a verb left of its last one.

    `before` is the token in front of the group (one less than the sentence's first when there is none); `chained`
    tells that there was an auxiliary or another verb, `negated` a refusal or a not, `passive` a form of be.
    """

    before: int
    chained: bool = False
    negated: bool = False
    passive: bool = False


def verb_group(p: Paragraph, i: int, lo: int, *, participle: bool) -> VerbGroup | None:
    """Step left from the verb at token i; None when a `to` shows it to be no predicate of its own.

    `participle` tells that the verb's form may be a past participle.
    """
    j = i - 1
    chained = negated = be = False
    while j >= lo:
        low, tag = p.low[j], p.tag[j]
        if tag == ADV or (tag == WORD and low.endswith(p.speech.adverb_ending) and not p.capital(j)):
            negated = negated or low in p.speech.negations
            j = _behind_link(p, j - 1, lo) if low in p.speech.weekdays else j - 1
        elif tag == WORD:
            earlier = _before_time(p, j, lo) if low in p.speech.times or low.isdigit() else j
            if earlier == j:
                break
            j = earlier
        elif tag == AUX:
            chained = True
            negated = negated or low in p.speech.negations
            be = be or low in p.speech.be
            j -= 1
        elif low in p.speech.infinitives and j > lo:
            head = _chain_head(p, j, lo)
            if head is None:
                return None
            negated = negated or p.low[head] in p.speech.refusing
            chained, be, j = True, False, head - 1
        else:
            break
    return VerbGroup(j, chained, negated, be and participle)


def _chain_head(p: Paragraph, to: int, lo: int) -> int | None:
    """The verb that governs the `to` at token `to`: `declined to`, `went on to`."""
    k = to - 1
    while k > lo and p.tag[k] == ADV:
        k -= 1
    if p.low[k] in p.speech.going_on_particles and k > lo and p.low[k - 1] in p.speech.chain_of_going:
        return k - 1
    return k if p.low[k] in p.speech.chain else None


def _before_time(p: Paragraph, j: int, lo: int) -> int:
    """The token in front of a time (`last week`, `two days ago`, `in 2016`) that ends at j; j if there is none."""
    low = p.low[j]
    if low in p.speech.time_ago:
        return _behind_link(p, max(lo - 1, j - 3), lo)
    if (
        low in p.speech.time_nouns
        and j > lo
        and (p.low[j - 1] in p.speech.time_before or p.low[j - 1] in p.speech.weekdays)
    ):
        return _behind_link(p, j - 2, lo)
    dated = (low.isdigit() and len(low) == _YEAR) or low in p.speech.months
    if dated and j > lo and p.low[j - 1] in p.speech.year_before:
        return j - 2
    return j


def _behind_link(p: Paragraph, j: int, lo: int) -> int:
    while j >= lo and p.low[j] in p.speech.time_links:
        j -= 1
    return j
