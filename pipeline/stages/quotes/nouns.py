"""Noun phrases around a verb, found without a parser: who is the subject of a reporting verb.

The walk to the left or right stops at what can't be inside a noun phrase; names end where the entities say, or
else where the capitals end. All indices are token numbers of a Paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, AUX, CONJ, DET, POSS, PREP, PRON, REL, SUB
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph

# Prepositions that tie a noun to the noun before it ("a spokesman for Acme").
_TIES = frozenset("of for at from in with to on by near inside behind".split())
_PARTICLES = frozenset(
    "de da di del della der den van von bin ibn ben al el la le du dos of the and &".split()
)
_LONGEST = 24  # tokens of a noun phrase
_DEEPEST = 2  # noun phrases inside a noun phrase
_SUBJECT_PRONOUNS = frozenset("he she they it we i you".split())


class Shape(StrEnum):
    """What kind of words refer to somebody."""

    NAME = "name"
    PRONOUN = "pronoun"
    RELATIVE = "relative"
    POSSESSIVE = "possessive"
    NOMINAL = "nominal"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens [lo, hi) that refer to somebody, as offsets [start, end); `mention` when it is an entity's.

    `head` is the noun phrase that a relative pronoun stands for.
    """

    lo: int
    hi: int
    start: int
    end: int
    shape: Shape
    mention: Mention | None = None
    head: Phrase | None = None


