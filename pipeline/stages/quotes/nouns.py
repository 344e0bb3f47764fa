"""Noun phrases around a verb, found without a parser: who is the subject of a reporting verb.

The walk to the left or right stops at what can't be inside a noun phrase; names end where the entities say, or
else where the capitals end. All indices are token numbers of a Paragraph.
"""

from __future__ import annotations

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PREP, PRON, PUNCT, REL, WORD
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.phrases import NAME, NOMINAL, PRONOUN, RELATIVE, Phrase, Shape, paragraph_words
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import APOSTROPHES

# Sets of word classes.
_MARKS = frozenset({QUOTE, PUNCT})
_DETERMINING = frozenset({DET, POSS})
_DESCRIBING = frozenset({DET, POSS, WORD})
_BEFORE_NAME = frozenset({DET, ADV, CONJ, PUNCT})
_IN_NAME = frozenset({WORD, POSS})
_LONGEST = 24  # tokens of a noun phrase
_DEEPEST = 2  # noun phrases inside a noun phrase


class Nouns:
    """Finds noun phrases in one paragraph."""

    __slots__ = ("mentions", "paragraph", "speech")

    def __init__(self, paragraph: Paragraph, mentions: Mentions) -> None:
        self.paragraph = paragraph
        self.speech = paragraph.speech
        self.mentions = mentions

    # -- leftwards ---------------------------------------------------------------------------------------------

    def ending(self, last: int, lo: int, depth: int = 0) -> Phrase | None:
        """The noun phrase whose last token is `last`, looking left no further than lo."""
        paragraph = self.paragraph
        if last >= lo and paragraph.low[last] == ")":
            last = self._before_bracket(last, lo)
        if last < lo:
            return None
        tag = paragraph.tag[last]
        if tag == PRON:
            return self._pronoun(last)
        if tag == REL:
            return self._relative(last, lo, depth)
        if tag in _MARKS and not self._dot_of_name(last):
            return None
        name = self._name_ending(last, lo)
        if name is not None:
            return self._with_head(name, lo, depth)
        described = tag == WORD or paragraph.low[last] in self.speech.indefinites
        return self._nominal_ending(last, lo) if described else None

    def _before_bracket(self, last: int, lo: int) -> int:
        """The token in front of the bracket that closes at `last`."""
        k = last
        while k > lo and self.paragraph.low[k] != "(" and last - k < _LONGEST:
            k -= 1
        return k - 1

    def _relative(self, last: int, lo: int, depth: int) -> Phrase | None:
        """`who` and its like, with the noun phrase it stands for."""
        paragraph = self.paragraph
        if paragraph.low[last] in self.speech.complementisers and (
            last == lo or paragraph.tag[last - 1] != WORD
        ):
            return None
        before = last - 1 if last > lo and paragraph.low[last - 1] == "," else last
        head = self.ending(before - 1, lo, depth + 1) if before > lo and depth < _DEEPEST else None
        return Phrase(last, last + 1, *paragraph.span(last, last + 1), RELATIVE, head=head)

    def _pronoun(self, last: int) -> Phrase | None:
        bare = self.paragraph.low[last].split("'")[0]
        if bare not in self.speech.subject_pronouns:
            return None
        start = self.paragraph.starts[last]
        return Phrase(last, last + 1, start, start + len(bare), PRONOUN)

    def _phrase(self, lo: int, hi: int, shape: Shape, mention: Mention | None = None) -> Phrase:
        start, end = self.paragraph.span(lo, hi)
        return Phrase(lo, hi, start, end, shape, mention)

    def _dot_of_name(self, last: int) -> bool:
        return (
            self.paragraph.low[last] == "."
            and last > 0
            and self.paragraph.capital(last - 1)
            and self.paragraph.starts[last] == self.paragraph.stop(last - 1)
        )

    def _name_ending(self, last: int, lo: int) -> Phrase | None:
        """The name whose last token is `last`: an entity's mention, else a run of capitals."""
        paragraph = self.paragraph
        mention = self.mentions.ending(paragraph.stop(last))
        if mention is not None and mention.start >= paragraph.starts[lo]:
            first = self._first_of(mention, last, lo)
            if mention.is_person or paragraph.capital(first) or paragraph.capital(last):
                return self._phrase(first, last + 1, NAME, mention)
        if paragraph.low[last] == "." and self._dot_of_name(last):
            last -= 1
        if paragraph.tag[last] not in _IN_NAME or not paragraph.capital(last):
            return None
        first = self._first_of_run(last, lo)
        if (
            first == last
            and paragraph.word(last).isupper()
            and paragraph.low[last] in self.speech.person_nouns
        ):
            return None  # `the acting CEO`
        return self._phrase(first, last + 1, NAME)

    def _first_of_run(self, last: int, lo: int) -> int:
        """The first token of the run of capitals that ends with `last`."""
        first = last
        while first > lo and last - first < _LONGEST:
            step = self._name_step(first - 1, lo)
            if step == first:
                break
            first = step
        return first

    def _first_of(self, mention: Mention, last: int, lo: int) -> int:
        """The first token of a mention that ends with `last`, articles and marks left out."""
        paragraph = self.paragraph
        first = last
        while first > lo and paragraph.starts[first] > mention.start:
            first -= 1
        while first < last and paragraph.tag[first] in _BEFORE_NAME:
            first += 1
        return first

    def _name_step(self, before: int, lo: int) -> int:
        """The first token of the name so far if the token before it is taken in, else of the name as it is."""
        paragraph = self.paragraph
        if paragraph.tag[before] == WORD and paragraph.capital(before):
            return before + 1 if paragraph.low[before].endswith(self.speech.possessive_endings) else before
        if self._dot_of_name(before) and self._inner_dot(before):
            return before - 1
        links = (
            paragraph.low[before] in self.speech.particles
            and before > lo
            and paragraph.capital(before - 1)
            and paragraph.tag[before - 1] == WORD
        )
        return before - 1 if links else before + 1

    def _inner_dot(self, last: int) -> bool:
        low = self.paragraph.low[last - 1]
        return len(low) == 1 or low in self.speech.abbreviations

    def _with_head(self, name: Phrase, lo: int, depth: int) -> Phrase:
        """The name, or the description that it only ends: `a spokesman for Acme`, `Ann Li of Acme`."""
        if depth > _DEEPEST or name.lo - 1 <= lo:
            return name
        tie = self._tie_before(name.lo, lo)
        if tie is None:
            return name
        head = self.ending(tie - 1, lo, depth + 1)
        if head is None:
            return name
        belongs = self.paragraph.low[tie] in self.speech.belonging
        if head.shape is NAME:
            office = head.mention is None and paragraph_words(self.paragraph, head) <= self.speech.offices
            return head if belongs and not (office and self._is_person(name)) else name
        if head.shape is not NOMINAL or not self._describes(head, name, belongs=belongs):
            return name
        return self._phrase(head.lo, name.hi, NOMINAL)

    def _tie_before(self, at: int, lo: int) -> int | None:
        """The preposition behind a noun that ties the name at `at` to it, None if there is none."""
        paragraph = self.paragraph
        k = at - 1
        while k >= lo and (
            paragraph.tag[k] in _DETERMINING or (paragraph.tag[k] == WORD and paragraph.capital(k))
        ):
            k -= 1
        if k <= lo or paragraph.low[k] not in self.speech.ties or paragraph.tag[k - 1] != WORD:
            return None
        return k

    def _describes(self, head: Phrase, name: Phrase, *, belongs: bool) -> bool:
        """Whether a noun with a name behind it is somebody's description, and not two things side by side."""
        paragraph = self.paragraph
        if not belongs and self.speech.speakers.isdisjoint(paragraph.low[head.lo : head.hi]):
            return False
        return not self._is_person(name) or self._human(head.hi - 1)

    def leftmost(self, phrase: Phrase, lo: int) -> int:
        """Where the phrase begins with all that stands in front of the name: `Acme spokeswoman Ann Li`."""
        paragraph = self.paragraph
        k = phrase.lo
        if phrase.shape is not NAME and phrase.shape is not NOMINAL:
            return k
        while k > lo and phrase.lo - k < _LONGEST:
            before = k - 1
            if paragraph.tag[before] in _DESCRIBING or paragraph.low[before] in self.speech.before_name:
                k = before
            elif self._dot_of_name(before) and self._inner_dot(before):
                k = before - 1
            else:
                break
        return k

    def _human(self, last: int) -> bool:
        return self.paragraph.low[last] in self.speech.speakers

    def _nominal_ending(self, last: int, lo: int) -> Phrase:
        """The description whose last token is `last`, with the nouns that prepositions tie it to."""
        paragraph = self.paragraph
        k = last
        while paragraph.tag[k] != DET and k > lo and last - k < _LONGEST:
            step = self._nominal_step(k - 1, lo)
            if step == k:
                break
            k = step
            if paragraph.tag[k] in _DETERMINING:
                if not self._tied(k - 1, lo):
                    break
                k -= 2
        return self._phrase(max(k, lo), last + 1, NOMINAL)

    def _nominal_step(self, before: int, lo: int) -> int:
        """The first token of the description if the token before it is taken in, else of it as it is."""
        paragraph = self.paragraph
        tag = paragraph.tag[before]
        if tag in _DETERMINING:
            return before + 1 if paragraph.low[before] in self.speech.complementisers else before
        if tag == WORD:
            return before + 1 if self._verb(before) or self._ends_a_clause(before, lo) else before
        if self._tied(before, lo) and not paragraph.low[before - 1].endswith(self.speech.adverb_ending):
            return before - 1
        if (self._dot_of_name(before) and self._inner_dot(before)) or paragraph.low[before] in "-/&":
            return before - 1
        plural = (
            paragraph.word(before) in APOSTROPHES
            and before > lo
            and paragraph.stop(before - 1) == paragraph.starts[before]
        )
        return before - 1 if plural and paragraph.tag[before - 1] == WORD else before + 1

    def _ends_a_clause(self, index: int, lo: int) -> bool:
        """Whether a past tense stands behind the plural noun that is its subject: `Marchers carried banners`."""
        paragraph = self.paragraph
        if (
            index <= lo
            or not paragraph.low[index].endswith(self.speech.past_ending)
            or paragraph.capital(index)
        ):
            return False
        before = paragraph.low[index - 1]
        if index - 1 == lo and paragraph.tag[lo] == WORD and before.endswith(self.speech.plural_ending):
            return True
        return (
            paragraph.tag[index - 1] == WORD
            and before.endswith(self.speech.plural_ending)
            and before in self.speech.speakers
        )

    def _tied(self, index: int, lo: int) -> bool:
        """Whether token `index` is a preposition that ties what follows to a noun before it."""
        paragraph = self.paragraph
        return (
            index > lo
            and paragraph.low[index] in self.speech.ties
            and paragraph.tag[index - 1] == WORD
            and not self._verb(index - 1)
        )

    def _verb(self, index: int) -> bool:
        return self.paragraph.low[index] in self.speech.verb_forms and not self.paragraph.capital(index)

    def first_person(self, lo: int, hi: int) -> Phrase | None:
        """The first person named among the tokens [lo, hi): `Ivy Cole, 78, from Hull`."""
        paragraph = self.paragraph
        for token in range(lo, min(hi, lo + _LONGEST)):
            mention = self.mentions.starting(paragraph.starts[token])
            if mention is not None and mention.is_person:
                return self._of_mention(mention, token, hi)
        return None

    def last_person(self) -> Phrase | None:
        """The last person that the paragraph names: `And from Ann Li, who chairs it:`."""
        paragraph = self.paragraph
        for token in range(len(paragraph) - 1, max(-1, len(paragraph) - _LONGEST), -1):
            mention = self.mentions.ending(paragraph.stop(token))
            if mention is not None and mention.is_person:
                return self._phrase(self._first_of(mention, token, 0), token + 1, NAME, mention)
        return None

    # -- rightwards --------------------------------------------------------------------------------------------

    def starting(self, token: int, hi: int) -> Phrase | None:
        """The noun phrase whose first token is `token`, looking right no further than hi: the source behind a cue.

        The last name before the phrase ends is the one meant: `Acme spokeswoman Ann Li`.
        """
        paragraph = self.paragraph
        if token >= hi:
            return None
        if paragraph.tag[token] == PRON:
            return self._pronoun(token)
        k = token
        name: Phrase | None = None
        while k < hi and k - token < _LONGEST and paragraph.tag[k] not in _MARKS:
            run = self._name_starting(k, hi)
            if run is not None:
                name, k = self._joined(name, run), run.hi
            elif self._goes_on(k, token, name):
                name = None
                k += 1
            else:
                break
        if name is not None:
            return name
        if k == token and paragraph.low[token] not in self.speech.indefinites:
            return None
        if (
            k == token + 1
            and paragraph.tag[token] in _DETERMINING
            and paragraph.low[token] not in self.speech.indefinites
        ):
            return None
        return self._phrase(token, self._attached(max(k, token + 1), hi), NOMINAL)

    def _goes_on(self, index: int, token: int, name: Phrase | None) -> bool:
        """Whether the plain word at `index` belongs to the phrase that begins at `token` and had this name last."""
        if self.paragraph.tag[index] == WORD:
            return index == token or not (self._verb(index) or (name is not None and self._is_person(name)))
        return index == token and self.paragraph.tag[index] in _DETERMINING

    def _name_starting(self, index: int, hi: int) -> Phrase | None:
        """The name that begins at token `index`: an entity's mention, else a run of capitals."""
        mention = self.mentions.starting(self.paragraph.starts[index])
        if mention is not None:
            return self._of_mention(mention, index, hi)
        end = index
        while end < hi and self._is_in_run(end, index):
            end += 1
        return self._phrase(index, end, NAME) if end > index else None

    def _is_in_run(self, at: int, first: int) -> bool:
        """Whether a token is part of the run of capitals from `first` on."""
        paragraph = self.paragraph
        if paragraph.tag[at] == WORD and paragraph.capital(at):
            return True
        return at > first and paragraph.low[at] == "." and self._dot_of_name(at) and self._inner_dot(at)

    def _of_mention(self, mention: Mention, index: int, hi: int) -> Phrase:
        paragraph = self.paragraph
        end = first = index
        while end + 1 < hi and paragraph.stop(end) < mention.end:
            end += 1
        while first < end and paragraph.tag[first] == DET:
            first += 1
        behind = max(paragraph.stop(first), mention.end)
        return Phrase(first, end + 1, paragraph.starts[first], behind, NAME, mention)

    def _joined(self, before: Phrase | None, run: Phrase) -> Phrase | None:
        """A run of capitals right behind a name that is nobody's belongs to it; a possessor is not the one meant."""
        if (
            self.paragraph.low[run.hi - 1].endswith(
                self.speech.possessive_endings + self.speech.plural_possessive_endings
            )
            and self.paragraph.stop(run.hi - 1) > (run.mention or run).end - 2
        ):
            return None
        if before is None or before.hi != run.lo or run.mention is not None or self._is_person(before):
            return run
        return Phrase(before.lo, run.hi, run.start, run.end, NAME)

    @staticmethod
    def _is_person(phrase: Phrase) -> bool:
        return phrase.mention is not None and phrase.mention.is_person

    def _attached(self, index: int, hi: int) -> int:
        """Where a description ends with its "of ..." or "for ..." phrases."""
        paragraph = self.paragraph
        if (
            index + 1 < hi
            and paragraph.low[index] in self.speech.attached
            and paragraph.tag[index + 1] == PREP
        ):
            end = index + 2
            while end < hi and paragraph.tag[end] in _DESCRIBING and end - index < _LONGEST:
                end += 1
            index = end
        while index + 1 < hi and paragraph.low[index] in self.speech.belonging:
            m = index + 1
            while m < hi and paragraph.tag[m] in _DESCRIBING and m - index < _LONGEST:
                m += 1
            if m == index + 1:
                break
            index = m
        return index
