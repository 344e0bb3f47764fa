"""Whether words are a clause: a finite verb in them, seen by closed classes, lists of forms and endings."""

from __future__ import annotations

from typing import Final, Literal

from pipeline.languages.speech import ADV, AUX, CONJ, DET, POSS, PREP, PRON, WORD
from pipeline.stages.quotes.prose import Paragraph

Finite = Literal["pronoun", "auxiliary", "verb", "ending", ""]
"""What shows a verb to be finite, the surest first; empty where nothing does."""
BY_PRONOUN: Final = "pronoun"
BY_AUXILIARY: Final = "auxiliary"
BY_VERB: Final = "verb"
BY_ENDING: Final = "ending"
NOT_FINITE: Final = ""

_REACH = 24  # tokens in which the verb of a clause stands
_NO_VERB_BEHIND = frozenset({DET, POSS, PREP})
_OPENS_OBJECT = frozenset({DET, POSS, PRON})
_BETWEEN = frozenset({ADV, CONJ})


def finite(paragraph: Paragraph, lo: int, hi: int) -> Finite:
    """What shows that the tokens [lo, hi) have a finite verb near their beginning."""
    speech, low, tag = paragraph.speech, paragraph.low, paragraph.tag
    found: Finite = NOT_FINITE
    for k in range(lo, min(hi, lo + _REACH)):
        word, before = low[k], tag[k - 1] if k > lo else CONJ
        if tag[k] == AUX:
            if word not in speech.infinite_auxiliaries and (k == lo or low[k - 1] not in speech.infinitives):
                return BY_AUXILIARY
        elif tag[k] == PRON:
            behind = _behind_adverbs(paragraph, k + 1, hi)
            if word.split("'")[0] in speech.subject_pronouns and behind < hi and tag[behind] in (WORD, AUX):
                return BY_PRONOUN
        elif "'" in word and word in speech.content_words:
            return BY_AUXILIARY  # there's
        elif tag[k] == WORD and k > lo and before not in _NO_VERB_BEHIND and not paragraph.capital(k):
            if word in speech.finite_forms:
                return BY_VERB
            found = found or _by_form(paragraph, k, hi)
    return found


def _by_form(paragraph: Paragraph, token: int, hi: int) -> Finite:
    """What the form of a word behind others shows."""
    if paragraph.low[token].endswith(paragraph.speech.past_ending):
        return BY_ENDING
    return BY_VERB if paragraph.tag[token - 1] == WORD and _agrees(paragraph, token, hi) else NOT_FINITE


def _agrees(paragraph: Paragraph, token: int, hi: int) -> bool:
    """Whether a plain word between a plural and an object is the verb of both: `boats cross the bay`."""
    speech, low = paragraph.speech, paragraph.low
    return (
        token + 1 < hi
        and paragraph.tag[token + 1] in _OPENS_OBJECT
        and low[token - 1].endswith(speech.plural_ending)
        and not low[token].endswith(
            (*speech.plural_ending, *speech.participle_endings, *speech.adverb_ending)
        )
    )


def opens_predicate(paragraph: Paragraph, token: int) -> bool:
    """Whether a token is the finite verb of a clause whose subject stands somewhere before it."""
    speech, low = paragraph.speech, paragraph.low[token]
    if paragraph.tag[token] == AUX:
        return low not in speech.infinite_auxiliaries
    return low in speech.finite_forms and not paragraph.capital(token)


def is_cue(paragraph: Paragraph, token: int) -> bool:
    """Whether a word is a form of a reporting verb."""
    return paragraph.low[token] in paragraph.speech.verb_forms and not paragraph.capital(token)


def acts(paragraph: Paragraph, token: int) -> bool:
    """Whether a word is a past tense with its object behind it: `Acme named the winner`."""
    if paragraph.capital(token) or not paragraph.low[token].endswith(paragraph.speech.past_ending):
        return False
    return token + 1 < len(paragraph) and paragraph.tag[token + 1] in _OPENS_OBJECT


def _behind_adverbs(paragraph: Paragraph, token: int, hi: int) -> int:
    while token < hi and paragraph.tag[token] in _BETWEEN:
        token += 1
    return token


def verb_in_marks(paragraph: Paragraph, token: int) -> bool:
    """Whether a quotation begins with the verb of what stands in front of it: `Both parties "saw the pier"`."""
    first = paragraph.quote_at[token].inner.split(None, 1)[0].rstrip(",.")
    speech = paragraph.speech
    if not first.islower():
        return False
    return (
        first in speech.finite_forms or speech.classes.get(first) == AUX or first.endswith(speech.past_ending)
    )
