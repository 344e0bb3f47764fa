"""How one quotation is worded in several places: the same words, nearly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from pipeline.text.marks import APOSTROPHES

Source = TypeVar("Source")

_WORD = re.compile(rf"\w+(?:[{APOSTROPHES}]\w+)*")
_ALIKE = 0.6  # of their words, in order
_FEWEST = 4  # words: shorter ones are alike by chance


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a wording; `differs` from the first wording of its group."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Wording(Generic[Source]):
    """One wording, where it stands, and how it differs."""

    source: Source
    parts: tuple[Part, ...]


def compared(texts: Sequence[tuple[str, Source]]) -> list[list[Wording[Source]]]:
    """Group the wordings of one quotation that differ, in the given order; those that stand alone are left out.

    Args:
        texts: wordings and where they stand; a few hundred, as each is compared with each group.
    """
    groups: list[list[tuple[str, list[str], Source]]] = []
    for text, source in texts:
        words = _words(text)
        if len(words) < _FEWEST:
            continue
        group = next((group for group in groups if _are_alike(group[0][1], words)), None)
        if group is None:
            groups.append([(text, words, source)])
        elif all(words != other for _, other, _ in group):
            group.append((text, words, source))
    return [
        [Wording(source, tuple(_parts(group[0][1], text))) for text, _, source in group]
        for group in groups
        if len(group) > 1
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _are_alike(one: list[str], other: list[str]) -> bool:
    different = set(one)
    # Of the words in one, those that may be in the other too.
    at_most = len(different.intersection(other)) + len(one) - len(different)
    if 2 * at_most < _ALIKE * (len(one) + len(other)):
        return False  # as the matcher would find, which takes ten times as long to make
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
    )


def _parts(first: list[str], text: str) -> list[Part]:
    """The text cut where it begins or ceases to differ from the first wording."""
    found = list(_WORD.finditer(text))
    words = [match[0].casefold() for match in found]
    same: set[int] = set()
    for block in SequenceMatcher(None, first, words, autojunk=False).get_matching_blocks():
        same.update(range(block.b, block.b + block.size))
    parts: list[Part] = []
    cut, differs = 0, False
    for index, match in enumerate(found):
        if (index not in same) != differs:
            edge = match.start() if not differs else found[index - 1].end()
            if edge > cut:
                parts.append(Part(text[cut:edge], differs))
            cut, differs = edge, not differs
    end = found[-1].end() if differs and found else len(text)
    parts += [Part(text[cut:end], differs), Part(text[end:], False)]
    return [part for part in parts if part.text]
