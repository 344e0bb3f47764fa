"""Persons' names made whole: parts before them that the recogniser left out, and names it missed behind titles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipeline.stages.entities.countries import country_code, demonym_code
from pipeline.stages.entities.lexicon import fold, words
from pipeline.stages.entities.mentions import Mention
from pipeline.stages.entities.persons import title_before, titles

_PART_BEFORE = re.compile(r"(?<![\w.’'&-])([^\W\d_](?:[\w’'-]*[^\W_]|\.(?:[A-Z]\.)*)?) \Z")
_PARTS_AT_MOST = 3
_PARTICLES = "al|bin|da|de|del|der|di|dos|el|la|van|von"
_PART = r"[^\W\d_a-z][\w’'-]*[^\W_]"
_NAME = rf"{_PART}(?: (?:(?:{_PARTICLES}) ){{0,2}}{_PART}){{0,2}}"
_TITLED = re.compile(
    rf"(?<![\w.-])(?:M(?:r|rs|s|iss)|Dr|Prof|Sen|Gov|Gen|Lt|Col|Capt|Sgt|Rep|Sir|Dame)\.? ({_NAME})(?!\w)"
)
_NICKNAMED = re.compile(rf"(?<![\w.-])({_PART}) [\"“‘']{_PART}(?: {_PART})?[\"”’'] {_PART}(?!\w)")
_QUOTE = re.compile(r"[\"“”‘]")
_LETTERS_BEFORE = 40


def widened(text: str, mentions: Sequence[Mention], *, unsure: range) -> list[Mention]:
    """`mentions` of an article `text` with persons' names whole, and with persons that only a title shows.

    Args:
        text: the article.
        mentions: what was found.
        unsure: where capitals mark no names, so that nothing is widened.
    """
    common = _common_words(text)
    mentions = _with_nicknames(mentions, text, common, unsure)
    taken = {at for mention in mentions for at in range(mention.start, mention.end)}
    whole = [
        _whole(mention, text, taken, common)
        if mention.label == "PERSON" and mention.start not in unsure
        else mention
        for mention in mentions
    ]
    return sorted(map(_styled, [*whole, *_titled(text, taken)]), key=lambda mention: mention.start)


def _with_nicknames(
    mentions: Sequence[Mention], text: str, common: frozenset[str], unsure: range
) -> list[Mention]:
    """Names like `Karl “Red” Hale` in one piece, wherever a part of one was taken for a person.

    A name that begins or ends amid the marks is a part of one, whatever it was taken for.
    """
    kept = list(mentions)
    for match in _NICKNAMED.finditer(text):
        if match.start() in unsure or not _is_a_part(match[1], common):
            continue
        inside = [one for one in kept if one.start < match.end() and one.end > match.start()]
        if any(one.label == "PERSON" or _QUOTE.search(one.text) for one in inside) and all(
            match.start() <= one.start and one.end <= match.end() for one in inside
        ):
            title = title_before(text[max(0, match.start() - _LETTERS_BEFORE) : match.start()])
            kept = [one for one in kept if one not in inside]
            kept.append(Mention(match.start(), match.end(), "PERSON", match.group(), title))
    return kept


def _styled(mention: Mention) -> Mention:
    """A given name with the style before it, without which nobody is called so: `Sir Alec`."""
    if " " in mention.text or mention.title not in words("persons", "styles"):
        return mention
    style = mention.title.title()
    start = mention.start - len(style) - 1
    return Mention(start, mention.end, mention.label, f"{style} {mention.text}", mention.title)


def _whole(mention: Mention, text: str, taken: set[int], common: frozenset[str]) -> Mention:
    for _ in range(_PARTS_AT_MOST):
        before = _PART_BEFORE.search(text[max(0, mention.start - _LETTERS_BEFORE) : mention.start])
        if not before:
            break
        length = len(before[1]) + 1
        start = mention.start - length
        if start in taken or not _is_a_part(before[1], common):
            break
        title = title_before(text[max(0, start - _LETTERS_BEFORE) : start])
        mention = Mention(start, mention.end, mention.label, text[start : mention.end], title)
        taken.update(range(start, mention.end))
    return mention


def _is_a_part(word: str, common: frozenset[str]) -> bool:
    if not word[0].isupper():
        return False
    folded = fold(word)
    if len(folded) == 1:
        return folded not in "ai" or word.endswith(".")
    return not (
        word.isupper()
        or word.lower() in common
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


def _common_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b[a-z][a-z’'-]+\b", text))


def _titled(text: str, taken: set[int]) -> Iterator[Mention]:
    for match in _TITLED.finditer(text):
        if taken.isdisjoint(range(match.start(1), match.end(1))):
            taken.update(range(match.start(1), match.end(1)))
            yield Mention(
                match.start(1),
                match.end(1),
                "PERSON",
                match[1],
                title_before(text[match.start() : match.start(1)]),
            )
