"""One passage's spans to mentions: only names, without what clings to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from pipeline.languages.names import Names
from pipeline.stages.entities.countries import country_code, demonym_code, region_code
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.mentions import NAMED, Mention
from pipeline.stages.entities.organisations import is_abbreviation
from pipeline.stages.entities.persons import LETTERS_BEFORE, title_before, title_length
from pipeline.stages.entities.roles import roles_length
from pipeline.stages.entities.spans import Spans
from pipeline.text.folding import NAMES_AT_MOST, fold
from pipeline.text.marks import APOSTROPHES, DASHES, DOUBLE, OPENS, QUOTATION

_TRAILING = frozenset(" \t\n\r\f\v)],;:!?|/*•·#&<-" + QUOTATION + DASHES)
_FULL_STOP = re.compile(r"(?<=[^\W\d_])(?<!\b\w)(?<!\b[JS]r)\.\Z")
_VALUE = re.compile(r"\d[\d.,:]*+\s?[a-zC]{0,2}\Z")
_SUM_OF_MONEY = re.compile(r"[$€£¥₹]\s?\d")
_SCORE = re.compile(r"(?<!\s)\s++\d{1,2}\Z")
_RESULT = re.compile(rf"(?<!\s)\s++\d{{1,2}}[{DASHES}-]\d{{1,2}}\Z")
_TICKER = re.compile(r"(?<=\S)\s*+<[^<>]{1,12}>\Z")  # of a company's shares: `Harrow Mills <HRM>`
_CREDIT_BEHIND = re.compile(r"(?<=[a-z]{3})(?<!Fitz)[A-Z]{3,}\b.*", re.DOTALL)  # `Ann HaleKARL VOLL`
_FIRST_WORD = re.compile(r"([^\W\d_]++)\s++(?=\S)")


_LETTERS_BEHIND = 20

_TITLES_OF_WORKS = frozenset(("WORK_OF_ART", "EVENT", "LAW"))
_SCORING = frozenset(("GPE", "NORP", "PERSON"))
_PREFIXED = frozenset(("GPE", "LOC", "NORP", "PERSON"))
_UNKNOWN = frozenset(("ORG", "PRODUCT"))
"""What the recogniser calls words with capitals that it does not know."""

_LONGEST_SIDE = 6  # `anti-` and what stands before it
_LONGEST_SEAT = 30

_LONGEST = 200
"""Characters of a name at most: the longest of thousands of articles, run together by mistake, has 81."""


@cache
def _leading(names: Names) -> re.Pattern[str]:
    """What clings to a name in front of it. Nothing here backtracks into what it has taken."""
    articles, seats = (names.any_of("cues", key) for key in ("articles", "seats"))
    seat = rf"[^\s-]{{1,{_LONGEST_SEAT}}}+-{seats}\s++(?=[^\W\d_a-z])"  # `Harrow-based Hale Motors`
    return re.compile(rf"(?:[\s{DOUBLE}{OPENS}(\[<,;:{DASHES}-]++|(?i:{articles})\s++|{seat})++")


@cache
def _openings(label: str, names: Names) -> frozenset[str]:
    """First words of sentences that are no part of a name; a body may be called `Tomorrow Foundation`."""
    always = names.words("cues", "no_name_first")
    return always | names.words("cues", "no_person_first") if label == "PERSON" else always


@cache
def _prefixed(names: Names) -> re.Pattern[str]:
    """A name with a prefix, in two parts: what is prefixed, and what stands behind that."""
    sides, prefixes = names.any_of("cues", "sides"), names.any_of("cues", "prefixes")
    return re.compile(rf"(?i:(?P<side>{sides})|{prefixes})-(?P<word>[A-Z][\w-]*+)(?P<rest>\s++(?=[A-Z]))?")


@cache
def _party(names: Names) -> re.Pattern[str]:
    """The letter of a party before the state it is in."""
    return re.compile(rf"{names.any_of('cues', 'party_letters')}[{DASHES}-](?=[A-Z][a-z])")


@cache
def _award(names: Names) -> re.Pattern[str]:
    return re.compile(rf"(?i:(?<=\bof the ){names.any_of('cues', 'award_last')}\Z)")


@cache
def _of_two(names: Names) -> re.Pattern[str]:
    """A name and the article of the name behind it, run together: `Rathbone the Harrow Trust`."""
    small, articles = names.any_of("cues", "small"), names.any_of("cues", "name_articles")
    return re.compile(rf"(?:\w[\w'-]*+ )*?(?!{small} )\w[\w'-]*+ {articles} (?=[^\W\d_a-z])")


@cache
def _against(names: Names) -> re.Pattern[str]:
    """What stands between two sides of a match: `Harrow d. Milby`."""
    return re.compile(rf"\s{names.any_of('cues', 'against')}\.?\s")


@cache
def _glued(names: Names) -> re.Pattern[str]:
    return re.compile(rf"{names.any_of('cues', 'glued')}(?=[^\W\d_a-z])")


@cache
def _credit(names: Names) -> re.Pattern[str]:
    return re.compile(rf"\s{names.any_of('cues', 'credits')}\Z")


@cache
def _particle_between(names: Names) -> re.Pattern[str]:
    return re.compile(rf"\s(?:{names.any_of('cues', 'particles_between')}\s|al-)?")


@cache
def _titled_name(names: Names) -> re.Pattern[str]:
    """A title that is surely a person's, and one to three words of a name."""
    titles = names.any_of("cues", "sure_titles")
    return re.compile(rf"{titles}\.?(?:\s[^\W\d_a-z][^\W\d_]*(?:[{APOSTROPHES}-][^\W\d_]+)?){{1,3}}")


