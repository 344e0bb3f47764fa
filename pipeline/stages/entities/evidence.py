"""One type for one name within an article, by all that speaks for one.

The recogniser sees a paragraph at a time and takes the same name for a person here and a company there. What it
says of each mention is one voice; the others are what the name is made of (`… University`), the words around
its mentions (`Mr`, `said`, `in`, `district`), fuller forms of it in the article, and the gazetteer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

from pipeline.stages.entities.countries import demonym_code
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.lexicon import fold, table, words
from pipeline.stages.entities.mentions import PLACES, Mention
from pipeline.stages.entities.organisations import is_abbreviation
from pipeline.stages.entities.persons import parts_of

PERSON, ORG, PLACE, SHIP = "PERSON", "ORG", "GPE", "PRODUCT"
_SETTLED = frozenset((PERSON, ORG, PLACE, SHIP))
_NO_PLACES = frozenset((PERSON, ORG, "PRODUCT", "WORK_OF_ART"))

Weights = dict[str, float]

_MODEL = 2.0
_A_WORD = 0.7  # ORG is what the recogniser calls a single word that it does not know
_WHAT_IT_IS_MADE_OF = 4.0
_KNOWN = 3.0
_TITLE = 3.0
_FULL_NAME = 3.0
_SURNAME = 2.5
_CERTAIN_CUE = 6.0
_ROLE = 1.5
_STRONG_CUE = 2.2
_CUE = 0.8
_SURE = 1.0

_LETTERS_BEFORE = 40
_FULL_NAME_PARTS = range(2, 4)
_AGE = re.compile(r"\d\d")
_AFTER = re.compile(r"(?:['’]s)? ?(,?) ?([\w'’-]+)")


def settled(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """`mentions` of an article `text`, those with the same words under the same label."""
    forms: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        forms[fold(mention.text)].append(mention)
    full_names = _parts_of_full_names(forms)
    beginnings = _beginnings_of_organisations(forms) - full_names.keys()
    last_parts = {form.rsplit(" ", 1)[1] for form in forms if " " in form}
    labels: dict[str, str | None] = {}
    surnames: set[str] = set()
    # Short names first: a word that stands for a person is the surname of the longer name that ends with it.
    for form, found in sorted(forms.items(), key=lambda one: one[0].count(" ")):
        known: Weights = {}
        if " " not in form and full_names[form]:
            known[PERSON] = _FULL_NAME
        elif not _names_a_land(form):
            known = _by_other_names(form, {mention.label for mention in found}, beginnings, surnames)
        if form in last_parts and sum(_takes_a_turn(mention, text) for mention in found) > 1:
            known[PERSON] = _CERTAIN_CUE
        labels[form] = _label(form, found, text, known)
        if " " not in form and all((labels[form] or mention.label) == PERSON for mention in found):
            surnames.update(form for mention in found if _acts(mention, text))
    return [mention.labelled(labels[fold(mention.text)] or mention.label) for mention in mentions]


def _by_other_names(
    form: str, votes: AbstractSet[str], beginnings: AbstractSet[str], surnames: AbstractSet[str]
) -> Weights:
    """What other names of the article say of one: `Hale Motors` of `Hale`, `Hale` of `Karl Hale`."""
    if form in beginnings and votes <= {PERSON, ORG}:
        return {ORG: _FULL_NAME}
    parts = form.split()
    given = " ".join(parts[:-1])
    is_full_name = len(parts) in _FULL_NAME_PARTS and parts[-1] in surnames and votes <= _NO_PLACES
    if is_full_name and not (given in words("organisations", "known") or any(_made_of(given, given))):
        return {PERSON: _SURNAME}
    return {}


def _names_a_land(form: str) -> bool:
    """Whether it is the name of a known place or of its people, after which much else is named."""
    return place_weight(form) > 0 or demonym_code(form) is not None


def _beginnings_of_organisations(forms: dict[str, list[Mention]]) -> frozenset[str]:
    """First words of names of several words that the recogniser calls nothing but organisations."""
    return frozenset(
        form.split()[0]
        for form, found in forms.items()
        if " " in form and all(mention.label == ORG for mention in found)
    )


def _parts_of_full_names(forms: dict[str, list[Mention]]) -> Counter[str]:
    """How often the last and first parts stand in names of several parts that the recogniser calls persons."""
    counts: Counter[str] = Counter()
    for found in forms.values():
        persons = sum(mention.label == PERSON for mention in found)
        parts = parts_of(found[0].text)
        if len(parts) > 1 and 2 * persons >= len(found):
            counts[parts[-1]] += persons
            counts[parts[0]] += persons
    return counts


def _label(form: str, found: Sequence[Mention], text: str, known: Weights) -> str | None:
    """The label that most speaks for; None to leave the recogniser's."""
    votes = Counter(PLACE if mention.label in PLACES else mention.label for mention in found)
    weights: Weights = defaultdict(float)
    for label, count in votes.items():
        weights[label] = _MODEL * count / len(found)
    if " " not in form and not is_abbreviation(found[0].text):
        weights[ORG] *= _A_WORD
    own = dict(weights)
    for label, weight in _made_of(form, found[0].text):
        weights[label] += weight
    for label, weight in known.items():
        weights[label] += weight
    weights[PLACE] += place_weight(form)
    if form in words("organisations", "known"):
        weights[ORG] += _KNOWN
    _add_surroundings(weights, found, text)
    best = max(weights, key=lambda label: weights[label])
    if best not in _SETTLED:
        return best if len(votes) > 1 and best in votes else None
    if best == PLACE and votes[PLACE]:
        return Counter(mention.label for mention in found if mention.label in PLACES).most_common(1)[0][0]
    if best in votes or weights[best] - own.get(best, 0) >= _SURE:
        return best
    return None


