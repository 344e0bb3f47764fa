"""The word lists of the package's data files, loaded once, inflected and turned into look-ups."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_VOWELS = frozenset("aeiou")
# Two-syllable verbs stressed on the first syllable, whose last consonant stays single.
_NO_DOUBLING = frozenset(
    {"mutter", "murmur", "whisper", "utter", "offer", "answer", "wonder", "order", "venture"}
)


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8"))


def _words(value: str) -> frozenset[str]:
    return frozenset(value.split())


STRONG = frozenset({"say", "tell", "ask", "post", "label"})
"""The classes of verbs that report speech as such."""
_MILDER = ("opinion", "relating", "finding", "intention")
_UTTERING = frozenset({"say", "tell", "post"})
_INVERTING = frozenset({"say", "post", "ask", "tell", "speak"})


@dataclass(frozen=True, slots=True)
class Cue:
    """One inflected form of a reporting verb.

    `form` is one of base, s, past, part (past participle only), ing; `kinds` the classes of data/cues.toml.
    `strong` tells whether the verb as such reports speech, whatever follows it; `reports` whether it reports speech,
    an opinion or an intention; `utters` whether the speech is its object, `inverts` whether its subject may follow.
    """

    lemma: str
    form: str
    kinds: frozenset[str]
    strong: bool
    reports: bool
    utters: bool
    inverts: bool


def inflect(lemma: str) -> tuple[str, str, str]:
    """The regular third person, past and -ing form of a verb."""
    if lemma.endswith("e"):
        return lemma + "s", lemma + "d", lemma[:-1] + "ing"
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        return lemma[:-1] + "ies", lemma[:-1] + "ied", lemma + "ing"
    s = lemma + ("es" if lemma.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    short = (
        len(lemma) <= 4  # noqa: PLR2004 - one syllable
        and len(lemma) > 2  # noqa: PLR2004 - one syllable
        and lemma[-1] not in _VOWELS | frozenset("wxy")
        and lemma[-2] in _VOWELS
        and lemma[-3] not in _VOWELS
        and lemma not in _NO_DOUBLING
    )
    stem = lemma + lemma[-1] if short else lemma
    return s, stem + "ed", stem + "ing"


@cache
def cues() -> dict[str, Cue]:
    """Lower-case verb form -> Cue."""
    data = _load("cues.toml")
    kinds: dict[str, set[str]] = {}
    for kind in ("say", "tell", "ask", "think", "label", "speak", "post"):
        for lemma in data[kind].split():
            kinds.setdefault(lemma, set()).add(kind)
    found: dict[str, Cue] = {}
    for lemma, classes in kinds.items():
        frozen = frozenset(classes)
        irregular = data["irregular"].get(lemma)
        s, past, part, ing = irregular or (*inflect(lemma)[:2], *inflect(lemma)[1:])
        for form, word in (("base", lemma), ("s", s), ("part", part), ("past", past), ("ing", ing)):
            known = found.get(word)
            merged = frozen | known.kinds if known and known.lemma == lemma else frozen
            found[word] = _cue(lemma, form, merged)
    return found


def _cue(lemma: str, form: str, kinds: frozenset[str]) -> Cue:
    strong = bool(kinds & STRONG) and lemma not in verbs("weak")
    reports = strong or any(lemma in verbs(group) for group in _MILDER)
    return Cue(lemma, form, kinds, strong, reports, bool(kinds & _UTTERING), bool(kinds & _INVERTING))


@cache
def plain_cue(form: str = "past") -> Cue:
    """The cue that phrases like `according to` amount to."""
    return _cue("say", form, frozenset({"say"}))


@cache
def verbs(group: str) -> frozenset[str]:
    """The lemmas of one of the groups of data/cues.toml that say when a verb reports, such as weak or opinion."""
    return _words(_load("cues.toml")[group])


@cache
def cue_nouns() -> frozenset[str]:
    """Nouns for an utterance, singular and plural."""
    nouns = _words(_load("cues.toml")["nouns"])
    return nouns | {inflect(noun)[0] for noun in nouns}


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


SENTENCE_ENDS = frozenset('.!?;"')
"""Marks with which a sentence may end."""


@cache
def telling() -> frozenset[str]:
    """Every word that may be part of a cue."""
    return frozenset(cues()) | cue_nouns() | _words(_load("cues.toml")["phrasal"])


@cache
def notable() -> frozenset[str]:
    """Every token that sentences and clauses are found by; the others are looked at only when these ask for them."""
    return telling() | SENTENCE_ENDS | word_set("names_too")


@cache
def speaking() -> frozenset[str]:
    """Words, as white space separates them, without one of which a paragraph without marks reports nothing."""
    reporting = {form for form, cue in cues().items() if cue.reports}
    words = reporting | {"according", "clear", "put", "puts", "per", "words", "view", "went", "goes"}
    announcing = {form + ":" for form, cue in cues().items() if cue.utters}
    marks = ("", ",", ".", ":", ";", ")", "?", "!", "…")
    return frozenset(announcing | {word + mark for word in words for mark in marks})


@cache
def word_classes() -> dict[str, str]:
    """Lower-case closed-class word -> its class; where a word has several, the one the scanner needs most."""
    data = _load("words.toml")
    table = dict.fromkeys(_punctuation(), PUNCT)
    for key, tag in _CLASSES:
        for word in data[key].split():
            table[word] = tag
    for word in data["pronouns"].split():
        for ending in ("'s", "'ve", "'d", "'ll", "'re", "'m"):
            table[word + ending] = PRON
    return table


def _punctuation() -> list[str]:
    """Every token that is no word: punctuation and symbols of the basic plane, and the runs the tokeniser keeps."""
    single = [chr(c) for c in range(0x10000) if unicodedata.category(chr(c))[0] in "PSCZM"]
    return [*single, "...", *("-" * n for n in range(2, 20))]


@cache
def word_set(name: str) -> frozenset[str]:
    """A list of data/words.toml as a set."""
    return _words(_load("words.toml")[name])


@cache
def role_set(name: str) -> frozenset[str]:
    """A list of data/roles.toml as a set; nouns with their plurals."""
    words = _words(_load("roles.toml")[name])
    if name in {"person_nouns", "body_nouns", "male_nouns", "female_nouns", "document_nouns"}:
        return words | {inflect(word)[0] for word in words}
    return words


@cache
def sexes_of_titles() -> dict[str, str]:
    """Honorific or role noun -> the sex that it tells."""
    return {
        word: sex
        for sex in ("female", "male")  # a word in both lists is a man's
        for kind in ("honorifics", "nouns")
        for word in role_set(f"{sex}_{kind}")
    }


@cache
def confidences() -> dict[str, float]:
    """Rule -> share of right speakers measured for it."""
    return {rule: float(value) for rule, value in _load("confidence.toml")["rules"].items()}
