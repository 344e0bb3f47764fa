"""One type for one name within an article, by all that speaks for one.

The recogniser sees a paragraph at a time and takes the same name for a person here and a company there. What it
says of each mention is one voice; the others are what the name is made of (`… University`), the words around
its mentions (`Mr`, `said`, `in`, `district`), fuller forms of it in the article, and the gazetteer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain

from pipeline.languages.names import Names
from pipeline.stages.entities.context_cues import (
    CERTAIN_CUE,
    CUE,
    ORG,
    PEOPLE,
    PERSON,
    PLACE,
    STRONG_CUE,
    Voice,
    Voices,
    context_cues,
    takes_a_turn,
)
from pipeline.stages.entities.countries import demonym_code
from pipeline.stages.entities.gazetteer import place_weight
from pipeline.stages.entities.mentions import PLACES, Mention, usual
from pipeline.stages.entities.organisations import is_abbreviation, is_made_like_one
from pipeline.stages.entities.persons import parts_of
from pipeline.text.folding import NAMES_AT_MOST, fold

_THINGS = (("EVENT", "event_last"), ("LAW", "law_last"), ("PRODUCT", "product_last"))
_SETTLED = frozenset((PERSON, ORG, PLACE, PEOPLE, *(label for label, _ in _THINGS)))
_NO_PLACES = frozenset((PERSON, ORG, "PRODUCT", "WORK_OF_ART"))

Weights = dict[str, float]

_MODEL = 2.0
_A_WORD = 0.7  # ORG is what the recogniser calls a single word that it does not know
_WHAT_IT_IS_MADE_OF = 4.0
_KNOWN = 3.0
_FULL_NAME = 3.5
_SURNAME = 2.5
_SURE = 1.0

_LONGEST_NAME = 6  # parts
_WITH_TWO_SURNAMES = 4  # parts of `José Guadalupe Robles Montaño`, who is Robles
_BUILDING = "FAC"
_FULL_NAME_PARTS = range(2, 4)
_GIVEN_AND_SURNAME = 2  # parts
_FEW = 8  # mentions


def settled(text: str, mentions: Sequence[Mention], names: Names, *, again: bool = True) -> list[Mention]:
    """`mentions` of an article `text`, those with the same words under the same label.

    What was taken for a full name and is none is no reason for others any more: then all is weighed `again`, once.
    """
    folded = [fold(mention.text) for mention in mentions]
    forms: defaultdict[str, list[Mention]] = defaultdict(list)
    for form, mention in zip(folded, mentions, strict=True):
        forms[form].append(mention)
    full_names = _parts_of_full_names(forms, names)
    double_surnames = _ends_of_full_names(forms)
    beginnings = _beginnings_of_organisations(forms) - full_names.keys()
    last_parts = {form.rsplit(" ", 1)[1] for form in forms if " " in form}
    labels: dict[str, str | None] = {}
    surnames: set[str] = set()
    # Short names first: a word that stands for a person is the surname of the longer name that ends with it.
    for form, found in sorted(forms.items(), key=lambda one: one[0].count(" ")):
        known: Weights = {}
        if (" " not in form and full_names[form]) or form in double_surnames:
            known[PERSON] = _FULL_NAME
        elif not _names_a_land(form, names):
            known = _by_other_names(form, {mention.label for mention in found}, beginnings, surnames, names)
        if form in last_parts and sum(takes_a_turn(mention, text) for mention in found) > 1:
            known[PERSON] = CERTAIN_CUE
        voices = [context_cues(mention, text, names) for mention in found]
        if (
            form in beginnings
            and ORG in known
            and any(voice == PLACE for voice, _ in chain.from_iterable(voices))
        ):
            known = {PLACE: _FULL_NAME}  # after which the body is called
        label = labels[form] = _label(found, voices, known, names)
        is_person = " " not in form and all((label or mention.label) == PERSON for mention in found)
        if is_person and _acts(found, voices, text):
            surnames.add(form)
    found_out = [
        mention.labelled(labels[form] or mention.label)
        for form, mention in zip(folded, mentions, strict=True)
    ]
    heard = [
        now if _is_no_person_after_all(before, now) else before
        for before, now in zip(mentions, found_out, strict=True)
    ]
    return settled(text, heard, names, again=False) if again and heard != list(mentions) else found_out


def _is_no_person_after_all(before: Mention, now: Mention) -> bool:
    """Whether a name of several words, which vouched for its parts as a person's, is an organisation's."""
    return before.label == PERSON and now.label == ORG and " " in now.text


def _acts(found: Sequence[Mention], voices: Sequence[Voices], text: str) -> bool:
    """Whether a name does what only persons do, or speaks in an interview."""
    made_a_person = any(voice == PERSON for voice, _ in chain.from_iterable(voices))
    return made_a_person or any(takes_a_turn(mention, text) for mention in found)


def _by_other_names(
    form: str, votes: AbstractSet[str], beginnings: AbstractSet[str], surnames: AbstractSet[str], names: Names
) -> Weights:
    """What other names of the article say of one: `Hale Motors` of `Hale`, `Hale` of `Karl Hale`."""
    if form in beginnings and votes <= {PERSON, ORG}:
        return {ORG: _FULL_NAME}
    parts = form.split()
    given = " ".join(parts[:-1])
    is_full_name = len(parts) in _FULL_NAME_PARTS and parts[-1] in surnames and votes <= _NO_PLACES
    if is_full_name and not (
        given in names.words("organisations", "known") or any(_words_of(given, given, names))
    ):
        return {PERSON: _SURNAME}
    return {}


@lru_cache(maxsize=NAMES_AT_MOST)
def _names_a_land(form: str, names: Names) -> bool:
    """Whether it is the name of a known place or of its people, after which much else is named."""
    return place_weight(form, names) > 0 or demonym_code(form, names) is not None


def _beginnings_of_organisations(forms: dict[str, list[Mention]]) -> frozenset[str]:
    """First words of names of several words that the recogniser calls nothing but organisations."""
    return frozenset(
        form.split()[0]
        for form, found in forms.items()
        if " " in form and all(mention.label == ORG for mention in found)
    )


def _parts_of_full_names(forms: dict[str, list[Mention]], names: Names) -> Counter[str]:
    """How often the last and first parts stand in names of several parts that the recogniser calls persons."""
    counts: Counter[str] = Counter()
    for found in forms.values():
        persons = sum(mention.label == PERSON for mention in found)
        parts = parts_of(found[0].text, names)
        if len(parts) > 1 and 2 * persons >= len(found):
            counts[parts[-1]] += persons
            counts[parts[0]] += persons
            if len(parts) >= _WITH_TWO_SURNAMES:
                counts[parts[-2]] += persons
    return counts


def _ends_of_full_names(forms: dict[str, list[Mention]]) -> frozenset[str]:
    """What ends a longer name that the recogniser calls a person's: `Lowe-Tennant` of `Sarah Lowe-Tennant`."""
    found: set[str] = set()
    for form, mentions in forms.items():
        parts = form.split()[:_LONGEST_NAME]
        if 2 * sum(mention.label == PERSON for mention in mentions) >= len(mentions):
            found.update(" ".join(parts[at:]) for at in range(1, len(parts) - 1))
    return frozenset(found)


