"""Rules that find the speaker in the sentence of the quotation."""

from __future__ import annotations

import re

from pipeline.languages.speech import ADV, DET, POSS, PREP, PUNCT, WORD
from pipeline.stages.quotes.candidates import CLAUSE_WORDS, FEW_WORDS, Candidate, Work
from pipeline.stages.quotes.clause import ASIDE, BEFORE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.decisions import DIRECT, MIXED, Decision, Rule
from pipeline.stages.quotes.phrases import NAME, NOMINAL, RELATIVE, Phrase
from pipeline.stages.quotes.prose import QUOTE
from pipeline.stages.quotes.scope import adjacent, introduces, reaches, scope
from pipeline.text.marks import APOSTROPHES, DASH_WORDS, DASHES

# Members of an enumeration are slow to reach.
_BEFORE = Rule.BEFORE
_BEFORE_FAR = Rule.BEFORE_FAR
_BEHIND = Rule.BEHIND
_BEHIND_FAR = Rule.BEHIND_FAR
_BEHIND_NAME = Rule.BEHIND_NAME
_BEHIND_UNKNOWN = Rule.BEHIND_UNKNOWN
_COLON = Rule.COLON
_SHARED = Rule.SHARED
_SHARED_FAR = Rule.SHARED_FAR
_NOT_NAME = Rule.NOT_NAME
_SIGNED = Rule.SIGNED
_TRANSCRIPT = Rule.TRANSCRIPT
_WEAK = Rule.WEAK

_SCRIPT_LABEL = re.compile(rf"\s*([A-Z][A-Z.{APOSTROPHES}-]+(?: [A-Z][A-Z.{APOSTROPHES}-]+){{0,3}}):\s")
_LABELS = frozenset({"label"})
_NAMING = frozenset({NAME, NOMINAL})
_GOING_ON = frozenset(",?!….-" + DASHES)
_DETERMINING = frozenset({DET, POSS})
_TITLED = frozenset({PREP, POSS, WORD, DET})  # in front of a title
_SHORT_WORD = 3  # letters of a word that has no capital in a title
_SIGNATURE = 8  # tokens of a name behind a closing dash


def scripted(work: Work, candidate: Candidate) -> Decision | None:
    """A transcript inside marks: `"LI: We will."`."""
    if candidate.token or not candidate.inner[:2].isupper():
        return None
    label = _SCRIPT_LABEL.match(work.text, candidate.fragment.inner_start, candidate.fragment.inner_end)
    if label is None:
        return None
    phrase = Phrase(candidate.token, candidate.token + 1, label.start(1), label.end(1), NAME)
    return candidate.decide(DIRECT, _TRANSCRIPT, phrase)


def signed(work: Work, candidate: Candidate) -> Decision | None:
    """The paragraph ends in a dash and a name: `"X." - Ann Li`."""
    paragraph = work.paragraph
    if not candidate.starts or DASH_WORDS.isdisjoint(paragraph.low[-_SIGNATURE:]):
        return None
    end = len(paragraph) - 1 if paragraph.low[-1] == "." and len(paragraph) > 1 else len(paragraph)
    dash = next(
        (
            k
            for k in range(end - 1, max(candidate.token, end - _SIGNATURE), -1)
            if paragraph.low[k] in DASH_WORDS
        ),
        None,
    )
    if dash is None or paragraph.tag[dash - 1] != QUOTE:
        return None
    phrase = work.nouns.starting(dash + 1, end)
    if phrase is None or phrase.shape is not NAME or phrase.hi < end:
        return None
    return candidate.decide(DIRECT, _SIGNED, phrase)


def titled(work: Work, candidate: Candidate) -> Decision | None:
    """A title in front of a clause that reports what is behind it: `On "Harbour Today," Li said it was late.`."""
    paragraph, before = work.paragraph, candidate.token - 1
    if candidate.starts or candidate.words > CLAUSE_WORDS or not candidate.inner[:1].isupper():
        return None
    if paragraph.tag[before] not in _TITLED or not _is_title(candidate.inner):
        return None
    k, _ = _next_word(work, candidate.token + 1)
    clause = work.by_first.get(k)
    if clause is None or clause.side is not BEFORE or clause.last >= candidate.hi:
        return None
    return None if paragraph.tag[clause.last] == PUNCT else candidate.decide(None, _NOT_NAME)


