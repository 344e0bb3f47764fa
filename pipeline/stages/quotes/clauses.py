"""Reporting clauses: where a cue verb stands, and who is its subject."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, AUX, CONJ, DET, POSS, PREP, PRON, REL, SUB
from pipeline.stages.quotes.nouns import Nouns, Phrase, Shape
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph

_NOT_A_SUBJECT_BEFORE = frozenset({DET, POSS, PREP})
_STRONG = frozenset({"say", "tell", "ask", "post", "label"})
_CLAUSE_OPENERS = frozenset({"when", "while", "as", "where", "although", "though", "whereas", "because"})
_COMMAS = frozenset({",", "-", "–", "—", "--"})


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
    speech ("declined to say"); `passive` a verb whose subject is not the speaker.
    """

    lo: int
    hi: int
    cue: lexicon.Cue
    subject: Phrase | None
    side: Side
    first: int
    last: int
    negated: bool = False
    passive: bool = False

    @property
    def strong(self) -> bool:
        """Whether the verb as such reports speech, whatever follows it."""
        return bool(self.cue.kinds & _STRONG) and self.cue.lemma not in lexicon.weak_verbs()


class Scanner:
    """Finds the reporting clauses of one paragraph."""

    def __init__(self, paragraph: Paragraph, nouns: Nouns) -> None:
        self.p = paragraph
        self.nouns = nouns

    def clauses(self) -> list[Clause]:
        """All reporting clauses in text order."""
        p = self.p
        cues = lexicon.cues()
        nouns = lexicon.cue_nouns()
        found: list[Clause] = []
        for i, low in enumerate(p.low):
            cue = cues.get(low)
            if cue is None and low == "according" and i + 1 < len(p) and p.low[i + 1] == "to":
                clause = self._according(i)
            elif cue is not None:
                clause = self._verb(i, cue, found)
                if clause is None and low in nouns:
                    clause = self._noun(i)
            elif low in nouns:
                clause = self._noun(i)
            else:
                continue
            if clause is not None:
                found.append(clause)
        return found

    def _bounds(self, i: int) -> tuple[int, int]:
        return self.p.bounds[self.p.sentence[i]]

    def _according(self, i: int) -> Clause | None:
        _, hi = self._bounds(i)
        subject = self.nouns.starting(i + 2, hi)
        if subject is None:
            return None
        return Clause(i, i + 2, lexicon.cues()["say"], subject, Side.AFTER, i, subject.hi)

    def _noun(self, i: int) -> Clause | None:
        """`Li's claim`, `her promise`: a possessor up to three words before a noun for an utterance."""
        p = self.p
        lo, _ = self._bounds(i)
        for k in range(i - 1, max(lo, i - 4) - 1, -1):
            if p.tag[k] == POSS and p.low[k] not in {"its", "our", "my", "your"}:
                start = p.starts[k]
                subject = Phrase(k, k + 1, start, p.ends[k], Shape.POSSESSIVE)
                return Clause(i, i + 1, lexicon.cues()["say"], subject, Side.POSSESSOR, k, i + 1)
            if p.low[k].endswith("'s") and p.capital(k):
                mention = self.nouns.mentions.ending(p.ends[k] - 2)
                first = k
                while mention and first > lo and p.starts[first] > mention.start:
                    first -= 1
                subject = Phrase(first, k + 1, p.starts[first], p.ends[k] - 2, Shape.NAME, mention)
                return Clause(i, i + 1, lexicon.cues()["say"], subject, Side.POSSESSOR, first, i + 1)
            if p.tag[k] != WORD:
                return None
        return None

    def _verb(self, i: int, cue: lexicon.Cue, earlier: list[Clause]) -> Clause | None:
        p = self.p
        lo, hi = self._bounds(i)
        if i > lo and p.capital(i):
            return None
        before = p.tag[i - 1] if i > lo else ""
        if before in _NOT_A_SUBJECT_BEFORE and cue.form != "ing":
            if not (before == DET and p.low[i - 1] in lexicon.word_set("indefinites")):
                return None
        if (
            before in (PREP,)
            and cue.form == "ing"
            and p.low[i - 1] not in {"by", "after", "before", "while", "in", "for"}
        ):
            return None
        if i > lo and p.low[i - 1].endswith("'s") and p.tag[i - 1] == WORD and cue.form in ("base", "s"):
            return None
        j, chain, negated, passive = self._verb_group(i, lo, cue)
        if j is None:
            return None
        inverted = self._inverted(i, lo, hi, cue) if j == i - 1 and not passive else None
        if inverted is not None:
            return Clause(i, i + 1, cue, inverted, Side.AFTER, i, inverted.hi)
        if passive:
            return self._passive(i, hi, cue, j)
        if cue.form == "ing" and not chain:
            return self._participle(i, j, lo, hi, cue, earlier)
        subject, side = self._subject(j, lo, i, earlier)
        if subject is None or (cue.form == "part"):
            return None
        if cue.form in ("base", "s") and not self._agrees(cue, subject, chain):
            return None
        first = self.nouns.leftmost(subject, lo) if side is Side.BEFORE else i
        return Clause(i, i + 1, cue, subject, side, first, i + 1, negated)

    def _verb_group(self, i: int, lo: int, cue: lexicon.Cue) -> tuple[int | None, bool, bool, bool]:
        """Step left over auxiliaries, adverbs and `declined to`; the token before, chained, negated, passive."""
        p = self.p
        j = i - 1
        chain = negated = False
        be = False
        aux_have = False
        while j >= lo:
            low = p.low[j]
            tag = p.tag[j]
            if low == "to" and j > lo:
                k = j - 1
                while k > lo and p.tag[k] == ADV:
                    k -= 1
                if (
                    low == "to"
                    and p.low[k] == "on"
                    and k > lo
                    and p.low[k - 1] in {"went", "goes", "going", "go"}
                ):
                    k -= 1
                if p.low[k] not in lexicon.word_set("chain"):
                    return None, False, False, False
                negated |= p.low[k] in lexicon.word_set("refusing")
                chain = True
                j = k - 1
                be = False
                continue
            if tag == AUX:
                chain = True
                negated |= low in lexicon.word_set("negations")
                if low in lexicon.word_set("be"):
                    be = be or not aux_have
                j -= 1
                continue
            if tag == ADV or (tag == WORD and low.endswith("ly") and not p.capital(j)):
                negated |= low in lexicon.word_set("negations")
                j -= 1
                continue
            if low == "'" or low == "t":
                j -= 1
                continue
            break
        passive = be and cue.form in ("past", "part")
        return j, chain, negated, passive

    def _inverted(self, i: int, lo: int, hi: int, cue: lexicon.Cue) -> Phrase | None:
        """The subject behind the cue: `"X," said Ann Li`, `The plan is dead, said Ann Li.`"""
        p = self.p
        if (
            cue.form not in ("past", "s", "base")
            or not cue.kinds & {"say", "post", "ask", "tell"}
            or i + 1 >= hi
        ):
            return None
        k = i - 1
        comma = False
        while k >= 0 and p.word[k] in _COMMAS:
            comma = True
            k -= 1
        behind_quote = k >= 0 and p.tag[k] == QUOTE
        if not behind_quote and not (
            comma and cue.lemma in {"say", "add", "write", "note", "report", "argue", "explain"}
        ):
            return None
        following = p.tag[i + 1]
        if following not in (DET, POSS, WORD, PRON) and p.low[i + 1] not in lexicon.word_set("indefinites"):
            return None
        if "tell" in cue.kinds and "say" not in cue.kinds and not behind_quote:
            return None
        subject = self.nouns.starting(i + 1, hi)
        if subject is None:
            return None
        if subject.shape is Shape.PRONOUN and (subject.hi < hi and p.tag[subject.hi] not in (PUNCT, QUOTE)):
            return None
        if not behind_quote and self._before_comma(i - 1, lo) is not None:
            return None
        if not behind_quote and (
            subject.shape is not Shape.NAME or subject.hi < hi and p.tag[subject.hi] in (AUX,)
        ):
            return None
        return subject

    def _passive(self, i: int, hi: int, cue: lexicon.Cue, j: int) -> Clause | None:
        p = self.p
        for k in range(i + 1, min(hi, i + 12)):
            if p.low[k] == "by":
                agent = self.nouns.starting(k + 1, hi)
                if agent is not None and agent.shape is not Shape.PRONOUN:
                    return Clause(i, i + 1, cue, agent, Side.AFTER, i, agent.hi)
                return None
            if p.tag[k] == PUNCT:
                break
        return Clause(i, i + 1, cue, None, Side.BEFORE, max(j, 0), i + 1, passive=True)

    def _participle(
        self, i: int, j: int, lo: int, hi: int, cue: lexicon.Cue, earlier: list[Clause]
    ) -> Clause | None:
        p = self.p
        if i == lo or (j < lo):
            comma = next((k for k in range(i, min(hi, i + 60)) if p.word[k] == ","), None)
            # A comma inside the quotation closes the participle's clause too.
            if comma is None:
                quote = next((k for k in range(i, min(hi, i + 60)) if p.tag[k] == QUOTE), None)
                comma = quote if quote is not None and quote + 1 < hi else None
            subject = self.nouns.leading(comma + 1, hi) if comma is not None else None
            return Clause(i, i + 1, cue, subject, Side.SHARED, i, i + 1) if subject else None
        if p.tag[j] in (PUNCT, QUOTE, CONJ, PREP, SUB):
            subject = self._shared(i, lo, earlier)
            return Clause(i, i + 1, cue, subject, Side.SHARED, i, i + 1) if subject else None
        near = self.nouns.ending(j, lo)
        shared = self._shared(i, lo, earlier)
        if (
            near is not None
            and near.shape is Shape.NOMINAL
            and (not self._speaks(near) or self._is_document(near))
        ):
            near = shared or near
        if near is None:
            near = shared
        return Clause(i, i + 1, cue, near, Side.SHARED, i, i + 1) if near else None

    def _speaks(self, phrase: Phrase) -> bool:
        people, bodies = lexicon.role_set("person_nouns"), lexicon.role_set("body_nouns")
        return any(self.p.low[k] in people or self.p.low[k] in bodies for k in range(phrase.lo, phrase.hi))

    def _is_document(self, phrase: Phrase) -> bool:
        return any(self.p.low[k] in lexicon.role_set("document_nouns") for k in range(phrase.lo, phrase.hi))

    def _shared(self, i: int, lo: int, earlier: list[Clause]) -> Phrase | None:
        """The subject of an earlier clause of the sentence, else of the sentence."""
        outermost: Phrase | None = None
        for clause in reversed(earlier):
            if clause.lo < lo:
                break
            if clause.subject is None or clause.side is Side.POSSESSOR:
                continue
            if outermost is None or clause.strong:
                outermost = clause.subject
            if self._breaks(clause.first):
                break
        if outermost is not None:
            return outermost
        for k in range(i - 2, lo, -1):
            if self.p.word[k - 1] in _COMMAS and (self.p.tag[k] == CONJ or self.p.low[k] in _CLAUSE_OPENERS):
                nearer = self.nouns.leading(k + 1, i)
                if nearer is not None:
                    return nearer
        found = self.nouns.leading(lo, i)
        if found is None and lo > 0 and self.p.tag[lo - 1] == QUOTE:
            for clause in reversed(earlier):
                return clause.subject
        return found

    def _breaks(self, first: int) -> bool:
        """Whether a coordinated clause with a subject of its own begins at this token."""
        p = self.p
        return first > 1 and p.tag[first - 1] in (CONJ, SUB) and p.word[first - 2] in _COMMAS

    def _subject(self, j: int, lo: int, i: int, earlier: list[Clause]) -> tuple[Phrase | None, Side]:
        p = self.p
        if j < lo:
            return None, Side.BEFORE
        word = p.word[j]
        if p.tag[j] == CONJ:
            return self._shared(j, lo, earlier), Side.SHARED
        if word in _COMMAS:
            subject = self._before_comma(j, lo)
            if subject is not None:
                return subject, Side.BEFORE
            return self._shared(j, lo, earlier), Side.SHARED
        subject = self.nouns.ending(j, lo)
        return subject, Side.BEFORE

    def _before_comma(self, comma: int, lo: int) -> Phrase | None:
        """The subject in front of what stands between commas: `Ann Li, a doctor from Leeds, said`."""
        p = self.p
        fallback: Phrase | None = None
        k = comma - 1
        steps = 0
        while k >= lo and steps < 60:  # noqa: PLR2004 - no aside is longer
            steps += 1
            if p.tag[k] == QUOTE or p.word[k] in ";:":
                break
            if p.word[k] in _COMMAS and k > lo:
                phrase = self.nouns.ending(k - 1, lo)
                if phrase is not None and phrase.shape is Shape.NAME:
                    mention = phrase.mention
                    if mention is None or mention.entity.type not in {
                        "GPE",
                        "LOC",
                        "NORP",
                        "DATE",
                        "CARDINAL",
                    }:
                        return phrase
                elif phrase is not None and phrase.shape in (Shape.PRONOUN, Shape.NOMINAL):
                    starts_clause = (
                        phrase.lo == lo
                        or p.word[phrase.lo - 1] in _COMMAS
                        or p.tag[phrase.lo - 1] in (CONJ, SUB)
                    )
                    if starts_clause and p.tag[phrase.lo] in (DET, POSS, WORD, PRON) and self._speaks(phrase):
                        fallback = phrase
            k -= 1
        return fallback

    def _agrees(self, cue: lexicon.Cue, subject: Phrase, chain: bool) -> bool:
        """Whether a present form fits its subject; what doesn't is a noun (`the claims`, `poll reports`)."""
        if chain or subject.shape in (Shape.RELATIVE,):
            return True
        low = self.p.low[subject.hi - 1]
        if subject.shape is Shape.PRONOUN:
            return (cue.form == "s") == (low in {"he", "she", "it"})
        if cue.lemma in {"say", "tell", "think", "believe", "argue", "insist", "write", "know"}:
            return True
        if subject.shape is Shape.NAME:
            return (
                cue.form == "s"
                or subject.mention is not None
                and subject.mention.entity.type in {"NORP", "ORG"}
            )
        plural = low.endswith("s") or low in {"people", "police", "men", "women"} | lexicon.word_set(
            "indefinites"
        )
        return plural == (cue.form == "base")
