"""Mentions of one article to entities, each under its fullest name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.languages.names import Names
from pipeline.stages.entities.coreference import persons, shared_surnames
from pipeline.stages.entities.countries import country_code, country_name, demonym_code
from pipeline.stages.entities.mentions import PLACES, Mention, usual_label
from pipeline.stages.entities.organisations import is_abbreviation, respelled, spelled_out, without_legal_form
from pipeline.stages.entities.owners import Key, Owners
from pipeline.stages.entities.persons import parts_of, without_style
from pipeline.stages.entities.places import without_descriptor
from pipeline.text.folding import NAMES_AT_MOST, fold

Group = list[Mention]


class Named(NamedTuple):
    """The mentions of one entity, in order, under its name and label."""

    name: str
    label: str
    mentions: Group


def grouped(mentions: Sequence[Mention], text: str, names: Names) -> Iterator[Named]:
    """Yield the entities that the mentions of an article `text` name."""
    ordered = sorted(mentions, key=lambda one: (one.start, one.end))
    people = [one for one in ordered if one.label == "PERSON"]
    shared = shared_surnames(people, text, names)
    for group in persons(people, text, names, shared):
        yield Named(_name_of_person(group, shared, names), "PERSON", group)
    for group in _things([one for one in ordered if one.label != "PERSON"], names):
        label = usual_label(group)
        yield Named(_name_of_thing(group, label, names), label, group)


def _fullest(group: Group) -> str:
    """The form with the most words, of equals the most frequent; capitals and abbreviations come last."""
    forms = [" ".join(mention.text.split()) for mention in group]
    if forms.count(forms[0]) == len(forms):
        return forms[0]
    counts = Counter(forms)

    def fullness(text: str) -> tuple[bool, bool, int, int]:
        return (not is_abbreviation(text), not text.isupper(), len(fold(text).split()), counts[text])

    return max(counts, key=fullness)


def _name_of_person(group: Group, shared: Mapping[int, str], names: Names) -> str:
    """The fullest form, in the letters of a form that is not in capitals where there is one."""
    forms = [" ".join(shared.get(one.start, one.text).split()) for one in group]
    counts = Counter(forms)
    fullest = max(counts, key=lambda form: (len(parts_of(form, names)), not form.isupper(), counts[form]))
    if fullest.isupper() and " " in fullest:
        written = {word.upper(): word for form in forms for word in form.split() if not word.isupper()}
        fullest = " ".join(written.get(word, word.title()) for word in fullest.split())
    return without_style(fullest, names)


def _name_of_thing(group: Group, label: str, names: Names) -> str:
    name = _fullest(group)
    if label in PLACES:
        code = country_code(name, names)
        if code and (is_abbreviation(name) or "." in name):
            return country_name(code, names)
        if name.isupper() and not is_abbreviation(name):
            return name.title()
    return name


def _things(mentions: Group, names: Names) -> list[Group]:
    """All that are no persons: equal keys, then abbreviations and shortened forms of longer names."""
    groups: defaultdict[Key, Group] = defaultdict(list)
    for mention in mentions:
        groups[_key(mention.text, mention.label, names)].append(mention)
    owners = Owners({key: [mention.text for mention in group] for key, group in groups.items()}, names)
    for key in sorted(groups, key=lambda key: len(key.words)):
        if owner := owners.take(key):
            groups[owner] += groups.pop(key)
    return [sorted(group, key=lambda one: one.start) for group in groups.values()]


@lru_cache(maxsize=NAMES_AT_MOST)
def _key(text: str, label: str, names: Names) -> Key:
    folded = fold(text).removeprefix("the ")
    if label in PLACES:
        return Key("place", country_code(folded, names) or without_descriptor(folded, names))
    if label == "NORP":
        return Key("NORP", demonym_code(folded, names) or folded.removesuffix("s"))
    if label == "ORG":
        return Key("ORG", spelled_out(respelled(without_legal_form(folded, names), names), names))
    return Key(label, folded)