def _is_title(words: str) -> bool:
    """Whether the longer words have capitals, as those of a title."""
    return all(word[:1].isupper() for word in words.split() if len(word) > _SHORT_WORD)


def behind(work: Work, candidate: Candidate) -> Decision | None:
    """The clause follows the quotation at once: `"X," Ann Li said`."""
    paragraph = work.paragraph
    k, aside = _next_word(work, candidate.token + 1)
    clause = work.by_first.get(k)
    if clause is None or clause.cue.kinds == _LABELS:
        return None
    closes = clause.last >= len(paragraph.low) or paragraph.tag[clause.last] == PUNCT
    if not _joined(work, candidate, clause, aside=aside, closes=closes):
        return None
    named = closes and clause.subject.shape in _NAMING
    if candidate.ahead and _is_governed(work, candidate) and not named:
        return None
    runner = candidate.ahead[-1].subject if candidate.ahead else None
    ends_reported = not candidate.starts and not candidate.sentence_begins(paragraph)
    return work.by(candidate, _BEHIND, clause, MIXED if ends_reported else DIRECT, runner)


def _is_governed(work: Work, candidate: Candidate) -> bool:
    """Whether a clause to the left reports the quotation."""
    return any(clause.cue.strong and reaches(work, clause, candidate) for clause in scope(work, candidate))


def _next_word(work: Work, index: int) -> tuple[int, bool]:
    """The first token from `index` on that is no comma, dash or adverb, and whether there was a comma or dash."""
    paragraph = work.paragraph
    start, end = index, len(paragraph.low)
    while index < end and paragraph.low[index] in ASIDE:
        index += 1
    aside = index > start
    while index < end and paragraph.tag[index] == ADV and not paragraph.capital(index):
        index += 1
    return index, aside


def _joined(work: Work, candidate: Candidate, clause: Clause, *, aside: bool, closes: bool) -> bool:
    """Whether quotation and clause are one sentence, by how the one ends and the other goes on."""
    paragraph = work.paragraph
    ends = candidate.inner.rstrip(" " + APOSTROPHES)[-1:] or " "
    alone = candidate.token == candidate.lo and closes
    if ends == "." and paragraph.capital(clause.first):
        # A full stop closes the quotation's sentence; what follows introduces the next one.
        return alone and paragraph.low[min(clause.last, len(paragraph) - 1)] not in {",", ":"}
    return ends in _GOING_ON or aside or alone


def behind_name(work: Work, candidate: Candidate) -> Decision | None:
    """A name right behind the comma, its verb further on: `"X," Ann Li, who chairs Acme, said`."""
    if candidate.token != candidate.lo or not candidate.pauses or candidate.token + 1 >= candidate.hi:
        return None
    phrase = work.nouns.starting(candidate.token + 1, candidate.hi)
    if phrase is None or phrase.shape is not NAME:
        return None
    for clause in work.by_sentence.get(work.paragraph.sentence[candidate.token], ()):
        if (
            clause.first > candidate.token
            and clause.cue.strong
            and QUOTE not in work.paragraph.tag[candidate.token + 1 : clause.lo]
        ):
            return candidate.decide(
                DIRECT, _BEHIND_NAME, phrase, work.paragraph.span(clause.lo, clause.hi), clause.subject
            )
    return None


def behind_unknown(work: Work, candidate: Candidate) -> Decision | None:
    """A verb that no list has: `"X," beamed Ann Li`, `"X," she deadpanned`."""
    paragraph = work.paragraph
    if candidate.token != candidate.lo or not candidate.pauses or candidate.token + 2 >= candidate.hi:
        return None
    verb = candidate.token + 1
    if past(work, verb):
        phrase = work.nouns.starting(verb + 1, candidate.hi)
    else:
        phrase = work.nouns.starting(verb, candidate.hi)
        verb = phrase.hi if phrase is not None else candidate.hi
        if verb >= candidate.hi or not past(work, verb):
            return None
    if phrase is None:
        return None
    return candidate.decide(DIRECT, _BEHIND_UNKNOWN, phrase, paragraph.span(verb, verb + 1))


