"""Reporting clauses: where a cue stands, and who is its subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, AUX, CONJ, DET, POSS, PREP, PRON, SUB
from pipeline.stages.quotes.nouns import Nouns, Phrase, Shape
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph
from pipeline.stages.quotes.verbs import VerbGroup, verb_group

ASIDE = frozenset({",", "-", "–", "—", "―", "--"})
_STRONG = frozenset({"say", "tell", "ask", "post", "label"})
_CLAUSE_OPENERS = frozenset({"when", "while", "as", "where", "although", "though", "whereas", "because"})
_GERUND_PREPOSITIONS = frozenset({"by", "after", "before", "while", "in", "for", "as", "without"})
_INVERTING = frozenset({"say", "add", "write", "note", "report", "argue", "explain"})
_PLAIN = frozenset({"say", "tell", "think", "believe", "argue", "insist", "write", "know"})
_VIEWS = frozenset({"words", "view", "opinion", "account", "telling", "phrase", "mind"})
_MAKES = frozenset({"made", "make", "makes", "making"})
_NAMING = frozenset({"call", "dub", "name", "term", "title", "nickname", "brand", "label", "know"})
_NO_SUBJECT_AFTER = frozenset(
    {"in", "of", "for", "from", "with", "to", "by", "on", "at", "about", "through", "into", "over"}
)
_LONGEST_ASIDE = 60  # tokens between a subject and its verb


class Side(StrEnum):
    """Where the subject stands, seen from the cue."""

    BEFORE = "before"
    AFTER = "after"
    SHARED = "shared"
    POSSESSOR = "possessor"


@dataclass(frozen=True, slots=True)
class Clause:
    """A reporting clause: cue tokens [lo, hi), the subject, and how sure the reading is.

    `first` and `last` bound subject and cue together (tokens, half-open); `negated` is a refusal or a denial of
    speech ("declined to say").
    """

    lo: int
    hi: int
    cue: lexicon.Cue
    subject: Phrase
    side: Side
    first: int
    last: int
    negated: bool = False

    @property
    def strong(self) -> bool:
        """Whether the verb as such reports speech, whatever follows it."""
        return bool(self.cue.kinds & _STRONG) and self.cue.lemma not in lexicon.weak_verbs()

    @property
    def end(self) -> int:
        """The first token behind cue and subject."""
        return max(self.last, self.hi)


class Scanner:
    """Finds the reporting clauses of one paragraph.

    In a headline a cue may have a capital (`Li Calls Plan 'Unfair'`); elsewhere that makes it a name.
    """

    def __init__(self, paragraph: Paragraph, nouns: Nouns, *, headline: bool = False) -> None:
        self.p = paragraph
        self.nouns = nouns
        self.headline = headline
        self.found: list[Clause] = []

    def clauses(self) -> list[Clause]:
        """All reporting clauses in text order."""
        cues, nouns, phrasal = lexicon.cues(), lexicon.cue_nouns(), self._phrasal
        telling = lexicon.telling(frozenset(phrasal))
        for i in [i for i, word in enumerate(self.p.low) if word in telling]:
            low = self.p.low[i]
            clause = None
            cue = cues.get(low)
            if cue is not None:
                clause = self._verb(i, i + 1, cue)
            elif low in phrasal:
                clause = phrasal[low](self, i)
            if clause is None and low in nouns:
                clause = self._noun(i)
            if clause is not None:
                self.found.append(clause)
        return self.found

    def _bounds(self, i: int) -> tuple[int, int]:
        return self.p.bounds[self.p.sentence[i]]

    # -- cues of more than one word ----------------------------------------------------------------------------

    def _per(self, i: int) -> Clause | None:
        """`per the rules`, set off by a comma or a quotation."""
        if i == 0 or not (self.p.word[i - 1] in ASIDE or self.p.tag[i - 1] == QUOTE):
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
        return Clause(first, hi, lexicon.plain_cue(), subject, Side.AFTER, first, subject.hi)

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
        return Clause(
            clause.first - 1, i + 1, clause.cue, clause.subject, Side.AFTER, clause.first - 1, i + 1
        )

    _phrasal = {
        "according": _according,
        "per": _per,
        "clear": _clear,
        "on": _went_on,
        "put": _put,
        "puts": _put,
        **dict.fromkeys(_VIEWS, _view),
    }  # noqa: RUF012 - a constant

    def _noun(self, i: int) -> Clause | None:
        """`Li's claim`, `her promise`: a possessor up to three words before a noun for an utterance."""
        p = self.p
        lo, _ = self._bounds(i)
        for k in range(i - 1, max(lo, i - 4) - 1, -1):
            if p.tag[k] == POSS and p.low[k] in {"his", "her", "their"}:
                subject = Phrase(k, k + 1, p.starts[k], p.ends[k], Shape.POSSESSIVE)
                return Clause(i, i + 1, lexicon.plain_cue(), subject, Side.POSSESSOR, k, i + 1)
            if p.low[k].endswith("'s") and p.capital(k):
                subject = self._possessor(k, lo)
                return Clause(i, i + 1, lexicon.plain_cue(), subject, Side.POSSESSOR, subject.lo, i + 1)
            if p.tag[k] != WORD:
                return None
        return None

    def _possessor(self, k: int, lo: int) -> Phrase:
        p = self.p
        end = p.ends[k] - 2
        mention = self.nouns.mentions.ending(end)
        first = k
        while mention and first > lo and p.starts[first] > mention.start:
            first -= 1
        return Phrase(first, k + 1, p.starts[first], end, Shape.NAME, mention)

    # -- verbs -------------------------------------------------------------------------------------------------

    def _verb(self, i: int, hi: int, cue: lexicon.Cue) -> Clause | None:
        p = self.p
        lo, end = self._bounds(i)
        if i > lo and ((p.capital(i) and not self.headline) or self._is_noun(i, cue)):
            return None
        group = verb_group(p, i, lo, participle=cue.form in ("past", "part"))
        if group is None:
            return None
        if group.passive:
            return self._passive(i, hi, end, cue)
        if group.before == i - 1:
            inverted = self._inverted(i, lo, end, cue)
            if inverted is not None:
                return Clause(i, hi, cue, inverted, Side.AFTER, i, inverted.hi)
        if cue.form == "ing" and not group.chained:
            return self._participle(i, hi, cue, group)
        return self._finite(i, hi, cue, group)

    def _is_noun(self, i: int, cue: lexicon.Cue) -> bool:
        """Whether the word before shows that the form is a noun or an adjective here: `the claims`, `in reports`."""
        p = self.p
        before, low = p.tag[i - 1], p.low[i - 1]
        if cue.form == "ing":
            return before == PREP and low not in _GERUND_PREPOSITIONS
        if before in (POSS, PREP) or (before == DET and low not in lexicon.word_set("indefinites")):
            return True
        if cue.form in ("base", "s") and i + 1 < len(p) and p.tag[i + 1] == AUX:
            return True
        if low.endswith("'s") and before == WORD:
            return cue.form in ("base", "s")
        if before == CONJ and cue.form in ("base", "s"):
            return p.low[i] in lexicon.cue_nouns() and cue.lemma not in _PLAIN
        return low == "so" and cue.lemma == "call"

    def _finite(self, i: int, hi: int, cue: lexicon.Cue, group: VerbGroup) -> Clause | None:
        lo, _ = self._bounds(i)
        subject, side = self._subject(group.before, lo)
        if subject is None or cue.form == "part":
            return None
        if cue.form in ("base", "s") and not self._agrees(cue, subject, group.chained):
            return None
        if self._names_a_thing(cue, subject, group):
            return None
        first = i
        if side is Side.BEFORE:
            first = self.nouns.leftmost(subject, lo)
            if (
                first > lo
                and self.p.low[first - 1] in _NO_SUBJECT_AFTER
                and subject.shape is not Shape.RELATIVE
            ):
                # The noun belongs to a preposition: `Protesters in the streets chanted`.
                far = self._clause_subject(first - 1, lo)
                if far is None:
                    return None
                subject, side, first = far, Side.SHARED, i
            elif first > lo and self.p.low[first - 1] == "as":
                first -= 1
        return Clause(i, hi, cue, subject, side, first, hi, group.negated)

    def _names_a_thing(self, cue: lexicon.Cue, subject: Phrase, group: VerbGroup) -> bool:
        """`a formula called "X"`: a participle behind its noun, not somebody who calls."""
        return (
            cue.lemma in _NAMING
            and cue.form == "past"
            and not group.chained
            and subject.shape is Shape.NOMINAL
            and not self._speaks(subject)
        )

    def _inverted(self, i: int, lo: int, hi: int, cue: lexicon.Cue) -> Phrase | None:
        """The subject behind the cue: `"X," said Ann Li`, `The plan is dead, said Ann Li.`"""
        p = self.p
        if cue.form == "ing" or not cue.kinds & {"say", "post", "ask", "tell", "speak"} or i + 1 >= hi:
            return None
        k = i - 1
        while k >= 0 and p.word[k] in ASIDE:
            k -= 1
        behind_quote = k >= 0 and p.tag[k] == QUOTE
        if not behind_quote and (k == i - 1 or cue.lemma not in _INVERTING or self._before_comma(i - 1, lo)):
            return None
        if p.tag[i + 1] not in (DET, POSS, WORD, PRON) and p.low[i + 1] not in lexicon.word_set(
            "indefinites"
        ):
            return None
        subject = self.nouns.starting(i + 1, hi)
        if subject is None:
            return None
        following = p.tag[subject.hi] if subject.hi < hi else PUNCT
        if subject.shape is Shape.PRONOUN:
            return subject if following in (PUNCT, QUOTE) else None
        if behind_quote:
            return subject
        return subject if subject.shape is Shape.NAME and following != AUX else None

    def _passive(self, i: int, end_of_cue: int, hi: int, cue: lexicon.Cue) -> Clause | None:
        """`was described by Li as "X"`: the agent speaks."""
        p = self.p
        for k in range(i + 1, min(hi, i + 12)):
            if p.low[k] == "by":
                agent = self.nouns.starting(k + 1, hi)
                if agent is None or agent.shape is Shape.PRONOUN:
                    return None
                return Clause(i, end_of_cue, cue, agent, Side.AFTER, i, agent.hi)
            if p.tag[k] == PUNCT:
                break
        return None

    # -- participles -------------------------------------------------------------------------------------------

    def _participle(self, i: int, hi: int, cue: lexicon.Cue, group: VerbGroup) -> Clause | None:
        lo, _ = self._bounds(i)
        j = group.before
        if j < lo:
            subject = self._following_subject(i)
        elif self.p.low[j] == "as" and j - 1 > lo and self.p.low[j - 1] in {"quoted", "cited", "reported"}:
            quoted = verb_group(self.p, j - 1, lo, participle=True)
            subject = self.nouns.ending(quoted.before, lo) if quoted else None
        elif self.p.tag[j] in (PUNCT, QUOTE, CONJ, PREP, SUB):
            subject = self._absolute(j, lo) or self._shared(i, lo)
        else:
            subject = self._near(i, j, lo)
        return Clause(i, hi, cue, subject, Side.SHARED, i, hi) if subject else None

    def _following_subject(self, i: int) -> Phrase | None:
        """`Calling the plan "X," Ann Li urged ...`"""
        p = self.p
        _, hi = self._bounds(i)
        for k in range(i, min(hi - 1, i + _LONGEST_ASIDE)):
            if p.word[k] == "," or p.tag[k] == QUOTE:
                subject = self.nouns.leading(k + 1, hi)
                if subject is not None and subject.shape is not Shape.NOMINAL:
                    return subject
        return None

    def _absolute(self, j: int, lo: int) -> Phrase | None:
        """`with Ann Li, the minister, posting: "X"`: a subject of the participle's own."""
        if self.p.word[j] not in ASIDE:
            return None
        subject = self._before_comma(j, lo)
        if (
            subject is not None
            and subject.lo > lo
            and self.p.low[self.nouns.leftmost(subject, lo) - 1] == "with"
        ):
            return subject
        return None

    def _near(self, i: int, j: int, lo: int) -> Phrase | None:
        """The noun right before the participle if it can speak, else the subject of the sentence."""
        near = self.nouns.ending(j, lo)
        if (
            near is not None
            and near.shape is Shape.NOMINAL
            and (not self._speaks(near) or self._is_document(near))
        ):
            return self._shared(i, lo) or near
        return near or self._shared(i, lo)

    def _speaks(self, phrase: Phrase) -> bool:
        people, bodies = lexicon.role_set("person_nouns"), lexicon.role_set("body_nouns")
        return any(self.p.low[k] in people or self.p.low[k] in bodies for k in range(phrase.lo, phrase.hi))

    def _can_speak(self, subject: Phrase) -> bool:
        if subject.shape is Shape.NOMINAL:
            return self._speaks(subject)
        return subject.mention is None or subject.mention.entity.type in {"PERSON", "ORG", "GPE"}

    def _is_document(self, phrase: Phrase) -> bool:
        return any(self.p.low[k] in lexicon.role_set("document_nouns") for k in range(phrase.lo, phrase.hi))

    # -- subjects ----------------------------------------------------------------------------------------------

    def _shared(self, i: int, lo: int) -> Phrase | None:
        """The subject of the clause that governs token i: of an earlier cue, else of the sentence."""
        if self._separate(i, lo):
            return self._clause_subject(i, lo)
        outermost: Phrase | None = None
        for clause in reversed(self.found):
            if clause.lo < lo:
                break
            if clause.side is Side.POSSESSOR:
                continue
            if outermost is None or clause.strong:
                outermost = clause.subject
            if self._opens_clause(clause.first):
                break
        return outermost or self._clause_subject(i, lo)

    def _separate(self, i: int, lo: int) -> bool:
        """Whether an introduction (`When Li said X, the council ...`) ends between the last cue and token i."""
        last = self.found[-1] if self.found else None
        if last is None or last.lo < lo:
            return False
        comma = introduction(self.p, lo, i)
        return comma is not None and last.lo < comma

    def _clause_subject(self, i: int, lo: int) -> Phrase | None:
        """The subject of the nearest clause that a comma and a conjunction open, else of the sentence."""
        p = self.p
        for k in range(i - 2, max(lo, i - _LONGEST_ASIDE), -1):
            if p.word[k - 1] in ASIDE and (p.tag[k] == CONJ or p.low[k] in _CLAUSE_OPENERS):
                nearer = self.nouns.leading(k + 1, i)
                if nearer is not None:
                    return nearer
        found = self.nouns.leading(lo, i)
        if found is None and lo > 0 and p.tag[lo - 1] == QUOTE and self.found:
            return self.found[-1].subject
        return found

    def _opens_clause(self, first: int) -> bool:
        """Whether a coordinated clause with a subject of its own begins at this token."""
        p = self.p
        return first > 1 and p.tag[first - 1] in (CONJ, SUB) and p.word[first - 2] in ASIDE

    def _subject(self, j: int, lo: int) -> tuple[Phrase | None, Side]:
        p = self.p
        if j < lo:
            return None, Side.BEFORE
        if p.tag[j] == CONJ:
            return self._shared(j, lo), Side.SHARED
        if p.word[j] in ASIDE:
            subject = self._before_comma(j, lo)
            if subject is not None:
                return subject, Side.BEFORE
            return self._shared(j, lo), Side.SHARED
        return self.nouns.ending(j, lo), Side.BEFORE

    def _before_comma(self, comma: int, lo: int) -> Phrase | None:
        """The subject in front of what stands between commas: `Ann Li, a doctor from Leeds, said`."""
        p = self.p
        fallback: Phrase | None = None
        if p.word[comma - 1] == ")":
            nearest = self.nouns.ending(comma - 1, lo)
            if nearest is not None and nearest.shape is Shape.NAME:
                return nearest
        for k in range(comma - 1, max(lo, comma - _LONGEST_ASIDE), -1):
            if p.tag[k] == QUOTE or p.word[k] in {";", ":"}:
                break
            if p.word[k] not in ASIDE:
                continue
            phrase = self.nouns.ending(k - 1, lo)
            if phrase is None:
                continue
            if phrase.shape is Shape.NAME:
                if phrase.mention is None or phrase.mention.entity.type not in {"GPE", "LOC", "NORP"}:
                    return phrase
            elif phrase.shape is not Shape.RELATIVE and self._opens_here(phrase, lo):
                fallback = phrase
        return fallback

    def _opens_here(self, phrase: Phrase, lo: int) -> bool:
        """Whether a description is the beginning of its clause, as a subject is."""
        p = self.p
        opens = phrase.lo == lo or p.word[phrase.lo - 1] in ASIDE or p.tag[phrase.lo - 1] in (CONJ, SUB)
        return opens and p.tag[phrase.lo] in (DET, POSS, WORD, PRON) and self._speaks(phrase)

    def _agrees(self, cue: lexicon.Cue, subject: Phrase, chained: bool) -> bool:
        """Whether a present form fits its subject; what doesn't is a noun (`the claims`, `poll reports`)."""
        if chained or subject.shape is Shape.RELATIVE:
            return True
        low = self.p.low[subject.hi - 1]
        if subject.shape is Shape.PRONOUN:
            return (cue.form == "s") == (low in {"he", "she", "it"})
        if cue.lemma in _PLAIN:
            return True
        if self.p.low[subject.hi] in lexicon.cue_nouns() and not self._can_speak(subject):
            return False
        if subject.shape is Shape.NAME:
            plural = subject.mention is not None and subject.mention.entity.type in {"NORP", "ORG"}
            return cue.form == "s" or plural
        plural = low.endswith("s") or low in {"people", "police", "men", "women"} | lexicon.word_set(
            "indefinites"
        )
        return plural == (cue.form == "base")


def introduction(p: Paragraph, lo: int, hi: int) -> int | None:
    """The comma that closes the subordinate clause a sentence begins with, None if it begins otherwise."""
    i = lo
    while i < hi and p.tag[i] in (CONJ, ADV):
        i += 1
    if i >= hi or not (p.tag[i] == SUB or p.low[i] in _CLAUSE_OPENERS) or p.low[i] == "that":
        return None
    for k in range(i, hi):
        if p.word[k] == ",":
            return k
        if p.tag[k] == QUOTE and k + 1 < hi and p.tag[k + 1] in (DET, POSS, PRON, WORD):
            return k
    return None


def spent(clauses: Sequence[Clause], p: Paragraph) -> set[int]:
    """The cue tokens of clauses that stand behind a quotation: what they report is on their left."""
    return {
        clause.lo
        for clause in clauses
        if clause.first > 0
        and p.tag[clause.first - 1] == QUOTE
        and p.sentence[clause.first - 1] == p.sentence[clause.first]
    }
