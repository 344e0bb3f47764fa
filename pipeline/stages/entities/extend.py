"""Persons' names made whole: parts before them that the recogniser left out, and names it missed behind titles."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code, demonym_code
from pipeline.stages.entities.lower_case import LowerCaseWords, lower_case_words
from pipeline.stages.entities.mentions import MENTIONS_AT_MOST, Mention
from pipeline.stages.entities.persons import LETTERS_BEFORE, title_before
from pipeline.stages.entities.roles import is_made_like_a_role, is_role
from pipeline.text.folding import fold
from pipeline.text.marks import APOSTROPHES, CLOSES, DOUBLE, OPENS, SINGLE_OPENING

_PART_BEFORE = re.compile(
    rf"(?<![\w.{APOSTROPHES}&-])([^\W\d_](?:[\w{APOSTROPHES}-]*[^\W_]|\.(?:[A-Z]\.)*)?) \Z"
)
_PARTS_AT_MOST = 3
_LONG_ROLE = 9  # letters; no usual given name that ends as roles do has so many
# Of bounded length, lest a heap of apostrophes be read to its end from each letter in it.
_PART = rf"[^\W\d_a-z][\w{APOSTROPHES}-]{{0,60}}[^\W_]"
_PART_BEHIND = re.compile(rf" ({_PART})(?![\w.])")
_ELIDED_BEHIND = re.compile(rf" ([dDlLO][{APOSTROPHES}]{_PART})(?![\w.])")
_ELIDED = re.compile(rf"[dDlLO](?<!\w.)[{APOSTROPHES}]({_PART})(?!\w)")
_ELISION = re.compile(rf"\A[a-zO][{APOSTROPHES}]")
_BEHIND_GIVEN_NAME = rf" [{OPENS}]{_PART}(?: {_PART})?[{CLOSES}] {_PART}(?!\w)"
_NICKNAME = re.compile(_BEHIND_GIVEN_NAME)
_NICKNAMED = re.compile(rf"(?<![\w.-])({_PART}){_BEHIND_GIVEN_NAME}")
_QUOTE = re.compile(f"[{DOUBLE}{SINGLE_OPENING}]")


@cache
def _pattern(names: Names) -> re.Pattern[str]:
    """A title that is surely one, and the name behind it."""
    titles = names.table("cues").get("sure_titles", ())
    particles = names.any_of("cues", "particles")
    name = rf"{_PART}(?: (?:{particles} ){{0,2}}{_PART}){{0,2}}"
    # What may not stand before a title is looked for behind its first letter: the engine skips to such letters fast.
    firsts = "".join(sorted({title[0] for title in titles}))
    return re.compile(
        rf"[{firsts}](?<![\w.-].)(?:{'|'.join(f'(?<={title[0]}){title[1:]}' for title in titles)})\.? ({name})(?!\w)"
        if titles
        else r"(?!)()"
    )


class _Parts:
    """Which words of a text may be parts of persons' names.

    Args:
        small: the words that the text writes small.
        names: what is known of its language.
    """

    def __init__(self, small: LowerCaseWords, names: Names) -> None:
        self._small = small
        self.names = names

    def has(self, word: str) -> bool:
        """Whether `word` may be one."""
        if not word[0].isupper():
            return False
        folded = fold(word)
        if len(folded) == 1:
            return folded not in "ai" or word.endswith(".")
        return not (word.isupper() or self._small.has_stretch(word.lower()) or _is_known(folded, self.names))

    def may_be_role(self, word: str) -> bool:
        """Whether `word` says what somebody does: by a list, or by how it is made, and the text writes it small too."""
        folded = fold(word)
        if folded in self.names.given_names or not word[0].isupper() or word.isupper():
            return False
        if any(folded in self.names.words("persons", key) for key in ("roles", "trades")):
            return True
        return is_made_like_a_role(folded, self.names) and (
            len(folded) >= _LONG_ROLE or self._small.has(word.lower())
        )


def _is_known(folded: str, names: Names) -> bool:
    """Whether a word is known to be something else."""
    return bool(folded in _no_parts(names) or country_code(folded, names) or demonym_code(folded, names))


def extended(text: str, mentions: Sequence[Mention], names: Names, *, unsure: range) -> list[Mention]:
    """`mentions` of an article `text` with persons' names whole, and with persons that only a title shows.

    Args:
        text: the article.
        mentions: what was found, in order, not overlapping.
        names: what is known of its language.
        unsure: where capitals mark no names, so that nothing is extended.
    """
    parts = _Parts(lower_case_words(text), names)
    mentions = _with_nicknames(_in_one_piece(mentions, text), text, parts, unsure)
    taken = _Taken(len(text))
    for mention in mentions:
        taken.add(mention.start, mention.end)
    whole = [
        _with_surname(_whole(mention, text, taken, parts), text, taken, parts)
        if mention.label == "PERSON" and mention.start not in unsure
        else mention
        for mention in mentions
    ]
    whole += _elided(text, whole, taken)
    styled = [_styled(mention, names) for mention in (*whole, *_titled(text, taken, names))]
    return _without_roles(sorted(styled, key=lambda mention: mention.start), parts)


def _without_roles(mentions: Sequence[Mention], parts: _Parts) -> list[Mention]:
    """A role before the surname of somebody who was named in full before: `Administrator Hale` of `Ann Hale`."""
    surnames: set[str] = set()
    found: list[Mention] = []
    for mention in mentions:
        first, _, last = mention.text.partition(" ")
        if mention.label == "PERSON" and last:
            if last in surnames and parts.may_be_role(first):
                mention = mention.cut(left=len(first) + 1).titled(fold(first))  # noqa: PLW2901 - what is left of it
            else:
                surnames.add(last.rsplit(" ", 1)[-1])
        found.append(mention)
    return found


def _in_one_piece(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """A given name behind a title and the surname behind it, each found by itself: `Dame Honor` and `Brackley`."""
    found: list[Mention] = []
    for mention in mentions:
        last = found[-1] if found else None
        if (
            last
            and last.label == mention.label == "PERSON"
            and last.title
            and " " not in last.text + mention.text
            and text[last.end : mention.start] == " "
        ):
            found[-1] = Mention(
                last.start, mention.end, last.label, text[last.start : mention.end], last.title
            )
        else:
            found.append(mention)
    return found


def _with_nicknames(mentions: Sequence[Mention], text: str, known: _Parts, unsure: range) -> list[Mention]:
    """Names like `Karl “Red” Hale` in one piece, wherever a part of one was taken for a person.

    A name that begins or ends amid the marks is a part of one, whatever it was taken for.
    """
    if not _NICKNAME.search(text):
        return list(mentions)
    starts = [mention.start for mention in mentions]
    parts: set[int] = set()
    whole: list[Mention] = []
    for match in _NICKNAMED.finditer(text):
        if match.start() in unsure or not known.has(match[1]):
            continue
        # They don't overlap, so that one at most reaches into the name from before it.
        first = max(0, bisect_right(starts, match.start()) - 1)
        places = range(first, bisect_left(starts, match.end()))
        inside = [mentions[at] for at in places if mentions[at].end > match.start()]
        if any(one.label == "PERSON" or _QUOTE.search(one.text) for one in inside) and all(
            match.start() <= one.start and one.end <= match.end() for one in inside
        ):
            title = title_before(text[max(0, match.start() - LETTERS_BEFORE) : match.start()], known.names)
            parts.update(mention.start for mention in inside)
            whole.append(Mention(match.start(), match.end(), "PERSON", match.group(), title))
    return [mention for mention in mentions if mention.start not in parts] + whole


def _styled(mention: Mention, names: Names) -> Mention:
    """A given name with the style before it, without which nobody is called so: `Sir Alec`."""
    if not mention.title or " " in mention.text or mention.title not in names.titles.styles:
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


def _whole(mention: Mention, text: str, taken: _Taken, parts: _Parts) -> Mention:
    for _ in range(_PARTS_AT_MOST):
        word = _word_before(text, mention.start)
        start = mention.start - len(word) - 1
        if not word or taken[start] or not parts.has(word):
            break
        if is_role(word, mention.text.split(maxsplit=1)[0], parts.names):
            break
        title = title_before(text[max(0, start - LETTERS_BEFORE) : start], parts.names)
        mention = Mention(start, mention.end, mention.label, text[start : mention.end], title)
        taken.add(start, mention.end)
    return mention


def _with_surname(mention: Mention, text: str, taken: _Taken, parts: _Parts) -> Mention:
    """A given name with the surname behind it: `Dame Honor Brackley` of `Dame Honor`, `Ines d'Arcy` of `Ines`."""
    behind = _ELIDED_BEHIND.match(text, mention.end)
    if behind is None and mention.title and " " not in mention.text:
        behind = _PART_BEHIND.match(text, mention.end)
    if behind is None or taken[behind.start(1)] or not parts.has(_ELISION.sub("", behind[1])):
        return mention
    taken.add(mention.end, behind.end())
    return Mention(
        mention.start, behind.end(), mention.label, text[mention.start : behind.end()], mention.title
    )


def _elided(text: str, mentions: Sequence[Mention], taken: _Taken) -> list[Mention]:
    """Where surnames like `d'Arcy` of the persons among `mentions` stand by themselves."""
    surnames = {
        _ELISION.sub("", last): last[0]
        for mention in mentions
        if mention.label == "PERSON" and _ELISION.match(last := mention.text.rsplit(" ", 1)[-1])
    }
    found: list[Mention] = []
    for match in _ELIDED.finditer(text) if surnames else ():
        if surnames.get(match[1]) and taken.has_none_of(*match.span()):
            taken.add(*match.span())
            found.append(Mention(*match.span(), "PERSON", match.group()))
    return found


def _word_before(text: str, at: int) -> str:
    """The word before the space that stands before `at`; empty if there is none, or surely none with a capital."""
    far = max(0, at - LETTERS_BEFORE)
    if text[at - 1 : at] != " " or text[max(far, text.rfind(" ", far, at - 1)) : at].islower():
        return ""
    before = _PART_BEFORE.search(text[far:at])
    return before[1] if before else ""


@cache
def _no_parts(names: Names) -> frozenset[str]:
    listed = [
        names.words("cues", key)
        for key in ("generic", "no_name_first", "organisation_last", "place_last", "months")
    ]
    roles = frozenset(word for title in names.titles.all for word in title.split())
    return frozenset().union(*listed, roles, names.words("persons", "roles"))


def _titled(text: str, taken: _Taken, names: Names) -> Iterator[Mention]:
    for match in islice(_pattern(names).finditer(text), MENTIONS_AT_MOST):
        start, end = match.span(1)
        is_title = fold(match[1]) in names.titles.all  # of "Lt. Gov."
        if taken.has_none_of(start, end) and not is_title:
            taken.add(start, end)
            yield Mention(start, end, "PERSON", match[1], title_before(text[match.start() : start], names))
