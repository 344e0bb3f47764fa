"""A paragraph as the rules see it: words with their classes, each quotation one opaque token, and sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.marks import Fragment, fragments
from pipeline.stages.quotes.tokens import Token, tokenise

_MAY_END = frozenset('.!?;"')
# Auxiliaries that are names when they have a capital in the middle of a sentence.
_NAMES_TOO = {"will": "Will", "may": "May"}
_TELLING = _MAY_END.union(_NAMES_TOO)
_LONGEST_SENTENCE = 200  # tokens; twice what prose has
QUOTE = "quote"
PUNCT, WORD = lexicon.PUNCT, lexicon.WORD


@dataclass(slots=True)
class Paragraph:
    """Tokens of one paragraph in parallel sequences; offsets are code points into the article.

    `low` and `tag` are those of the tokens, except that a quote token has the tag QUOTE; `quote_at` maps its index
    to its fragment; `bounds` are the token ranges of the sentences and `sentence` the number of each token's sentence.
    """

    start: int
    end: int
    fragments: list[Fragment]
    tokens: list[Token] = field(default_factory=list)
    low: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    quote_at: dict[int, Fragment] = field(default_factory=dict)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.low)

    def stop(self, i: int) -> int:
        """The offset behind token i."""
        return self.starts[i] + self.tokens[i].length

    def capital(self, i: int) -> bool:
        """Whether token i is a word that begins with a capital letter."""
        return self.tokens[i].capital


def read(text: str, start: int, end: int, *, whole: bool = False) -> Paragraph:
    """Tokenise the paragraph `text[start:end]`.

    Unless it is wanted `whole`, one in which nobody can be reported to speak is left without tokens.
    """
    paragraph = Paragraph(start, end, fragments(text, start, end))
    if not (whole or paragraph.fragments) and lexicon.speaking().isdisjoint(text[start:end].lower().split()):
        return paragraph
    found, starts, at = paragraph.tokens, paragraph.starts, start
    for fragment in paragraph.fragments:
        if at < fragment.start:
            tokenise(text, at, fragment.start, found, starts)
        paragraph.quote_at[len(found)] = fragment
        at = fragment.end
        found.append(Token('"', '"', QUOTE, at - fragment.start, 0, capital=False))
        starts.append(fragment.start)
    if at < end:
        tokenise(text, at, end, found, starts)
    paragraph.low = [token[1] for token in found]
    paragraph.tag = [token[2] for token in found]
    _sentences(paragraph, text)
    return paragraph


def _sentences(paragraph: Paragraph, text: str) -> None:
    begin = 0
    low = paragraph.low
    last = len(low) - 1
    for i in compress(range(last + 1), map(_TELLING.__contains__, low)):
        if low[i] in _NAMES_TOO:
            if i > begin and paragraph.tokens[i].word == _NAMES_TOO[low[i]]:
                paragraph.tag[i] = WORD
        elif i < last and _ends(paragraph, i, text):
            _close(paragraph, begin, i + 1)
            begin = i + 1
    if begin <= last:
        _close(paragraph, begin, last + 1)


def _close(paragraph: Paragraph, begin: int, end: int) -> None:
    """Note the sentence [begin, end); one without an end in sight is cut, so that rules look at bounded stretches."""
    if end - begin <= _LONGEST_SENTENCE:
        paragraph.sentence += [len(paragraph.bounds)] * (end - begin)
        paragraph.bounds.append((begin, end))
        return
    for start in range(begin, end, _LONGEST_SENTENCE):
        stop = min(end, start + _LONGEST_SENTENCE)
        paragraph.sentence += [len(paragraph.bounds)] * (stop - start)
        paragraph.bounds.append((start, stop))


def _ends(paragraph: Paragraph, i: int, text: str) -> bool:
    """Whether a sentence ends with token i."""
    mark = paragraph.low[i]
    if paragraph.tag[i] == QUOTE:
        return _quote_ends_sentence(paragraph, i, text)
    if mark == ";":
        return True
    following = paragraph.tokens[i + 1].word
    if following[0].islower() or following in ",;)":
        return False
    return not (mark == "." and i and _abbreviated(paragraph, i))


def _abbreviated(paragraph: Paragraph, i: int) -> bool:
    """Whether the full stop at i belongs to the word before it."""
    if paragraph.starts[i] != paragraph.stop(i - 1):
        return False
    low = paragraph.low[i - 1]
    return low in lexicon.word_set("abbreviations") or (
        len(low) == 1 and low.isalpha() and paragraph.tokens[i - 1].word.isupper()
    )


def _quote_ends_sentence(paragraph: Paragraph, i: int, text: str) -> bool:
    """Whether what follows the quote at i is a sentence of its own.

    Only a quote that ends like a sentence and is followed by a capital or by another quote does; `"Why?" Ann Li
    asked` looks the same, and is told apart by the rules that match a cue right behind a quote.
    """
    fragment = paragraph.quote_at[i]
    inner = text[max(fragment.inner_start, fragment.inner_end - 4) : fragment.inner_end].rstrip(" '’”)")
    if not inner or inner[-1] not in ".!?…":
        return False
    return paragraph.tag[i + 1] == QUOTE or paragraph.tokens[i + 1].word[0].isupper()