class Nouns:
    """Finds noun phrases in one paragraph."""

    def __init__(self, paragraph: Paragraph, mentions: Mentions) -> None:
        self.p = paragraph
        self.mentions = mentions

    # -- leftwards ---------------------------------------------------------------------------------------------

    def ending(self, j: int, lo: int, depth: int = 0) -> Phrase | None:
        """The noun phrase whose last token is j, looking left no further than lo."""
        p = self.p
        if j < lo:
            return None
        if p.word[j] == ")":
            k = j
            while k > lo and p.word[k] != "(" and j - k < _LONGEST:
                k -= 1
            return self.ending(k - 1, lo, depth) if p.word[k] == "(" else None
        tag = p.tag[j]
        if tag == PRON:
            return self._pronoun(j)
        if tag == REL:
            if p.low[j] == "that" and (j == lo or p.tag[j - 1] != WORD):
                return None
            before = j - 1 if j > lo and p.word[j - 1] == "," else j
            head = self.ending(before - 1, lo, depth + 1) if before > lo and depth < _DEEPEST else None
            return Phrase(j, j + 1, p.starts[j], p.ends[j], Shape.RELATIVE, head=head)
        if tag in (QUOTE, PUNCT) and not self._dot_of_name(j):
            return None
        name = self._name_ending(j, lo)
        if name is not None:
            return self._with_head(name, lo, depth)
        if tag == WORD or p.low[j] in lexicon.word_set("indefinites"):
            return self._nominal_ending(j, lo)
        return None

    def _pronoun(self, j: int) -> Phrase | None:
        bare = self.p.low[j].split("'")[0]
        if bare not in _SUBJECT_PRONOUNS:
            return None
        start = self.p.starts[j]
        return Phrase(j, j + 1, start, start + len(bare), Shape.PRONOUN)

    def _phrase(self, lo: int, hi: int, shape: Shape, mention: Mention | None = None) -> Phrase:
        return Phrase(lo, hi, self.p.starts[lo], self.p.ends[hi - 1], shape, mention)

    def _dot_of_name(self, j: int) -> bool:
        return (
            self.p.word[j] == "."
            and j > 0
            and self.p.capital(j - 1)
            and self.p.starts[j] == self.p.ends[j - 1]
        )

    def _name_ending(self, j: int, lo: int) -> Phrase | None:
        p = self.p
        mention = self.mentions.ending(p.ends[j])
        if mention is not None and mention.start >= p.starts[lo]:
            k = j
            while k > lo and p.starts[k] > mention.start:
                k -= 1
            while k < j and (p.tag[k] in (DET, ADV, CONJ) or p.tag[k] == PUNCT):
                k += 1
            if p.capital(k) or p.capital(j):
                return self._phrase(k, j + 1, Shape.NAME, mention)
        if self._dot_of_name(j):
            j -= 1
        if not p.capital(j) or p.tag[j] in (PREP, DET, SUB, AUX, ADV, CONJ, REL, PRON):
            return None
        k = j
        while k > lo and j - k < _LONGEST:
            before = k - 1
            if p.capital(before) and p.tag[before] == WORD and not p.low[before].endswith("'s"):
                k = before
            elif self._dot_of_name(before) and self._inner_dot(before):
                k = before - 1
            elif (
                p.low[before] in _PARTICLES
                and before > lo
                and p.capital(before - 1)
                and p.tag[before - 1] == WORD
            ):
                if p.low[before] in {"the", "and"}:
                    break
                k = before - 1
            else:
                break
        return self._phrase(k, j + 1, Shape.NAME)

    def _inner_dot(self, j: int) -> bool:
        low = self.p.low[j - 1]
        return len(low) == 1 or low in lexicon.word_set("abbreviations")

    def _with_head(self, name: Phrase, lo: int, depth: int) -> Phrase:
        """The name, or the description that it only ends: `a spokesman for Acme`, `Ann Li of Acme`."""
        p = self.p
        k = name.lo - 1
        while k >= lo and (p.tag[k] in (DET, POSS) or (p.capital(k) and p.tag[k] == WORD)):
            k -= 1
        if depth > _DEEPEST or k <= lo or p.low[k] not in _TIES or p.tag[k - 1] != WORD:
            return name
        head = self.ending(k - 1, lo, depth + 1)
        if head is None or head.shape not in (Shape.NOMINAL, Shape.NAME):
            return name
        if head.shape is Shape.NAME:
            return head if p.low[k] in {"of", "from", "at", "for"} else name
        if not any(self._human(m) for m in range(head.lo, head.hi)) and p.low[k] not in {
            "of",
            "for",
            "at",
            "from",
        }:
            return name
        if name.mention is not None and name.mention.is_person and not self._human(head.hi - 1):
            return name
        return self._phrase(head.lo, name.hi, Shape.NOMINAL)

    def leftmost(self, phrase: Phrase, lo: int) -> int:
        """Where the phrase begins with all that stands in front of the name: `Acme spokeswoman Ann Li`."""
        p = self.p
        k = phrase.lo
        if phrase.shape not in (Shape.NAME, Shape.NOMINAL):
            return k
        while k > lo and phrase.lo - k < _LONGEST:
            before = k - 1
            if p.tag[before] in (DET, POSS, WORD) or p.low[before] in {"of", "for", "&", "first"}:
                k = before
            elif self._dot_of_name(before) and self._inner_dot(before):
                k = before - 1
            else:
                break
        return k

    def _human(self, j: int) -> bool:
        low = self.p.low[j]
        return low in lexicon.role_set("person_nouns") or low in lexicon.role_set("body_nouns")

    def _nominal_ending(self, j: int, lo: int) -> Phrase | None:
        p = self.p
        k = j
        cues = lexicon.cues()
        if p.tag[k] != DET:
            while k > lo and j - k < _LONGEST:
                before = k - 1
                tag = p.tag[before]
                if tag in (DET, POSS) and not (tag == DET and p.low[before] == "that"):
                    k = before
                    tie = k - 1
                    if (
                        tie > lo
                        and p.low[tie] in _TIES
                        and p.tag[tie - 1] == WORD
                        and not self._verb(tie - 1, cues)
                    ):
                        k = tie - 1
                        continue
                    break
                if tag == WORD:
                    if self._verb(before, cues):
                        break
                    k = before
                elif p.low[before] in _TIES and before > lo and p.tag[before - 1] == WORD:
                    if self._verb(before - 1, cues) or p.low[before - 1].endswith("ly"):
                        break
                    k = before - 1
                elif (self._dot_of_name(before) and self._inner_dot(before)) or p.word[before] in "-/&":
                    k = before - 1
                else:
                    break
        return self._phrase(max(k, lo), j + 1, Shape.NOMINAL)

    def _verb(self, k: int, cues: dict[str, lexicon.Cue]) -> bool:
        cue = cues.get(self.p.low[k])
        return cue is not None and cue.form in ("past", "ing") and not self.p.capital(k)

    # -- rightwards --------------------------------------------------------------------------------------------

    def starting(self, i: int, hi: int) -> Phrase | None:
        """The noun phrase whose first token is i, looking right no further than hi: the source behind a cue."""
        p = self.p
        if i >= hi:
            return None
        if p.tag[i] == PRON:
            return self._pronoun(i)
        k = i
        last_name: Phrase | None = None
        while k < hi and k - i < _LONGEST:
            tag = p.tag[k]
            mention = self.mentions.starting(p.starts[k])
            if mention is not None and tag not in (QUOTE, PUNCT):
                end = k
                while end + 1 < hi and p.ends[end] < mention.end:
                    end += 1
                first = k
                while first < end and p.tag[first] == DET:
                    first += 1
                possessive = p.low[end].endswith(("'s", "s'")) and p.ends[end] > mention.end
                last_name = (
                    None
                    if possessive
                    else Phrase(
                        first, end + 1, p.starts[first], max(p.ends[first], mention.end), Shape.NAME, mention
                    )
                )
                k = end + 1
                continue
            if tag == WORD and p.capital(k):
                first = k
                while k < hi and (
                    (p.capital(k) and p.tag[k] == WORD)
                    or (p.word[k] == "." and self._dot_of_name(k) and self._inner_dot(k))
                ):
                    k += 1
                possessive = p.low[k - 1].endswith("'s")
                if possessive:
                    last_name = None
                elif last_name is not None and last_name.hi == first:
                    last_name = Phrase(
                        last_name.lo if not last_name.mention or not last_name.mention.is_person else first,
                        k,
                        p.starts[first],
                        p.ends[k - 1],
                        Shape.NAME,
                    )
                else:
                    last_name = self._phrase(first, k, Shape.NAME)
                continue
            if tag in (DET, POSS) or tag == WORD:
                if tag == WORD:
                    if self._verb(k, lexicon.cues()) and k > i:
                        break
                    if last_name is not None and not (last_name.mention and last_name.mention.is_person):
                        last_name = None
                    elif last_name is not None:
                        break
                elif k > i:
                    break
                k += 1
                continue
            break
        if last_name is not None:
            return last_name
        if k == i:
            if p.low[i] in lexicon.word_set("indefinites"):
                k = i + 1
            else:
                return None
        return self._phrase(i, self._attached(k, hi), Shape.NOMINAL)

    def _attached(self, k: int, hi: int) -> int:
        """Where a description ends with its "of ..." or "for ..." phrases."""
        p = self.p
        while k + 1 < hi and p.low[k] in {"of", "for", "at", "from"}:
            m = k + 1
            while m < hi and (p.tag[m] in (DET, POSS, WORD)) and m - k < _LONGEST:
                m += 1
            if m == k + 1:
                break
            k = m
        return k

    # -- the subject of the whole clause -----------------------------------------------------------------------

    def leading(self, lo: int, hi: int) -> Phrase | None:
        """The first noun phrase of the clause [lo, hi): its subject, introductions stepped over."""
        p = self.p
        i = lo
        while i < hi and (p.tag[i] in (CONJ, ADV) or p.tag[i] == PUNCT):
            i += 1
        if i < hi and (p.tag[i] in (PREP, SUB) or (p.tag[i] == WORD and p.low[i].endswith(("ing", "ed")))):
            comma = next((k for k in range(i, min(hi, i + 40)) if p.word[k] == ","), None)
            if comma is None:
                return None
            i = comma + 1
            if i < hi and not (p.tag[i] in (PRON, DET, POSS) or p.capital(i)):
                comma = next((k for k in range(i, min(hi, i + 40)) if p.word[k] == ","), None)
                if comma is None:
                    return None
                i = comma + 1
        while i < hi and p.tag[i] == ADV:
            i += 1
        found = self.starting(i, hi) if i < hi else None
        while found is not None and self._place(found) and found.hi < hi and p.word[found.hi] == ",":
            # "in Salem, New Hampshire, Ann Li ...": the rest of a place, not the subject.
            found = self.starting(found.hi + 1, hi)
        return found

    @staticmethod
    def _place(phrase: Phrase) -> bool:
        return phrase.mention is not None and phrase.mention.entity.type in {"GPE", "LOC", "FAC"}
