"""Reported speech without quotation marks: which words of a sentence are the content of a reporting clause."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.languages.speech import ADV, CONJ, DET, POSS, PREP, PUNCT, REL, SUB, WORD
from pipeline.stages.quotes.clause import ASIDE, BEFORE, POSSESSOR, SHARED, Clause
from pipeline.stages.quotes.content import Content, content_starts
from pipeline.stages.quotes.decisions import Rule
from pipeline.stages.quotes.ends import end_of, form_of
from pipeline.stages.quotes.predicates import NOT_FINITE, finite, opens_predicate, verb_in_marks
from pipeline.stages.quotes.prose import QUOTE, Paragraph
from pipeline.stages.quotes.uttered import may_be_uttered
from pipeline.stages.quotes.verbs import behind_time
from pipeline.text.marks import DASH_WORDS

# Members of an enumeration are slow to reach.
_INDIRECT_ACCORDING = Rule.INDIRECT_ACCORDING
_INDIRECT_BEFORE = Rule.INDIRECT_BEFORE

# Sets of word classes.
_SKIPPED = frozenset({CONJ, PUNCT})
_BEHIND_CLAUSE = frozenset({PUNCT, PREP, ADV})
_DETERMINING = frozenset({DET, POSS})
_LINKS = frozenset({CONJ, SUB})
_SUBJECTS = frozenset({DET, POSS, WORD})
_SOURCE = 30  # tokens of a source behind `according to`
_LABELLING = frozenset({"label"})
_LEAST_TOKENS = 3
_LEAST_BEFORE = 2  # tokens in front of a clause that is put in: `Nothing, Li said, ...`
_LEAST_REST = 2  # tokens of what goes on behind a clause that is put in
_DATELINE = 12  # tokens of `LEEDS, June 3 (Northern Wire) -`
_NARRATED = frozenset({CONJ, REL})  # behind a source
_HANGING = frozenset({CONJ, SUB})  # words with which nothing ends
_LINKING = frozenset({PUNCT, CONJ})
_NEXT_CLAUSES = 30  # clauses looked at for the end of a content; a sentence of prose has fewer
_ADVERBIAL = 9  # tokens that may stand between a cue and its "that"


def contents(paragraph: Paragraph, clauses: Sequence[Clause]) -> list[Content]:
    """What the reporting clauses of a paragraph may report, in text order.

    Of one clause there are several where it can be read in more than one way: `Police say a fire that killed two ...`.
    """
    found: list[Content] = []
    for n, clause in enumerate(clauses):
        lo, hi = paragraph.sentence_at(clause.lo)
        if clause.side is POSSESSOR:
            read = _of_noun(paragraph, clauses, n, hi)
        else:
            earlier = clauses[n - 1] if n else None
            read = _before(paragraph, clause, lo, hi, earlier) or _after(paragraph, clauses, n, hi)
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


def _before(paragraph: Paragraph, clause: Clause, lo: int, hi: int, earlier: Clause | None) -> list[Content]:
    """A clause behind its content: `The plan is dead, Ann Li said.`, or in the midst of it."""
    first = clause.first
    if first - lo < _LEAST_BEFORE or clause.side is SHARED:
        return []
    end = first - 1 if paragraph.low[first - 1] in ASIDE else first
    if not (_is_divided(paragraph, lo, end, first, earlier) and _may_follow(paragraph, clause, hi)):
        return []
    start = _first_word(paragraph, lo, first)
    rest = _rest(paragraph, clause, start, end, hi)
    if start >= end or paragraph.low[end - 1] in paragraph.speech.complementisers:
        # `And yet, Li said, the plan is dead`, `the idea that, Li said, it is dead`: nothing of it stands before.
        return [] if rest is None else [Content(*rest[:2], clause, _INDIRECT_BEFORE, sure=rest[2])]
    found: list[Content] = []
    if rest is not None:
        found.append(Content(start, end, clause, _INDIRECT_BEFORE, rest[:2], rest[2]))
    if not _is_circumstance(paragraph, start, end):
        found.append(Content(start, end, clause, _INDIRECT_BEFORE))
        later = _later_start(paragraph, start, end)
        if later is not None:
            found.append(Content(later, end, clause, _INDIRECT_BEFORE))
    return found


def _is_divided(paragraph: Paragraph, lo: int, end: int, first: int, earlier: Clause | None) -> bool:
    """Whether a mark divides a clause that begins at `first` from what it may report in front of it."""
    if paragraph.tag[end - 1] == QUOTE:
        told = earlier is not None and lo <= earlier.lo and _opens_marks(paragraph, earlier, end - 1)
        return end - 1 > lo and not told  # not of `Li said “nobody came,” she said`
    of_noun = paragraph.tag[end - 1] == REL and paragraph.low[end - 1] not in paragraph.speech.complementisers
    return end < first and not of_noun  # not of `boats which, Li said, are late`


def _opens_marks(paragraph: Paragraph, clause: Clause, quote: int) -> bool:
    """Whether a clause stands right in front of a quotation."""
    return _strip(paragraph, clause.last, quote) == clause.last


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


def _rest(paragraph: Paragraph, clause: Clause, lo: int, end: int, hi: int) -> tuple[int, int, float] | None:
    """What of a content stands behind the clause put into it, and how likely it ends there.

    For example `The plan, Li said, is dead`.
    """
    after = clause.last
    opening = after + 1
    if opening >= hi or paragraph.low[after] not in ASIDE or paragraph.low[end] not in ASIDE:
        return None
    if opening + _LEAST_REST > hi and paragraph.tag[opening] != QUOTE:
        return None
    if paragraph.low[opening] in paragraph.speech.adjuncts:
        return None
    if paragraph.low[clause.lo] in paragraph.speech.sources and paragraph.tag[opening] in _NARRATED:
        return None  # `They left, according to Li, and said ...`, `according to Li, who left`
    if not _is_made_whole(paragraph, (lo, end), (opening, hi)):
        return None
    end, sure = end_of(paragraph, opening, hi, _INDIRECT_BEFORE)
    end = _strip(paragraph, opening, end)
    return (opening, end, sure) if end > opening else None


def _goes_on(paragraph: Paragraph, opening: int, hi: int) -> bool:
    """Whether a clause that is not whole yet is made whole by what begins at a token."""
    participle = paragraph.low[opening].endswith(paragraph.speech.participle_endings)
    return not participle and (
        opens_predicate(paragraph, opening) or finite(paragraph, opening, hi) is not NOT_FINITE
    )


def _is_made_whole(paragraph: Paragraph, front: tuple[int, int], rest: tuple[int, int]) -> bool:
    """Whether what stands behind a clause goes on with what stands in front of it.

    Marks go on with a clause: `If the pier falls, Li said, "we will swim"`.
    """
    if paragraph.tag[rest[0]] == QUOTE:
        return paragraph.quote_at[rest[0]].inner[:1].islower() and finite(paragraph, *front) is not NOT_FINITE
    return _is_subject(paragraph, *front) or _goes_on(paragraph, *rest)


def _is_subject(paragraph: Paragraph, lo: int, hi: int) -> bool:
    """Whether tokens are no more than the subject of a sentence, whose verb is to come: `The plan, Li said, failed`."""
    return lo < hi and paragraph.tag[lo] in _SUBJECTS and finite(paragraph, lo, hi) is NOT_FINITE


def _is_subordinate(paragraph: Paragraph, token: int) -> bool:
    return paragraph.tag[token] == SUB and paragraph.low[token] not in paragraph.speech.complementisers


def _is_circumstance(paragraph: Paragraph, lo: int, hi: int) -> bool:
    """Whether what stands before a clause is only when or where: `Later, in remarks at the club, Li said`."""
    if paragraph.tag[lo] == QUOTE:
        return False
    cue = paragraph.speech.cues.get(paragraph.low[lo])
    if cue is not None and cue.form == "past" and cue.lemma in paragraph.speech.asking:
        return True  # `Asked what she missed, Ann Li said`
    if paragraph.tag[hi - 1] == QUOTE and paragraph.tag[lo] in _SUBJECTS and verb_in_marks(paragraph, hi - 1):
        return False
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
    if after >= hi or paragraph.tag[after] in _BEHIND_CLAUSE or behind_time(paragraph, after, hi) > after:
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
    if start < clause.subject.lo < end:
        end = _before_subject(paragraph, clause, start)
    if _is_subordinate_clause(paragraph, clause):
        end = next((k for k in range(start + 1, end) if paragraph.low[k] in ASIDE), end)
    read = [
        _ended(paragraph, clause, k, end, rule) for k, rule in content_starts(paragraph, clause, start, end)
    ]
    return [_without_aside(paragraph, content) for content in read if may_be_uttered(paragraph, content)]


def _before_subject(paragraph: Paragraph, clause: Clause, start: int) -> int:
    """The comma in front of a subject that stands behind: `After saying that it was late, Ann Li left`."""
    at = clause.subject.lo
    while at > start and paragraph.low[at] != ",":
        at -= 1
    return _strip(paragraph, start, at)


def _ended(paragraph: Paragraph, clause: Clause, start: int, hi: int, rule: Rule) -> Content:
    """The content that begins at a token, up to where it ends."""
    end, sure = end_of(paragraph, start, _before_brackets(paragraph, start, hi), form_of(clause, rule))
    return Content(start, _strip(paragraph, start, end), clause, rule, sure=sure)


def _before_brackets(paragraph: Paragraph, start: int, hi: int) -> int:
    """The end without what the narrator puts in brackets behind a quotation: `Li said “it was late.” (It was not.)`."""
    if paragraph.low[hi - 1] != ")":
        return hi
    opening = next((k for k in range(hi - 2, start, -1) if paragraph.low[k] == "("), None)
    return opening if opening is not None and paragraph.tag[opening - 1] == QUOTE else hi


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
    return Content(content.lo, before, content.clause, content.rule, (behind + 1, content.hi), content.sure)


def _is_subordinate_clause(paragraph: Paragraph, clause: Clause) -> bool:
    """Whether a clause is one that a comma ends: `While Li said she was for it, the council ...`."""
    begin, _ = paragraph.sentence_at(clause.lo)
    before = clause.first - 1
    opens = before >= begin and _is_subordinate(paragraph, before)
    return opens and (before == begin or paragraph.tag[before - 1] in _LINKING)


def _after_comma(paragraph: Paragraph, clause: Clause, start: int, hi: int) -> Content | None:
    if clause.first > paragraph.sentence_at(clause.lo)[0] + 1:
        return None
    commas = [k for k in range(start, min(hi, start + _SOURCE)) if paragraph.low[k] == ","]
    while len(commas) > 1 and _is_apposition(paragraph, commas[0] + 1, commas[1]):
        commas.pop(0)  # `according to Ann Li, a pilot, ...`
    if not commas:
        return None
    start = commas[0] + 1
    return _ended(paragraph, clause, start, hi, _INDIRECT_ACCORDING)


def _is_apposition(paragraph: Paragraph, lo: int, hi: int) -> bool:
    """Whether what stands between two commas says who somebody is, or what he does: `quoting the coast guard`."""
    speech, low = paragraph.speech, paragraph.low[lo]
    opens = (
        paragraph.tag[lo] in _DETERMINING
        or low in speech.apposition
        or low.endswith(speech.participle_endings)
    )
    return opens and (low in speech.apposition or finite(paragraph, lo, hi) is NOT_FINITE)


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
        if paragraph.tag[comma] == QUOTE and _closes(paragraph, other, hi):
            end = other.first  # `Li said it was late as “nobody came,” she said`
            break
        if _turns(paragraph, clauses[number], other, hi) and not _only_introduces(paragraph, start, other):
            end = comma
            break
    return _strip(paragraph, start, end)


def _closes(paragraph: Paragraph, clause: Clause, hi: int) -> bool:
    """Whether a clause is the end of its sentence."""
    return clause.cue.utters and _strip(paragraph, clause.last, hi) == clause.last


def _only_introduces(paragraph: Paragraph, start: int, other: Clause) -> bool:
    """Whether no more of a content than when or where stands before another clause: `that at the club, Li denied`."""
    low, comma = paragraph.low, other.first - 1
    opening = start + 1 if low[start] in paragraph.speech.complementisers else start
    if other.side is not BEFORE or low[comma] != "," or paragraph.tag[opening] != PREP:
        return False
    return finite(paragraph, opening, comma) is NOT_FINITE


def _turns(paragraph: Paragraph, clause: Clause, other: Clause, hi: int) -> bool:
    """Whether the content of a clause ends where another one begins: behind a comma, or at `and warned that`."""
    comma = other.first - 1
    if paragraph.low[comma] in ASIDE:
        dash = comma
    elif paragraph.tag[comma] in _LINKS and paragraph.low[comma - 1] in ASIDE:
        dash = comma - 1
    else:
        link = comma - 1 if paragraph.tag[comma] == ADV else comma  # `and also warned that`
        shared = other.side is SHARED and other.subject is clause.subject
        return shared and other.cue.strong and paragraph.tag[link] == CONJ
    # Between two dashes it is inserted, and the content goes on behind it.
    return paragraph.low[dash] not in DASH_WORDS or DASH_WORDS.isdisjoint(paragraph.low[other.last : hi])


def _strip(paragraph: Paragraph, start: int, end: int) -> int:
    while end > start and (
        (paragraph.tag[end - 1] == PUNCT and paragraph.low[end - 1] not in {")", "%"})
        or paragraph.tag[end - 1] in _HANGING
    ):
        end -= 1
    return end
