"""What belongs to a verb on its left: auxiliaries, adverbs, times of day, `declined to`."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.languages.speech import ADV, AUX, PREP, WORD
from pipeline.stages.quotes.prose import Paragraph

_YEAR = 4
_LONGEST_TIME = 4  # tokens of `a few days ago`


@dataclass(slots=True)
class VerbGroup:
    """The words of a verb left of its last one.

    `before` is the token in front of the group (one less than the sentence's first when there is none); `chained`
    tells that there was an auxiliary or another verb, `negated` a refusal or a not, `refused` a refusal, `modal` that
    it may be or will be, `passive` a form of be.
    """

    before: int
    chained: bool = False
    negated: bool = False
    refused: bool = False
    modal: bool = False
    passive: bool = False


def verb_group(paragraph: Paragraph, token: int, lo: int, *, participle: bool) -> VerbGroup | None:
    """Step left from the verb at `token`; None when a `to` shows it to be no predicate of its own.

    `participle` tells that the verb's form may be a past participle.
    """
    group = VerbGroup(token - 1)
    at: int | None = token - 1
    while at is not None and at >= lo:
        group.before = at
        tag = paragraph.tag[at]
        if tag in (ADV, WORD):
            at = _before_adverbial(paragraph, at, lo, group)
        elif tag == AUX:
            at = _before_auxiliary(paragraph, at, group)
        else:
            at = _before_infinitive(paragraph, at, lo, group)
        if at == group.before:
            break
    if at is None:
        return None
    group.before = at
    group.passive = group.passive and participle
    return group


def _before_adverbial(paragraph: Paragraph, at: int, lo: int, group: VerbGroup) -> int:
    """The token in front of an adverb or a time; `at` if there is none."""
    low, speech = paragraph.low[at], paragraph.speech
    manner = low.endswith(speech.adverb_ending) and low not in speech.speakers  # `a close ally said`
    if paragraph.tag[at] == ADV or (manner and not paragraph.capital(at)):
        group.negated = group.negated or low in speech.negations
        return _behind_link(paragraph, at - 1, lo) if low in speech.weekdays else at - 1
    return _before_time(paragraph, at, lo) if low in speech.times or low.isdigit() else at


def _before_auxiliary(paragraph: Paragraph, at: int, group: VerbGroup) -> int:
    low, speech = paragraph.low[at], paragraph.speech
    group.chained = True
    group.negated = group.negated or low in speech.negations
    group.modal = group.modal or low in speech.modals
    group.passive = group.passive or low in speech.be
    return at - 1


def _before_infinitive(paragraph: Paragraph, at: int, lo: int, group: VerbGroup) -> int | None:
    """The token in front of the verb that governs a `to`, None if nothing does; `at` if there is no `to`."""
    if paragraph.low[at] not in paragraph.speech.infinitives or at <= lo:
        return at
    head = _chain_head(paragraph, at, lo)
    if head is None:
        return None
    group.refused = group.refused or paragraph.low[head] in paragraph.speech.refusing
    group.negated = group.negated or group.refused
    group.modal = group.modal or paragraph.low[head] in paragraph.speech.prospects
    group.chained, group.passive = True, False
    return head - 1


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
    low, speech = paragraph.low[last], paragraph.speech
    if low in speech.time_ago:
        return _behind_link(paragraph, max(lo - 1, last - 3), lo)
    if last <= lo:
        return last
    before = paragraph.low[last - 1]
    if low in speech.time_nouns and (before in speech.time_before or before in speech.weekdays):
        return _behind_link(paragraph, last - 2, lo)
    dated = (low.isdigit() and len(low) == _YEAR) or low in speech.months
    return last - 2 if dated and before in speech.year_before else last


def behind_time(paragraph: Paragraph, token: int, hi: int) -> int:
    """The token behind a time that begins at `token`: `said days ago that`, `said last week the plan was dead`."""
    low, speech = paragraph.low, paragraph.speech
    for k in range(token, min(hi, token + _LONGEST_TIME)):
        if low[k] in speech.time_ago:
            return k + 1
        if low[k] in speech.time_nouns and k > token and low[k - 1] in speech.time_before:
            return k + 1
        if paragraph.tag[k] == PREP:
            break
    return token


def before_times(paragraph: Paragraph, last: int, lo: int) -> int:
    """The token in front of the days and times that end at `last`: `a letter Friday afternoon that says`."""
    while last > lo:
        is_day = paragraph.low[last] in paragraph.speech.weekdays
        before = _behind_link(paragraph, last - 1, lo) if is_day else _before_time(paragraph, last, lo)
        if before == last:
            break
        last = before
    return last


def _behind_link(paragraph: Paragraph, last: int, lo: int) -> int:
    while last >= lo and paragraph.low[last] in paragraph.speech.time_links:
        last -= 1
    return last
