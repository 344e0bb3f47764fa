"""A name as it stands in an article, while this stage works on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.record import ENTITY_TYPES, PLACE_TYPES

NAMED = frozenset(ENTITY_TYPES)
"""The labels of what is kept."""

MENTIONS_AT_MOST = 5_000
"""Mentions of an article, in the order of the text. The most of three thousand articles is 771, on 9,000 words."""

PLACES = PLACE_TYPES


class Mention(NamedTuple):
    """One occurrence of a name: a half-open code point range of the article's text and an OntoNotes label.

    `title` is the folded title before a person's name (`mrs`, `prime minister`), which is no part of it.
    """

    start: int
    end: int
    label: str
    text: str
    title: str = ""

    def cut(self, left: int = 0, right: int = 0) -> Mention:
        """This mention without so many characters at either side."""
        if not (left or right):
            return self
        text = self.text[left : len(self.text) - right]
        return Mention(self.start + left, self.end - right, self.label, text, self.title)

    def labelled(self, label: str) -> Mention:
        """This mention under another label."""
        if label == self.label:
            return self
        return Mention(self.start, self.end, label, self.text, self.title)

    def titled(self, title: str) -> Mention:
        """This mention with the title that stands before it."""
        if title == self.title:
            return self
        return Mention(self.start, self.end, self.label, self.text, title)


def usual_label(mentions: Iterable[Mention]) -> str:
    """The label that most of them have, of several the one that comes first."""
    return usual([mention.label for mention in mentions])


def usual(labels: Sequence[str]) -> str:
    """The label that is there most often, of several the one that comes first."""
    first = labels[0]
    return first if labels.count(first) == len(labels) else max(dict.fromkeys(labels), key=labels.count)
