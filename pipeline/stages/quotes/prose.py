"""A paragraph as the rules see it: words with their classes, each quotation one opaque token, and sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import accumulate, compress, repeat
from operator import add

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.marks import Fragment, fragments

# A word or a mark with the white space behind it, so that lengths add up to offsets; a plain word is tried first.
_TOKEN = re.compile(
    r"\w++(?![-'’.@/&])\s*"
    r"|(?:[^\W\d_]\.(?:[^\W\d_]\.)+|[#@$]?\w+(?:[-'’.@/&]\w+)*|--+|\.\.\.|[^\w\s])\s*"
)
_MAY_END = frozenset('.!?;"')
# Auxiliaries that are names when they have a capital in the middle of a sentence.
_NAMES_TOO = frozenset({"Will", "May"})
_TELLING = _MAY_END | _NAMES_TOO
_LONGEST_SENTENCE = 200  # tokens; twice what prose has
QUOTE = "quote"
PUNCT, WORD = lexicon.PUNCT, lexicon.WORD


@dataclass(slots=True)
class Paragraph:
    """Tokens of one paragraph in parallel lists; offsets are code points into the article.

    `tag` is a word class of lexicon.py, or QUOTE, PUNCT or WORD for whatever is open-class; `fragment` maps the
    index of a quote token to its fragment; `bounds` are the token ranges of the sentences and `sentence` the
    number of each token's sentence.
    """

    start: int
    end: int
    fragments: list[Fragment]
    word: list[str] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    quote_at: dict[int, Fragment] = field(default_factory=dict)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.word)

    def capital(self, i: int) -> bool:
        """Whether token i is a word that begins with a capital letter."""
        word = self.word[i]
        return word[0].isupper() and self.tag[i] not in {QUOTE, PUNCT}


def read(text: str, start: int, end: int, *, whole: bool = False) -> Paragraph:
    """Tokenise the paragraph `text[start:end]`.

    Unless it is wanted `whole`, one in which nobody can be reported to speak is left without tokens.
    """
    paragraph = Paragraph(start, end, fragments(text, start, end))
    if not (whole or paragraph.fragments) and lexicon.speaking().isdisjoint(text[start:end].lower().split()):
        return paragraph
    at = start
    for fragment in paragraph.fragments:
        _tokens(paragraph, text, at, fragment.start)
        paragraph.quote_at[len(paragraph.word)] = fragment
        paragraph.word.append('"')
        paragraph.low.append('"')
        paragraph.starts.append(fragment.start)
        paragraph.ends.append(fragment.end)
        paragraph.tag.append(QUOTE)
        at = fragment.end
    _tokens(paragraph, text, at, end)
    _sentences(paragraph, text)
    return paragraph


def _tokens(paragraph: Paragraph, text: str, start: int, end: int) -> None:
    # Maps instead of loops: this is where most of the stage's time goes.
    pieces = _TOKEN.findall(text, start, end)
    if not pieces:
        return
    while text[start].isspace():
        start += 1
    words = list(map(str.rstrip, pieces))
    starts = list(accumulate(map(len, pieces), initial=start))
    starts.pop()
    low = list(map(str.lower, words))
    if "’" in text[start:end]:
        low = [word.replace("’", "'") for word in low]
    paragraph.word += words
    paragraph.low += low
    paragraph.starts += starts
    paragraph.ends += map(add, starts, map(len, words))
    paragraph.tag += map(lexicon.word_classes().get, low, repeat(WORD))


def _sentences(paragraph: Paragraph, text: str) -> None:
    begin = 0
    count = len(paragraph.word)
    abbreviations = lexicon.word_set("abbreviations")
    for i in compress(range(count), map(_TELLING.__contains__, paragraph.word)):
        if paragraph.word[i] in _NAMES_TOO:
            if i > begin:
                paragraph.tag[i] = WORD
        elif i + 1 < count and _ends(paragraph, i, text, abbreviations):
            _close(paragraph, begin, i + 1)
            begin = i + 1
    if begin < count:
        _close(paragraph, begin, count)


def _close(paragraph: Paragraph, begin: int, end: int) -> None:
    """Note the sentence [begin, end); one without an end in sight is cut, so that rules look at bounded stretches."""
    for start in range(begin, end, _LONGEST_SENTENCE):
        stop = min(end, start + _LONGEST_SENTENCE)
        paragraph.sentence += [len(paragraph.bounds)] * (stop - start)
        paragraph.bounds.append((start, stop))


def _ends(paragraph: Paragraph, i: int, text: str, abbreviations: frozenset[str]) -> bool:
    """Whether a sentence ends with token i."""
    word = paragraph.word[i]
    if paragraph.tag[i] == QUOTE:
        return _quote_ends_sentence(paragraph, i, text)
    if word == ";":
        return True
    following = paragraph.word[i + 1]
    if following[0].islower() or following in ",;)":
        return False
    return not (word == "." and i and _abbreviated(paragraph, i, abbreviations))


def _abbreviated(paragraph: Paragraph, i: int, abbreviations: frozenset[str]) -> bool:
    """Whether the full stop at i belongs to the word before it."""
    if paragraph.starts[i] != paragraph.ends[i - 1]:
        return False
    low = paragraph.low[i - 1]
    return low in abbreviations or (len(low) == 1 and low.isalpha() and paragraph.word[i - 1].isupper())


def _quote_ends_sentence(paragraph: Paragraph, i: int, text: str) -> bool:
    """Whether what follows the quote at i is a sentence of its own.

    Only a quote that ends like a sentence and is followed by a capital or by another quote does; `"Why?" Ann Li
    asked` looks the same, and is told apart by the rules that match a cue right behind a quote.
    """
    fragment = paragraph.quote_at[i]
    inner = text[max(fragment.inner_start, fragment.inner_end - 4) : fragment.inner_end].rstrip(" '’”)")
    if not inner or inner[-1] not in ".!?…":
        return False
    return paragraph.tag[i + 1] == QUOTE or paragraph.word[i + 1][0].isupper()
