"""Noun phrases around a verb, found without a parser: who is the subject of a reporting verb.

The walk to the left or right stops at what can't be inside a noun phrase; names end where the entities say, or
else where the capitals end. All indices are token numbers of a Paragraph.
"""

from __future__ import annotations

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PRON, PUNCT, REL, WORD
from pipeline.stages.quotes.descriptions import LONGEST, description_end, description_start
from pipeline.stages.quotes.mentions import Mention, Mentions
from pipeline.stages.quotes.phrases import NAME, NOMINAL, PRONOUN, RELATIVE, Phrase, Shape
from pipeline.stages.quotes.predicates import acts, is_cue
from pipeline.stages.quotes.prose import QUOTE, Paragraph, dot_of_name, inner_dot
from pipeline.stages.quotes.verbs import before_times

# Sets of word classes.
_MARKS = frozenset({QUOTE, PUNCT})
_DETERMINING = frozenset({DET, POSS})
_DESCRIBING = frozenset({DET, POSS, WORD})
_BEFORE_NAME = frozenset({DET, ADV, CONJ, PUNCT})
_IN_NAME = frozenset({WORD, POSS})
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
        if tag in _MARKS and not dot_of_name(paragraph, last):
            return None
        name = self._name_ending(last, lo)
        if name is not None:
            return self._with_head(name, lo, depth)
        described = tag == WORD or paragraph.low[last] in self.speech.indefinites
        return (
            self._phrase(description_start(self.paragraph, last, lo), last + 1, NOMINAL)
            if described
            else None
        )

    def _before_bracket(self, last: int, lo: int) -> int:
        """The token in front of the bracket that closes at `last`."""
        k = last
        while k > lo and self.paragraph.low[k] != "(" and last - k < LONGEST:
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
        head = (
            self.ending(before_times(paragraph, before - 1, lo), lo, depth + 1)
            if before > lo and depth < _DEEPEST
            else None
        )
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

    def whole(self, first: Phrase, last: Phrase) -> Phrase:
        """The description of one from a phrase to another: `The head of the Fen Water and Parks Committee`."""
        return self._phrase(first.lo, last.hi, NOMINAL)

    def _name_ending(self, last: int, lo: int) -> Phrase | None:
        """The name whose last token is `last`: an entity's mention, else a run of capitals."""
        paragraph = self.paragraph
        mention = self.mentions.ending(paragraph.stop(last))
        if (mention is None or mention.entity.type == "NORP") and self._is_one_of_many(last, lo):
            return None  # `The top Democrat on the panel, Ann Li, said`
        if mention is not None and mention.start >= paragraph.starts[lo]:
            first = self._first_of(mention, last, lo)
            if mention.is_person or paragraph.capital(first) or paragraph.capital(last):
                return self._phrase(first, last + 1, NAME, mention)
        if paragraph.low[last] == "." and dot_of_name(paragraph, last):
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

    def _is_one_of_many(self, last: int, lo: int) -> bool:
        """Whether a word for a member of a group ends a description of one of them: `the top Democrat`."""
        paragraph = self.paragraph
        if paragraph.low[last] not in self.speech.person_nouns or last <= lo or paragraph.capital(last - 1):
            return False  # `the Fen Republican` is a name
        return paragraph.tag[description_start(paragraph, last, lo)] in _DETERMINING

    def _first_of_run(self, last: int, lo: int) -> int:
        """The first token of the run of capitals that ends with `last`."""
        first = last
        while first > lo and last - first < LONGEST:
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
        if dot_of_name(paragraph, before) and inner_dot(paragraph, before):
            return before - 1
        links = (
            paragraph.low[before] in self.speech.particles
            and before > lo
            and paragraph.capital(before - 1)
            and paragraph.tag[before - 1] == WORD
        )
        return before - 1 if links else before + 1

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
            office = head.mention is None and self._human(head.hi - 1)
            titled = self._human(name.lo - 1)  # `Friends of Fen Park chair Ann Li`
            return head if belongs and not ((office or titled) and self._is_person(name)) else name
        if head.shape is not NOMINAL or not self._describes(head, name, belongs=belongs):
            return name
        return self._phrase(head.lo, name.hi, NOMINAL)

    def _tie_before(self, at: int, lo: int) -> int | None:
        """The preposition behind a noun that ties the name at `at` to it, None if there is none."""
        paragraph = self.paragraph
        k = at - 1
        while k >= lo and (
            paragraph.tag[k] in _DETERMINING
            or (paragraph.tag[k] == WORD and (paragraph.capital(k) or self._human(k)))
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
        while k > lo and phrase.lo - k < LONGEST:
            before = k - 1
            if paragraph.tag[before] in _DESCRIBING or paragraph.low[before] in self.speech.before_name:
                k = before
            elif dot_of_name(paragraph, before) and inner_dot(paragraph, before):
                k = before - 1
            else:
                break
        return k

    def _human(self, last: int) -> bool:
        """Whether a word is one for somebody or a body that speaks; `then-mayor` too."""
        low = self.paragraph.low[last]
        return low in self.speech.speakers or low.rpartition("-")[2] in self.speech.person_nouns

    def first_person(self, lo: int, hi: int) -> Phrase | None:
        """The first person named among the tokens [lo, hi): `Ivy Cole, 78, from Hull`."""
        paragraph = self.paragraph
        for token in range(lo, min(hi, lo + LONGEST)):
            mention = self.mentions.starting(paragraph.starts[token])
            if mention is not None and mention.is_person:
                return self._of_mention(mention, token, hi)
        return None

    def last_person(self) -> Phrase | None:
        """The last person that the paragraph names: `And from Ann Li, who chairs it:`."""
        paragraph = self.paragraph
        for token in range(len(paragraph) - 1, max(-1, len(paragraph) - LONGEST), -1):
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
        while k < hi and k - token < LONGEST and paragraph.tag[k] not in _MARKS:
            run = self._name_starting(k, hi)
            if run is not None:
                name, k = self._joined(name, run), run.hi
            elif self._goes_on(k, token, name):
                name = None
                k += 1
            else:
                break
        if name is not None:
            return self._holder_of(name, hi) or name
        if k == token and paragraph.low[token] not in self.speech.indefinites:
            return None
        if (
            k == token + 1
            and paragraph.tag[token] in _DETERMINING
            and paragraph.low[token] not in self.speech.indefinites
        ):
            return None
        end = description_end(paragraph, max(k, token + 1), hi)
        named = self._named_at_end(end) or self._of_two_offices(token, k, hi)
        return named or self._phrase(token, end, NOMINAL)

    def _of_two_offices(self, token: int, link: int, hi: int) -> Phrase | None:
        """Whoever holds two offices without an article: `pilot and historian Ann Li`, not `police and mayor Ann Li`."""
        paragraph = self.paragraph
        if link + 1 >= hi or paragraph.low[link] not in self.speech.joining:
            return None
        if paragraph.tag[token] in _DETERMINING or paragraph.low[link - 1] not in self.speech.person_nouns:
            return None
        for k in range(link + 1, min(hi, link + LONGEST)):
            mention = self.mentions.starting(paragraph.starts[k])
            if mention is not None and mention.is_person:
                return self._of_mention(mention, k, hi) if k > link + 1 and self._human(k - 1) else None
            if paragraph.tag[k] != WORD or is_cue(paragraph, k):
                return None
        return None

    def _named_at_end(self, hi: int) -> Phrase | None:
        """Whom a description ends with, where nothing ties the name to it: `a teacher at Hull School Ann Li`."""
        paragraph = self.paragraph
        mention = self.mentions.ending(paragraph.stop(hi - 1))
        if mention is None or not mention.is_person:
            return None
        first = k = self._first_of(mention, hi - 1, 0)
        while k and paragraph.tag[k - 1] == WORD and (self._human(k - 1) or not paragraph.capital(k - 1)):
            k -= 1  # `for mayor Ann Li`
        tied = k and (paragraph.low[k - 1] in self.speech.ties or paragraph.tag[k - 1] != WORD)
        return None if tied else self._phrase(first, hi, NAME, mention)

    def _holder_of(self, office: Phrase, hi: int) -> Phrase | None:
        """Who holds an office that a name follows: `Ambassador to the United States Ann Li`."""
        paragraph, at = self.paragraph, office.hi
        if office.mention is not None or at >= hi or not self._human(at - 1):
            return None
        if paragraph.low[at] not in self.speech.ties:
            return None
        while at < hi and at - office.hi < LONGEST and self._is_of_office(at):
            mention = self.mentions.starting(paragraph.starts[at])
            if mention is not None and mention.is_person:
                return self._of_mention(mention, at, hi)
            at += 1
        return None

    def _is_of_office(self, token: int) -> bool:
        paragraph = self.paragraph
        tied = paragraph.low[token] in self.speech.ties or paragraph.low[token] in self.speech.belonging
        return tied or paragraph.tag[token] in _DETERMINING or paragraph.capital(token)

    def _goes_on(self, index: int, token: int, name: Phrase | None) -> bool:
        """Whether the plain word at `index` belongs to the phrase that begins at `token` and had this name last."""
        if self.paragraph.tag[index] == WORD:
            ends = (
                is_cue(self.paragraph, index)
                or acts(self.paragraph, index)
                or (name is not None and self._is_person(name))
            )
            return index == token or not ends
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
        return (
            at > first
            and paragraph.low[at] == "."
            and dot_of_name(paragraph, at)
            and inner_dot(paragraph, at)
        )

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
