"""The verbs and nouns that report speech, in all their forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.languages.base import Inflect

Words = frozenset[str]

_STRONG = frozenset({"say", "tell", "ask", "post", "label"})
"""The classes of verbs that report speech as such."""
_CLASSES_OF_CUES = ("say", "tell", "ask", "think", "label", "speak", "post")
_MILDER = ("opinion", "relating", "finding", "intention")
_UTTERING = frozenset({"say", "tell", "post"})
_INVERTING = frozenset({"say", "post", "ask", "tell", "speak"})


@dataclass(frozen=True, slots=True)
class Cue:
    """One inflected form of a reporting verb.

    `form` is one of base, s, past, part (past participle only), ing; `kinds` the classes of `speech/cues.toml`.
    `strong` tells whether the verb as such reports speech, whatever follows it; `reports` whether it reports speech,
    an opinion or an intention; `utters` whether the speech is its object, `inverts` whether its subject may follow.
    """

    lemma: str
    form: str
    kinds: Words
    strong: bool
    reports: bool
    utters: bool
    inverts: bool


class ReportingVerbs:
    """The table of reporting verbs and nouns, inflected."""

    def __init__(self, data: dict[str, Any], inflect: Inflect) -> None:
        self.data = data
        self._inflect = inflect
        self._weak = self.group("weak")
        self._milder = frozenset[str]().union(*map(self.group, _MILDER))

    def group(self, name: str) -> Words:
        """The lemmas of a group, such as weak or opinion."""
        return frozenset(self.data.get(name, "").split())

    def nouns(self) -> Words:
        """Singular and plural."""
        nouns = self.group("nouns")
        return nouns | {self._inflect(noun)[0] for noun in nouns}

    def cues(self) -> Iterator[tuple[str, Cue]]:
        """Forms of verbs with what is known of them; of those that are alike, the last one counts."""
        kinds: dict[str, set[str]] = {}
        for kind in _CLASSES_OF_CUES:
            for lemma in self.data.get(kind, "").split():
                kinds.setdefault(lemma, set()).add(kind)
        found: dict[str, Cue] = {}
        for lemma, classes in kinds.items():
            for form, word in self._forms(lemma):
                known = found.get(word)
                merged = classes | known.kinds if known and known.lemma == lemma else classes
                found[word] = self._cue(lemma, form, frozenset(merged))
        yield from found.items()

    def _forms(self, lemma: str) -> Iterator[tuple[str, str]]:
        irregular = self.data.get("irregular", {}).get(lemma)
        third, past, participle, ing = irregular or (*self._inflect(lemma)[:2], *self._inflect(lemma)[1:])
        yield from (("base", lemma), ("s", third), ("part", participle), ("past", past))
        if ing != lemma:  # a language that is not inflected: its verbs are no participles
            yield "ing", ing

    def compounds(self) -> dict[str, dict[str, Cue]]:
        """A verb's form -> a word right behind it -> the cue that both make: `called for`, `pointed out`."""
        found: dict[str, dict[str, Cue]] = {}
        for kind, listed in self.data.get("compounds", {}).items():
            for lemma in listed:
                verb, particle = lemma.split()
                for form, word in self._forms(verb):
                    cue = self._cue(lemma, form, frozenset({kind}))
                    found.setdefault(word, {})[particle] = cue
        return found

    def plain(self, form: str) -> Cue:
        """What phrases without a reporting verb amount to."""
        return self._cue(self.data.get("plain_cue", "say"), form, frozenset({"say"}))

    def state(self, adjective: str) -> Cue:
        """What an adjective for what somebody thinks amounts to, with a form of "be"."""
        return Cue(
            adjective, "past", frozenset({"think"}), strong=False, reports=True, utters=False, inverts=False
        )

    def _cue(self, lemma: str, form: str, kinds: Words) -> Cue:
        strong = bool(kinds & _STRONG) and lemma not in self._weak
        reports = strong or lemma in self._milder
        return Cue(lemma, form, kinds, strong, reports, bool(kinds & _UTTERING), bool(kinds & _INVERTING))
