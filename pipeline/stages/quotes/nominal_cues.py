"""Cues that are no verbs: `according to Li`, `per the rules`, `Li's claim`, `in her view`."""

from __future__ import annotations

from pipeline.languages.speech import POSS, PUNCT, WORD
from pipeline.stages.quotes.clause import AFTER, ASIDE, POSSESSOR, Clause
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.phrases import NAME, POSSESSIVE, PRONOUN, Phrase
from pipeline.stages.quotes.prose import QUOTE, Paragraph


class NominalCues:
    """Reads the clauses of one paragraph that such cues make, each at the token of its cue."""

    __slots__ = ("nouns", "paragraph", "speech")

    def __init__(self, paragraph: Paragraph, nouns: Nouns) -> None:
        self.paragraph = paragraph
        self.speech = paragraph.speech
        self.nouns = nouns

    def per(self, token: int) -> Clause | None:
        """`per the rules`, set off by a comma or a quotation."""
        if token == 0 or not (
            self.paragraph.low[token - 1] in ASIDE or self.paragraph.tag[token - 1] == QUOTE
        ):
            return None
        return self._source(token, token + 1, token + 1)

    def according(self, token: int) -> Clause | None:
        """`according to Li`."""
        if token + 1 >= len(self.paragraph) or self.paragraph.low[token + 1] not in self.speech.source_links:
            return None
        return self._source(token, token + 2, token + 2)

    def _source(self, first: int, hi: int, subject_at: int) -> Clause | None:
        subject = self._object(subject_at) or self.nouns.starting(
            subject_at, self.paragraph.sentence_at(first)[1]
        )
        if subject is None:
            return None
        return Clause(first, hi, self.speech.plain_cues["past"], subject, AFTER, first, subject.hi)

    def _object(self, token: int) -> Phrase | None:
        """The pronoun of `according to him`."""
        paragraph = self.paragraph
        if token >= len(paragraph) or paragraph.low[token] not in self.speech.object_pronouns:
            return None
        if token + 1 < len(paragraph) and paragraph.tag[token + 1] not in (PUNCT, QUOTE):
            return None  # `according to her lawyer`
        return Phrase(token, token + 1, *paragraph.span(token, token + 1), PRONOUN)

    def view(self, token: int) -> Clause | None:
        """`in Li's words`, `in her view`, `in the words of Li`."""
        paragraph, speech = self.paragraph, self.speech
        lo, _ = self.paragraph.sentence_at(token)
        opens = (
            token - 2 >= lo
            and paragraph.low[token - 1] in speech.articles
            and paragraph.low[token - 2] in speech.view_prepositions
        )
        if opens and token + 1 < len(paragraph) and paragraph.low[token + 1] in speech.view_links:
            return self._source(token - 2, token + 2, token + 2)
        clause = self.noun(token)
        if (
            clause is None
            or clause.first <= lo
            or paragraph.low[clause.first - 1] not in speech.view_prepositions
        ):
            return None
        return Clause(
            clause.first - 1, token + 1, clause.cue, clause.subject, AFTER, clause.first - 1, token + 1
        )

    def noun(self, token: int) -> Clause | None:
        """`Li's claim`, `her promise`: a possessor up to three words before a noun for an utterance."""
        paragraph = self.paragraph
        lo, _ = self.paragraph.sentence_at(token)
        for k in range(token - 1, max(lo, token - 4) - 1, -1):
            if paragraph.tag[k] == POSS and paragraph.low[k] in self.speech.possessors:
                subject = Phrase(k, k + 1, *paragraph.span(k, k + 1), POSSESSIVE)
                return Clause(
                    token, token + 1, self.speech.plain_cues["past"], subject, POSSESSOR, k, token + 1
                )
            if paragraph.low[k].endswith(self.speech.possessive_endings) and paragraph.capital(k):
                subject = self._possessor(k, lo)
                return Clause(
                    token,
                    token + 1,
                    self.speech.plain_cues["past"],
                    subject,
                    POSSESSOR,
                    subject.lo,
                    token + 1,
                )
            if paragraph.tag[k] != WORD:
                return None
        return None

    def _possessor(self, index: int, lo: int) -> Phrase:
        paragraph = self.paragraph
        end = paragraph.stop(index) - 2
        mention = self.nouns.mentions.ending(end)
        first = index
        while mention and first > lo and paragraph.starts[first] > mention.start:
            first -= 1
        return Phrase(first, index + 1, paragraph.starts[first], end, NAME, mention)
