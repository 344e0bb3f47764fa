"""Persons' names made whole: parts before them that the recogniser left out, and names it missed behind titles."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from pipeline.stages.entities.countries import country_code, demonym_code
from pipeline.stages.entities.lexicon import fold, words
from pipeline.stages.entities.mentions import MENTIONS_AT_MOST, Mention
from pipeline.stages.entities.persons import LETTERS_BEFORE, title_before, titles
from pipeline.stages.entities.wording import SmallWords, small_words
from pipeline.text.marks import APOSTROPHES, CLOSES, DOUBLE, OPENS, SINGLE_OPENING

_PART_BEFORE = re.compile(
    rf"(?<![\w.{APOSTROPHES}&-])([^\W\d_](?:[\w{APOSTROPHES}-]*[^\W_]|\.(?:[A-Z]\.)*)?) \Z"
)
_PARTS_AT_MOST = 3
_PARTICLES = "al|bin|da|de|del|der|di|dos|el|la|van|von"
# Of bounded length, lest a heap of apostrophes be read to its end from each letter in it.
_PART = rf"[^\W\d_a-z][\w{APOSTROPHES}-]{{0,60}}[^\W_]"
_NAME = rf"{_PART}(?: (?:(?:{_PARTICLES}) ){{0,2}}{_PART}){{0,2}}"
_TITLES = (
    *("Mr", "Mrs", "Ms", "Miss", "Dr", "Prof", "Sen", "Gov", "Gen"),
    *("Lt", "Col", "Capt", "Sgt", "Rep", "Sir", "Dame"),
)
# What may not stand before a title is looked for behind its first letter: the engine skips to such letters fast.
_TITLED = re.compile(
    rf"[{''.join(sorted({title[0] for title in _TITLES}))}](?<![\w.-].)"
    rf"(?:{'|'.join(f'(?<={title[0]}){title[1:]}' for title in _TITLES)})\.? ({_NAME})(?!\w)"
)
_BEHIND_GIVEN_NAME = rf" [{OPENS}]{_PART}(?: {_PART})?[{CLOSES}] {_PART}(?!\w)"
_NICKNAME = re.compile(_BEHIND_GIVEN_NAME)
_NICKNAMED = re.compile(rf"(?<![\w.-])({_PART}){_BEHIND_GIVEN_NAME}")
_QUOTE = re.compile(f"[{DOUBLE}{SINGLE_OPENING}]")


def widened(text: str, mentions: Sequence[Mention], *, unsure: range) -> list[Mention]:
    """`mentions` of an article `text` with persons' names whole, and with persons that only a title shows.

    Args:
        text: the article.
        mentions: what was found, in order, not overlapping.
        unsure: where capitals mark no names, so that nothing is widened.
    """
    small = small_words(text)
    mentions = _with_nicknames(mentions, text, small, unsure)
    taken = _Taken(len(text))
    for mention in mentions:
        taken.add(mention.start, mention.end)
    whole = [
        _whole(mention, text, taken, small)
        if mention.label == "PERSON" and mention.start not in unsure
        else mention
        for mention in mentions
    ]
    return sorted(map(_styled, [*whole, *_titled(text, taken)]), key=lambda mention: mention.start)


def _with_nicknames(
    mentions: Sequence[Mention], text: str, small: SmallWords, unsure: range
) -> list[Mention]:
    """Names like `Karl “Red” Hale` in one piece, wherever a part of one was taken for a person.

    A name that begins or ends amid the marks is a part of one, whatever it was taken for.
    """
    if not _NICKNAME.search(text):
        return list(mentions)
    starts = [mention.start for mention in mentions]
    parts: set[int] = set()
    whole: list[Mention] = []
    for match in _NICKNAMED.finditer(text):
        if match.start() in unsure or not _is_a_part(match[1], small):
            continue
        # They don't overlap, so that one at most reaches into the name from before it.
        first = max(0, bisect_right(starts, match.start()) - 1)
        places = range(first, bisect_left(starts, match.end()))
        inside = [mentions[at] for at in places if mentions[at].end > match.start()]
        if any(one.label == "PERSON" or _QUOTE.search(one.text) for one in inside) and all(
            match.start() <= one.start and one.end <= match.end() for one in inside
        ):
            title = title_before(text[max(0, match.start() - LETTERS_BEFORE) : match.start()])
            parts.update(mention.start for mention in inside)
            whole.append(Mention(match.start(), match.end(), "PERSON", match.group(), title))
    return [mention for mention in mentions if mention.start not in parts] + whole


def _styled(mention: Mention) -> Mention:
    """A given name with the style before it, without which nobody is called so: `Sir Alec`."""
    if not mention.title or " " in mention.text or mention.title not in words("persons", "styles"):
        return mention
    style = mention.title.title()
    start = mention.start - len(style) - 1
    return Mention(start, mention.end, mention.label, f"{style} {mention.text}", mention.title)


class _Taken(bytearray):
    """Which characters of an article are in a mention: a byte for each that is not 0."""

    def add(self, start: int, end: int) -> None:
        self[start:end] = b"\1" * (end - start)

    def has_none_of(self, start: int, end: int) -> bool:
        return 1 not in self[start:end]


def _whole(mention: Mention, text: str, taken: _Taken, small: SmallWords) -> Mention:
    for _ in range(_PARTS_AT_MOST):
        word = _word_before(text, mention.start)
        start = mention.start - len(word) - 1
        if not word or taken[start] or not _is_a_part(word, small):
            break
        title = title_before(text[max(0, start - LETTERS_BEFORE) : start])
        mention = Mention(start, mention.end, mention.label, text[start : mention.end], title)
        taken.add(start, mention.end)
    return mention


def _word_before(text: str, at: int) -> str:
    """The word before the space that stands before `at`; empty if there is none, or surely none with a capital."""
    far = max(0, at - LETTERS_BEFORE)
    if text[at - 1 : at] != " " or text[max(far, text.rfind(" ", far, at - 1)) : at].islower():
        return ""
    before = _PART_BEFORE.search(text[far:at])
    return before[1] if before else ""


def _is_a_part(word: str, small: SmallWords) -> bool:
    if not word[0].isupper():
        return False
    folded = fold(word)
    if len(folded) == 1:
        return folded not in "ai" or word.endswith(".")
    return not (
        word.isupper()
        or small.has_stretch(word.lower())
        or folded in _no_parts()
        or country_code(folded)
        or demonym_code(folded)
    )


@cache
def _no_parts() -> frozenset[str]:
    listed = [
        words("cues", key)
        for key in ("generic", "no_name_first", "organisation_last", "place_last", "months")
    ]
    roles = frozenset(word for title in titles() for word in title.split())
    return frozenset().union(*listed, roles, words("persons", "roles"))


def _titled(text: str, taken: _Taken) -> Iterator[Mention]:
    for match in islice(_TITLED.finditer(text), MENTIONS_AT_MOST):
        start, end = match.span(1)
        if taken.has_none_of(start, end):
            taken.add(start, end)
            yield Mention(start, end, "PERSON", match[1], title_before(text[match.start() : start]))
