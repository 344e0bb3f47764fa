"""Whether a speaker stands behind the words: asserted, denied, doubted, asked, only supposed, or not said at all.

What decides is the reporting clause: the meaning of its verb (`denied that`), a modal (`may say`), a condition
(`if Li says`), a negation (`never said`). A negation inside the words belongs to them: `Li said she had not` is
asserted.
"""

from __future__ import annotations

from pipeline.record import Polarity
from pipeline.stages.quotes.clause import AFTER, Clause
from pipeline.stages.quotes.prose import Paragraph
from pipeline.text.marks import CLOSES


def of_clause(paragraph: Paragraph, clause: Clause, lo: int) -> Polarity | None:
    """What a clause says of the words that begin at token `lo`; None where its subject did not say them.

    Nobody said it (`nobody said`), it was not said (`never said that`, `declined to say whether`), or it is a case that
    is only supposed (`if Li says that`).
    """
    speech, lemma = paragraph.speech, clause.cue.lemma
    if clause.negated or _is_nobody(paragraph, clause) or _is_supposed(paragraph, clause):
        return None
    if lemma in speech.denying:
        return Polarity.DENIED
    if lemma in speech.doubting or _doubts(paragraph, clause, lo):
        return Polarity.DOUBTED
    if lemma in speech.asking:
        return Polarity.ASKED
    return Polarity.HYPOTHETICAL if clause.modal else Polarity.ASSERTED


def of_quotation(paragraph: Paragraph, clause: Clause, token: int, words: str) -> Polarity:
    """What a clause says of the quotation at a token: words in marks are somebody's even if they were not said."""
    found = of_clause(paragraph, clause, token)
    if found is None:
        if _is_supposed(paragraph, clause):
            return Polarity.HYPOTHETICAL
        return Polarity.REFUSED if clause.refused else Polarity.DENIED
    return Polarity.ASKED if found is Polarity.ASSERTED and is_question(words) else found


def is_question(words: str) -> bool:
    """Whether words are one question."""
    bare = words.rstrip(CLOSES + " ")
    return bare.endswith("?") and not any(mark in bare[:-1] for mark in ".!?")


def _is_nobody(paragraph: Paragraph, clause: Clause) -> bool:
    subject = clause.subject
    return not paragraph.speech.nobody.isdisjoint(paragraph.low[subject.lo : subject.hi][:1])


def _is_supposed(paragraph: Paragraph, clause: Clause) -> bool:
    """Whether a condition opens the clause."""
    begin, _ = paragraph.sentence_at(clause.lo)
    before = clause.first - 1
    return (
        clause.side is not AFTER and before >= begin and paragraph.low[before] in paragraph.speech.conditions
    )


def _doubts(paragraph: Paragraph, clause: Clause, lo: int) -> bool:
    """Whether a noun for doubt stands between the verb and the words: `voiced doubts that`."""
    return lo > clause.hi and not paragraph.speech.doubts.isdisjoint(paragraph.low[clause.hi : lo])
