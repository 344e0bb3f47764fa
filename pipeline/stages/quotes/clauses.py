"""Reporting clauses: where a cue stands, and who is its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby, islice
from typing import ClassVar

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.clause import AFTER, ASIDE, BEFORE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.lexicon import AUX, CONJ, DET, POSS, PREP, PRON, SUB
from pipeline.stages.quotes.nouns import NAME, NOMINAL, POSSESSIVE, PRONOUN, RELATIVE, Nouns, Phrase
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph
from pipeline.stages.quotes.subjects import PLAIN, Subjects
from pipeline.stages.quotes.verbs import VerbGroup, verb_group

_CUES = lexicon.cues()
_CUE_NOUNS = lexicon.cue_nouns()
_INDEFINITES = lexicon.word_set("indefinites")
_GERUND_PREPOSITIONS = frozenset({"by", "after", "before", "while", "in", "for", "as", "without"})
_INVERTING = frozenset({"say", "add", "write", "note", "report", "argue", "explain"})
_VIEWS = frozenset({"words", "view", "opinion", "account", "telling", "phrase", "mind"})
# Words of a sentence looked at as cues: prose has up to 11, and a heap of them is to cost no more.
_MOST_CUES = 16
_MOST_IN_PARAGRAPH = 2_000  # and of a paragraph: one with as many sentences as a book is none
_MAKES = frozenset({"made", "make", "makes", "making"})
_NAMING = frozenset({"call", "dub", "name", "term", "title", "nickname", "brand", "label", "know"})
_PRESENT = frozenset({"base", "s"})
_PAST = frozenset({"past", "part"})
_NOUN_FOLLOWS = frozenset({POSS, PREP})
_OPENS_NOUN = frozenset({DET, POSS, WORD, PRON})
_NO_NOUN = frozenset({PUNCT, QUOTE, CONJ, PREP, SUB})
_NO_SUBJECT_AFTER = frozenset(
    {"in", "of", "for", "from", "with", "to", "by", "on", "at", "about", "through", "into", "over"}
)


class Scanner:
    """Finds the reporting clauses of one paragraph.

    In a headline a cue may have a capital (`Li Calls Plan 'Unfair'`); elsewhere that makes it a name.
    """

    __slots__ = ("found", "headline", "nouns", "p", "subjects")

    def __init__(self, paragraph: Paragraph, nouns: Nouns, *, headline: bool = False) -> None:
        self.p = paragraph
        self.nouns = nouns
        self.headline = headline
        self.found: list[Clause] = []
        self.subjects = Subjects(paragraph, nouns, self.found)

    def clauses(self) -> list[Clause]:
        """All reporting clauses in text order."""
        words, cues = self.p.low, self.p.cues
        if len(cues) > _MOST_CUES:
            cues = self._first_of_each_sentence()
        for i in cues:
            low = words[i]
            clause = None
            cue = _CUES.get(low)
            if cue is not None:
                clause = self._verb(i, i + 1, cue)
            elif low in self.PHRASAL:
                clause = self.PHRASAL[low](self, i)
            if clause is None and low in _CUE_NOUNS:
                clause = self._noun(i)
            if clause is not None:
                self.found.append(clause)
        return self.found

    def _first_of_each_sentence(self) -> list[int]:
        sentence = self.p.sentence
        cues = (
            i for _, same in groupby(self.p.cues, key=sentence.__getitem__) for i in islice(same, _MOST_CUES)
        )
        return list(islice(cues, _MOST_IN_PARAGRAPH))

    def _bounds(self, i: int) -> tuple[int, int]:
        return self.p.bounds[self.p.sentence[i]]

    # -- cues of more than one word ----------------------------------------------------------------------------

    def _per(self, i: int) -> Clause | None:
        """`per the rules`, set off by a comma or a quotation."""
        if i == 0 or not (self.p.low[i - 1] in ASIDE or self.p.tag[i - 1] == QUOTE):
            return None
        return self._source(i, i + 1, i + 1)

    def _according(self, i: int) -> Clause | None:
        """`according to Li`."""
        if i + 1 >= len(self.p) or self.p.low[i + 1] != "to":
            return None
        return self._source(i, i + 2, i + 2)

    def _source(self, first: int, hi: int, subject_at: int) -> Clause | None:
        subject = self.nouns.starting(subject_at, self._bounds(first)[1])
        if subject is None:
            return None
        return Clause(first, hi, lexicon.plain_cue(), subject, AFTER, first, subject.hi)

    def _clear(self, i: int) -> Clause | None:
        """`made clear`, `made it clear`."""
        lo, _ = self._bounds(i)
        for k in (i - 1, i - 2):
            if k >= lo and self.p.low[k] in _MAKES:
                form = {"making": "ing", "made": "past", "makes": "s"}.get(self.p.low[k], "base")
                return self._verb(k, i + 1, lexicon.plain_cue(form))
        return None

    def _put(self, i: int) -> Clause | None:
        """`as Li put it`."""
        if i + 1 < len(self.p) and self.p.low[i + 1] == "it":
            return self._verb(i, i + 2, lexicon.plain_cue("s" if self.p.low[i] == "puts" else "past"))
        return None

    def _went_on(self, i: int) -> Clause | None:
        """`went on`, with the words that followed."""
        p = self.p
        if i == 0 or p.low[i - 1] not in {"went", "goes"} or (i + 1 < len(p) and p.low[i + 1] == "to"):
            return None
        return self._verb(i - 1, i + 1, lexicon.plain_cue("s" if p.low[i - 1] == "goes" else "past"))

    def _view(self, i: int) -> Clause | None:
        """`in Li's words`, `in her view`, `in the words of Li`."""
        p = self.p
        lo, _ = self._bounds(i)
        if (
            i - 2 >= lo
            and p.low[i - 1] == "the"
            and p.low[i - 2] == "in"
            and i + 1 < len(p)
            and p.low[i + 1] == "of"
        ):
            return self._source(i - 2, i + 2, i + 2)
        clause = self._noun(i)
        if clause is None or clause.first <= lo or p.low[clause.first - 1] != "in":
            return None
        return Clause(clause.first - 1, i + 1, clause.cue, clause.subject, AFTER, clause.first - 1, i + 1)

    def _noun(self, i: int) -> Clause | None:
        """`Li's claim`, `her promise`: a possessor up to three words before a noun for an utterance."""
        p = self.p
        lo, _ = self._bounds(i)
        for k in range(i - 1, max(lo, i - 4) - 1, -1):
            if p.tag[k] == POSS and p.low[k] in {"his", "her", "their"}:
                subject = Phrase(k, k + 1, *p.span(k, k + 1), POSSESSIVE)
                return Clause(i, i + 1, lexicon.plain_cue(), subject, POSSESSOR, k, i + 1)
            if p.low[k].endswith("'s") and p.capital(k):
                subject = self._possessor(k, lo)
                return Clause(i, i + 1, lexicon.plain_cue(), subject, POSSESSOR, subject.lo, i + 1)
            if p.tag[k] != WORD:
                return None
        return None

    def _possessor(self, k: int, lo: int) -> Phrase:
        p = self.p
        end = p.stop(k) - 2
        mention = self.nouns.mentions.ending(end)
        first = k
        while mention and first > lo and p.starts[first] > mention.start:
            first -= 1
        return Phrase(first, k + 1, p.starts[first], end, NAME, mention)

    # -- verbs -------------------------------------------------------------------------------------------------

    def _verb(self, i: int, hi: int, cue: lexicon.Cue) -> Clause | None:
        p = self.p
        lo, end = p.bounds[p.sentence[i]]
        if i > lo and (self._is_noun(i, cue) or (p.capital(i) and not self.headline)):
            return None
        group = verb_group(p, i, lo, participle=cue.form in _PAST)
        if group is None:
            return None
        if group.passive:
            return self._passive(i, hi, end, cue)
        if i and group.before == i - 1 and (p.tag[i - 1] == QUOTE or p.low[i - 1] in ASIDE):
            inverted = self._inverted(i, lo, end, cue)
            if inverted is not None:
                return Clause(i, hi, cue, inverted, AFTER, i, inverted.hi)
        if cue.form == "ing" and not group.chained:
            return self._participle(i, hi, lo, cue, group)
        return self._finite(i, hi, lo, cue, group)

    def _is_noun(self, i: int, cue: lexicon.Cue) -> bool:
        """Whether the word before shows that the form is a noun or an adjective here: `the claims`, `in reports`."""
        p = self.p
        before, low = p.tag[i - 1], p.low[i - 1]
        if cue.form == "ing":
            return before == PREP and low not in _GERUND_PREPOSITIONS
        if before in _NOUN_FOLLOWS or (before == DET and low not in _INDEFINITES):
            return True
        if cue.form in _PRESENT:
            if i + 1 < len(p.low) and p.tag[i + 1] == AUX:
                return True
            if before == WORD and low.endswith("'s"):
                return True
            if before == CONJ:
                return p.low[i] in _CUE_NOUNS and cue.lemma not in PLAIN
        return low == "so" and cue.lemma == "call"

    def _finite(self, i: int, hi: int, lo: int, cue: lexicon.Cue, group: VerbGroup) -> Clause | None:
        if cue.form == "part":
            return None
        subject, side = self.subjects.before_verb(group.before, lo)
        if subject is None:
            return None
        if cue.form in _PRESENT and not self.subjects.agrees(cue, subject, group.chained):
            return None
        if cue.lemma in _NAMING and self._names_a_thing(cue, subject, group):
            return None
        first = i
        if side is BEFORE:
            first = self.nouns.leftmost(subject, lo)
            if first > lo and self.p.low[first - 1] in _NO_SUBJECT_AFTER and subject.shape is not RELATIVE:
                # The noun belongs to a preposition: `Protesters in the streets chanted`.
                far = self.subjects.of_clause(first - 1, lo)
                if far is None:
                    return None
                subject, side, first = far, SHARED, i
            elif first > lo and self.p.low[first - 1] == "as":
                first -= 1
        return Clause(i, hi, cue, subject, side, first, hi, group.negated)

    def _names_a_thing(self, cue: lexicon.Cue, subject: Phrase, group: VerbGroup) -> bool:
        """`a formula called "X"`: a participle behind its noun, not somebody who calls."""
        return (
            cue.form == "past"
            and not group.chained
            and subject.shape is NOMINAL
            and not self.subjects.speaks(subject)
        )

    def _inverted(self, i: int, lo: int, hi: int, cue: lexicon.Cue) -> Phrase | None:
        """The subject behind a cue that a quotation or a comma is in front of.

        `"X," said Ann Li`, `The plan is dead, said Ann Li`.
        """
        p = self.p
        if cue.form == "ing" or not cue.inverts or i + 1 >= hi:
            return None
        k = i - 1
        while k >= 0 and p.low[k] in ASIDE:
            k -= 1
        behind_quote = k >= 0 and p.tag[k] == QUOTE
        if not behind_quote and (cue.lemma not in _INVERTING or self.subjects.before_comma(i - 1, lo)):
            return None
        nominal = p.tag[i + 1] in _OPENS_NOUN or p.low[i + 1] in _INDEFINITES
        subject = self.nouns.starting(i + 1, hi) if nominal else None
        if subject is None:
            return None
        following = p.tag[subject.hi] if subject.hi < hi else PUNCT
        if subject.shape is PRONOUN:
            fits = following in (PUNCT, QUOTE)
        else:
            fits = behind_quote or (subject.shape is NAME and following != AUX)
        return subject if fits else None

    def _passive(self, i: int, end_of_cue: int, hi: int, cue: lexicon.Cue) -> Clause | None:
        """`was described by Li as "X"`: the agent speaks."""
        p = self.p
        for k in range(i + 1, min(hi, i + 12)):
            if p.low[k] == "by":
                agent = self.nouns.starting(k + 1, hi)
                if agent is None or agent.shape is PRONOUN:
                    return None
                return Clause(i, end_of_cue, cue, agent, AFTER, i, agent.hi)
            if p.tag[k] == PUNCT:
                break
        return None

    # -- participles -------------------------------------------------------------------------------------------

    def _participle(self, i: int, hi: int, lo: int, cue: lexicon.Cue, group: VerbGroup) -> Clause | None:
        j = group.before
        if j < lo:
            subject = self.subjects.following(i)
        elif self.p.low[j] == "as" and j - 1 > lo and self.p.low[j - 1] in {"quoted", "cited", "reported"}:
            quoted = verb_group(self.p, j - 1, lo, participle=True)
            subject = self.nouns.ending(quoted.before, lo) if quoted else None
        elif self.p.tag[j] in _NO_NOUN:
            subject = self.subjects.absolute(j, lo) or self.subjects.shared(i, lo)
        else:
            subject = self.subjects.near(i, j, lo)
        return Clause(i, hi, cue, subject, SHARED, i, hi) if subject else None

    PHRASAL: ClassVar[Mapping[str, Callable[[Scanner, int], Clause | None]]] = {
        "according": _according,
        "per": _per,
        "clear": _clear,
        "on": _went_on,
        "put": _put,
        "puts": _put,
        **dict.fromkeys(_VIEWS, _view),
    }
    """The words that make a cue with the words around them, and who reads it."""
