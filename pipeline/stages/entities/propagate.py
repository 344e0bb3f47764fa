"""Mentions that the recogniser missed: names that it found elsewhere in the article, and abbreviations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

from pipeline.languages.names import Names
from pipeline.stages.entities.finding import occurrences
from pipeline.stages.entities.lower_case import lower_case_words
from pipeline.stages.entities.mentions import MENTIONS_AT_MOST, Mention
from pipeline.stages.entities.organisations import abbreviates, may_abbreviate
from pipeline.stages.entities.persons import LETTERS_BEFORE, title_before
from pipeline.stages.entities.roles import is_made_like_a_role
from pipeline.text.folding import fold
from pipeline.text.marks import APOSTROPHES

# What may not stand before it is looked for behind its first letter: the engine skips to such letters fast.
_ABBREVIATION = re.compile(
    rf"[A-Z](?<![\w.&/{APOSTROPHES}-].)[A-Z&]{{1,6}}[A-Z](?![\w&/]|[{APOSTROPHES}-]?[A-Z0-9])"
)
_IN_BRACKETS = re.compile(r"\s?\(([A-Z][\w.&-]{1,10})[);]")
_COMMON = re.compile(r"\(([A-Z]{2,6})s?\)")
_LETTERS_BEFORE = 80
_SPREAD = frozenset(("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP"))
_SHORTEST = 3
_SHORTEST_WORD = 5  # letters of a common word that is shouted rather than an abbreviation
_CAPITALS = 0.6
_LETTERS_AFTER = 60
_NOBODY = -1


def propagated(text: str, mentions: Sequence[Mention], language: Names) -> list[Mention]:
    """`mentions` and those found again in `text`, in order, not overlapping.

    A longer known name takes the place of mentions that lie within it: `Dubai` in `Dubai Police`.
    """
    common = _common_abbreviations(text)
    mentions = [
        one for one in _lengthened(text, mentions, language) if one.text.removesuffix("s") not in common
    ]
    with_short = [*mentions, *_in_brackets(text, mentions, language)]
    labels = _known(with_short)
    small = lower_case_words(text)
    names = [name for name in labels if " " in name or not small.has(name.lower())]
    claims = _Claims(text, with_short)
    for start, name in islice(occurrences(text, names), MENTIONS_AT_MOST):
        if claims.give_way(start, start + len(name)):
            before = text[max(0, start - LETTERS_BEFORE) : start]
            title = title_before(before, language) if labels[name] == "PERSON" else ""
            claims.add(Mention(start, start + len(name), labels[name], name, title))
    lines = _Lines(text)
    for start, word in islice(_abbreviations(text, language), MENTIONS_AT_MOST):
        end = start + len(word)
        if (
            word not in labels
            and word not in common
            and claims.give_way(start, end)
            and not lines.in_capitals(start, end)
        ):
            claims.add(Mention(start, end, "ORG", word))
    return claims.in_order()


class _Claims:
    """The mentions of a text, and which of them each character belongs to."""

    def __init__(self, text: str, mentions: Iterable[Mention]) -> None:
        self._by_start = {mention.start: mention for mention in sorted(mentions, key=lambda one: one.end)}
        self._owners = [_NOBODY] * len(text)
        for mention in self._by_start.values():
            self._fill(mention)

    def _fill(self, mention: Mention) -> None:
        self._owners[mention.start : mention.end] = [mention.start] * (mention.end - mention.start)

    def give_way(self, start: int, end: int) -> bool:
        """Whether there is none from `start` to `end`, or only such as lie within and are shorter."""
        owners = set(self._owners[start:end])
        if owners == {start}:  # nearly always
            return self._by_start[start].end < end
        inside = [self._by_start[first] for first in owners - {_NOBODY}]
        return all(start <= one.start and one.end <= end for one in inside) and not (
            len(inside) == 1 and inside[0].end - inside[0].start == end - start
        )

    def add(self, mention: Mention) -> None:
        """Put `mention` in the place of those that lie within."""
        for start in set(self._owners[mention.start : mention.end]) - {_NOBODY}:
            del self._by_start[start]
        self._by_start[mention.start] = mention
        self._fill(mention)

    def in_order(self) -> list[Mention]:
        return [self._by_start[start] for start in sorted(self._by_start)]


def _known(mentions: Iterable[Mention]) -> dict[str, str]:
    """The names worth looking for, with their labels."""
    counts: dict[tuple[str, str], int] = {}
    for _, _, label, name, _ in mentions:
        if label in _SPREAD and len(name) >= _SHORTEST and name[0].isupper():
            counts[name, label] = counts.get((name, label), 0) + 1
            surname = name.rsplit(" ", 1)[-1] if label == "PERSON" else ""
            if len(surname) >= _SHORTEST and surname[0].isupper():
                counts.setdefault((surname, label), 0)  # worth looking for, but outvoted by any other label
    labels: dict[str, str] = {}
    for name, label in sorted(counts, key=counts.__getitem__, reverse=True):
        labels.setdefault(name, label)
    return labels


def _in_brackets(text: str, mentions: Iterable[Mention], language: Names) -> Iterator[Mention]:
    """`EU` of `European Union (EU)`, under the label of the long form."""
    for mention in mentions:
        opens_soon = text.find("(", mention.end, mention.end + 2) >= 0
        match = _IN_BRACKETS.match(text, mention.end) if opens_soon else None
        if match and _explains(mention, match[1], language):
            yield Mention(match.start(1), match.end(1), mention.label, match[1])


@cache
def _rest(language: Names) -> re.Pattern[str]:
    """Words of a name behind its beginning, and an abbreviation in brackets behind them."""
    small = language.any_of("cues", "small")
    word = r"[A-Z][\w&-]{0,40}+"
    return re.compile(rf"((?:,? (?:{small} ){{0,2}}{word}){{1,6}})\s?\(([A-Z][\w.&-]{{1,10}})\)")


@cache
def _of_members(language: Names) -> re.Pattern[str]:
    """What stands behind those whose organisation it is: `'s Court` of `Harrow Magistrate's Court`."""
    last = "|".join(sorted(language.words("cues", "organisation_last")))
    return re.compile(
        rf"(?:[{APOSTROPHES}]s|(?<=s)[{APOSTROPHES}])(?: [A-Z][\w-]{{0,40}}+){{0,2}} (?i:{last})\b"
    )


def _lengthened(text: str, mentions: Iterable[Mention], language: Names) -> Iterator[Mention]:
    """The mentions in order, organisations with what of their names the recogniser left out behind them."""
    reached = 0
    for mention in sorted(mentions, key=lambda one: one.start):
        if mention.start >= reached:
            end = _end(text, mention, language) if mention.label == "ORG" else mention.end
            whole = text[mention.start : end]
            yield mention if end == mention.end else Mention(mention.start, end, mention.label, whole)
            reached = end


def _end(text: str, mention: Mention, language: Names) -> int:
    """Where the name of an organisation ends.

    By the abbreviation behind it, `Mission in Harrow (MIH)`, or by what its members have.
    """
    rest = _rest(language).match(text, mention.end)
    if (
        rest
        and not abbreviates(rest[2], mention.text, language)
        and abbreviates(rest[2], text[mention.start : rest.end(1)], language)
    ):
        return rest.end(1)
    last = fold(mention.text.rsplit(maxsplit=1)[-1])
    if last in language.words("cues", "members") or is_made_like_a_role(last.removesuffix("s"), language):
        court = _of_members(language).match(text, mention.end)
        return court.end() if court else mention.end
    return mention.end


def _explains(mention: Mention, short: str, language: Names) -> bool:
    """Whether a name is the long form of `short`, which stands in brackets behind it."""
    return abbreviates(short, mention.text, language) or (
        mention.label == "ORG" and " " in mention.text and may_abbreviate(short, mention.text)
    )


def _abbreviations(text: str, language: Names) -> Iterator[tuple[int, str]]:
    """Words of capitals that stand for organisations, but for well-known others."""
    for match in _ABBREVIATION.finditer(text):
        folded = fold(match.group())
        is_word = len(folded) >= _SHORTEST_WORD and folded in language.words("cues", "generic")
        if not is_word and folded not in language.words("cues", "no_organisation"):
            yield match.start(), match.group()


def _common_abbreviations(text: str) -> frozenset[str]:
    """Abbreviations that the article itself explains by words in lower case: `non-performing loans (NPLs)`."""
    found: set[str] = set()
    for match in _COMMON.finditer(text):
        before = text[max(0, match.start() - _LETTERS_BEFORE) : match.start()].replace("-", " ").split()
        words = before[-len(match[1]) :]
        if "".join(word[0] for word in words if word.islower()).upper() == match[1]:
            found.add(match[1])
    return frozenset(found)


class _Lines:
    """The lines of a text, asked from its beginning to its end how much of them is in capitals."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0  # up to where the letters and capitals of the line are counted
        self._letters = 0
        self._capitals = 0

    def in_capitals(self, start: int, end: int) -> bool:
        """Whether most letters of the line are capitals, up to some way behind the word from `start` to `end`."""
        line = self._text.rfind("\n", self._at, start) + 1
        if line:
            self._at, self._letters, self._capitals = line, 0, 0
        letters, capitals = _letters_of(self._text[self._at : start])
        self._at, self._letters, self._capitals = start, self._letters + letters, self._capitals + capitals
        letters, capitals = _letters_of(self._text[start : end + _LETTERS_AFTER].split("\n", 1)[0])
        return self._capitals + capitals >= _CAPITALS * (self._letters + letters)


def _letters_of(text: str) -> tuple[int, int]:
    """How many letters and how many capital ones."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters), sum(map(str.isupper, letters))