@cache
def _title_within(names: Names) -> re.Pattern[str]:
    """A form of address amid a name, in front of which an office stands: `Education Mr. Lind`."""
    return re.compile(rf"(?<=\s){names.any_of('persons', 'addresses')}\.?\s(?=\S)")


def _is_described_person(text: str, names: Names) -> bool:
    """Whether a role and two parts of a name are all there is, and no organisation: `Owner Petra Voll`."""
    rest = text[roles_length(text, names) :]
    parts = rest.split()
    if len(rest) == len(text) or len(parts) != 2 or not all(map(str.istitle, parts)):  # noqa: PLR2004
        return False
    last = fold(parts[1])
    return last not in names.titles.all and not any(
        last in names.words(table, key)
        for table, key in (
            ("cues", "organisation_last"),
            ("organisations", "legal_forms"),
            ("cues", "place_last"),
        )
    )


def cleaned(offset: int, passage: str, spans: Spans, names: Names) -> Iterator[Mention]:
    """The mentions of a passage that starts at `offset` of the article."""
    named = list(_trimmed(offset, passage, spans, names))
    for mention in _joined(named, offset, passage, names) if len(named) > 1 else named:
        kept = _as_person(mention, offset, passage, names) if mention.label == "PERSON" else mention
        if kept.label == "PERSON" and (
            _is_no_person(kept.text, names) or _award(names).search(passage, 0, kept.end - offset)
        ):
            continue
        if _names_something(kept.text, names) and not _is_no_organisation(kept, offset, passage, names):
            yield kept


@lru_cache(maxsize=NAMES_AT_MOST)
def _is_no_person(text: str, names: Names) -> bool:
    """Whether one word is what is made of a person's name (`Haleism`), or of letters as no name is (`gShare`)."""
    if " " in text:
        return False
    return (text[:1].islower() and not text.islower() and text[1:2].isupper()) or fold(text).endswith(
        tuple(names.words("persons", "no_name_endings"))
    )


def _is_no_organisation(mention: Mention, offset: int, passage: str, names: Names) -> bool:
    """Whether what the recogniser calls one is a common abbreviation, or the area of somebody's office."""
    if is_abbreviation(mention.text) and _is_common(mention.text, names):
        return True
    if mention.label not in _UNKNOWN:
        return False
    if _is_office(mention.text, passage[mention.end - offset :][:_LETTERS_BEHIND], names):
        return True
    before = passage[max(0, mention.start - offset - LETTERS_BEFORE) : mention.start - offset]
    return " ".join(before.lower().split()[-2:]) in names.words("cues", "portfolio_before")


@lru_cache(maxsize=NAMES_AT_MOST)
def _names_something(text: str, names: Names) -> bool:
    """Whether there is a name in `text`: not an amount, a common noun, an office alone, or a stray possessive."""
    folded = fold(text)
    return bool(
        folded
        and not _against(names).search(text)
        and text.lower() != text.upper()  # in letters that have no capitals: what is named in another script
        and not (text.islower() or _VALUE.match(text) or _SUM_OF_MONEY.search(text))
        and folded not in names.words("cues", "generic")
        and folded not in names.titles.office
        and not (" " in folded and folded in names.titles.all)
    )


