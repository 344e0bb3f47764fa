"""An article cut into what the recogniser reads at once, and the furniture of the page told from the story."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.models import Article
from pipeline.stages.entities.lexicon import table
from pipeline.stages.paragraphs import paragraphs

_LONGEST = 8_000  # characters; the library refuses very long texts, and its memory grows with the longest
_SENTENCE_END = re.compile(r"[.!?][\"”’']?\s+(?=\S)")
_SPACE = re.compile(r"\s+(?=\S)")
_BYLINE_WITHIN = 2  # paragraphs from the beginning or the end of the body


@dataclass(frozen=True, slots=True)
class Passage:
    """The headline or a paragraph of the story, or a piece of a very long one.

    `text` has as many code points as its stretch of the article from `start`; line breaks in it are spaces.
    """

    start: int
    text: str
    is_headline: bool = False


def passages(article: Article) -> list[Passage]:
    """The headline, if there is one, and the paragraphs of the body that belong to the story."""
    text, body = article.text, article.body_start
    headline = text[:body].strip()
    cut = [Passage(text.index(headline), _on_one_line(headline), is_headline=True)] if headline else []
    spans = [(body + start, body + end) for start, end in paragraphs(text[body:])]
    for at, (start, end) in enumerate(spans):
        at_an_end = at < _BYLINE_WITHIN or at >= len(spans) - _BYLINE_WITHIN
        if not is_furniture(text[start:end], at_an_end=at_an_end and len(spans) > 1):
            cut += [Passage(one, _on_one_line(text[one:other])) for one, other in _pieces(text, start, end)]
    return cut


def story(article: Article, cut: Sequence[Passage]) -> str:
    """The article's text for searching: passages on one line each, blank where it is no part of the story."""
    pieces: list[str] = []
    at = 0
    for passage in cut:
        pieces += ["\n" * (passage.start - at), passage.text]
        at = passage.start + len(passage.text)
    return "".join(pieces) + "\n" * (len(article.text) - at)


def is_furniture(line: str, *, at_an_end: bool) -> bool:
    """Whether a paragraph is a teaser, a picture credit or, at an end of the article, a byline."""
    line = line.strip()
    kinds = ("teasers", "credits", "bylines") if at_an_end else ("teasers", "credits")
    if not any(_pattern(kind).fullmatch(line) for kind in kinds):
        return False
    # A paragraph of several sentences is prose, whatever it begins with.
    return len(re.findall(r"[a-z]{2}[.!?]\s+[A-Z]", line)) == 0


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in table("furniture")[kind]), re.IGNORECASE)


def _on_one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The paragraph from `start` to `end`; a very long one in pieces that end with a sentence, else with a word."""
    while end - start > _LONGEST:
        window = (text, start + _LONGEST // 2, start + _LONGEST)
        breaks = list(_SENTENCE_END.finditer(*window)) or list(_SPACE.finditer(*window))
        cut = breaks[-1].end() if breaks else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end
