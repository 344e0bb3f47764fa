"""Reported speech without quotation marks: which words of a sentence are the content of a reporting clause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PREP, PRON, PUNCT, SUB, WORD
from pipeline.stages.quotes.clause import AFTER, ASIDE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.ends import end_of
from pipeline.stages.quotes.phrases import PRONOUN
from pipeline.stages.quotes.predicates import NOT_FINITE, finite, opens_predicate
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.text.marks import DASH_WORDS

# Members of an enumeration are slow to reach.
_INDIRECT_ACCORDING = Rule.INDIRECT_ACCORDING
_INDIRECT_BARE = Rule.INDIRECT_BARE
_INDIRECT_BEFORE = Rule.INDIRECT_BEFORE
_INDIRECT_INFINITIVE = Rule.INDIRECT_INFINITIVE
_INDIRECT_QUESTION = Rule.INDIRECT_QUESTION
_INDIRECT_THAT = Rule.INDIRECT_THAT

_STOPS = frozenset({":", ";", '"'})  # what no `that` stands behind
# Sets of word classes.
_SKIPPED = frozenset({CONJ, PUNCT})
_BEHIND_CLAUSE = frozenset({PUNCT, PREP, ADV})
_OPENS_CONTENT = frozenset({DET, POSS, PRON, WORD, QUOTE})
_DETERMINING = frozenset({DET, POSS})
_NO_ADDRESSEE = frozenset({PUNCT, QUOTE, PREP})
_LINKS = frozenset({CONJ, SUB})
_SOURCE = 30  # tokens of a source behind `according to`
_TELLING = frozenset({"tell"})
_LABELLING = frozenset({"label"})
_QUOTED_PERSON = 14  # tokens of whoever is quoted in `quoted X as saying`
_LEAST_TOKENS = 3
_LEAST_CLAUSE = 5  # tokens behind `said` that are a clause though no verb is seen
_LEAST_REST = 3  # tokens of what goes on behind a clause that is put in, its comma counted
_DATELINE = 12  # tokens of `LEEDS, June 3 (Northern Wire) -`
_HANGING = frozenset({CONJ, SUB})  # words with which nothing ends
_LINKING = frozenset({PUNCT, CONJ})
_NEXT_CLAUSES = 30  # clauses looked at for the end of a content; a sentence of prose has fewer
_ADVERBIAL = 9  # tokens that may stand between a cue and its "that"


@dataclass(slots=True)
class Content:
    """Tokens [lo, hi) that a clause reports, and the rest of them where the clause stands in their midst.

    `The plan, Li said, is dead`: `rest` is what stands behind the clause.
    """

    lo: int
    hi: int
    clause: Clause
    rule: Rule
    rest: tuple[int, int] | None = None


def contents(paragraph: Paragraph, clauses: Sequence[Clause]) -> list[Content]:
    """What the reporting clauses of a paragraph may report, in text order.

    Of one clause there are several where it can be read in more than one way: `Police say a fire that killed two ...`.
    """
    found: list[Content] = []
    for n, clause in enumerate(clauses):
        lo, hi = paragraph.bounds[paragraph.sentence[clause.lo]]
        if clause.side is POSSESSOR:
            read = _of_noun(paragraph, clauses, n, hi)
        else:
            read = _before(paragraph, clause, lo, hi) or _after(paragraph, clauses, n, hi)
        found += (one for one in read if one.rest or one.hi - one.lo >= _LEAST_TOKENS)
    return found


def _of_noun(paragraph: Paragraph, clauses: Sequence[Clause], number: int, hi: int) -> list[Content]:
    """What stands behind a noun for an utterance: `Li's claim that the plan is dead`, `her promise to resign`."""
    clause = clauses[number]
    start = clause.hi
    opens = start + _LEAST_TOKENS < hi and (
        paragraph.low[start] in paragraph.speech.complementisers
        or paragraph.low[start] in paragraph.speech.infinitives
    )
    return _after(paragraph, clauses, number, hi) if opens else []


def _before(paragraph: Paragraph, clause: Clause, lo: int, hi: int) -> list[Content]:
    """A clause behind its content: `The plan is dead, Ann Li said.`, or in the midst of it."""
    first = clause.first
    if first - lo < _LEAST_TOKENS or clause.side is SHARED:
        return []
    end = first - 1 if paragraph.low[first - 1] in ASIDE else first
    quoted = paragraph.tag[end - 1] == QUOTE
    if (end == first and not quoted) or (quoted and end - 1 == lo):
        return []
    if not _may_follow(paragraph, clause, hi):
        return []
    start = _first_word(paragraph, lo, first)
    found: list[Content] = []
    rest = _rest(paragraph, clause, end, hi)
    if start >= end:
        # `And yet, Li said, the plan is dead`: nothing of it stands before the clause.
        return [] if rest is None else [Content(*rest, clause, _INDIRECT_BEFORE)]
    if rest is not None:
        found.append(Content(start, end, clause, _INDIRECT_BEFORE, rest))
    if not _is_circumstance(paragraph, start, end):
        found.append(Content(start, end, clause, _INDIRECT_BEFORE))
        later = _later_start(paragraph, start, end)
        if later is not None:
            found.append(Content(later, end, clause, _INDIRECT_BEFORE))
    return found


def _later_start(paragraph: Paragraph, lo: int, end: int) -> int | None:
    """Where the last part of a sentence begins that is a clause of its own: behind `, but` or a colon."""
    for k in range(end - _LEAST_TOKENS, lo, -1):
        low = paragraph.low[k]
        opens = low == ":" or (low in ASIDE and paragraph.tag[k + 1] == CONJ)
        if opens and finite(paragraph, k + 1, end) is not NOT_FINITE:
            return k + 1 if low == ":" else k + 2
    return None


def _first_word(paragraph: Paragraph, lo: int, hi: int) -> int:
    """The first token of a sentence behind its dateline and the words that tie it to the one before."""
    dateline = next((k for k in range(lo, min(hi, lo + _DATELINE)) if paragraph.low[k] in DASH_WORDS), None)
    if dateline is not None and lo == 0 and finite(paragraph, lo, dateline) is NOT_FINITE:
        lo = dateline + 1
    while lo < hi and (paragraph.tag[lo] in _SKIPPED or paragraph.low[lo] in paragraph.speech.asides):
        lo += 1
    return lo


def _rest(paragraph: Paragraph, clause: Clause, end: int, hi: int) -> tuple[int, int] | None:
    """What of a content stands behind the clause that is put into it: `The plan, Li said, is dead`."""
    after = clause.last
    if after + _LEAST_REST > hi or paragraph.low[after] not in ASIDE or paragraph.low[end] not in ASIDE:
        return None
    opening = after + 1
    if paragraph.tag[opening] == QUOTE or paragraph.low[opening] in paragraph.speech.adjuncts:
        return None
    if not _goes_on(paragraph, opening, hi):
        return None
    end = _strip(paragraph, opening, end_of(paragraph, opening, hi, _INDIRECT_BEFORE))
    return (opening, end) if end > opening else None


def _goes_on(paragraph: Paragraph, opening: int, hi: int) -> bool:
    """Whether a clause that is not whole yet is made whole by what begins at a token."""
    participle = paragraph.low[opening].endswith(paragraph.speech.participle_endings)
    return not participle and (
        opens_predicate(paragraph, opening) or finite(paragraph, opening, hi) is not NOT_FINITE
    )


def _is_subordinate(paragraph: Paragraph, token: int) -> bool:
    return paragraph.tag[token] == SUB and paragraph.low[token] not in paragraph.speech.complementisers


def _is_circumstance(paragraph: Paragraph, lo: int, hi: int) -> bool:
    """Whether what stands before a clause is only when or where: `Later, in remarks at the club, Li said`."""
    return finite(paragraph, lo, hi) is NOT_FINITE or _is_subordinate(paragraph, lo)


def _may_follow(paragraph: Paragraph, clause: Clause, hi: int) -> bool:
    """Whether a clause may stand behind what it reports, by its cue and by what follows it."""
    after = clause.last
    if after < hi and paragraph.low[after] == ":":
        return False
    if paragraph.low[clause.lo] in paragraph.speech.sources:
        return True
    if not clause.cue.utters:
        return False
    if after >= hi or paragraph.tag[after] in _BEHIND_CLAUSE:
        return True
    return "tell" in clause.cue.kinds and _ends_behind_addressee(paragraph, after, hi)


def _ends_behind_addressee(paragraph: Paragraph, after: int, hi: int) -> bool:
    """Whether a few words that say who was told end a clause: `Ann Li told a news conference on Friday`."""
    near = range(after, min(hi, after + _ADVERBIAL))
    end = next(
        (k for k in near if paragraph.tag[k] in _BEHIND_CLAUSE), hi if after + _ADVERBIAL >= hi else None
    )
    return end is not None and finite(paragraph, after, end) is NOT_FINITE


def _after(paragraph: Paragraph, clauses: Sequence[Clause], number: int, hi: int) -> list[Content]:
    clause = clauses[number]
    start = clause.last
    if hi - start < _LEAST_TOKENS:
        return []
    if paragraph.low[clause.lo] in paragraph.speech.sources:
        content = _after_comma(paragraph, clause, start, hi)
        return [] if content is None else [content]
    end = _end(paragraph, clauses, number, start, hi)
    if clause.cue.kinds == _LABELLING:
        end = _before_circumstance(paragraph, start, end)
    if _is_subordinate_clause(paragraph, clause):
        end = next((k for k in range(start + 1, end) if paragraph.low[k] in ASIDE), end)
    read = (
        Content(k, _strip(paragraph, k, end_of(paragraph, k, end, rule)), clause, rule)
        for k, rule in _openings(paragraph, clause, start, end)
    )
    return [_without_aside(paragraph, content) for content in read if _may_be_uttered(paragraph, content)]


def _before_circumstance(paragraph: Paragraph, start: int, end: int) -> int:
    """The end of what a verb like `accuse` has behind it: in front of `when he said that`, which the narrator says."""
    opening = paragraph.speech.circumstances - paragraph.speech.comparatives
    found = (
        k
        for k in range(start + 1, end - 1)
        if paragraph.low[k] in opening and finite(paragraph, k + 1, end) is not NOT_FINITE
    )
    return next(found, end)


def _without_aside(paragraph: Paragraph, content: Content) -> Content:
    """Two pieces where the narrator puts something between dashes: `the pier - though he did not say which - was`."""
    dashes = [k for k in range(content.lo, content.hi) if paragraph.low[k] in DASH_WORDS]
    if len(dashes) != 2 or paragraph.low[dashes[0] + 1] not in paragraph.speech.turning:  # noqa: PLR2004
        return content
    before, behind = dashes
    if before <= content.lo or behind + 1 >= content.hi:
        return content
    return Content(content.lo, before, content.clause, content.rule, (behind + 1, content.hi))


def _may_be_uttered(paragraph: Paragraph, content: Content) -> bool:
    """Whether somebody can say it: a clause, but for what verbs of saying and of wanting have as their object."""
    speech, cue = paragraph.speech, content.clause.cue
    if paragraph.low[content.clause.lo] in speech.quoters and _hands_over(paragraph, content):
        return False
    subject = content.clause.subject
    is_thing = subject.shape is PRONOUN and paragraph.low[subject.lo] in speech.thing_pronouns
    if cue.lemma in speech.perceiving or (is_thing and cue.lemma in speech.findings):
        return False
    clausal = content.rule is _INDIRECT_BARE and "say" in cue.kinds and cue.lemma not in speech.with_objects
    if cue.lemma in speech.plain and content.hi - content.lo >= _LEAST_CLAUSE:
        return True  # whatever its verb: hardly anything else stands behind these
    if cue.strong and not clausal:
        return True
    if content.rule is _INDIRECT_INFINITIVE:
        return cue.lemma in speech.intentions or cue.reports
    return finite(paragraph, content.lo, content.hi) is not NOT_FINITE


def _hands_over(paragraph: Paragraph, content: Content) -> bool:
    """Whether somebody else is quoted: `quoted Ann Li as saying the plan is dead`."""
    near = range(content.lo, min(content.hi - 1, content.lo + _QUOTED_PERSON))
    speech = paragraph.speech
    return any(
        paragraph.low[k] in speech.comparatives and paragraph.low[k + 1] in speech.telling for k in near
    )


def _is_subordinate_clause(paragraph: Paragraph, clause: Clause) -> bool:
    """Whether a clause is one that a comma ends: `While Li said she was for it, the council ...`."""
    begin, _ = paragraph.bounds[paragraph.sentence[clause.lo]]
    before = clause.first - 1
    opens = before >= begin and _is_subordinate(paragraph, before)
    return opens and (before == begin or paragraph.tag[before - 1] in _LINKING)


def _after_comma(paragraph: Paragraph, clause: Clause, start: int, hi: int) -> Content | None:
    if clause.first > paragraph.bounds[paragraph.sentence[clause.lo]][0] + 1:
        return None
    commas = [k for k in range(start, min(hi, start + _SOURCE)) if paragraph.low[k] == ","]
    while len(commas) > 1 and _is_apposition(paragraph, commas[0] + 1, commas[1]):
        commas.pop(0)  # `according to Ann Li, a pilot, ...`
    if not commas:
        return None
    start = commas[0] + 1
    end = end_of(paragraph, start, hi, _INDIRECT_ACCORDING)
    return Content(start, _strip(paragraph, start, end), clause, _INDIRECT_ACCORDING)


def _is_apposition(paragraph: Paragraph, lo: int, hi: int) -> bool:
    """Whether what stands between two commas says who somebody is."""
    opens = paragraph.tag[lo] in _DETERMINING or paragraph.low[lo] in paragraph.speech.apposition
    return opens and (
        paragraph.low[lo] in paragraph.speech.apposition or finite(paragraph, lo, hi) is NOT_FINITE
    )


def _openings(paragraph: Paragraph, clause: Clause, start: int, end: int) -> Iterator[tuple[int, Rule]]:
    """Where the content may begin: at `that` or `whether`, at once, or behind an addressee."""
    if start >= end:
        return
    if paragraph.low[start] in paragraph.speech.questions:
        yield start, _INDIRECT_QUESTION
        return
    that = _that(paragraph, start, min(end, start + _ADVERBIAL))
    if that == start and that + 1 < end and opens_predicate(paragraph, that + 1):
        yield that, _INDIRECT_BARE  # `said that was not so`: it is a pronoun
        return
    if that is not None and finite(paragraph, start, that) is NOT_FINITE:
        first = that + 1
        while first < end and paragraph.tag[first] == PUNCT:
            first += 1
        yield first, _INDIRECT_THAT
    if that is not None and (that == start or clause.cue.kinds == _TELLING):
        return
    if paragraph.low[start] in paragraph.speech.infinitives and start + 1 < end:
        yield start, _INDIRECT_INFINITIVE
        return
    bare = _bare(paragraph, clause, start, end) if clause.side is not AFTER else None
    if bare is not None and (that is None or bare < that - 1):
        yield bare, _INDIRECT_BARE


def _bare(paragraph: Paragraph, clause: Clause, start: int, end: int) -> int | None:
    """Where a content without a word that opens it begins, None if there is none."""
    k = start
    while k < end and paragraph.tag[k] == ADV and paragraph.low[k] not in paragraph.speech.content_words:
        k += 1
    kinds = clause.cue.kinds
    if "tell" in kinds and "say" not in kinds:
        return _behind_addressee(paragraph, k, end)
    if k >= end:
        return None
    opens = paragraph.tag[k] in _OPENS_CONTENT or paragraph.low[k] in paragraph.speech.content_words
    return k if opens else None


def _that(paragraph: Paragraph, start: int, stop: int) -> int | None:
    """The first `that` of the tokens [start, stop), unless a quotation, a colon or a semicolon comes before it."""
    complementisers = paragraph.speech.complementisers
    for k, low in enumerate(paragraph.low[start:stop], start):
        if low in complementisers:
            return k
        if low in _STOPS and (low != '"' or paragraph.tag[k] == QUOTE):
            return None
    return None


def _behind_addressee(paragraph: Paragraph, index: int, end: int) -> int | None:
    """Where the content of `told the paper she would go` begins: at a pronoun or a determiner behind a noun."""
    for m in range(index + 1, min(end, index + _ADVERBIAL)):
        if paragraph.tag[m] == PRON or (paragraph.tag[m] in _DETERMINING and paragraph.tag[m - 1] == WORD):
            return m
        if paragraph.tag[m] in _NO_ADDRESSEE:
            break
    return None


def _end(paragraph: Paragraph, clauses: Sequence[Clause], number: int, start: int, hi: int) -> int:
    """Where the content ends: with the sentence, or where another clause of the same speaker begins."""
    end = hi
    for m in range(number + 1, min(len(clauses), number + 1 + _NEXT_CLAUSES)):
        other = clauses[m]
        if other.lo >= hi:
            break
        comma = other.first - 1
        if comma <= start + 1 or other.side is POSSESSOR:
            continue
        if _turns(paragraph, clauses[number], other, hi):
            end = comma
            break
    return _strip(paragraph, start, end)


def _turns(paragraph: Paragraph, clause: Clause, other: Clause, hi: int) -> bool:
    """Whether the content of a clause ends where another one begins: behind a comma, or at `and warned that`."""
    comma = other.first - 1
    if paragraph.low[comma] in ASIDE:
        dash = comma
    elif paragraph.tag[comma] in _LINKS and paragraph.low[comma - 1] in ASIDE:
        dash = comma - 1
    else:
        shared = other.side is SHARED and other.subject is clause.subject
        return shared and other.cue.strong and paragraph.tag[comma] == CONJ
    # Between two dashes it is inserted, and the content goes on behind it.
    return paragraph.low[dash] not in DASH_WORDS or DASH_WORDS.isdisjoint(paragraph.low[other.last : hi])


def _strip(paragraph: Paragraph, start: int, end: int) -> int:
    while end > start and (
        (paragraph.tag[end - 1] == PUNCT and paragraph.low[end - 1] not in {")", "%"})
        or paragraph.tag[end - 1] in _HANGING
    ):
        end -= 1
    return end
