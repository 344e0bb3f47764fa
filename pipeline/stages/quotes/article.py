"""One article from paragraphs to decisions: the order in which the parts of the package are asked."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.models import EnrichedArticle, Speaker
from pipeline.stages.paragraphs import paragraphs
from pipeline.stages.quotes.attribution import Attributor
from pipeline.stages.quotes.cast import Cast
from pipeline.stages.quotes.clauses import Scanner
from pipeline.stages.quotes.decisions import DIRECT, INDIRECT, Decision
from pipeline.stages.quotes.headlines import echoed, headline
from pipeline.stages.quotes.marks import DOUBLE
from pipeline.stages.quotes.mentions import Mentions
from pipeline.stages.quotes.nouns import Nouns
from pipeline.stages.quotes.prose import Paragraph, read
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
_UNSURE = frozenset({"nobody", "floating"})
_SURE = frozenset({"behind", "behind-name", "behind-unknown", "next-cue"})


def resolve(record: EnrichedArticle) -> list[tuple[Decision, Speaker | None]]:
    """Decide for every candidate of an article, in text order, and name the speakers."""
    text, body_start = record.article.text, record.article.body_start
    spans = list(paragraphs(text))
    mentions = Mentions(record.entities, text)
    read_through = [read(text, start, end, whole=end <= body_start) for start, end in spans]
    cast = Cast(mentions, text, [start for start, _ in spans])
    cast.quoted = [(f.start, f.end) for p in read_through for f in p.fragments]
    speakers = Speakers(cast)
    return [
        (decision, speakers.resolve(decision.phrase, continued=decision.rule in _CONTINUED))
        for decision in _decisions(text, body_start, read_through, mentions)
    ]


def _decisions(
    text: str, body_start: int, read_through: Sequence[Paragraph], mentions: Mentions
) -> list[Decision]:
    single = not any(f.style is DOUBLE for p in read_through for f in p.fragments)
    transcript = Transcript(text, [(p.start, p.end) for p in read_through], mentions)
    attributor = Attributor(text, single=single)
    titles: list[Decision] = []
    body: list[list[Decision]] = []
    for number, p in enumerate(read_through):
        if number in transcript.turns:
            body.append([transcript.turns[number]])
            continue
        if not p.low:
            attributor.silence()
            body.append([])
            continue
        in_title = p.end <= body_start
        nouns = Nouns(p, mentions)
        clauses = Scanner(p, nouns, headline=in_title).clauses()
        decided = attributor.paragraph(p, clauses, nouns)
        merged = merge(p, decided, clauses)
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
