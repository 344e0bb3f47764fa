"""What the quotes stage knows of a language: word lists, inflected and turned into look-ups."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pipeline.languages.base import Inflect, Language, Sex, unchanged
from pipeline.languages.reporting import Cue, ReportingVerbs, Words

_THAT = frozenset({"case", "state"})  # readings of words that open a clause with "that"

DET, POSS, PRON, REL, PREP = "det", "poss", "pron", "rel", "prep"
CONJ, SUB, AUX, ADV = "conj", "sub", "aux", "adv"
PUNCT = "punct"
WORD = ""  # any open-class word

_CLASSES = (
    ("adverbs", ADV),
    ("subordinators", SUB),
    ("conjunctions", CONJ),
    ("prepositions", PREP),
    ("determiners", DET),
    ("relatives", REL),
    ("auxiliaries", AUX),
    ("possessives", POSS),
    ("pronouns", PRON),
)
"""The lists of closed classes; where a word is in several, the last one counts, which the scanner needs most."""
_CONTRACTED = ("'s", "'ve", "'d", "'ll", "'re", "'m")

SENTENCE_ENDS = frozenset('.!?;"')
"""Marks with which a sentence may end."""
_BEHIND_WORD = ("", ",", ".", ":", ";", ")", "?", "!", "…")
_MOST_HYPHENS = 19  # in a row, as the tokeniser keeps them

_NOUNS_WITH_PLURALS = frozenset(
    {"person_nouns", "body_nouns", "male_nouns", "female_nouns", "document_nouns"}
)


_NONE: Words = frozenset()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WordLists:
    """The lists of `speech/words.toml` and `speech/roles.toml`, which say what each is for; absent ones are empty."""

    indefinites: Words = _NONE
    names_too: Words = _NONE
    be: Words = _NONE
    negations: Words = _NONE
    chain: Words = _NONE
    refusing: Words = _NONE
    abbreviations: Words = _NONE
    weekdays: Words = _NONE
    months: Words = _NONE
    naming_nouns: Words = _NONE
    time_units: Words = _NONE
    time_shifts: Words = _NONE
    complementisers: Words = _NONE
    infinitives: Words = _NONE
    articles: Words = _NONE
    demonstratives: Words = _NONE
    agents: Words = _NONE
    absolutes: Words = _NONE
    comparatives: Words = _NONE
    questions: Words = _NONE
    turning: Words = _NONE
    separating: Words = _NONE
    clause_openers: Words = _NONE
    content_words: Words = _NONE
    apposition: Words = _NONE
    ties: Words = _NONE
    belonging: Words = _NONE
    before_name: Words = _NONE
    particles: Words = _NONE
    subject_pronouns: Words = _NONE
    object_pronouns: Words = _NONE
    singular_pronouns: Words = _NONE
    plural_nouns: Words = _NONE
    no_subject_after: Words = _NONE
    gerund_prepositions: Words = _NONE
    possessive_endings: tuple[str, ...] = ()
    plural_possessive_endings: tuple[str, ...] = ()
    possessors: Words = _NONE
    plural_ending: tuple[str, ...] = ()
    adverb_ending: tuple[str, ...] = ()
    participle_endings: tuple[str, ...] = ()
    past_ending: tuple[str, ...] = ()
    male_pronouns: Words = _NONE
    female_pronouns: Words = _NONE
    thing_pronouns: Words = _NONE
    going_on_pronouns: Words = _NONE
    without_role: Words = _NONE
    before_role: Words = _NONE
    infinite_auxiliaries: Words = _NONE
    finite_verbs: Words = _NONE
    adjuncts: Words = _NONE
    modals: Words = _NONE
    prospects: Words = _NONE
    conditions: Words = _NONE
    nobody: Words = _NONE
    doubts: Words = _NONE
    asides: Words = _NONE
    elisions: Words = _NONE
    time_nouns: Words = _NONE
    time_before: Words = _NONE
    time_links: Words = _NONE
    time_ago: Words = _NONE
    year_before: Words = _NONE
    sources: Words = _NONE
    source_links: Words = _NONE
    making: Words = _NONE
    being: Words = _NONE
    going_on: Words = _NONE
    chain_of_going: Words = _NONE
    going_on_particles: Words = _NONE
    putting_objects: Words = _NONE
    quoted_as: Words = _NONE
    quoters: Words = _NONE
    attached: Words = _NONE
    circumstances: Words = _NONE
    narrating: Words = _NONE
    pointers: Words = _NONE
    they: Words = _NONE
    question_labels: Words = _NONE
    answer_labels: Words = _NONE
    joining: Words = _NONE
    former: Words = _NONE
    so_called: Words = _NONE
    view_prepositions: Words = _NONE
    view_links: Words = _NONE
    called: Words = _NONE
    naming_so: Words = _NONE
    reporting_hints: Words = _NONE
    male_nouns: Words = _NONE
    female_nouns: Words = _NONE
    person_nouns: Words = _NONE
    offices: Words = _NONE
    body_nouns: Words = _NONE
    anonymous_marks: Words = _NONE
    document_nouns: Words = _NONE


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Speech(WordLists):
    """Everything the quotes stage asks of a language.

    Attributes:
        cues: a reporting verb's form -> what is known of it.
        cue_nouns: nouns for an utterance, singular and plural.
        plain_cues: form -> the cue that phrases like `according to` amount to.
        support: forms of the verbs in cues of more than one word.
        phrasal: a word that makes a cue with the words around it -> how it is read.
        compounds: a reporting verb's form -> a word right behind it -> the cue that both make: `called for`.
        states: an adjective for what somebody thinks (`confident that`) -> the cue that it makes.
        opinions: lemmas of verbs that report an opinion, or what follows them at once.
        findings: of verbs that report a clause with `that`.
        intentions: of verbs that report an infinitive.
        replying: of verbs that have a thing behind what else opens an infinitive: `to calls`.
        inverting: of verbs that stand in front of their subject without a quotation.
        naming: of verbs that say what a thing is called.
        plain: of verbs that are hardly ever nouns.
        with_objects: of verbs of saying whose object may be a thing: what is announced or denied.
        telling: every word that may be part of a cue.
        notable: every token that sentences and clauses are found by; others are looked at only when these ask for them.
        speaking: words, as white space separates them, without one of which a paragraph without marks reports nothing.
        classes: a word of a closed class, or a mark -> its class.
        verb_forms: forms of reporting verbs that end a noun phrase.
        speakers: nouns for people and bodies.
        plurals: words for several people that have no ending of the plural.
        several: every word for several people or bodies.
        times: what may end a time, but for a year.
        sex_of_pronoun: a pronoun -> the sex of whom it means.
        sex_of_title: an honorific or a noun -> the sex that it tells.
        sex_of_given_name: a name -> the sex that mostly bears it.
        honorifics: titles of one word.
        perceiving: lemmas of verbs whose subject notices something, and says nothing.
        judging: lemmas of verbs whose object did what the subject speaks of.
        denying: lemmas of verbs whose subject says that it is not so.
        doubting: of those whose subject is not sure of it.
        asking: of those that ask it.
        finite_forms: verbs of a clause that are seen by the word alone.
        confidences: a rule -> the share of right speakers measured for it.
        mixed_confidences: how much of what is reported a mixed quotation holds (`whole`, or only the words in marks:
            `fragment`, `short`) -> a rule -> the share of statements cut right and given to the right one.
        gate: a sign of a reporting clause -> how much it speaks for what follows being a statement (log odds).
        least_likely: the likelihood below which nothing is a statement.
        ends: a sign of a place inside a statement -> how much it speaks for the statement ending there (log odds).
    """

    cues: Mapping[str, Cue]
    cue_nouns: Words
    plain_cues: Mapping[str, Cue]
    support: Mapping[str, str]
    phrasal: Mapping[str, str]
    compounds: Mapping[str, Mapping[str, Cue]]
    states: Mapping[str, Cue]
    opinions: Words
    findings: Words
    intentions: Words
    replying: Words
    inverting: Words
    naming: Words
    plain: Words
    with_objects: Words
    telling: Words
    notable: Words
    speaking: Words
    classes: Mapping[str, str]
    verb_forms: Words
    speakers: Words
    plurals: Words
    several: Words
    times: Words
    sex_of_pronoun: Mapping[str, Sex]
    sex_of_title: Mapping[str, Sex]
    sex_of_given_name: Mapping[str, Sex]
    honorifics: Words
    perceiving: Words
    judging: Words
    denying: Words
    doubting: Words
    asking: Words
    finite_forms: Words
    confidences: Mapping[str, float]
    mixed_confidences: Mapping[str, Mapping[str, float]]
    gate: Mapping[str, float]
    least_likely: float
    ends: Mapping[str, float]

    @classmethod
    def of(cls, language: Language) -> Speech:
        """That of a language."""
        words, verbs = (
            language.table("speech/words"),
            ReportingVerbs(language.table("speech/cues"), language.inflect),
        )
        roles = language.table("speech/roles")
        singular = _lists(roles)
        lists = _lists({**words, **_with_plurals(roles, language.inflect)})
        cues = dict(verbs.cues())
        cue_nouns = verbs.nouns()
        phrasal = {
            word: kind for kind, listed in verbs.data.get("phrasal", {}).items() for word in listed.split()
        }
        telling = frozenset(cues) | cue_nouns | frozenset(phrasal)
        known = WordLists(**lists)
        return cls(
            **lists,
            cues=cues,
            cue_nouns=cue_nouns,
            plain_cues={form: verbs.plain(form) for form in ("base", "s", "past", "ing")},
            support=verbs.data.get("support", {}),
            phrasal=phrasal,
            compounds=verbs.compounds(),
            states={word: verbs.state(word) for word, kind in phrasal.items() if kind == "state"},
            opinions=verbs.group("opinion") | verbs.group("relating"),
            findings=verbs.group("finding"),
            intentions=verbs.group("intention"),
            replying=verbs.group("replying"),
            inverting=verbs.group("inverting"),
            naming=verbs.group("naming"),
            plain=verbs.group("plain"),
            with_objects=verbs.group("with_objects"),
            telling=telling,
            notable=telling | SENTENCE_ENDS | known.names_too,
            speaking=_speaking(
                cues, known.reporting_hints | {word for word in phrasal if phrasal[word] in _THAT}
            ),
            classes=_classes(words),
            verb_forms=frozenset(word for word, cue in cues.items() if cue.form in ("past", "ing")),
            speakers=known.person_nouns | known.body_nouns,
            plurals=known.indefinites | known.plural_nouns,
            several=known.plural_nouns.union(
                *(lists[name] - singular[name] for name in _NOUNS_WITH_PLURALS if name in singular)
            ),
            times=known.time_nouns | known.months | known.time_ago,
            sex_of_pronoun=_by_sex(known.male_pronouns, known.female_pronouns),
            sex_of_title={**_by_sex(known.male_nouns, known.female_nouns), **language.titles.sex},
            sex_of_given_name=language.given_names,
            honorifics=language.titles.single,
            perceiving=verbs.group("perceiving"),
            judging=verbs.group("judging"),
            denying=verbs.group("denying"),
            doubting=verbs.group("doubting"),
            asking=verbs.group("asking"),
            finite_forms=known.finite_verbs | {word for word, cue in cues.items() if _is_finite(cue)},
            confidences=_weights(language.table("speech/confidence"), "rules"),
            mixed_confidences={
                extent: _weights(language.table("speech/confidence"), extent)
                for extent in ("whole", "fragment", "short")
            },
            gate=_weights(language.table("speech/statements"), "gate"),
            least_likely=float(language.table("speech/statements").get("least_likely", 0)),
            ends=_weights(language.table("speech/statements"), "ends"),
        )


def _lists(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of a language by the names of the fields."""
    made = {
        known.name: tuple if known.name.endswith(("_ending", "_endings")) else frozenset
        for known in fields(WordLists)
    }
    return {name: make(tables[name].split()) for name, make in made.items() if name in tables}