def _made_of(form: str, surface: str) -> Iterator[tuple[str, float]]:
    parts = form.split()
    if len(parts) == 1:
        if is_abbreviation(surface) and surface.isupper() and not place_weight(form):
            yield ORG, _STRONG_CUE
    elif (
        parts[-1] in words("cues", "organisation_last")
        or parts[-1] in words("organisations", "legal_forms")
        or (parts[0] in words("cues", "organisation_first") and parts[1] in ("of", "for"))
    ):
        yield ORG, _WHAT_IT_IS_MADE_OF
    elif parts[-1] in words("cues", "place_last") or parts[0] in words("cues", "place_first"):
        yield PLACE, _WHAT_IT_IS_MADE_OF
    elif parts[-1] in words("cues", "place_last_perhaps"):
        yield PLACE, _CUE


def _add_surroundings(weights: Weights, found: Sequence[Mention], text: str) -> None:
    """Add what stands around the mentions; a kind of evidence grows with the share of mentions that have it."""
    share = 1 / len(found) ** 0.5
    for mention in found:
        for label, weight in _surroundings(mention, text):
            weights[label] += weight * share


def _takes_a_turn(mention: Mention, text: str) -> bool:
    """Whether a line begins with the name in capitals and a colon, as in an interview."""
    at_beginning = mention.start == 0 or text[mention.start - 1] == "\n"
    return at_beginning and mention.text.isupper() and text.startswith(":", mention.end)


def _acts(mention: Mention, text: str) -> bool:
    """Whether the words around it, or its title, make it a person."""
    return _takes_a_turn(mention, text) or any(label == PERSON for label, _ in _surroundings(mention, text))


def _surroundings(mention: Mention, text: str) -> Iterator[tuple[str, float]]:
    if mention.title:
        yield PERSON, _TITLE
    before = text[max(0, mention.start - _LETTERS_BEFORE) : mention.start].lower().split()
    if before and before[-1] == "the":
        before.pop()
    if before:
        one = before[-1].rstrip(",")
        yield from _cues_before(one, f"{before[-2]} {one}" if len(before) > 1 else one)
        if " " in mention.text and one in words("persons", "roles"):
            yield PERSON, _ROLE
    if after := _AFTER.match(text, mention.end):
        yield from _cues_after(bool(after[1]), after[2].lower())


def _cues_before(one: str, two: str) -> Iterator[tuple[str, float]]:
    if one in _cue("ship_before"):
        yield SHIP, _STRONG_CUE
    if two in _cue("place_surely_before"):
        yield PLACE, _CERTAIN_CUE
    elif not {one, two}.isdisjoint(_cue("place_before")):
        yield PLACE, _STRONG_CUE
    elif one in _cue("place_preposition"):
        yield PLACE, _CUE
    if not {one, two}.isdisjoint(_cue("organisation_before")):
        yield ORG, _STRONG_CUE
    if one in _cue("person_verbs"):
        yield PERSON, _CUE


def _cues_after(comma: bool, one: str) -> Iterator[tuple[str, float]]:
    if one in _cue("person_after") or (comma and _AGE.fullmatch(one)):
        yield PERSON, _STRONG_CUE
    elif one in _cue("person_verbs"):
        yield PERSON, _CUE
    elif not comma and one in _cue("place_after"):
        yield PLACE, _STRONG_CUE
    elif not comma and one in _cue("organisation_after"):
        yield ORG, _CUE


@cache
def _cue(name: str) -> frozenset[str]:
    return frozenset(table("cues")[name])
