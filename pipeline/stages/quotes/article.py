"""One article from paragraphs to decisions: the order in which the parts of the package are asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from pipeline.models import EnrichedArticle, Speaker
from pipeline.stages.paragraphs import paragraphs
from pipeline.stages.quotes.attribution import Attributor
from pipeline.stages.quotes.cast import Cast
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.decisions import DIRECT, INDIRECT, Decision
from pipeline.stages.quotes.headlines import echoed, headline
from pipeline.stages.quotes.marks import DOUBLE, Fragment, fragments
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import read
from pipeline.stages.quotes.speakers import Speakers
from pipeline.stages.quotes.statements import merge
from pipeline.stages.quotes.transcripts import Transcript

_CONTINUED = frozenset(
    {
        "same-paragraph",
        "same-paragraph-far",
        "open-quote",
        "floating",
        "announced",
        "next-cue",
        "previous-sentence",
    }
)
_MOST_PARAGRAPHS = 30_000
"""Paragraphs of an article that are read. The longest articles have some thousands; a heap of signs on lines of their
own is to cost no more than prose of the same length."""
_MOST_FRAGMENTS = 3_000
"""Stretches in quotation marks of an article that may be quotations: a book has as many, no article does."""
_MOST_DECISIONS = 3_000
"""Quotations and statements after which no further paragraph is read."""
_UNSURE = frozenset({"nobody", "floating"})
_SURE = frozenset({"behind", "behind-name", "behind-unknown", "next-cue"})


def resolve(record: EnrichedArticle) -> list[tuple[Decision, Speaker | None]]:
    """Decide for every candidate of an article, in text order, and name the speakers."""
    text, body_start = record.article.text, record.article.body_start
    spans = list(islice(paragraphs(text), _MOST_PARAGRAPHS))
    marked = _marked(text, spans)
    mentions = Mentions(record.entities, text)
    quoted = [(fragment.start, fragment.end) for found in marked for fragment in found]
    speakers = Speakers(Cast(mentions, text, [start for start, _ in spans], quoted))
    return [
        (decision, speakers.resolve(decision.phrase, continued=decision.rule in _CONTINUED))
        for decision in _decisions(text, body_start, spans, marked, mentions)
    ]


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> list[list[Fragment]]:
    """What stands in quotation marks in each paragraph, as far as there may be a quotation in it."""
    marked: list[list[Fragment]] = []
    left = _MOST_FRAGMENTS
    for start, end in spans:
        found = fragments(text, start, end)[:left] if left else []
        left -= len(found)
        marked.append(found)
    return marked


def _decisions(
    text: str,
    body_start: int,
    spans: Sequence[tuple[int, int]],
    marked: Sequence[list[Fragment]],
    mentions: Mentions,
) -> list[Decision]:
    """Read one paragraph after the other, and decide for what is in it."""
    turns = Transcript(text, spans, mentions).turns
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
        p = read(text, start, end, marked[number], whole=in_title)
        if not p.low:
            attributor.silence()
            body.append([])
            continue
        nouns = Nouns(p, mentions)
        clauses = Scanner(p, nouns, headline=in_title).clauses()
        decided = attributor.paragraph(p, clauses, nouns)
        merged = merge(p, decided, clauses, headline=in_title)
        if in_title:
            titles += headline(p, decided, merged, nouns)
            attributor.forget()
        else:
            body.append(merged)
    _carry_back(text, body)
    flat = [decision for paragraph in body for decision in paragraph]
    return echoed(text, titles, flat) + flat


def _carry_back(text: str, body: list[list[Decision]]) -> None:
    """Give paragraphs of a quotation that goes on the speaker who is named only behind its last one."""
    for number in range(len(body) - 2, -1, -1):
        if not any(d.rule in _UNSURE for d in body[number]):
            continue
        here = [d for d in body[number] if d.kind is not None and d.kind is not INDIRECT]
        after = [d for d in body[number + 1] if d.kind is DIRECT]
        if not here or not after or after[0].rule not in _SURE or here[-1].rule not in _UNSURE:
            continue
        if text[here[-1].end - 1] in "\"”''»":
            continue  # closed: whoever speaks next may be somebody else
        for position, decision in enumerate(body[number]):
            if decision.rule in _UNSURE:
                body[number][position] = decision.given_to(after[0], "next-cue")