def _is_office(text: str, behind: str, names: Names) -> bool:
    """Whether words that the recogniser calls an organisation end as an office does, or their office stands behind."""
    last = text.rsplit(maxsplit=1)[-1]
    if fold(last) in names.words("cues", "office_last") and " " in text:
        return True
    following = behind.split(maxsplit=1)[:1]
    return (
        behind.startswith(" ")
        and bool(following)
        and fold(following[0]) in names.words("cues", "office_last")
        and not is_abbreviation(text)
        and fold(text) not in names.words("organisations", "known")
    )


def _is_common(abbreviation: str, names: Names) -> bool:
    folded = fold(abbreviation)
    return bool({folded, folded.removesuffix("s")} & names.words("cues", "no_organisation"))


def _trimmed(offset: int, passage: str, spans: Spans, names: Names) -> Iterator[Mention]:
    for start, end, label in spans:
        if label not in NAMED or end - start > _LONGEST:
            continue
        begin = start
        if label == "ORG" and passage[start - 1 : start] == "-":  # cut off from its `pro-`
            side = _side(names).search(passage, max(0, start - _LONGEST_SIDE), start)
            begin = side.start() if side else start
        for at, of, text in _pieces(passage[begin:end], label, names):
            first = offset + begin + at
            yield Mention(first, first + len(text), of, text)


@lru_cache(maxsize=NAMES_AT_MOST)
def _pieces(text: str, label: str, names: Names) -> tuple[tuple[int, str, str], ...]:
    """What a span's own words name, whatever stands around it, each with where it begins and its label.

    Nothing, one name or two lands. The same words come again in article after article: all of it is remembered.
    """
    if not (core := _core(text, label, names)):
        return ()
    first, kept = core
    if two := _two_lands(kept, names):
        return tuple((first + here, of, land) for here, land, of in two)
    if label != "PERSON" and (_titled_name(names).fullmatch(kept) or _is_described_person(kept, names)):
        label = "PERSON"  # whatever else the recogniser takes `Ms Adeyemi` for
    return ((first, label, kept),)


def _two_lands(text: str, names: Names) -> tuple[tuple[int, str, str], ...]:
    """The two of `Kenya-Uganda` and `Kenya-Ugandan`, each with where it begins and its label; nothing for others."""
    one, sign, other = text.partition("-")
    if not sign or not country_code(one, names) or country_code(text, names):
        return ()
    if country_code(other, names):
        return (0, one, "GPE"), (len(one) + 1, other, "GPE")
    return ((0, one, "GPE"), (len(one) + 1, other, "NORP")) if demonym_code(other, names) else ()


@cache
def _side(names: Names) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?i:{names.any_of('cues', 'sides')})-\Z")


def _core(text: str, label: str, names: Names) -> tuple[int, str] | None:
    """A name without articles, possessives, quotation marks, scores and half brackets around it.

    With where it begins in `text`; None if nothing is left.
    """
    lead = _leading(names).match(text)
    left = lead.end() if lead else 0
    left += _prefix_length(text[left:], label, names)
    right = _trailing(text)
    kept = Mention(0, len(text), label, text).cut(left, right if left + right <= len(text) else 0)
    kept = _without(kept, None, _FULL_STOP.search(kept.text) if kept.label in ("PERSON", "GPE") else None)
    kept = _without_score(kept, names)
    if (party := _party(names).match(kept.text)) and region_code(kept.text[party.end() :], names):
        kept = kept.cut(left=party.end()).labelled("GPE")
    kept = _without(kept, None, _RESULT.search(kept.text) if kept.label != "WORK_OF_ART" else None)
    kept = _without(kept, None, _credit(names).search(kept.text))
    openings = _openings(label, names)
    while (first := _FIRST_WORD.match(kept.text)) and fold(first[1]) in openings:
        kept = _without(kept, first, None)
    kept = _without(
        kept,
        _of_two(names).match(kept.text)
        if kept.label not in _TITLES_OF_WORKS and not _award(names).search(kept.text)
        else None,
        None,
    )
    for opening, closing in ("()", "<>"):
        if kept.text.count(opening) > kept.text.count(closing):
            kept = kept.cut(right=len(kept.text) - len(kept.text[: kept.text.rindex(opening)].rstrip()))
    kept = _without(kept, None, _TICKER.search(kept.text))
    kept = kept.cut(right=1) if kept.text.endswith(">") and "<" not in kept.text else kept
    kept = kept.cut(right=_trailing(kept.text))
    return (kept.start, kept.text) if any(map(str.isalpha, kept.text)) else None


