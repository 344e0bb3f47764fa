"""Titles of works, by the quotation marks that they stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.stages.entities.mentions import Mention
from pipeline.text.marks import CLOSES, OPENS

_WORK = "WORK_OF_ART"
_ARTICLE = re.compile(rf"(?<=[{OPENS}])((?:The|An?) )\Z")
_CLOSING = re.compile(f"[,.]?[{CLOSES}]")
_BETWEEN = re.compile(rf"[,.]?[{CLOSES}](?:,|,? and|,? or) [{OPENS}]")
_LONGEST_ARTICLE = 5
_LONGEST_BETWEEN = 10  # characters


def titled(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """The mentions, those of works with the article that opens them; what is quoted beside a work is one too.

    Args:
        mentions: of an article, in the order of the text.
        text: the article's.
    """
    found = [_with_article(mention, text) if mention.label == _WORK else mention for mention in mentions]
    for at, (one, other) in enumerate(pairwise(found)):
        if (one.label == _WORK) != (other.label == _WORK) and _are_listed(one, other, text):
            found[at : at + 2] = [_with_article(work.labelled(_WORK), text) for work in (one, other)]
    return found


def _are_listed(one: Mention, other: Mention, text: str) -> bool:
    """Whether two names stand in marks of their own, one behind the other: `“Salt” and “The Last Ferry”`."""
    between = text[one.end : other.start] if other.start - one.end <= _LONGEST_BETWEEN else ""
    opened = one.start > 0 and text[one.start - 1] in OPENS
    return opened and bool(_BETWEEN.fullmatch(between) and _CLOSING.match(text, other.end))


def _with_article(mention: Mention, text: str) -> Mention:
    """The title of a work with the article that opens it, when it stands in quotation marks with it."""
    before = _ARTICLE.search(text, max(0, mention.start - _LONGEST_ARTICLE), mention.start)
    if not before or not _CLOSING.match(text, mention.end):
        return mention
    start = before.start(1)
    return Mention(start, mention.end, mention.label, text[start : mention.end])
