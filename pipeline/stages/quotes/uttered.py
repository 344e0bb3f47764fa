"""Whether what stands behind a reporting verb can be what somebody utters."""

from __future__ import annotations

from pipeline.languages.speech import PREP, REL
from pipeline.stages.quotes.content import Content
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.phrases import PRONOUN
from pipeline.stages.quotes.predicates import NOT_FINITE, finite, verb_in_marks
from pipeline.stages.quotes.prose import QUOTE, Paragraph

# Members of an enumeration are slow to reach.
_INDIRECT_BARE = Rule.INDIRECT_BARE
_INDIRECT_INFINITIVE = Rule.INDIRECT_INFINITIVE
_INDIRECT_THAT = Rule.INDIRECT_THAT

_QUOTED_PERSON = 14  # tokens of whoever is quoted in `quoted X as saying`
_LEAST_VERBAL = 3  # words in marks that may have a verb among them
_LEAST_CLAUSE = 5  # tokens behind `said` that are a clause though no verb is seen


def may_be_uttered(paragraph: Paragraph, content: Content) -> bool:
    """Whether somebody can say it: a clause, but for what verbs of saying and of wanting have as their object."""
    if _is_nobodys(paragraph, content) or _has_a_gap(paragraph, content):
        return False
    speech, cue = paragraph.speech, content.clause.cue
    if cue.lemma in speech.plain and content.hi - content.lo >= _LEAST_CLAUSE:
        return True  # whatever its verb: hardly anything else stands behind these
    quoted = cue.utters and _may_hold_the_verb(paragraph, content)
    is_clause = quoted or finite(paragraph, content.lo, content.hi) is not NOT_FINITE
    if content.rule is _INDIRECT_THAT and not is_clause and speech.finite_verbs:
        return QUOTE in paragraph.tag[content.lo : content.hi]  # not `repeated that claim`
    clausal = content.rule is _INDIRECT_BARE and "say" in cue.kinds and cue.lemma not in speech.with_objects
    if cue.strong and not clausal:
        return True
    if content.rule is _INDIRECT_INFINITIVE:
        return cue.lemma in speech.intentions or cue.reports
    return is_clause


def _may_hold_the_verb(paragraph: Paragraph, content: Content) -> bool:
    """Whether the verb of a content may be in its marks; in a word or two it is not: `adding the words “and fog”`."""
    marked = (k for k in range(content.lo, content.hi) if paragraph.tag[k] == QUOTE)
    return any(
        len(paragraph.quote_at[k].inner.split()) >= _LEAST_VERBAL or verb_in_marks(paragraph, k)
        for k in marked
    )


def _is_nobodys(paragraph: Paragraph, content: Content) -> bool:
    """Whether a cue hands over to somebody else, or is what a thing shows."""
    speech, cue, subject = paragraph.speech, content.clause.cue, content.clause.subject
    if paragraph.low[content.clause.lo] in speech.quoters and _hands_over(paragraph, content):
        return True
    if content.rule is _INDIRECT_INFINITIVE and cue.lemma in speech.replying:
        return True  # `responded to calls`
    is_thing = subject.shape is PRONOUN and paragraph.low[subject.lo] in speech.thing_pronouns
    return cue.lemma in speech.perceiving or (is_thing and cue.lemma in speech.findings)


def _has_a_gap(paragraph: Paragraph, content: Content) -> bool:
    """Whether a relative pronoun in front of the clause stands for a part of it: `a clash which Li said was sad`."""
    before = content.clause.first - 1
    lo, _ = paragraph.sentence_at(content.clause.lo)
    if content.rule is not _INDIRECT_BARE or before <= lo or paragraph.tag[before] != REL:
        return False
    return paragraph.low[before] not in paragraph.speech.complementisers and paragraph.tag[before - 1] != PREP


def _hands_over(paragraph: Paragraph, content: Content) -> bool:
    """Whether somebody else is quoted: `quoted Ann Li as saying the plan is dead`."""
    near = range(content.lo, min(content.hi - 1, content.lo + _QUOTED_PERSON))
    speech = paragraph.speech
    return any(
        paragraph.low[k] in speech.comparatives and paragraph.low[k + 1] in speech.telling for k in near
    )