def _without_score(mention: Mention, names: Names) -> Mention:
    """Without the score behind one of two sides, which may be taken for a thing's number: `Kenya 2`."""
    score = _SCORE.search(mention.text)
    if (
        score
        and mention.label not in _SCORING
        and not place_weight(fold(mention.text[: score.start()]), names)
    ):
        return mention
    return _without(mention, None, score)


def _prefix_length(text: str, label: str, names: Names) -> int:
    """How much of the start of a name is a prefix, as `pro-` of `pro-Kenya`, and is no part of it.

    Whom a body is for or against goes as well, if it is a land or a people: `Pro-Kenya` of `Pro-Kenya Union`. Other
    things keep a prefix with a capital: `Anti-Piracy Bureau`.
    """
    found = _prefixed(names).match(text)
    if not found:
        return 0
    folded = fold(found["word"])
    if folded in names.words("cues", "generic"):
        return found.start("word")
    is_land = bool(place_weight(folded, names) or demonym_code(folded, names) or country_code(folded, names))
    if is_land and found["rest"] and found["side"] and label == "ORG":
        return found.end()
    return (
        found.start("word")
        if text[0].islower() or label in _PREFIXED or (is_land and not found["rest"])
        else 0
    )


def _trailing(text: str) -> int:
    """How many characters at the end of `text` are marks, white space and possessive endings."""
    at = len(text)
    while at:
        if text[at - 1] in _TRAILING or text[at - 1].isspace():
            at -= 1
        elif at > 1 and text[at - 1] == "s" and text[at - 2] in APOSTROPHES:
            at -= 2
        else:
            break
    return len(text) - at


def _without(mention: Mention, head: re.Match[str] | None, tail: re.Match[str] | None) -> Mention:
    left = head.end() if head else 0
    right = len(tail.group()) if tail and tail.start() >= left else 0
    return mention.cut(left, right) if left or right else mention


def _joined(mentions: Iterable[Mention], offset: int, passage: str, names: Names) -> Iterator[Mention]:
    """A person's name that was found in pieces is made whole."""
    last: Mention | None = None
    for mention in mentions:
        if last and last.label == mention.label == "PERSON" and mention.end - last.start <= _LONGEST:
            between = passage[last.end - offset : mention.start - offset]
            if _particle_between(names).fullmatch(between):
                last = Mention(last.start, mention.end, last.label, last.text + between + mention.text)
                continue
        if last:
            yield last
        last = mention
    if last:
        yield last


def _as_person(mention: Mention, offset: int, passage: str, names: Names) -> Mention:
    """The mention without the titles and roles that it begins with, and with the title before it."""
    kept = mention.cut(*_around_person(mention.text, names))
    at = kept.start - offset
    return kept.titled(title_before(passage[max(0, at - LETTERS_BEFORE) : at], names))


@lru_cache(maxsize=NAMES_AT_MOST)
def _around_person(text: str, names: Names) -> tuple[int, int]:
    """How many characters at the start and at the end of a person's name are titles, roles and credits."""
    kept = Mention(0, len(text), "PERSON", text)
    glued = _glued(names).match(text)
    kept = kept.cut(left=glued.end()) if glued else kept
    kept = _without(kept, None, _CREDIT_BEHIND.search(kept.text))
    credited = kept.text.find("/")  # `Ann Hale/Harrow Images`
    if credited > 0:
        kept = kept.cut(right=len(kept.text) - len(kept.text[:credited].rstrip()))
    inner = _title_within(names).search(kept.text)
    kept = kept.cut(left=inner.end()) if inner else kept
    kept = kept.cut(left=title_length(kept.text, names))
    kept = kept.cut(left=roles_length(kept.text, names))
    kept = kept.cut(left=title_length(kept.text, names))
    return kept.start, len(text) - kept.end
