"""One type for one name within an article, by all that speaks for one.

The recogniser sees a paragraph at a time and takes the same name for a person here and a company there. What it
says of each mention is one voice; the others are what the name is made of (`… University`), the words around
its mentions (`Mr`, `said`, `in`, `district`), fuller forms of it in the article, and the gazetteer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.lexicon import fold, table, words
from pipeline.stages.entities.mentions import PLACES, Mention
from pipeline.stages.entities.organisations import is_abbreviation
from pipeline.stages.entities.persons import parts_of

PERSON, ORG, PLACE = "PERSON", "ORG", "GPE"
_SETTLED = frozenset((PERSON, ORG, PLACE))

Weights = dict[str, float]

_MODEL = 2.0
_A_WORD = 0.7  # ORG is what the recogniser calls a single word that it does not know
_WHAT_IT_IS_MADE_OF = 4.0
_KNOWN = 3.0
_TITLE = 3.0
_FULL_NAME = 3.0
_STRONG_CUE = 2.2
_CUE = 0.8
_SURE = 1.0

_LETTERS_BEFORE = 40
_AGE = re.compile(r"\d\d")
_AFTER = re.compile(r"(?:['’]s)? ?(,?) ?([\w'’-]+)")


def settled(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """`mentions` of an article `text`, those with the same words under the same label."""
    forms: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        forms[fold(mention.text)].append(mention)
    full_names = _parts_of_full_names(forms)
    labels = {form: _label(form, found, text, full_names) for form, found in forms.items()}
    return [mention.labelled(labels[fold(mention.text)] or mention.label) for mention in mentions]


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


def _label(form: str, found: Sequence[Mention], text: str, full_names: Counter[str]) -> str | None:
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
    if " " not in form and full_names[form]:
        weights[PERSON] += _FULL_NAME
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


def _add_surroundings(weights: Weights, found: Sequence[Mention], text: str) -> None:
    """Add what stands around the mentions; a kind of evidence grows with the share of mentions that have it."""
    share = 1 / len(found) ** 0.5
    for mention in found:
        for label, weight in _surroundings(mention, text):
            weights[label] += weight * share


def _surroundings(mention: Mention, text: str) -> Iterator[tuple[str, float]]:
    if mention.title:
        yield PERSON, _TITLE
    before = text[max(0, mention.start - _LETTERS_BEFORE) : mention.start].lower().split()
    if before and before[-1] == "the":
        before.pop()
    if before:
        one = before[-1].rstrip(",")
        yield from _cues_before(one, f"{before[-2]} {one}" if len(before) > 1 else one)
    if after := _AFTER.match(text, mention.end):
        yield from _cues_after(bool(after[1]), after[2].lower())


def _cues_before(one: str, two: str) -> Iterator[tuple[str, float]]:
    if not {one, two}.isdisjoint(_cue("place_before")):
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
