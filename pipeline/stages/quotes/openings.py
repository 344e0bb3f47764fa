"""The subject that a clause begins with, behind datelines, times and introductions."""

from __future__ import annotations

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PREP, PRON, PUNCT, SUB, WORD
from pipeline.record import PLACE_TYPES
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.phrases import Phrase
from pipeline.stages.quotes.prose import Paragraph
from pipeline.text.marks import DASH_WORDS

_SKIPPED = frozenset({CONJ, ADV, PUNCT})
_INTRODUCING = frozenset({PREP, SUB})
_SUBJECTS = frozenset({PRON, DET, POSS})
_LONGEST_DATELINE = 14  # tokens
_LONGEST_TIME = 5  # tokens of `a few days later`
_LONGEST_INTRODUCTION = 40  # tokens up to its comma


class Openings:
    """Finds the subjects that the clauses of one paragraph begin with."""

    __slots__ = ("nouns", "paragraph", "speech")

    def __init__(self, paragraph: Paragraph, nouns: Nouns) -> None:
        self.paragraph = paragraph
        self.nouns = nouns
        self.speech = paragraph.speech

    def leading(self, lo: int, hi: int) -> Phrase | None:
        """The first noun phrase of the clause [lo, hi): its subject, introductions stepped over."""
        tags = self.paragraph.tag
        at = lo or self._behind_dateline(hi)
        while at < hi and tags[at] in _SKIPPED:
            at += 1
        at = self._behind_time(at, hi)
        if at < hi and self._introduces(at):
            behind = self._behind_introduction(at, hi)
            if behind is None:
                return None
            at = behind
        while at < hi and tags[at] == ADV:
            at += 1
        found = self.nouns.starting(at, hi) if at < hi else None
        return found if found is None or found.mention is None else self._behind_places(found, hi)

    def _behind_places(self, found: Phrase, hi: int) -> Phrase | None:
        """What follows the rest of a place, which is no subject: "in Salem, New Hampshire, Ann Li ..."."""
        last: Phrase | None = found
        while last is not None and self._place(last) and self._comma(last.hi, min(hi, last.hi + 1)):
            last = self.nouns.starting(last.hi + 1, hi)
        return last

    def _behind_introduction(self, at: int, hi: int) -> int | None:
        """The token behind `In May,` or `Asked about it,` at `at`, None if it does not end."""
        behind = self._comma(at, hi)
        if behind is None or behind >= hi or self._may_be_subject(behind):
            return behind
        return self._comma(behind, hi)

    def _introduces(self, at: int) -> bool:
        paragraph = self.paragraph
        tag = paragraph.tag[at]
        return tag in _INTRODUCING or (
            tag == WORD and paragraph.low[at].endswith(self.speech.participle_endings)
        )

    def _may_be_subject(self, at: int) -> bool:
        return self.paragraph.tag[at] in _SUBJECTS or self.paragraph.capital(at)

    def _comma(self, at: int, hi: int) -> int | None:
        """The token behind the next comma, None if none is near."""
        words = self.paragraph.low
        return next((k + 1 for k in range(at, min(hi, at + _LONGEST_INTRODUCTION)) if words[k] == ","), None)

    def _behind_dateline(self, hi: int) -> int:
        """The token behind a paragraph's dateline (`HARBOUR TOWN, May 4 (Wire) - `), its first when it has none."""
        paragraph = self.paragraph
        if DASH_WORDS.isdisjoint(paragraph.low[1 : min(hi, _LONGEST_DATELINE)]):
            return 0
        dash = next(k for k in range(1, hi) if paragraph.low[k] in DASH_WORDS)
        if not (paragraph.low[dash - 1] == ")" or paragraph.word(0).isupper()):
            return 0
        named = all(
            paragraph.capital(k) or paragraph.tag[k] == PUNCT or paragraph.low[k].isdigit()
            for k in range(dash)
        )
        return dash + 1 if named else 0

    def _behind_time(self, token: int, hi: int) -> int:
        """The token behind a time that opens a clause: `Hours later, Ann Li ...`, `A few days ago she ...`."""
        paragraph = self.paragraph
        if self.speech.time_shifts.isdisjoint(paragraph.low[token + 1 : min(hi, token + _LONGEST_TIME)]):
            return token
        k = next(k for k in range(token + 1, hi) if paragraph.low[k] in self.speech.time_shifts)
        if paragraph.low[k - 1] not in self.speech.time_units:
            return token
        return k + 2 if k + 1 < hi and paragraph.low[k + 1] == "," else k + 1

    @staticmethod
    def _place(phrase: Phrase) -> bool:
        return phrase.mention is not None and phrase.mention.entity.type in PLACE_TYPES