def _with_plurals(roles: Mapping[str, str], inflect: Inflect) -> dict[str, str]:
    """The lists of roles, nouns with their plurals."""
    if inflect is unchanged:
        return dict(roles)
    return {
        name: listed + " " + " ".join(inflect(word)[0] for word in listed.split())
        if name in _NOUNS_WITH_PLURALS
        else listed
        for name, listed in roles.items()
    }


def _speaking(cues: Mapping[str, Cue], hints: Words) -> Words:
    words = {form for form, cue in cues.items() if cue.reports} | hints
    announcing = {f"{form}:" for form, cue in cues.items() if cue.utters}
    return frozenset(announcing | {word + mark for word in words for mark in _BEHIND_WORD})


def _classes(words: Mapping[str, str]) -> dict[str, str]:
    classes = dict.fromkeys(_punctuation(), PUNCT)
    for name, word_class in _CLASSES:
        classes.update(dict.fromkeys(words.get(name, "").split(), word_class))
    pronouns = words.get("pronouns", "").split()
    return {**classes, **{pronoun + ending: PRON for pronoun in pronouns for ending in _CONTRACTED}}


def _punctuation() -> list[str]:
    """Every token that is no word: punctuation and symbols of the basic plane, and the runs the tokeniser keeps."""
    single = [chr(c) for c in range(0x10000) if unicodedata.category(chr(c))[0] in "PSCZM"]
    return [*single, "...", *("-" * n for n in range(2, _MOST_HYPHENS + 1))]


def _is_finite(cue: Cue) -> bool:
    """Whether a form is mostly the verb of a clause; forms of the present that are nouns as well are left out."""
    return cue.form == "past" and not cue.lemma.endswith("d")


def _weights(table: Mapping[str, Any], name: str) -> dict[str, float]:
    return {sign: float(weight) for sign, weight in table.get(name, {}).items()}


def _by_sex(male: Words, female: Words) -> dict[str, Sex]:
    """A word of both is a man's."""
    return {**dict.fromkeys(female, Sex.FEMALE), **dict.fromkeys(male, Sex.MALE)}
