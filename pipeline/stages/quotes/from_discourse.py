"""Rules for quotations whose sentence names nobody who says them, and for marks that quote nothing."""

from __future__ import annotations

from pipeline.languages.speech import DET, PUNCT
from pipeline.stages.quotes.candidates import CLAUSE_WORDS, Candidate, Work
from pipeline.stages.quotes.clause import POSSESSOR
from pipeline.stages.quotes.decisions import DIRECT, MIXED, Decision, Rule
from pipeline.stages.quotes.fragments import SINGLE
from pipeline.stages.quotes.phrases import NAME, NOMINAL, PRONOUN

# Members of an enumeration are slow to reach.
_ANNOUNCED = Rule.ANNOUNCED
_FLOATING = Rule.FLOATING
_NOBODY = Rule.NOBODY
_NOT_NAME = Rule.NOT_NAME
_NOT_SCARE = Rule.NOT_SCARE
_NOT_SINGLE = Rule.NOT_SINGLE
_OPEN_QUOTE = Rule.OPEN_QUOTE
_POSSESSOR = Rule.POSSESSOR
_PREVIOUS_SENTENCE = Rule.PREVIOUS_SENTENCE
_SAME_PARAGRAPH = Rule.SAME_PARAGRAPH
_SAME_PARAGRAPH_FAR = Rule.SAME_PARAGRAPH_FAR
_SENTENCE_SUBJECT = Rule.SENTENCE_SUBJECT
_SENTENCE_SUBJECT_NOMINAL = Rule.SENTENCE_SUBJECT_NOMINAL

_FLOOR_LASTS = 2  # paragraphs without a quotation after which nobody has the floor any more


def named(work: Work, candidate: Candidate) -> Decision | None:
    """The words before the marks say that a name or a title follows."""
    if not candidate.token or candidate.words > CLAUSE_WORDS:
        return None
    paragraph = work.paragraph
    k = candidate.token - 1
    if k and paragraph.low[k] in paragraph.speech.articles:
        k -= 1
    if _is_object_of_a_name(work, candidate):
        return candidate.decide(None, _NOT_NAME)
    names = paragraph.low[k] in paragraph.speech.naming_nouns
    if names or (paragraph.low[k] in paragraph.speech.called and not _reports_at(candidate, k)):
        return candidate.decide(None, _NOT_NAME)
    return None


def _is_object_of_a_name(work: Work, candidate: Candidate) -> bool:
    """Whether the words are what is called something: `Li called "Salt" a masterpiece`."""
    paragraph, token = work.paragraph, candidate.token
    followed = token + 1 < candidate.hi and paragraph.tag[token + 1] == DET
    return followed and any(
        clause.hi == token and clause.cue.lemma in paragraph.speech.naming for clause in candidate.ahead
    )


def _reports_at(candidate: Candidate, token: int) -> bool:
    """Whether a reporting clause ends with this token."""
    return any(clause.hi == token + 1 for clause in candidate.ahead)


def same_paragraph(work: Work, candidate: Candidate) -> Decision | None:
    """A sentence of its own after somebody's words: `"X," Li said. "Y."`."""
    previous = work.latest
    if previous is None or not candidate.starts or not candidate.sentence_like:
        return None
    return candidate.decide(DIRECT, _SAME_PARAGRAPH, previous.phrase, previous.cue)


def bare_single(work: Work, candidate: Candidate) -> Decision | None:
    """Single marks without a reporting clause, in an article that quotes with double ones."""
    if candidate.fragment.style is SINGLE and not work.single:
        return candidate.decide(None, _NOT_SINGLE)
    return None


def previous_sentence(work: Work, candidate: Candidate) -> Decision | None:
    """A sentence that is all quotation, behind one about somebody: `Li praised the plan. "It works."`."""
    paragraph = work.paragraph
    if not candidate.starts or candidate.short or candidate.lo == 0:
        return None
    number = paragraph.sentence[candidate.token] - 1
    lo, hi = paragraph.bounds[number]
    reporting = [k for k in work.by_sentence.get(number, ()) if k.side is not POSSESSOR]
    strong = [k for k in reporting if k.cue.strong]
    if strong or reporting:
        return work.by(candidate, _PREVIOUS_SENTENCE, (strong or reporting)[0], DIRECT)
    phrase = work.openings.leading(lo, hi)
    if phrase is None or phrase.shape is NOMINAL:
        return None
    return candidate.decide(DIRECT, _PREVIOUS_SENTENCE, phrase)


def floating(work: Work, candidate: Candidate) -> Decision | None:
    """A paragraph that opens with a quotation and names nobody: the speaker goes on."""
    floor = work.floor
    if not _opens_paragraph(candidate):
        return None
    if floor.open_quote and floor.phrase is not None:
        return candidate.decide(DIRECT, _OPEN_QUOTE, floor.phrase, floor.cue)
    if floor.announced is not None:
        return candidate.decide(DIRECT, _ANNOUNCED, floor.announced, floor.announced_cue, floor.phrase)
    if floor.phrase is not None and floor.age <= _FLOOR_LASTS and not candidate.short:
        return candidate.decide(DIRECT, _FLOATING, floor.phrase, floor.cue)
    return None


def _opens_paragraph(candidate: Candidate) -> bool:
    """Whether a paragraph begins with a quotation that is more than a few words of its sentence."""
    if candidate.token:
        return False
    return candidate.hi == 1 or not candidate.fragment.closed or not candidate.short


def possessor(work: Work, candidate: Candidate) -> Decision | None:
    """`Li's promise to "X"`, with no other clause in the sentence."""
    near = [k for k in candidate.ahead if k.side is POSSESSOR and candidate.token - k.hi <= CLAUSE_WORDS]
    if not near:
        return None
    subject = work.openings.leading(candidate.lo, near[-1].first)
    if subject is not None and subject.shape in (PRONOUN, NAME):
        return candidate.decide(MIXED, _SENTENCE_SUBJECT, subject, runner_up=near[-1].subject)
    return work.by(candidate, _POSSESSOR, near[-1], MIXED)


def scare(_work: Work, candidate: Candidate) -> Decision | None:
    """A few words in marks and nobody who says them."""
    if candidate.short and (not candidate.starts or candidate.words == 1):
        return candidate.decide(None, _NOT_SCARE)
    return None


def sentence_subject(work: Work, candidate: Candidate) -> Decision | None:
    """Nobody reports it: the subject of the sentence, or whoever spoke last in the paragraph."""
    subject = work.openings.leading(candidate.lo, candidate.token)
    if subject is not None and subject.shape in (PRONOUN, NAME):
        return candidate.decide(MIXED, _SENTENCE_SUBJECT, subject)
    previous = work.latest
    if previous is not None:
        return candidate.decide(MIXED, _SAME_PARAGRAPH_FAR, previous.phrase, previous.cue, subject)
    if subject is not None:
        return candidate.decide(MIXED, _SENTENCE_SUBJECT_NOMINAL, subject)
    return None


def _is_heading(work: Work, candidate: Candidate) -> bool:
    """Whether the words in marks are all of a paragraph but its bullet or its number."""
    paragraph, token = work.paragraph, candidate.token
    if not token or token != len(paragraph) - 1:
        return False
    return all(paragraph.tag[k] == PUNCT or paragraph.low[k].isdigit() for k in range(token))


def nobody(work: Work, candidate: Candidate) -> Decision:
    """Whatever is left: long enough for a quotation, or a few words that stay words."""
    if candidate.short or _is_heading(work, candidate):
        return candidate.decide(None, _NOT_SCARE)
    return candidate.decide(DIRECT if candidate.starts else MIXED, _NOBODY)