def _label(found: Sequence[Mention], voices: Sequence[Voices], known: Weights, names: Names) -> str | None:
    """The label that most speaks for; None to leave the recogniser's."""
    labels = tuple([mention.label for mention in found])
    weigh = _weighed_before if len(labels) <= _FEW else _weighed
    return weigh(found[0].text, labels, tuple(chain.from_iterable(voices)), tuple(known.items()), names)


def _weighed(surface: str, labels: tuple[str, ...], heard: Voices, known: Voices, names: Names) -> str | None:
    """See `_label`: from the recogniser's labels, what was heard around the mentions, and what other names say."""
    form = fold(surface)
    alike = [PLACE if label in PLACES else label for label in labels]
    votes = {label: alike.count(label) for label in dict.fromkeys(alike)}
    weights: Weights = defaultdict(float)
    for label, count in votes.items():
        weights[label] = _MODEL * count / len(labels)
    if " " not in form and not is_abbreviation(surface):
        weights[ORG] *= _A_WORD
    own = dict(weights)
    for label, weight in (*_words_of(form, surface, names), *known):
        weights[label] += weight
    weights[PLACE] += place_weight(form, names)
    if form in names.words("organisations", "known"):
        weights[ORG] += _KNOWN
    # What stands around the mentions grows with the share of mentions that have it.
    share = 1 / len(labels) ** 0.5
    for label, weight in heard:
        weights[label] += weight * share
    first, _, last = form.rpartition(" ")
    is_built = bool(first) and last in names.words("cues", "building_last")
    return _decided(labels, votes, weights, own, is_built=is_built)


_weighed_before = lru_cache(maxsize=NAMES_AT_MOST)(_weighed)
"""The news says the same of the same few names; what is said of many mentions is not worth its room."""


def _decided(
    labels: Sequence[str], votes: Mapping[str, int], weights: Weights, own: Weights, *, is_built: bool
) -> str | None:
    """The heaviest label, of a place that is built FAC.

    None where it is not one that this decides, or is not surely heavier than the vote.
    """
    best = max(weights, key=weights.__getitem__)
    if best not in _SETTLED:
        return best if len(votes) > 1 and best in votes else None
    if best == PLACE and is_built:
        return _BUILDING
    if best == PLACE and PLACE in votes:
        return usual([label for label in labels if label in PLACES])
    if best in votes or weights[best] - own.get(best, 0) >= _SURE:
        return best
    return None


def _words_of(form: str, surface: str, names: Names) -> Iterator[Voice]:
    """What a name says by its own words."""
    parts = form.split()
    if form in names.words("cues", "peoples") or (
        demonym_code(form, names) and not place_weight(form, names)
    ):
        yield PEOPLE, _WHAT_IT_IS_MADE_OF
    if len(parts) == 1:
        if is_abbreviation(surface) and surface.isupper() and not place_weight(form, names):
            yield ORG, STRONG_CUE
    elif is_made_like_one(parts, names):
        yield ORG, _WHAT_IT_IS_MADE_OF
    elif parts[-1] in names.words("cues", "place_last") or parts[0] in names.words("cues", "place_first"):
        yield PLACE, _WHAT_IT_IS_MADE_OF
    elif parts[-1] in names.words("cues", "place_last_perhaps"):
        yield PLACE, CUE
    elif not _may_be_called(parts, names):
        head = _head(parts, names)
        for label, key in _THINGS:
            if head in names.words("cues", key):
                yield label, _WHAT_IT_IS_MADE_OF


def _may_be_called(parts: Sequence[str], names: Names) -> bool:
    """Whether a person's given name stands before what is a surname too: `ann law`."""
    return len(parts) == _GIVEN_AND_SURNAME and (
        parts[0] in names.given_names and parts[1] in names.words("cues", "surnames_too")
    )


def _head(parts: Sequence[str], names: Names) -> str:
    """The word that says what a thing is: the last one, or the one before `of` or `for`."""
    at = next((at for at, part in enumerate(parts) if at and part in names.words("cues", "head_before")), 0)
    return parts[at - 1]
