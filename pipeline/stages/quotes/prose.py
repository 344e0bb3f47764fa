"""A paragraph as the rules see it: words with their classes, each quotation one opaque token, and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress, pairwise

from pipeline.languages.speech import DET, PRON, SENTENCE_ENDS, WORD, Speech
from pipeline.stages.quotes.fragments import Fragment
from pipeline.stages.quotes.tokens import (
    CAPITAL,
    LENGTH,
    SPELT,
    Token,
    is_notable,
    low_of,
    speaks,
    tag_of,
    tokenise,
)
from pipeline.text.marks import CLOSES

_FULL_STOPS = frozenset(".!?…")
_NESTED = " )" + CLOSES
_LONG = 10_000  # characters of a paragraph that is not cut into tokens just to see that nobody speaks in it
_BEGINNING = frozenset({PRON, DET})
_LONGEST_SENTENCE = 200  # tokens; twice what prose has
QUOTE = "quote"


@dataclass(slots=True)
class Paragraph:
    """Tokens of one paragraph in parallel sequences; offsets are code points into the article.

    `low` and `tag` are those of the tokens, except that a quote token has the tag QUOTE; `quote_at` maps its index
    to its fragment; `cues` are the indices of words that may be part of a cue; `bounds` are the token ranges of the
    sentences and `sentence` the number of each token's sentence; `speech` is what is known of the language.
    """

    start: int
    end: int
    fragments: list[Fragment]
    tokens: list[Token]
    low: list[str]
    tag: list[str]
    starts: list[int]
    quote_at: dict[int, Fragment]
    cues: list[int]
    bounds: list[tuple[int, int]]
    sentence: list[int]
    speech: Speech

    def __len__(self) -> int:
        return len(self.low)

    def stop(self, token: int) -> int:
        """The offset behind `token`."""
        return self.starts[token] + self.tokens[token][LENGTH]

    def span(self, lo: int, hi: int) -> tuple[int, int]:
        """The offsets of the tokens [lo, hi)."""
        return self.starts[lo], self.starts[hi - 1] + self.tokens[hi - 1][LENGTH]

    def sentence_at(self, token: int) -> tuple[int, int]:
        """The tokens of the sentence that `token` is in, half open."""
        return self.bounds[self.sentence[token]]

    def word(self, token: int) -> str:
        """Token i as it stands in the text."""
        return self.tokens[token][SPELT]

    def capital(self, token: int) -> bool:
        """Whether `token` is a word that begins with a capital letter."""
        return self.tokens[token][CAPITAL]


def dot_of_name(paragraph: Paragraph, token: int) -> bool:
    """Whether a token is a full stop right behind a word with a capital."""
    return (
        paragraph.low[token] == "."
        and token > 0
        and paragraph.capital(token - 1)
        and paragraph.starts[token] == paragraph.stop(token - 1)
    )


def inner_dot(paragraph: Paragraph, token: int) -> bool:
    """Whether the full stop at a token belongs to the initial or the abbreviation before it."""
    low = paragraph.low[token - 1]
    return len(low) == 1 or low in paragraph.speech.abbreviations


def read(
    text: str, start: int, end: int, marked: list[Fragment], speech: Speech, *, whole: bool = False
) -> Paragraph:
    """Tokenise the paragraph `text[start:end]`, in which `marked` stand in quotation marks.

    Unless it is wanted `whole`, one in which nobody can be reported to speak is left without tokens.
    """
    quote_at: dict[int, Fragment] = {}
    wanted = bool(marked) or whole
    if not wanted and end - start > _LONG and speech.speaking.isdisjoint(text[start:end].lower().split()):
        return Paragraph(start, end, marked, [], [], [], [], quote_at, [], [], [], speech)
    if marked:
        found, starts, quote_at = _around(marked, text, start, end, speech)
    else:
        found, starts = tokenise(text, start, end, speech)
    if not (wanted or any(map(speaks, found))):
        return Paragraph(start, end, marked, [], [], [], [], quote_at, [], [], [], speech)
    low, tag = list(map(low_of, found)), list(map(tag_of, found))
    paragraph = Paragraph(start, end, marked, found, low, tag, starts, quote_at, [], [], [], speech)
    _sentences(paragraph, text)
    return paragraph


def _around(
    marked: list[Fragment], text: str, start: int, end: int, speech: Speech
) -> tuple[list[Token], list[int], dict[int, Fragment]]:
    """The tokens of a paragraph with quotations, each of which is one; their offsets; which are quotations."""
    quote_at: dict[int, Fragment] = {}
    found: list[Token] = []
    starts: list[int] = []
    at = start
    for fragment in marked:
        if at < fragment.start:
            tokens, offsets = tokenise(text, at, fragment.start, speech)
            found += tokens
            starts += offsets
        quote_at[len(found)] = fragment
        at = fragment.end
        found.append(('"', QUOTE, 0, True, False, at - fragment.start, False, '"'))
        starts.append(fragment.start)
    if at < end:
        tokens, offsets = tokenise(text, at, end, speech)
        found += tokens
        starts += offsets
    return found, starts, quote_at


def _sentences(paragraph: Paragraph, text: str) -> None:
    """Find where the sentences end, and on the way the words that may be part of a cue."""
    low, cues = paragraph.low, paragraph.cues
    begin, last = 0, len(low) - 1
    names_too = paragraph.speech.names_too
    stops: list[int] = []
    for i in compress(range(last + 1), map(is_notable, paragraph.tokens)):
        word = low[i]
        if word in SENTENCE_ENDS or word.endswith("."):
            if i < last and _ends(paragraph, i, text):
                begin = i + 1
                stops.append(begin)
        elif word not in names_too:
            cues.append(i)
        elif i > begin and paragraph.word(i) == word.capitalize():
            paragraph.tag[i] = WORD
    stops.append(last + 1)
    if last >= _LONGEST_SENTENCE:
        stops = _cut(stops)
    paragraph.bounds = list(pairwise([0, *stops]))
    if len(stops) == 1:
        paragraph.sentence = [0] * stops[0]
        return
    for number, (begin, stop) in enumerate(paragraph.bounds):
        paragraph.sentence += [number] * (stop - begin)


def _cut(stops: list[int]) -> list[int]:
    """Cut sentences without an end in sight, so that rules look at bounded stretches."""
    return [
        min(cut, stop)
        for begin, stop in pairwise([0, *stops])
        for cut in range(begin + _LONGEST_SENTENCE, stop + _LONGEST_SENTENCE, _LONGEST_SENTENCE)
    ]


def _ends(paragraph: Paragraph, token: int, text: str) -> bool:
    """Whether a sentence ends with `token`."""
    mark = paragraph.low[token]
    if len(mark) > 1:  # `U.S.`
        return paragraph.capital(token + 1) and _begins(paragraph, token + 1)
    if mark == ";":
        return True
    following = paragraph.tokens[token + 1][SPELT]
    if paragraph.tag[token] == QUOTE:
        goes_on = not following[0].isupper() and paragraph.tag[token + 1] != QUOTE
        return not goes_on and _closes_sentence(paragraph.quote_at[token], text)
    if following[0].islower() or following in ",;)":
        return False
    return mark != "." or token == 0 or not _abbreviated(paragraph, token) or _begins(paragraph, token + 1)


def _begins(paragraph: Paragraph, token: int) -> bool:
    """Whether a word behind an abbreviation begins a sentence: `in the U.S. He left`; not `Mr. He left`."""
    if token > 1 and paragraph.low[token - 2] in paragraph.speech.honorifics:
        return False
    return paragraph.tag[token] in _BEGINNING and len(paragraph.low[token]) > 1


def _abbreviated(paragraph: Paragraph, token: int) -> bool:
    """Whether the full stop at `token` belongs to the word before it."""
    low = paragraph.low[token - 1]
    initial = len(low) == 1 and low.isalpha() and paragraph.word(token - 1).isupper()
    known = low.rpartition("-")[2] in paragraph.speech.abbreviations
    return (initial or known) and paragraph.starts[token] == paragraph.stop(token - 1)


def _closes_sentence(fragment: Fragment, text: str) -> bool:
    """Whether a quotation ends like a sentence.

    What follows is then a sentence of its own if it is another quotation or begins with a capital; `"Why?" Ann Li
    asked` looks the same, and is told apart by the rules that match a cue right behind a quotation.
    """
    inner = text[max(fragment.inner_start, fragment.inner_end - 4) : fragment.inner_end].rstrip(_NESTED)
    return inner[-1:] in _FULL_STOPS
