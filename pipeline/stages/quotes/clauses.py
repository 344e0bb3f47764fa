"""Reporting clauses: where a cue stands, and who is its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby, islice
from typing import ClassVar

from pipeline.languages.reporting import Cue
from pipeline.languages.speech import ADV, AUX, CONJ, DET, POSS, PREP, PRON, PUNCT, SUB, WORD
from pipeline.stages.quotes.clause import AFTER, ASIDE, BEFORE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.nominal_cues import NominalCues
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.phrases import NAME, NOMINAL, PRONOUN, RELATIVE, Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.stages.quotes.subjects import Subjects
from pipeline.stages.quotes.verbs import VerbGroup, verb_group

# Words of a sentence looked at as cues: prose has up to 11, and a heap of them is to cost no more.
_LONGEST_ASIDE = 10  # tokens between a verb and the subject behind it
_MOST_CUES = 16
_MOST_IN_PARAGRAPH = 2_000  # and of a paragraph: one with as many sentences as a book is none
_QUOTED_PERSON = 14  # tokens of whoever is quoted in `quoted X as saying`
_PRESENT = frozenset({"base", "s"})
_PAST = frozenset({"past", "part"})
_NOUN_FOLLOWS = frozenset({POSS, PREP})
_OPENS_NOUN = frozenset({DET, POSS, WORD, PRON})
_NO_NOUN = frozenset({PUNCT, QUOTE, CONJ, PREP, SUB})


class Scanner:
    """Finds the reporting clauses of one paragraph.

    In a headline a cue may have a capital (`Li Calls Plan 'Unfair'`); elsewhere that makes it a name.
    """

    __slots__ = ("found", "headline", "nominal", "nouns", "paragraph", "speech", "subjects")

    def __init__(self, paragraph: Paragraph, nouns: Nouns, *, headline: bool = False) -> None:
        self.paragraph = paragraph
        self.speech = paragraph.speech
        self.nouns = nouns
        self.nominal = NominalCues(paragraph, nouns)
        self.headline = headline
        self.found: list[Clause] = []
        self.subjects = Subjects(paragraph, nouns, self.found)

    def clauses(self) -> list[Clause]:
        """All reporting clauses in text order."""
        words, cues, speech = self.paragraph.low, self.paragraph.cues, self.speech
        verbs, nouns, phrasal = speech.cues, speech.cue_nouns, speech.phrasal
        if len(cues) > _MOST_CUES:
            cues = self._first_of_each_sentence()
        for i in cues:
            low = words[i]
            clause = None
            cue = verbs.get(low)
            if cue is not None:
                clause = self._of_verb(i, cue)
            if clause is None and low in phrasal:
                clause = self.READERS[phrasal[low]](self, i)
            if clause is None and low in nouns:
                clause = self.nominal.noun(i)
            if clause is not None:
                self.found.append(clause)
        return self.found

    def _first_of_each_sentence(self) -> list[int]:
        sentence = self.paragraph.sentence
        cues = (
            i
            for _, same in groupby(self.paragraph.cues, key=sentence.__getitem__)
            for i in islice(same, _MOST_CUES)
        )
        return list(islice(cues, _MOST_IN_PARAGRAPH))

    # -- cues of more than one word ----------------------------------------------------------------------------

    def _clear(self, token: int) -> Clause | None:
        """`made clear`, `made it clear`."""
        lo, _ = self.paragraph.sentence_at(token)
        for k in (token - 1, token - 2):
            if k >= lo and self.paragraph.low[k] in self.speech.making:
                return self._verb(k, token + 1, self._plain(k))
        return None

    def _case(self, token: int) -> Clause | None:
        """`made the case that`, `made a point of`: a noun that only makes a verb of saying with its verb."""
        following = self.paragraph.low[token + 1] if token + 1 < len(self.paragraph) else ""
        return self._clear(token) if following in self.speech.complementisers else None

    def _state(self, token: int) -> Clause | None:
        """`is confident that`: an adjective for what somebody thinks, with a form of "be" and a clause."""
        paragraph, speech = self.paragraph, self.speech
        if token + 1 >= len(paragraph) or paragraph.low[token + 1] not in speech.complementisers:
            return None
        lo, _ = self.paragraph.sentence_at(token)
        k = token - 1
        while k > lo and paragraph.tag[k] == ADV:
            k -= 1
        if k <= lo or paragraph.low[k] not in speech.being:
            return None
        group = verb_group(paragraph, token if paragraph.tag[k] == AUX else k, lo, participle=False)
        if group is None or paragraph.low[group.before] in speech.thing_pronouns:
            return None  # `it is certain that`: nobody says so
        return self._finite(token, token + 1, lo, speech.states[paragraph.low[token]], group)

    def _put(self, token: int) -> Clause | None:
        """`as Li put it`."""
        if token + 1 < len(self.paragraph) and self.paragraph.low[token + 1] in self.speech.putting_objects:
            return self._verb(token, token + 2, self._plain(token))
        return None

    def _went_on(self, token: int) -> Clause | None:
        """`went on`, with the words that followed."""
        paragraph = self.paragraph
        if token == 0 or paragraph.low[token - 1] not in self.speech.going_on:
            return None
        following = paragraph.tag[token + 1] if token + 1 < len(paragraph) else PUNCT
        if following in (DET, POSS) or (
            following == PREP and paragraph.low[token + 1] in self.speech.infinitives
        ):
            return None  # `went on to run`, `went on the record`
        return self._verb(token - 1, token + 1, self._plain(token - 1))

    def _plain(self, token: int) -> Cue:
        """The cue that a phrase with the verb at `token` amounts to."""
        return self.speech.plain_cues[self.speech.support.get(self.paragraph.low[token], "past")]

    # -- verbs -------------------------------------------------------------------------------------------------

    def _of_verb(self, token: int, cue: Cue) -> Clause | None:
        """The clause of a verb, together with the word behind it where both make a cue of their own: `called for`.

        With words in marks behind it the verb alone tells more: `warned of "X"`.
        """
        low = self.paragraph.low
        compounds = self.speech.compounds.get(low[token])
        if compounds is not None and token + 2 < len(low) and self.paragraph.tag[token + 2] != QUOTE:
            compound = compounds.get(low[token + 1])
            if compound is not None:
                return self._verb(token, token + 2, compound)
        return self._verb(token, token + 1, cue)

    def _verb(self, token: int, hi: int, cue: Cue) -> Clause | None:
        paragraph = self.paragraph
        lo, end = paragraph.sentence_at(token)
        if token > lo and (self._is_noun(token, cue) or (paragraph.capital(token) and not self.headline)):
            return None
        group = verb_group(paragraph, token, lo, participle=cue.form in _PAST)
        if group is None:
            return None
        if group.passive:
            return self._passive(token, hi, end, cue)
        before = token - 1
        if (
            token
            and group.before == before
            and (paragraph.tag[before] == QUOTE or paragraph.low[before] in ASIDE)
        ):
            inverted = self._inverted(token, lo, end, cue)
            if inverted is not None:
                beside = self.subjects.beside_behind(inverted, end)
                last = max([inverted.hi, *(other.hi for other in beside)])
                return Clause(token, hi, cue, inverted, AFTER, token, last, beside=beside)
        if cue.form == "ing" and not group.chained:
            return self._participle(token, hi, lo, cue, group)
        return self._finite(token, hi, lo, cue, group)

    def _is_noun(self, token: int, cue: Cue) -> bool:
        """Whether the word before shows that the form is a noun or an adjective here: `the claims`, `in reports`."""
        before, low = self.paragraph.tag[token - 1], self.paragraph.low[token - 1]
        if cue.form == "ing":
            return before == PREP and low not in self.speech.gerund_prepositions
        if before in _NOUN_FOLLOWS or (before == DET and low not in self.speech.indefinites):
            return True
        if cue.form in _PRESENT and self._is_present_noun(token, cue):
            return True
        return (
            low in self.speech.so_called and cue.lemma in self.speech.naming_so and cue.form not in _PRESENT
        )

    def _is_present_noun(self, token: int, cue: Cue) -> bool:
        """Whether its neighbours show a form of the present to be a noun: `Li's claims`, `claims have`."""
        paragraph = self.paragraph
        if token + 1 < len(paragraph.low) and paragraph.tag[token + 1] == AUX:
            return True
        before = paragraph.tag[token - 1]
        if before == CONJ:
            return paragraph.low[token] in self.speech.cue_nouns and cue.lemma not in self.speech.plain
        return before == WORD and paragraph.low[token - 1].endswith(self.speech.possessive_endings)

    def _finite(self, token: int, hi: int, lo: int, cue: Cue, group: VerbGroup) -> Clause | None:
        if cue.form == "part":
            return None
        subject, side = self.subjects.before_verb(group.before, lo)
        if subject is None:
            return None
        if cue.form in _PRESENT and not (
            self.subjects.agrees(cue, subject, group.chained)
            or (cue.form == "base" and self._is_joined(subject, lo))
        ):
            return None
        if cue.lemma in self.speech.naming and self._names_a_thing(cue, subject, group):
            return None
        first = token
        if side is BEFORE:
            first = self.nouns.leftmost(subject, lo)
            before = self.paragraph.low[first - 1] if first > lo else ""
            if before in self.speech.no_subject_after and subject.shape is not RELATIVE:
                # The noun belongs to a preposition: `Protesters in the streets chanted`.
                far = self.subjects.of_clause(first - 1, lo)
                if far is None:
                    return None
                subject, side, first = far, SHARED, token
            elif before in self.speech.comparatives:
                first -= 1
        beside: tuple[Phrase, ...] = ()
        if side is BEFORE:
            subject = self._judged(subject, lo) or subject
            subject, beside, first = self._with_company(cue, subject, first, lo)
        else:
            beside = self.subjects.beside_shared(subject, token)
        told = (group.negated, group.refused, group.modal)
        return Clause(token, hi, cue, subject, side, first, hi, *told, beside)

    def _with_company(
        self, cue: Cue, subject: Phrase, first: int, lo: int
    ) -> tuple[Phrase, tuple[Phrase, ...], int]:
        """The subject that begins at `first`, who speaks together with it, and where they begin."""
        beside = self.subjects.beside(subject, first, lo)
        first = min([first, *(self.nouns.leftmost(other, lo) for other in beside)])
        if cue.form == "s" and beside and beside[0].shape is NOMINAL:
            return self.nouns.whole(beside[0], subject), (), first
        return subject, beside, first

    def _is_joined(self, subject: Phrase, lo: int) -> bool:
        """Whether a name is the last of several: `Ann Li and Hugh Hill say`."""
        if subject.shape is not NAME:
            return False
        first = self.nouns.leftmost(subject, lo)
        return first - 1 > lo and self.paragraph.low[first - 1] in self.speech.joining

    def _judged(self, pronoun: Phrase, lo: int) -> Phrase | None:
        """Who is meant by the pronoun of `Li accused Hill of lying when he said`: who did it, not who judges."""
        paragraph, before = self.paragraph, pronoun.lo - 1
        last = self.found[-1] if self.found and pronoun.shape is PRONOUN else None
        if last is None or last.lo < lo or before <= last.hi or last.cue.lemma not in self.speech.judging:
            return None
        if paragraph.low[before] not in self.speech.circumstances or last.side is POSSESSOR:
            return None
        judged = self.nouns.starting(last.last, before)
        return judged if judged is not None and judged.shape in (NAME, NOMINAL) else None

    def _names_a_thing(self, cue: Cue, subject: Phrase, group: VerbGroup) -> bool:
        """`a formula called "X"`: a participle behind its noun, not somebody who calls."""
        return (
            cue.form == "past"
            and not group.chained
            and subject.shape is NOMINAL
            and not self.subjects.speaks(subject)
        )

    def _inverted(self, token: int, lo: int, hi: int, cue: Cue) -> Phrase | None:
        """The subject behind a cue that a quotation or a comma is in front of.

        `"X," said Ann Li`, `The plan is dead, said Ann Li`.
        """
        if cue.form == "ing" or not cue.inverts or token + 1 >= hi:
            return None
        behind_quote = self.paragraph.tag[token - 1] == QUOTE or self._is_behind_quote(token)
        start = self._behind_aside(token + 1, hi) if behind_quote else token + 1
        if not behind_quote and (
            cue.lemma not in self.speech.inverting or self.subjects.before_comma(token - 1, lo)
        ):
            return None
        subject = self.nouns.starting(start, hi) if self._may_open_noun(start) else None
        if subject is None:
            return None
        following = self.paragraph.tag[subject.hi] if subject.hi < hi else PUNCT
        return subject if _may_follow(subject, following, behind_quote=behind_quote) else None

    def _behind_aside(self, token: int, hi: int) -> int:
        """The token behind what stands between commas from `token` on: `"X," said, after a silence, Ann Li`."""
        low = self.paragraph.low
        if low[token] != ",":
            return token
        near = range(token + 1, min(hi - 1, token + _LONGEST_ASIDE))
        return next((k + 1 for k in near if low[k] == ","), token)

    def _is_behind_quote(self, token: int) -> bool:
        """Whether nothing but commas and dashes stands between a token and a quotation."""
        k = token - 1
        while k >= 0 and self.paragraph.low[k] in ASIDE:
            k -= 1
        return k >= 0 and self.paragraph.tag[k] == QUOTE

    def _may_open_noun(self, token: int) -> bool:
        paragraph = self.paragraph
        return paragraph.tag[token] in _OPENS_NOUN or paragraph.low[token] in self.speech.indefinites

    def _passive(self, token: int, end_of_cue: int, hi: int, cue: Cue) -> Clause | None:
        """`was described by Li as "X"`: the agent speaks."""
        paragraph = self.paragraph
        for k in range(token + 1, min(hi, token + 12)):
            if paragraph.low[k] in self.speech.agents:
                agent = self.nouns.starting(k + 1, hi)
                if agent is None or agent.shape is PRONOUN:
                    return None
                return Clause(token, end_of_cue, cue, agent, AFTER, token, agent.hi)
            if paragraph.tag[k] == PUNCT:
                break
        return None

    # -- participles -------------------------------------------------------------------------------------------

    def _participle(self, token: int, hi: int, lo: int, cue: Cue, group: VerbGroup) -> Clause | None:
        j = group.before
        if j < lo:
            subject = self.subjects.following(token)
        elif self._is_quoted_as(j, lo):
            quoted = verb_group(self.paragraph, j - 1, lo, participle=True)
            subject = self.nouns.ending(quoted.before, lo) if quoted else None
        elif (quoter := self._quoter(j, lo)) is not None:
            subject = self.nouns.ending(j - 1, quoter + 1)
        elif self.paragraph.tag[j] in _NO_NOUN:
            subject = self.subjects.absolute(j, lo) or self.subjects.shared(token, lo)
            if subject is None and self.paragraph.low[j] in self.speech.gerund_prepositions:
                subject = self.subjects.following(token)  # `After saying it was late, Li left`
        else:
            subject = self.subjects.near(token, j, lo)
        if subject is None:
            return None
        told = (group.negated, group.refused, group.modal)
        beside = self.subjects.beside_shared(subject, token)
        return Clause(token, hi, cue, subject, SHARED, token, hi, *told, beside)

    def _is_quoted_as(self, last: int, lo: int) -> bool:
        """`was quoted as` in front of a participle, with its last word at `last`."""
        low, speech = self.paragraph.low, self.speech
        return low[last] in speech.comparatives and last - 1 > lo and low[last - 1] in speech.quoted_as

    def _quoter(self, last: int, lo: int) -> int | None:
        """The verb of `quoted Ann Li as` that ends at `last`, None if there is none."""
        low, speech = self.paragraph.low, self.speech
        if low[last] not in speech.comparatives:
            return None
        near = range(last - 2, max(lo, last - _QUOTED_PERSON) - 1, -1)
        return next((k for k in near if low[k] in speech.quoters), None)

    READERS: ClassVar[Mapping[str, Callable[[Scanner, int], Clause | None]]] = {
        "source": lambda scanner, token: scanner.nominal.according(token),
        "bare_source": lambda scanner, token: scanner.nominal.per(token),
        "making": _clear,
        "going_on": _went_on,
        "putting": _put,
        "view": lambda scanner, token: scanner.nominal.view(token),
        "case": _case,
        "state": _state,
    }
    """The ways in which a word makes a cue with the words around it (`Speech.phrasal`)."""


def _may_follow(subject: Phrase, following: str, *, behind_quote: bool) -> bool:
    """Whether a noun phrase may be the subject of the verb before it, by the class of what follows it."""
    if subject.shape is PRONOUN:
        return following in (PUNCT, QUOTE)
    return behind_quote or (subject.shape is NAME and following != AUX)
