"""Where reported speech ends: at which comma or dash of the sentence the reporter speaks again.

`Li said the ferry was late, adding to a long list of faults` ends at its comma; `Li said the ferry was late, and that
nobody was told` does not. What stands at each mark is read as signs, whose weights were learned from labelled news
(docs/quotes.md); the first mark at which an end is likelier than not is the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from math import exp, inf

from pipeline.languages.speech import ADV, CONJ, PREP, SUB, WORD
from pipeline.stages.quotes.clause import Clause
from pipeline.stages.quotes.predicates import finite, opens_predicate
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASH_WORDS

_OPENERS = frozenset({SUB, PREP, ADV})
_MARKS = DASH_WORDS | {",", ":"}
_BOUNDS = (4, 8, 14, 24)  # tokens: how long what stands before and behind a mark is
_MOST_MARKS = 12  # of a content that are looked at; prose has fewer
_LEAST = 2  # tokens of a content
_SURE = 30.0  # log odds beyond which something is as good as certain


def end_of(paragraph: Paragraph, lo: int, hi: int, form: str) -> tuple[int, float]:
    """The token at which the content that begins at `lo` ends, `hi` at the latest, and how likely it does, in 0..1.

    `form` is how it was found (`form_of`).
    """
    weights = paragraph.speech.ends
    if not weights:
        return hi, 1.0
    marks = marks_in(paragraph, lo, hi)
    goes_on = 1.0
    for at, mark in enumerate(marks):
        following = marks[at + 1] if at + 1 < len(marks) else hi
        odds = sum(map(weights.get, signs(paragraph, (lo, hi), mark, following, form), repeat(0.0)))
        stops = 1.0 / (1.0 + exp(-odds)) if odds > -_SURE else 0.0
        if odds > 0:
            return mark, goes_on * stops
        goes_on *= 1.0 - stops
    return hi, goes_on


def form_of(clause: Clause, rule: str) -> str:
    """How a content was found: by which rule, and behind which kind of verb."""
    kinds = clause.cue.kinds
    return rule if "say" in kinds else f"{rule} {min(kinds)}" if kinds else rule


def marks_in(paragraph: Paragraph, lo: int, hi: int) -> list[int]:
    """The marks at which a content may end, and the words with which the narrator may go on: `as he left`."""
    low, tag, narrating = paragraph.low, paragraph.tag, paragraph.speech.narrating
    found: list[int] = []
    for k in range(lo + _LEAST, hi - 1):
        if low[k] in _MARKS or (
            (low[k] in narrating or (tag[k] == CONJ and _is_verb(paragraph, k + 1)))
            and low[k - 1] not in _MARKS
        ):
            found.append(k)
            if len(found) == _MOST_MARKS:
                break
    return found


def _is_verb(paragraph: Paragraph, token: int) -> bool:
    """Whether a word may be the verb with which another clause of the same subject begins: `and left`."""
    if paragraph.tag[token] == ADV:
        return True
    speech, low = paragraph.speech, paragraph.low[token]
    return (
        opens_predicate(paragraph, token)
        or (low in speech.cues and speech.cues[low].strong)
        or (low.endswith(speech.past_ending) and not paragraph.capital(token))
    )


def signs(paragraph: Paragraph, span: tuple[int, int], mark: int, following: int, form: str) -> Iterator[str]:
    """What speaks for or against an end at a mark of the content `span`, `following` being the mark after it.

    What the mark is, what comes next, and how much lies on either side.
    """
    lo, hi = span
    low, tag = paragraph.low, paragraph.tag
    kind = (
        "-" if low[mark] in DASH_WORDS else low[mark] if low[mark] in _MARKS else _narrator(paragraph, mark)
    )
    yield "mark"
    yield f"mark {kind}"
    nearest = mark + 1 if low[mark] in _MARKS else mark
    link = ""
    if tag[nearest] == CONJ and nearest + 1 < hi:
        link, nearest = low[nearest], nearest + 1
    while tag[nearest] == ADV and nearest + 1 < hi:
        yield f"adverb {low[nearest]}"
        nearest += 1
    word = _word(paragraph, nearest)
    yield f"next {kind}{link} {word}"
    yield f"next {link} {word}"
    yield f"word {word}"
    if nearest + 1 < hi:
        yield f"then {link} {word} {_word(paragraph, nearest + 1)}"
        yield f"then {_word(paragraph, nearest + 1)}"
    so_far = finite(paragraph, lo, mark) or "none"
    behind = finite(paragraph, nearest, following) or "none"
    yield f"finite {so_far != 'none'} {behind} {link}"
    yield f"behind {behind} {word}"
    yield f"rule {form} {kind}"
    yield f"rule {form} {link} {word}"
    first = not any(low[k] == "," for k in range(lo, mark))
    yield f"opens {_opening(paragraph, lo)} {first} {behind}"
    begin, _ = paragraph.sentence_at(lo)
    yield f"sentence {_opening(paragraph, begin)} {behind}"
    yield f"sentence {_opening(paragraph, begin)} {link} {word}"
    yield f"before {_size(mark - lo)}"
    yield f"left {_size(hi - mark)}"
    yield f"piece {_size(following - mark)} {following == hi}"
    if following == hi:
        yield f"last {kind} {word}"
    if kind == "-":
        yield f"closed {any(low[k] in DASH_WORDS for k in range(mark + 1, hi))}"


def _narrator(paragraph: Paragraph, mark: int) -> str:
    """The kind of a word that may end a content though no mark does."""
    return "and" if paragraph.tag[mark] == CONJ else "word"


def _opening(paragraph: Paragraph, token: int) -> str:
    """What opens a clause: the word itself where it opens a subordinate or an adverbial one."""
    return paragraph.low[token] if paragraph.tag[token] in _OPENERS else "clause"


def _word(paragraph: Paragraph, token: int) -> str:
    """A word of a closed class as it is, any other by its form."""
    low, tag = paragraph.low[token], paragraph.tag[token]
    if tag == QUOTE:
        return "<quote>"
    if tag != WORD:
        return low
    if paragraph.capital(token):
        return "<name>"
    return "<number>" if low[0].isdigit() else _form(paragraph, token)


def _form(paragraph: Paragraph, token: int) -> str:
    low, speech = paragraph.low[token], paragraph.speech
    if low in speech.cues and speech.cues[low].reports:
        return f"<cue {speech.cues[low].form}>"
    if opens_predicate(paragraph, token):
        return "<verb>"
    ending = next((e for e in (*speech.participle_endings, *speech.adverb_ending) if low.endswith(e)), "")
    return f"<{ending}>" if ending else "<word>"


def _size(tokens: int) -> int | float:
    return next((bound for bound in _BOUNDS if tokens <= bound), inf)