def past(work: Work, index: int) -> bool:
    """Whether a token looks like a verb in the past tense."""
    paragraph = work.paragraph
    return (
        paragraph.tag[index] == WORD
        and paragraph.low[index].endswith(paragraph.speech.past_ending)
        and not paragraph.capital(index)
    )


def governed(work: Work, candidate: Candidate) -> Decision | None:
    """A clause to the left in the sentence has the quotation in its content.

    The outermost one speaks (`Li said Hill had called it "X"` are Li's words), unless an inner one introduces the
    quotation as direct speech.
    """
    governing = scope(work, candidate)
    if not governing:
        return None
    strong = [clause for clause in governing if clause.cue.strong and reaches(work, clause, candidate)]
    chosen = _governor(work, candidate, governing[-1], strong)
    beside = adjacent(work, chosen, candidate.token)
    if chosen.side is POSSESSOR or not (strong or beside):
        return None
    kind = DIRECT if beside and _is_introduced(work, candidate) else MIXED
    others = [clause.subject for clause in governing if clause.subject is not chosen.subject]
    return work.by(
        candidate, _governing_rule(chosen, beside=beside), chosen, kind, others[-1] if others else None
    )


def _governor(work: Work, candidate: Candidate, inner: Clause, strong: list[Clause]) -> Clause:
    """Of the clauses that govern a quotation the one whose subject says it."""
    quoted = inner.side is SHARED and inner.subject.lo > strong[0].hi if strong else False
    speaks = inner.cue.strong and inner.cue.utters and (inner.side is BEFORE or quoted)
    if not strong or (inner.cue.strong and introduces(work, inner, candidate.token)):
        return inner
    if speaks and adjacent(work, inner, candidate.token):
        return inner
    return strong[0]


def _is_introduced(work: Work, candidate: Candidate) -> bool:
    """Whether a quotation right behind its cue is a sentence of its own."""
    paragraph, before = work.paragraph, candidate.token - 1
    opens = candidate.inner[:1].isupper() or paragraph.low[before] in {",", ":"}
    return opens and candidate.sentence_like and paragraph.tag[before] not in _DETERMINING


def _governing_rule(chosen: Clause, *, beside: bool) -> Rule:
    if not chosen.cue.strong:
        return _WEAK
    if chosen.side is SHARED:
        return _SHARED if beside else _SHARED_FAR
    return _BEFORE if beside else _BEFORE_FAR


def colon(work: Work, candidate: Candidate) -> Decision | None:
    """A name and a colon: `Ann Li: "X"`."""
    if candidate.token < candidate.lo + 2 or work.paragraph.low[candidate.token - 1] != ":":
        return None
    phrase = work.nouns.ending(candidate.token - 2, candidate.lo)
    if phrase is None or phrase.shape is not NAME:
        return None
    if phrase.mention is not None and not phrase.mention.is_person:
        phrase = work.nouns.first_person(candidate.lo, candidate.token) or phrase
    return candidate.decide(DIRECT, _COLON, phrase)


def behind_far(work: Work, candidate: Candidate) -> Decision | None:
    """A clause set off by a comma, later in the sentence: `The "X" plan is dead, Li said.`."""
    for clause in work.by_sentence.get(work.paragraph.sentence[candidate.token], ()):
        if clause.first > candidate.token and _is_set_off(work, clause):
            kind = DIRECT if candidate.starts and candidate.hi - candidate.token <= FEW_WORDS else MIXED
            return work.by(candidate, _BEHIND_FAR, clause, kind)
    return None


def _is_set_off(work: Work, clause: Clause) -> bool:
    """Whether a comma, a dash or a quotation is in front of a clause that reports by itself."""
    paragraph, before = work.paragraph, clause.first - 1
    apart = paragraph.low[before] in ASIDE or paragraph.tag[before] == QUOTE
    reporting = clause.cue.strong and clause.cue.utters
    return apart and reporting and clause.side is not SHARED and clause.subject.shape is not RELATIVE
