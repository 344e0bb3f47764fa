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


def verb_group(paragraph: Paragraph, token: int, lo: int, *, participle: bool) -> VerbGroup | None:
    """Step left from the verb at `token`; None when a `to` shows it to be no predicate of its own.

    `participle` tells that the verb's form may be a past participle.
    """
    j = token - 1
    chained = negated = be = False
    while j >= lo:
        low, tag = paragraph.low[j], paragraph.tag[j]
        if tag == ADV or (
            tag == WORD and low.endswith(paragraph.speech.adverb_ending) and not paragraph.capital(j)
        ):
            negated = negated or low in paragraph.speech.negations
            j = _behind_link(paragraph, j - 1, lo) if low in paragraph.speech.weekdays else j - 1
        elif tag == WORD:
            earlier = _before_time(paragraph, j, lo) if low in paragraph.speech.times or low.isdigit() else j
            if earlier == j:
                break
            j = earlier
        elif tag == AUX:
            chained = True
            negated = negated or low in paragraph.speech.negations
            be = be or low in paragraph.speech.be
            j -= 1
        elif low in paragraph.speech.infinitives and j > lo:
            head = _chain_head(paragraph, j, lo)
            if head is None:
                return None
            negated = negated or paragraph.low[head] in paragraph.speech.refusing
            chained, be, j = True, False, head - 1
        else:
            break
    return VerbGroup(j, chained, negated, be and participle)


def _chain_head(paragraph: Paragraph, to: int, lo: int) -> int | None:
    """The verb that governs the `to` at token `to`: `declined to`, `went on to`."""
    k = to - 1
    while k > lo and paragraph.tag[k] == ADV:
        k -= 1
    if (
        paragraph.low[k] in paragraph.speech.going_on_particles
        and k > lo
        and paragraph.low[k - 1] in paragraph.speech.chain_of_going
    ):
        return k - 1
    return k if paragraph.low[k] in paragraph.speech.chain else None


def _before_time(paragraph: Paragraph, last: int, lo: int) -> int:
    """The token in front of a time (`last week`, `two days ago`, `in 2016`) that ends at `last`; else `last`."""
    low = paragraph.low[last]
    if low in paragraph.speech.time_ago:
        return _behind_link(paragraph, max(lo - 1, last - 3), lo)
    if (
        low in paragraph.speech.time_nouns
        and last > lo
        and (
            paragraph.low[last - 1] in paragraph.speech.time_before
            or paragraph.low[last - 1] in paragraph.speech.weekdays
        )
    ):
        return _behind_link(paragraph, last - 2, lo)
    dated = (low.isdigit() and len(low) == _YEAR) or low in paragraph.speech.months
    if dated and last > lo and paragraph.low[last - 1] in paragraph.speech.year_before:
        return last - 2
    return last


def _behind_link(paragraph: Paragraph, last: int, lo: int) -> int:
    while last >= lo and paragraph.low[last] in paragraph.speech.time_links:
        last -= 1
    return last
