"""Mentions that the recogniser missed: names that it found elsewhere in the article, and abbreviations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pipeline.stages.entities.finding import occurrences
from pipeline.stages.entities.lexicon import fold, words
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.organisations import abbreviates
from pipeline.stages.entities.persons import title_before

_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_ABBREVIATION = re.compile(r"(?<![\w.&/’'-])[A-Z][A-Z&]{1,6}[A-Z](?![\w&/]|[’'-]?[A-Z0-9])")
_IN_BRACKETS = re.compile(r"\s?\(([A-Z][\w.&-]{1,10})\)")
_SPREAD = frozenset(("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP"))
_SHORTEST = 3
_LETTERS_BEFORE = 40
_CAPITALS = 0.6


def rediscovered(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """`mentions` and those found again in `text`, in order, not overlapping.

    A longer known name takes the place of mentions that lie within it: `Dubai` in `Dubai Police`.
    """
    with_short = [*mentions, *_in_brackets(text, mentions)]
    labels = _known(with_short)
    lower = {word for word in _WORD.findall(text) if word.islower()}
    names = [name for name in labels if " " in name or name.lower() not in lower]
    return _merged(with_short, [*_again(text, names, labels), *_abbreviations(text, labels)])


def _known(mentions: Iterable[Mention]) -> dict[str, str]:
    """The names worth looking for, with their labels."""
    counts: Counter[tuple[str, str]] = Counter()
    for mention in mentions:
        if mention.label in _SPREAD and len(mention.text) >= _SHORTEST and mention.text[0].isupper():
            counts[mention.text, mention.label] += 1
            surname = mention.text.rsplit(" ", 1)[-1]
            if mention.label == "PERSON" and len(surname) >= _SHORTEST and surname[0].isupper():
                counts[surname, "PERSON"] += 0  # worth looking for, but outvoted by any other label
    labels: dict[str, str] = {}
    for (name, label), _ in counts.most_common():
        labels.setdefault(name, label)
    return labels


def _again(text: str, names: Sequence[str], labels: dict[str, str]) -> Iterator[Mention]:
    for start, name in occurrences(text, names):
        title = (
            title_before(text[max(0, start - _LETTERS_BEFORE) : start]) if labels[name] == "PERSON" else ""
        )
        yield Mention(start, start + len(name), labels[name], name, title)


def _in_brackets(text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """`EU` of `European Union (EU)`, under the label of the long form."""
    for mention in mentions:
        if (match := _IN_BRACKETS.match(text, mention.end)) and abbreviates(match[1], mention.text):
            yield Mention(match.start(1), match.end(1), mention.label, match[1])


def _abbreviations(text: str, labels: dict[str, str]) -> Iterator[Mention]:
    """Words of capitals amid words that are not: names of organisations, but for well-known others."""
    for match in _ABBREVIATION.finditer(text):
        word = match.group()
        if word in labels or fold(word) in words("cues", "no_organisation"):
            continue
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.end() + 60].split("\n", 1)[0]
        letters = [letter for letter in line if letter.isalpha()]
        if sum(map(str.isupper, letters)) < _CAPITALS * len(letters):
            yield Mention(match.start(), match.end(), "ORG", word)


def _merged(mentions: Sequence[Mention], found: Iterable[Mention]) -> list[Mention]:
    """All of `mentions` and those `found` that overlap none, or that hold all they overlap and are longer."""
    kept = {mention.start: mention for mention in sorted(mentions, key=lambda one: one.end)}
    owner: dict[int, int] = {at: one.start for one in kept.values() for at in range(one.start, one.end)}
    for one in found:
        inside = {owner[at] for at in range(one.start, one.end) if at in owner}
        if all(kept[start].start >= one.start and kept[start].end <= one.end for start in inside) and not (
            len(inside) == 1 and kept[min(inside)].end - min(inside) == len(one.text)
        ):
            for start in inside:
                del kept[start]
            kept[one.start] = one
            owner.update((at, one.start) for at in range(one.start, one.end))
    return [kept[start] for start in sorted(kept)]
