"""An article cut into what the recogniser reads at once, and the boilerplate of the page told from the story."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.languages.names import Names
from pipeline.record import Article
from pipeline.stages.entities.headlines import is_in_title_case
from pipeline.stages.entities.lower_case import lower_case_words
from pipeline.text.marks import CLOSES, CLOSES_DOUBLE
from pipeline.text.paragraphs import paragraphs

_LONGEST_HEADLINE = 150
_ENDS = (*".!:;,", *CLOSES_DOUBLE)
_LONGEST = 8_000  # characters; the library refuses very long texts, and its memory grows with the longest
_SENTENCE_END = re.compile(rf"[.!?][{CLOSES}]?\s++(?=\S)")
_SPACE = re.compile(r"\S\s++(?=\S)")
_BYLINE_WITHIN = 2  # paragraphs from the beginning or the end of the body

_LONGEST_WORD = 1_000
_NO_WORD = re.compile(rf"(?<!\S)\S{{{_LONGEST_WORD},}}+")
"""What no name is in: a thousand characters without white space. The longest stretch of thousands of articles, a web
address, has 189. The library cuts a stretch sign by sign, and looks at the whole of it each time."""
_PROSE = re.compile(r"(?:\b[a-z]{2,}+\s){2}")
_CAPITALS = 0.8
_FEW_LETTERS = 20
_WORD_IN_CAPITALS = re.compile(r"\b[^\W\d_a-z]{2,}\b")
_SMALL_WORDS = ("articles", "small", "no_name_first", "person_verbs")
_WORD_OR_SIGN = re.compile(r"\w++|[^\w\s]")
_MOST_READ = 60_000
"""Words and signs of an article in which names are recognised; a word that the article has not had before, and a
passage, take the time of some more. That is some 38,000 words of prose; the longest magazine articles have 31,000,
and the longest of three thousand news articles 9,000. What is recognised up to there is found again in the rest."""
_NEW_WORD = 4  # on top of the one that it counts as any word
_PASSAGE = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """The headline or a paragraph of the story, or a piece of a very long one.

    `text` has as many code points as its stretch of the article from `start`; line breaks in it are spaces. Names
    are recognised in it unless it comes after more than is read of an article.
    """

    start: int
    text: str
    is_headline: bool = False
    is_read: bool = True

    @property
    def is_in_capitals(self) -> bool:
        """Whether all of it but a few letters is in capitals, as headlines, leads and banners are."""
        if _PROSE.search(self.text):
            return False
        letters = sum(map(str.isalpha, self.text))
        return letters >= _FEW_LETTERS and sum(map(str.isupper, self.text)) >= _CAPITALS * letters

    def as_prose(self, article: str, names: Names) -> str:
        """What the recogniser is to read: `text`, or one in capitals as it would stand in a sentence.

        Args:
            article: the whole text, which writes some of the words small elsewhere.
            names: what is known of its language.
        """
        if not self.is_in_capitals:
            return self.text
        small = lower_case_words(article)

        def uncapitalised(match: re.Match[str]) -> str:
            word = match.group()
            lower = word.lower()
            if len(lower) != len(word):
                return word
            is_small = small.has(lower) or any(lower in names.words("cues", key) for key in _SMALL_WORDS)
            return lower if is_small else word[0] + lower[1:]

        return _WORD_IN_CAPITALS.sub(uncapitalised, self.text)


def passages(article: Article, names: Names) -> list[Passage]:
    """The headline, if there is one, and the paragraphs of the body that belong to the story.

    Of a text that came without one, a first line in title case that ends as no sentence does is the headline.

    What is too long for a headline is a paragraph. What comes after as much as is read of an article is one passage,
    which is not read.
    """
    text, body = article.text, article.body_start
    cut: list[Passage] = []
    reading = _Reading(len(text))
    for start, end, is_headline in _story_of(text, body, names):
        for one, other in _pieces(text, start, end):
            cut.append(Passage(one, _on_one_line(text[one:other]), is_headline=is_headline))
            if reading.is_over(cut[-1].text):
                return [*cut, Passage(other, _on_one_line(text[other:]), is_read=False)]
    return cut


def _story_of(text: str, body: int, names: Names) -> Iterator[tuple[int, int, bool]]:
    """Where the headline and the paragraphs of the story are, and which of them is the headline."""
    headline = text[:body].strip()
    if headline:
        start = text.index(headline)
        yield start, start + len(headline), len(headline) <= _LONGEST
    spans = list(paragraphs(text[body:]))
    for at, (start, end) in enumerate(spans):
        if at == 0 < len(spans) - 1 and not headline and _is_like_a_headline(text[body + start : body + end]):
            yield body + start, body + end, True
            continue
        at_an_end = at < _BYLINE_WITHIN or at >= len(spans) - _BYLINE_WITHIN
        if not is_boilerplate(text[body + start : body + end], names, at_an_end=at_an_end and len(spans) > 1):
            yield body + start, body + end, False


def _is_like_a_headline(line: str) -> bool:
    """Whether the first line of a text that came without a headline is one whose capitals say nothing."""
    return len(line) <= _LONGEST_HEADLINE and not line.rstrip().endswith(_ENDS) and is_in_title_case(line)


class _Reading:
    """How much of an article of so many characters may still be read."""

    def __init__(self, length: int) -> None:
        self._is_short = length * (1 + _NEW_WORD) + _PASSAGE <= _MOST_READ
        self._left = _MOST_READ
        self._known: set[str] = set()

    def is_over(self, passage: str) -> bool:
        """Whether nothing is to be read behind this passage."""
        if self._is_short:
            return False
        new = set(passage.split()) - self._known
        self._known |= new
        self._left -= len(_WORD_OR_SIGN.findall(passage)) + _NEW_WORD * len(new) + _PASSAGE
        return self._left <= 0


def story(article: Article, cut: Sequence[Passage]) -> str:
    """The article's text for searching: passages on one line each, blank where it is no part of the story."""
    pieces: list[str] = []
    at = 0
    for passage in cut:
        pieces += ["\n" * (passage.start - at), passage.text]
        at = passage.start + len(passage.text)
    return "".join(pieces) + "\n" * (len(article.text) - at)


def is_boilerplate(line: str, names: Names, *, at_an_end: bool) -> bool:
    """Whether a paragraph is a teaser, a picture credit or, at an end of the article, a byline."""
    line = line.strip()
    kinds = ("teasers", "credits", "bylines") if at_an_end else ("teasers", "credits")
    if not any(_pattern(names, kind).fullmatch(line) for kind in kinds):
        return False
    # A paragraph of several sentences is prose, whatever it begins with.
    return len(re.findall(r"[a-z]{2}[.!?]\s+[A-Z]", line)) == 0


@cache
def _pattern(names: Names, kind: str) -> re.Pattern[str]:
    return re.compile(names.any_of("boilerplate", kind), re.IGNORECASE)


def _on_one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The paragraph from `start` to `end` without what is no word; see `_cut`."""
    if end - start > _LONGEST_WORD:
        for stretch in _NO_WORD.finditer(text, start, end):
            if start < stretch.start():
                yield from _cut(text, start, stretch.start())
            start = stretch.end()
    if start < end:
        yield from _cut(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretch from `start` to `end`; a very long one in pieces that end with a sentence, else with a word."""
    while end - start > _LONGEST:
        window = (text, start + _LONGEST // 2, start + _LONGEST)
        breaks = list(_SENTENCE_END.finditer(*window)) or list(_SPACE.finditer(*window))
        cut = breaks[-1].end() if breaks else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end
