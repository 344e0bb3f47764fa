"""One article from paragraphs to decisions: the order in which the parts of the package are asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from pipeline.languages.speech import Speech
from pipeline.record import Article, EnrichedArticle, Speaker
from pipeline.stages.quotes.attribution import Attributor
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.coreference import Coreference
from pipeline.stages.quotes.decisions import DIRECT, INDIRECT, Decision, Rule
from pipeline.stages.quotes.fragments import DOUBLE, Fragment, fragments
from pipeline.stages.quotes.headlines import echoed, headline
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import Paragraph, read
from pipeline.stages.quotes.speakers import Speakers
from pipeline.stages.quotes.statements import merge
from pipeline.stages.quotes.transcripts import Transcript
from pipeline.stages.quotes.tying import tied
from pipeline.text.paragraphs import paragraphs

_CONTINUED = frozenset(
    {
        Rule.SAME_PARAGRAPH,
        Rule.SAME_PARAGRAPH_FAR,
        Rule.OPEN_QUOTE,
        Rule.FLOATING,
        Rule.ANNOUNCED,
        Rule.NEXT_CUE,
        Rule.PREVIOUS_SENTENCE,
    }
)
_MOST_PARAGRAPHS = 30_000
"""Paragraphs of an article that are read. The longest articles have some thousands; a heap of signs on lines of their
own is to cost no more than prose of the same length."""
_MOST_FRAGMENTS = 3_000
"""Stretches in quotation marks of an article that may be quotations: a book has as many, no article does."""
_MOST_DECISIONS = 3_000
"""Quotations and statements after which no further paragraph is read."""
_LONGEST_ANNOUNCEMENT = 200  # characters of `And from Ann Li:`
_LABEL = 4  # tokens of `Read more:`
_UNSURE = frozenset({Rule.NOBODY, Rule.FLOATING})
_SURE = frozenset({Rule.BEHIND, Rule.BEHIND_NAME, Rule.BEHIND_UNKNOWN, Rule.NEXT_CUE})
_NEXT_CUE = Rule.NEXT_CUE
_Resolved = tuple[Decision, tuple[Speaker, ...]]


def resolve(record: EnrichedArticle, speech: Speech) -> list[tuple[Decision, tuple[Speaker, ...]]]:
    """Decide for every candidate of an article, in text order, and name the speakers, none where nobody is found."""
    text = record.article.text
    spans = list(islice(paragraphs(text), _MOST_PARAGRAPHS))
    marked = _marked(text, spans, speech)
    mentions = Mentions(record.entities, text)
    quoted = [(fragment.start, fragment.end) for found in marked for fragment in found]
    speakers = Speakers(Coreference(mentions, text, [start for start, _ in spans], quoted, speech))
    return _each_once(
        (decision, speakers.all_of(decision, continued=decision.rule in _CONTINUED))
        for decision in _decisions(record.article, spans, marked, mentions, speech)
    )


def _each_once(decided: Iterable[_Resolved]) -> list[_Resolved]:
    """What was decided, without reported speech that lies inside a statement of the same speaker."""
    kept: list[_Resolved] = []
    widest: Decision | None = None
    around: set[str] = set()
    for decision, by in decided:
        names = {speaker.name for speaker in by}
        if (
            decision.kind is INDIRECT
            and widest is not None
            and widest.end >= decision.end
            and names == around
        ):
            continue
        kept.append((decision, by))
        if decision.kind is not None and (widest is None or decision.end > widest.end):
            widest, around = decision, names
    return kept


def _marked(text: str, spans: Sequence[tuple[int, int]], speech: Speech) -> list[list[Fragment]]:
    """What stands in quotation marks in each paragraph, as far as there may be a quotation in it."""
    marked: list[list[Fragment]] = []
    left = _MOST_FRAGMENTS
    for start, end in spans:
        found = fragments(text, start, end, speech)[:left] if left else []
        left -= len(found)
        marked.append(found)
    return marked


def _decisions(
    article: Article,
    spans: Sequence[tuple[int, int]],
    marked: Sequence[list[Fragment]],
    mentions: Mentions,
    speech: Speech,
) -> list[Decision]:
    """Read one paragraph after the other, and decide for what is in it."""
    text, body_start = article.text, article.body_start
    turns = Transcript(text, spans, mentions, speech).turns
    attributor = Attributor(text, single=not any(f.style is DOUBLE for found in marked for f in found))
    titles: list[Decision] = []
    body: list[list[Decision]] = []
    left = _MOST_DECISIONS
    for number, (start, end) in enumerate(spans):
        if left <= 0:
            break
        left -= len(body[-1]) if body else 0
        if number in turns:
            body.append([turns[number]])
            continue
        in_title = end <= body_start
        announces = text[end - 1] == ":" and end - start <= _LONGEST_ANNOUNCEMENT
        prose = read(text, start, end, marked[number], speech, whole=in_title or announces)
        if not prose.low or _points_elsewhere(prose):
            attributor.silence()
            body.append([])
            continue
        nouns = Nouns(prose, mentions)
        clauses = Scanner(prose, nouns, headline=in_title).clauses()
        decided = attributor.paragraph(prose, clauses, nouns)
        merged = merge(prose, decided, clauses, headline=in_title)
        if in_title:
            titles += headline(prose, decided, merged, nouns)
            attributor.forget()
        else:
            body.append(merged)
    _carry_back(body, {f.end for found in marked for f in found if not f.closed})
    flat = [decision for paragraph in body for decision in paragraph]
    return tied(text, echoed(text, titles, flat) + flat)


def _points_elsewhere(paragraph: Paragraph) -> bool:
    """Whether a paragraph is a line to another article: `Related: ...`, `Read more: ...`."""
    near = paragraph.low[:_LABEL]
    return ":" in near and "_".join(near[: near.index(":")]) in paragraph.speech.pointers


def _carry_back(body: list[list[Decision]], left_open: AbstractSet[int]) -> None:
    """Give paragraphs of a quotation that goes on the speaker who is named only behind its last one.

    `left_open` are the ends of the quotations without a closing mark. Behind one that is closed whoever speaks next may
    be somebody else.
    """
    for number in range(len(body) - 2, -1, -1):
        last = _last_unsure(body[number])
        first = next((decision for decision in body[number + 1] if decision.kind is DIRECT), None)
        if last is None or last.end not in left_open or first is None or first.rule not in _SURE:
            continue
        body[number] = [
            decision.given_to(first, _NEXT_CUE) if decision.rule in _UNSURE else decision
            for decision in body[number]
        ]


def _last_unsure(paragraph: Sequence[Decision]) -> Decision | None:
    """The last quotation of a paragraph if it isn't sure whose it is."""
    for decision in reversed(paragraph):
        if decision.kind is not None and decision.kind is not INDIRECT:
            return decision if decision.rule in _UNSURE else None
    return None
