"""Noun phrases around a verb, found without a parser: who is the subject of a reporting verb.

The walk to the left or right stops at what can't be inside a noun phrase; names end where the entities say, or
else where the capitals end. All indices are token numbers of a Paragraph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pipeline.stages.quotes import lexicon
from pipeline.stages.quotes.lexicon import ADV, CONJ, DET, POSS, PREP, PRON, REL, SUB
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.prose import PUNCT, QUOTE, WORD, Paragraph
from pipeline.text.marks import DASH_WORDS

# Prepositions that tie a noun to the noun before it ("a spokesman for Acme").
_TIES = frozenset(["of", "for", "at", "from", "in", "with", "to", "on", "by", "near", "inside", "behind"])
_OF = frozenset({"of", "for", "at", "from"})
_PARTICLES = frozenset(
    "de da di del della der den van von bin ibn ben al el la le du dos of &".split()  # noqa: SIM905 - reads better
)
_INDEFINITES = lexicon.word_set("indefinites")
_ABBREVIATIONS = lexicon.word_set("abbreviations")
_SPEAKING = lexicon.role_set("person_nouns") | lexicon.role_set("body_nouns")
# Forms of reporting verbs that end a noun phrase.
_VERBS = frozenset(word for word, cue in lexicon.cues().items() if cue.form in ("past", "ing"))
# Sets of word classes.
_MARKS = frozenset({QUOTE, PUNCT})
_DETERMINING = frozenset({DET, POSS})
_DESCRIBING = frozenset({DET, POSS, WORD})
_BEFORE_NAME = frozenset({DET, ADV, CONJ, PUNCT})
_IN_NAME = frozenset({WORD, POSS})
_SKIPPED = frozenset({CONJ, ADV, PUNCT})
_INTRODUCING = frozenset({PREP, SUB})
_SUBJECTS = frozenset({PRON, DET, POSS})
_LONGEST_DATELINE = 14  # tokens
_SHIFTS = lexicon.word_set("time_shifts")
_UNITS = lexicon.word_set("time_units")
_LONGEST_TIME = 5  # tokens of `a few days later`
_LONGEST = 24  # tokens of a noun phrase
_DEEPEST = 2  # noun phrases inside a noun phrase
_SUBJECT_PRONOUNS = frozenset(["he", "she", "they", "it", "we", "i", "you"])


Shape = Literal["name", "pronoun", "relative", "possessive", "nominal"]
"""What kind of words refer to somebody."""
NAME: Final = "name"
PRONOUN: Final = "pronoun"
RELATIVE: Final = "relative"
POSSESSIVE: Final = "possessive"
NOMINAL: Final = "nominal"


@dataclass(slots=True)
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

    __slots__ = ("mentions", "p")

    def __init__(self, paragraph: Paragraph, mentions: Mentions) -> None:
        self.p = paragraph
        self.mentions = mentions

    # -- leftwards ---------------------------------------------------------------------------------------------

    def ending(self, j: int, lo: int, depth: int = 0) -> Phrase | None:
        """The noun phrase whose last token is j, looking left no further than lo."""
        p = self.p
        if j >= lo and p.low[j] == ")":
            j = self._before_bracket(j, lo)
        if j < lo:
            return None
        tag = p.tag[j]
        if tag == PRON:
            return self._pronoun(j)
        if tag == REL:
            return self._relative(j, lo, depth)
        if tag in _MARKS and not self._dot_of_name(j):
            return None
        name = self._name_ending(j, lo)
        if name is not None:
            return self._with_head(name, lo, depth)
        described = tag == WORD or p.low[j] in _INDEFINITES
        return self._nominal_ending(j, lo) if described else None

    def _before_bracket(self, j: int, lo: int) -> int:
        """The token in front of the bracket that closes at j."""
        k = j
        while k > lo and self.p.low[k] != "(" and j - k < _LONGEST:
            k -= 1
        return k - 1

    def _relative(self, j: int, lo: int, depth: int) -> Phrase | None:
        """`who` and its like, with the noun phrase it stands for."""
        p = self.p
        if p.low[j] == "that" and (j == lo or p.tag[j - 1] != WORD):
            return None
        before = j - 1 if j > lo and p.low[j - 1] == "," else j
        head = self.ending(before - 1, lo, depth + 1) if before > lo and depth < _DEEPEST else None
        return Phrase(j, j + 1, *p.span(j, j + 1), RELATIVE, head=head)

    def _pronoun(self, j: int) -> Phrase | None:
        bare = self.p.low[j].split("'")[0]
        if bare not in _SUBJECT_PRONOUNS:
            return None
        start = self.p.starts[j]
        return Phrase(j, j + 1, start, start + len(bare), PRONOUN)

    def _phrase(self, lo: int, hi: int, shape: Shape, mention: Mention | None = None) -> Phrase:
        start, end = self.p.span(lo, hi)
        return Phrase(lo, hi, start, end, shape, mention)

    def _dot_of_name(self, j: int) -> bool:
        return (
            self.p.low[j] == "."
            and j > 0
            and self.p.capital(j - 1)
            and self.p.starts[j] == self.p.stop(j - 1)
        )

    def _name_ending(self, j: int, lo: int) -> Phrase | None:
        """The name whose last token is j: an entity's mention, else a run of capitals."""
        p = self.p
        mention = self.mentions.ending(p.stop(j))
        if mention is not None and mention.start >= p.starts[lo]:
            k = j
            while k > lo and p.starts[k] > mention.start:
                k -= 1
            while k < j and p.tag[k] in _BEFORE_NAME:
                k += 1
            if p.capital(k) or p.capital(j):
                return self._phrase(k, j + 1, NAME, mention)
        if p.low[j] == "." and self._dot_of_name(j):
            j -= 1
        if p.tag[j] not in _IN_NAME or not p.capital(j):
            return None
        k = j
        while k > lo and j - k < _LONGEST:
            step = self._name_step(k - 1, lo)
            if step == k:
                break
            k = step
        return self._phrase(k, j + 1, NAME)

    def _name_step(self, before: int, lo: int) -> int:
        """The first token of the name so far if the token before it is taken in, else of the name as it is."""
        p = self.p
        if p.tag[before] == WORD and p.capital(before):
            return before + 1 if p.low[before].endswith("'s") else before
        if self._dot_of_name(before) and self._inner_dot(before):
            return before - 1
        links = (
            p.low[before] in _PARTICLES
            and before > lo
            and p.capital(before - 1)
            and p.tag[before - 1] == WORD
        )
        return before - 1 if links else before + 1

    def _inner_dot(self, j: int) -> bool:
        low = self.p.low[j - 1]
        return len(low) == 1 or low in _ABBREVIATIONS

    def _with_head(self, name: Phrase, lo: int, depth: int) -> Phrase:
        """The name, or the description that it only ends: `a spokesman for Acme`, `Ann Li of Acme`."""
        p = self.p
        k = name.lo - 1
        while k >= lo and (p.tag[k] in _DETERMINING or (p.tag[k] == WORD and p.capital(k))):
            k -= 1
        if depth > _DEEPEST or k <= lo or p.low[k] not in _TIES or p.tag[k - 1] != WORD:
            return name
        head = self.ending(k - 1, lo, depth + 1)
        if head is None or (head.shape is not NOMINAL and head.shape is not NAME):
            return name
        if head.shape is NAME:
            return head if p.low[k] in _OF else name
        if p.low[k] not in _OF and _SPEAKING.isdisjoint(p.low[head.lo : head.hi]):
            return name
        if name.mention is not None and name.mention.is_person and not self._human(head.hi - 1):
            return name
        return self._phrase(head.lo, name.hi, NOMINAL)

    def leftmost(self, phrase: Phrase, lo: int) -> int:
        """Where the phrase begins with all that stands in front of the name: `Acme spokeswoman Ann Li`."""
        p = self.p
        k = phrase.lo
        if phrase.shape is not NAME and phrase.shape is not NOMINAL:
            return k
        while k > lo and phrase.lo - k < _LONGEST:
            before = k - 1
            if p.tag[before] in _DESCRIBING or p.low[before] in {"of", "for", "&", "first"}:
                k = before
            elif self._dot_of_name(before) and self._inner_dot(before):
                k = before - 1
            else:
                break
        return k

    def _human(self, j: int) -> bool:
        return self.p.low[j] in _SPEAKING

    def _nominal_ending(self, j: int, lo: int) -> Phrase:
        """The description whose last token is j, with the nouns that prepositions tie it to."""
        p = self.p
        k = j
        while p.tag[k] != DET and k > lo and j - k < _LONGEST:
            step = self._nominal_step(k - 1, lo)
            if step == k:
                break
            k = step
            if p.tag[k] in _DETERMINING:
                if not self._tied(k - 1, lo):
                    break
                k -= 2
        return self._phrase(max(k, lo), j + 1, NOMINAL)

    def _nominal_step(self, before: int, lo: int) -> int:
        """The first token of the description if the token before it is taken in, else of it as it is."""
        p = self.p
        tag = p.tag[before]
        if tag in _DETERMINING:
            return before + 1 if p.low[before] == "that" else before
        if tag == WORD:
            return before + 1 if self._verb(before) else before
        if self._tied(before, lo) and not p.low[before - 1].endswith("ly"):
            return before - 1
        if (self._dot_of_name(before) and self._inner_dot(before)) or p.low[before] in "-/&":
            return before - 1
        return before + 1

    def _tied(self, k: int, lo: int) -> bool:
        """Whether token k is a preposition that ties what follows to a noun before it."""
        p = self.p
        return k > lo and p.low[k] in _TIES and p.tag[k - 1] == WORD and not self._verb(k - 1)

    def _verb(self, k: int) -> bool:
        return self.p.low[k] in _VERBS and not self.p.capital(k)

    # -- rightwards --------------------------------------------------------------------------------------------

    def starting(self, i: int, hi: int) -> Phrase | None:
        """The noun phrase whose first token is i, looking right no further than hi: the source behind a cue.

        The last name before the phrase ends is the one meant: `Acme spokeswoman Ann Li`.
        """
        p = self.p
        if i >= hi:
            return None
        if p.tag[i] == PRON:
            return self._pronoun(i)
        k = i
        name: Phrase | None = None
        while k < hi and k - i < _LONGEST and p.tag[k] not in _MARKS:
            run = self._name_starting(k, hi)
            if run is not None:
                name, k = self._joined(name, run), run.hi
            elif self._goes_on(k, i, name):
                name = None
                k += 1
            else:
                break
        if name is not None:
            return name
        if k == i and p.low[i] not in _INDEFINITES:
            return None
        return self._phrase(i, self._attached(max(k, i + 1), hi), NOMINAL)

    def _goes_on(self, k: int, i: int, name: Phrase | None) -> bool:
        """Whether the plain word at k belongs to the phrase that begins at i and had this name last."""
        if self.p.tag[k] == WORD:
            return k == i or not (self._verb(k) or (name is not None and self._is_person(name)))
        return k == i and self.p.tag[k] in _DETERMINING

    def _name_starting(self, k: int, hi: int) -> Phrase | None:
        """The name that begins at token k: an entity's mention, else a run of capitals."""
        p = self.p
        mention = self.mentions.starting(p.starts[k])
        if mention is not None:
            end = first = k
            while end + 1 < hi and p.stop(end) < mention.end:
                end += 1
            while first < end and p.tag[first] == DET:
                first += 1
            return Phrase(first, end + 1, p.starts[first], max(p.stop(first), mention.end), NAME, mention)
        end = k
        while end < hi and (
            (p.tag[end] == WORD and p.capital(end))
            or (end > k and p.low[end] == "." and self._dot_of_name(end) and self._inner_dot(end))
        ):
            end += 1
        return self._phrase(k, end, NAME) if end > k else None

    def _joined(self, before: Phrase | None, run: Phrase) -> Phrase | None:
        """A run of capitals right behind a name that is nobody's belongs to it; a possessor is not the one meant."""
        if (
            self.p.low[run.hi - 1].endswith(("'s", "s'"))
            and self.p.stop(run.hi - 1) > (run.mention or run).end - 2
        ):
            return None
        if before is None or before.hi != run.lo or run.mention is not None or self._is_person(before):
            return run
        return Phrase(before.lo, run.hi, run.start, run.end, NAME)

    @staticmethod
    def _is_person(phrase: Phrase) -> bool:
        return phrase.mention is not None and phrase.mention.is_person

    def _attached(self, k: int, hi: int) -> int:
        """Where a description ends with its "of ..." or "for ..." phrases."""
        p = self.p
        while k + 1 < hi and p.low[k] in _OF:
            m = k + 1
            while m < hi and p.tag[m] in _DESCRIBING and m - k < _LONGEST:
                m += 1
            if m == k + 1:
                break
            k = m
        return k

    # -- the subject of the whole clause -----------------------------------------------------------------------

    def leading(self, lo: int, hi: int) -> Phrase | None:
        """The first noun phrase of the clause [lo, hi): its subject, introductions stepped over."""
        p = self.p
        i = lo or self._behind_dateline(hi)
        while i < hi and p.tag[i] in _SKIPPED:
            i += 1
        i = self._behind_time(i, hi)
        if i < hi and (p.tag[i] in _INTRODUCING or (p.tag[i] == WORD and p.low[i].endswith(("ing", "ed")))):
            comma = next((k for k in range(i, min(hi, i + 40)) if p.low[k] == ","), None)
            if comma is None:
                return None
            i = comma + 1
            if i < hi and not (p.tag[i] in _SUBJECTS or p.capital(i)):
                comma = next((k for k in range(i, min(hi, i + 40)) if p.low[k] == ","), None)
                if comma is None:
                    return None
                i = comma + 1
        while i < hi and p.tag[i] == ADV:
            i += 1
        found = self.starting(i, hi) if i < hi else None
        while found is not None and self._place(found) and found.hi < hi and p.low[found.hi] == ",":
            # "in Salem, New Hampshire, Ann Li ...": the rest of a place, not the subject.
            found = self.starting(found.hi + 1, hi)
        return found

    def _behind_dateline(self, hi: int) -> int:
        """The token behind a paragraph's dateline (`HARBOUR TOWN, May 4 (Wire) - `), its first when it has none."""
        p = self.p
        if DASH_WORDS.isdisjoint(p.low[1 : min(hi, _LONGEST_DATELINE)]):
            return 0
        dash = next(k for k in range(1, hi) if p.low[k] in DASH_WORDS)
        if not (p.low[dash - 1] == ")" or p.word(0).isupper()):
            return 0
        named = all(p.capital(k) or p.tag[k] == PUNCT or p.low[k].isdigit() for k in range(dash))
        return dash + 1 if named else 0

    def _behind_time(self, i: int, hi: int) -> int:
        """The token behind a time that opens a clause: `Hours later, Ann Li ...`, `A few days ago she ...`."""
        p = self.p
        if _SHIFTS.isdisjoint(p.low[i + 1 : min(hi, i + _LONGEST_TIME)]):
            return i
        k = next(k for k in range(i + 1, hi) if p.low[k] in _SHIFTS)
        if p.low[k - 1] not in _UNITS:
            return i
        return k + 2 if k + 1 < hi and p.low[k + 1] == "," else k + 1

    @staticmethod
    def _place(phrase: Phrase) -> bool:
        return phrase.mention is not None and phrase.mention.entity.type in {"GPE", "LOC", "FAC"}
