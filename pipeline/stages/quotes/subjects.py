"""Subjects of reporting verbs that are not simply the noun next to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.languages.reporting import Cue
from pipeline.languages.speech import CONJ, DET, POSS, PREP, PRON, PUNCT, SUB, WORD
from pipeline.stages.quotes.clause import (
    ASIDE,
    BEFORE,
    POSSESSOR,
    SHARED,
    Clause,
    Side,
    introduction,
)
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.openings import Openings
from pipeline.stages.quotes.phrases import NAME, NOMINAL, PRONOUN, RELATIVE, Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph

_LINKS = frozenset({CONJ, SUB})
_OPENING = _LINKS | {QUOTE}
_OPENS_NOUN = frozenset({DET, POSS, WORD, PRON})
_CLOSING = frozenset({";", ":", '"'})  # what no aside goes beyond
_ENDING = frozenset({PUNCT, QUOTE})
_SPEAKING = frozenset({"PERSON", "ORG", "GPE", "NORP"})
_MOST_LISTED = 6  # speakers of a list
_MOST_COMMAS = 10  # looked at for the one that the subject stands in front of
_LONGEST_ASIDE = 60  # tokens between a subject and its verb


class Subjects:
    """Finds the subjects of one paragraph's verbs; `found` are the clauses left of the verb, as they are found."""

    __slots__ = ("found", "nouns", "openings", "paragraph")

    def __init__(self, paragraph: Paragraph, nouns: Nouns, found: Sequence[Clause]) -> None:
        self.paragraph = paragraph
        self.nouns = nouns
        self.openings = Openings(paragraph, nouns)
        self.found = found

    def before_verb(self, last: int, lo: int) -> tuple[Phrase | None, Side]:
        """The subject in front of a verb group, `last` being the token before it."""
        paragraph = self.paragraph
        if last < lo:
            return None, BEFORE
        if paragraph.tag[last] == CONJ:
            return self.shared(last, lo, finite=True), SHARED
        if paragraph.low[last] in ASIDE:
            subject = self.before_comma(last, lo)
            if subject is not None:
                return subject, BEFORE
            return self.shared(last, lo, finite=True), SHARED
        return self.nouns.ending(last, lo), BEFORE

    def beside(self, subject: Phrase, first: int, lo: int) -> tuple[Phrase, ...]:
        """Who speaks together with a subject that begins at `first`: `Ann Li and Hugh Hill said`."""
        paragraph = self.paragraph
        link = first - 1
        if link <= lo or paragraph.low[link] not in paragraph.speech.joining or not self._may_share(subject):
            return ()
        last = link - 2 if paragraph.low[link - 1] == "," else link - 1
        other = self.nouns.ending(last, lo)
        if other is None or not self._may_share(other):
            return ()
        begin = self.nouns.leftmost(other, lo)
        if begin > lo and not (paragraph.low[begin - 1] in ASIDE or paragraph.tag[begin - 1] in _OPENING):
            return ()
        if begin > lo and paragraph.low[begin - 1] == "," and last == link - 2:
            return (*self._listed(begin - 1, lo), other)
        return (other,)

    def _listed(self, comma: int, lo: int) -> tuple[Phrase, ...]:
        """The names of a list in front of a comma: `Ann Li, Hugh Hill, and Jo Ray`."""
        found: list[Phrase] = []
        while comma > lo and len(found) < _MOST_LISTED:
            name = self.nouns.ending(comma - 1, lo)
            if name is None or name.shape is not NAME:
                break
            found.insert(0, name)
            comma = name.lo - 1
            if comma < lo or self.paragraph.low[comma] != ",":
                break
        return tuple(found)

    def beside_behind(self, subject: Phrase, hi: int) -> tuple[Phrase, ...]:
        """Who speaks together with the subject behind a verb: `said Ann Li and Hugh Hill`."""
        other = self._linked(subject, hi)
        if other is None or other.shape is not NAME:
            return ()
        return (other,) if other.hi >= hi or self.paragraph.tag[other.hi] in _ENDING else ()

    def beside_shared(self, subject: Phrase, hi: int) -> tuple[Phrase, ...]:
        """Who speaks together with a subject of an earlier verb: `Ann Li and Hugh Hill left, saying it was late`."""
        near = islice(reversed(self.found), _MOST_LISTED)
        told = next((clause for clause in near if clause.subject is subject), None)
        if told is not None:
            return told.beside
        other = self._linked(subject, hi)
        return () if other is None or not self._may_share(other) else (other,)

    def _linked(self, subject: Phrase, hi: int) -> Phrase | None:
        """The noun that a word for `and` ties to the end of a subject."""
        link = subject.hi
        if link + 1 >= hi or self.paragraph.low[link] not in self.paragraph.speech.joining:
            return None
        return self.nouns.starting(link + 1, hi) if self._may_share(subject) else None

    def _may_share(self, subject: Phrase) -> bool:
        """Whether somebody or a body is meant, so that two of them may speak together."""
        if subject.shape is NAME:
            return subject.mention is not None and subject.mention.entity.type in _SPEAKING
        return subject.shape is NOMINAL and self.speaks(subject)

    def before_comma(self, comma: int, lo: int) -> Phrase | None:
        """The subject in front of what stands between commas: `Ann Li, a doctor from Leeds, said`."""
        if self.paragraph.low[comma - 1] == ")":
            nearest = self.nouns.ending(comma - 1, lo)
            if nearest is not None and nearest.shape is NAME:
                return nearest
        fallback: Phrase | None = None
        for k in islice(self._asides(comma, lo), _MOST_COMMAS):
            phrase = self.nouns.ending(k - 1, lo)
            if phrase is None:
                continue
            if phrase.shape is NAME:
                if not (self._is_place(phrase) or self._is_within(phrase, lo)):
                    return self._in_apposition(phrase, k, comma) or phrase
            elif phrase.shape is not RELATIVE and self._opens_here(phrase, lo):
                fallback = phrase
        return fallback

    def _in_apposition(self, office: Phrase, opening: int, comma: int) -> Phrase | None:
        """The person whose name alone stands between two commas: `Head of Harbour Works, Ann Li, said`."""
        if office.mention is not None and office.mention.is_person:
            return None
        name = self.nouns.ending(comma - 1, opening)
        if name is None or name.lo != opening + 1 or name.mention is None:
            return None
        return name if name.mention.is_person else None

    def _is_within(self, name: Phrase, lo: int) -> bool:
        """Whether a name is only part of what says who somebody is.

        `Ann Li, owner of a pit near Hull Castle, said`, `Ann Li, head of the Fen Water Board, FWB, said`.
        """
        paragraph = self.paragraph
        first = self.nouns.leftmost(name, lo)
        if first > lo and paragraph.tag[first - 1] == PREP:
            return paragraph.low[first - 1] not in paragraph.speech.absolutes
        before = name.lo - 2
        if before <= lo or paragraph.low[before + 1] not in ASIDE or not paragraph.capital(before):
            return False
        if name.hi - name.lo == 1 and paragraph.word(name.lo).isupper():
            return True
        named = self.nouns.mentions.ending(paragraph.stop(before))
        return named is not None and name.mention is not None and named.entity is name.mention.entity

    @staticmethod
    def _is_place(name: Phrase) -> bool:
        return name.mention is not None and name.mention.entity.type in {"GPE", "LOC", "NORP"}

    def _asides(self, comma: int, lo: int) -> Iterator[int]:
        """The commas and dashes left of a comma, from right to left."""
        paragraph = self.paragraph
        for k in range(comma - 1, max(lo, comma - _LONGEST_ASIDE), -1):
            low = paragraph.low[k]
            if low in ASIDE:
                yield k
            elif low in _CLOSING and (low != '"' or paragraph.tag[k] == QUOTE):
                return

    def _opens_here(self, phrase: Phrase, lo: int) -> bool:
        """Whether a description is the beginning of its clause, as a subject is."""
        paragraph = self.paragraph
        opens = (
            phrase.lo == lo
            or paragraph.low[phrase.lo - 1] in ASIDE
            or paragraph.tag[phrase.lo - 1] in _OPENING
        )
        return opens and paragraph.tag[phrase.lo] in _OPENS_NOUN and self.speaks(phrase)

    def shared(self, token: int, lo: int, *, finite: bool = False) -> Phrase | None:
        """The subject of the clause that governs `token`: of an earlier cue, else of the sentence.

        A `finite` verb goes on with no source: `The families left, according to Li, and said ...`; nor does anything
        with a participle in front of a finite verb: `In a note praising the plan, Li called it dead, citing ...`.
        """
        if self._separate(token, lo):
            return self.of_clause(token, lo)
        outermost: Phrase | None = None
        for clause in reversed(self.found):
            if clause.lo < lo:
                break
            if clause.side is POSSESSOR or (finite and self._is_source(clause)):
                continue
            if outermost is not None and clause.cue.form == "ing" and clause.side is SHARED:
                continue
            if outermost is None or clause.cue.strong:
                outermost = clause.subject
            if self._opens_clause(clause.first):
                break
        return outermost or self.of_clause(token, lo)

    def _is_source(self, clause: Clause) -> bool:
        return self.paragraph.low[clause.lo] in self.paragraph.speech.sources

    def _separate(self, token: int, lo: int) -> bool:
        """Whether an introduction (`When Li said X, the council ...`) ends between the last cue and `token`."""
        last = self.found[-1] if self.found else None
        if last is None or last.lo < lo:
            return False
        comma = introduction(self.paragraph, lo, token)
        return comma is not None and last.lo < comma

    def of_clause(self, token: int, lo: int) -> Phrase | None:
        """The subject of the nearest clause that a comma and a conjunction open, else of the sentence."""
        paragraph = self.paragraph
        for k in range(token - 2, max(lo, token - _LONGEST_ASIDE), -1):
            if paragraph.low[k - 1] in ASIDE and (
                paragraph.tag[k] == CONJ or paragraph.low[k] in paragraph.speech.clause_openers
            ):
                nearer = self.openings.leading(k + 1, token)
                if nearer is not None:
                    return nearer
        found = self.openings.leading(lo, token)
        if found is None and lo > 0 and paragraph.tag[lo - 1] == QUOTE and self.found:
            return self.found[-1].subject
        return found

    def _opens_clause(self, first: int) -> bool:
        """Whether a coordinated clause with a subject of its own begins at this token."""
        paragraph = self.paragraph
        return first > 1 and paragraph.tag[first - 1] in _LINKS and paragraph.low[first - 2] in ASIDE

    def following(self, token: int) -> Phrase | None:
        """`Calling the plan "X," Ann Li urged ...`."""
        paragraph = self.paragraph
        _, hi = paragraph.sentence_at(token)
        for k in range(token, min(hi - 1, token + _LONGEST_ASIDE)):
            if paragraph.low[k] == "," or paragraph.tag[k] == QUOTE:
                subject = self.openings.leading(k + 1, hi)
                if subject is not None and subject.shape is not NOMINAL:
                    return subject
        return None

    def absolute(self, last: int, lo: int) -> Phrase | None:
        """`with Ann Li, the minister, posting: "X"`: a subject of the participle's own."""
        if self.paragraph.low[last] not in ASIDE:
            return None
        subject = self.before_comma(last, lo)
        if (
            subject is not None
            and subject.lo > lo
            and self.paragraph.low[self.nouns.leftmost(subject, lo) - 1] in self.paragraph.speech.absolutes
        ):
            return subject
        return None

    def near(self, token: int, last: int, lo: int) -> Phrase | None:
        """The noun right before the participle if it can speak, else the subject of the sentence."""
        near = self.nouns.ending(last, lo)
        if near is not None and near.shape is NOMINAL and (not self.speaks(near) or self._is_document(near)):
            return self.shared(token, lo) or near
        return near or self.shared(token, lo)

    def agrees(self, cue: Cue, subject: Phrase, chained: bool) -> bool:
        """Whether a present form fits its subject; what doesn't is a noun (`the claims`, `poll reports`)."""
        if chained or subject.shape is RELATIVE:
            return True
        speech = self.paragraph.speech
        if subject.shape is PRONOUN:
            return (cue.form == "s") == (self.paragraph.low[subject.hi - 1] in speech.singular_pronouns)
        if cue.lemma in speech.plain:
            return True
        if self.paragraph.low[subject.hi] in speech.cue_nouns and not self._can_speak(subject):
            return False
        if subject.shape is NAME:
            return cue.form == "s" or self._names_many(subject)
        return self._is_plural(subject) == (cue.form == "base")

    @staticmethod
    def _names_many(subject: Phrase) -> bool:
        """Whether a name may be that of several people: `Acme say`."""
        return subject.mention is not None and subject.mention.entity.type in {"NORP", "ORG"}

    def _is_plural(self, subject: Phrase) -> bool:
        low, speech = self.paragraph.low[subject.hi - 1], self.paragraph.speech
        return low.endswith(speech.plural_ending) or low in speech.plurals

    def speaks(self, phrase: Phrase) -> bool:
        """Whether a description is one of somebody or of a body that can speak."""
        return not self.paragraph.speech.speakers.isdisjoint(self.paragraph.low[phrase.lo : phrase.hi])

    def _can_speak(self, subject: Phrase) -> bool:
        if subject.shape is NOMINAL:
            return self.speaks(subject)
        return subject.mention is None or subject.mention.entity.type in {"PERSON", "ORG", "GPE"}

    def _is_document(self, phrase: Phrase) -> bool:
        return not self.paragraph.speech.document_nouns.isdisjoint(self.paragraph.low[phrase.lo : phrase.hi])
