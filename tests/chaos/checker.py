"""The invariants of delivery, in one place: each finding says which was broken, and for which messages.

They are checked against what the broker and the store hold, not by the pipeline's own ledger; the ledger is
checked beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from pipeline.errors import PermanentError
from pipeline.flow import FLOW, Step, joined
from pipeline.kafka.admin import PartitionLag
from pipeline.kafka.scan import Scanned, scan
from pipeline.kafka.topics import Topic
from pipeline.record import Article, DeadLetter
from pipeline.record.codec import decode_article, decode_dead_letter, decode_record
from pipeline.stores.sql.queries.articles import article as stored_article
from tests.chaos.load import Message
from tests.support.pipelines import LivePipeline
from tests.support.stored import stored_ids

_SHOWN = 5

Place = tuple[str, int, int]
Written = tuple[str, str | None, str | None, str, datetime | None]


class Harm(Enum):
    """What became of the messages."""

    LOST = auto()
    DOUBLED = auto()
    ALTERED = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant, and each message (by place or key) or row that it was broken for."""

    harm: Harm
    what: str
    items: frozenset[str]

    def __str__(self) -> str:
        shown = ", ".join(item[:200] for item in sorted(self.items)[:_SHOWN])
        return f"{self.what}: {len(self.items)}, such as {shown}"

    def beyond(self, earlier: Iterable[Finding]) -> Finding:
        """What of it is new since the earlier findings."""
        known = {item for other in earlier if other.what == self.what for item in other.items}
        return Finding(self.harm, self.what, self.items - known)


def committed_but_not_durable(pipeline: LivePipeline) -> list[Finding]:
    """Messages behind a committed offset that are neither on the next topic, nor stored, nor dead letters.

    Holds at any moment. The offsets are read first: what becomes durable meanwhile can only help.
    """
    lags = pipeline.lags()
    letters = {_place(letter) for letter in _letters(pipeline)}
    stored = {article_id.encode() for article_id in stored_ids(pipeline.engine)}
    findings: list[Finding] = []
    for step, together in zip(FLOW.steps, joined(FLOW.steps), strict=True):
        # By itself it writes the ones, with the stages behind it joined the others.
        topics = {*step.topics, *together.topics}
        durable = {m.key for t in topics for m in _scan(pipeline, t)} if topics else stored
        findings += _listed(
            Harm.LOST,
            f"{step.name}: committed, but neither passed on nor a dead letter",
            (
                f"{message.topic}/{message.partition}/{message.offset}"
                for message in _committed(pipeline, step, lags)
                if message.key not in durable and _place(message) not in letters
            ),
        )
    return findings


def _committed(pipeline: LivePipeline, step: Step, lags: Iterable[PartitionLag]) -> Iterator[Scanned]:
    group = pipeline.settings.group(step.name)
    offsets = {lag.partition: lag.committed or 0 for lag in lags if lag.group == group}
    return (m for m in _scan(pipeline, step.reads) if m.offset < offsets.get(m.partition, 0))


def in_two_places(pipeline: LivePipeline) -> list[Finding]:
    """Messages that are stored and dead letters as well. Holds at any moment."""
    lettered = {letter.key for letter in _letters(pipeline)}
    stored = {article_id.encode() for article_id in stored_ids(pipeline.engine)}
    return _listed(Harm.DOUBLED, "stored and a dead letter", (repr(key) for key in lettered & stored))


def unaccounted(pipeline: LivePipeline, acknowledged: Iterable[Message]) -> list[Finding]:
    """What the producer was told is safe, but is in no place; and what the ledger says of it.

    Of each article, the last version that was new when it was acknowledged has to stand.

    Args:
        pipeline: with no lag.
        acknowledged: in the order of the raw topic.
    """
    acknowledged = list(acknowledged)
    letters = _letters(pipeline)
    lettered = {letter.key for letter in letters} | {letter.value for letter in letters if not letter.key}
    stored = {article_id.encode() for article_id in stored_ids(pipeline.engine)}
    findings = _listed(
        Harm.LOST,
        "acknowledged, but neither stored nor a dead letter",
        (
            repr(key or (value or b"")[:40])
            for key, value in acknowledged
            if (key or value) not in lettered and key not in stored
        ),
    )
    findings += _listed(
        Harm.LOST, "a later version was acknowledged", _outdated(pipeline, acknowledged, letters)
    )
    ledger = pipeline.ledger()
    if not ledger.closed:
        findings += _listed(Harm.ALTERED, "the ledger does not close", [str(ledger)])
    return findings


def _outdated(
    pipeline: LivePipeline, acknowledged: Iterable[Message], letters: Iterable[DeadLetter]
) -> Iterator[str]:
    """Stored articles that are not what was last acknowledged of them."""
    refused = {(letter.key, _written(letter.value)) for letter in letters}
    last: dict[bytes, Written] = {}
    seen: set[tuple[bytes, Written]] = set()
    for key, value in acknowledged:
        written = _written(value)
        if key and written and (key, written) not in seen | refused:
            seen.add((key, written))
            last[key] = written
    for article_id in stored_ids(pipeline.engine):
        record = stored_article(pipeline.engine, article_id)
        key = article_id.encode()
        if record and key in last and _fields(record.article) != last[key]:
            yield repr(key)


def _written(value: bytes | None) -> Written | None:
    """What the publisher wrote, in a raw message or a record; None where it is neither."""
    for decode in (decode_article, lambda data: decode_record(data).article):
        with suppress(PermanentError):
            return _fields(decode(value))
    return None


def _fields(article: Article) -> Written:
    return article.source, article.url, article.title, article.text, article.published_at


def after_all(pipeline: LivePipeline, acknowledged: Iterable[Message]) -> list[Finding]:
    """Everything that has to hold of one pipeline when its lag is 0."""
    return [
        *unaccounted(pipeline, acknowledged),
        *in_two_places(pipeline),
        *committed_but_not_durable(pipeline),
        *altered_letters(pipeline),
    ]


def altered_letters(pipeline: LivePipeline) -> list[Finding]:
    """Dead letters whose bytes are not those of the message that they are about."""
    letters = {_place(letter): letter for letter in _letters(pipeline)}
    originals = {
        _place(message): message
        for source in FLOW.sources.values()
        for message in _scan(pipeline, source)
        if _place(message) in letters
    }
    return _listed(
        Harm.ALTERED,
        "a dead letter's bytes are not the original's",
        (
            letter.letter_id
            for place, letter in letters.items()
            if place not in originals
            or (letter.key, letter.value) != (originals[place].key, originals[place].value)
        ),
    )


def other_rows(disturbed: LivePipeline, undisturbed: LivePipeline) -> list[Finding]:
    """Rows that differ from those of a run of the same messages in which nothing was disturbed."""
    there, here = undisturbed.rows(), disturbed.rows()
    findings: list[Finding] = []
    for table in there:
        missing, surplus = set(there[table]) - set(here[table]), set(here[table]) - set(there[table])
        twice = (row for row, times in Counter(here[table]).items() if times > 1)
        findings += _listed(
            Harm.ALTERED, f"{table}: rows of the undisturbed run that are missing", map(repr, missing)
        )
        findings += _listed(
            Harm.ALTERED, f"{table}: rows that the undisturbed run has not", map(repr, surplus)
        )
        findings += _listed(Harm.DOUBLED, f"{table}: rows that are there twice", map(repr, twice))
    return findings


def raw_messages(pipeline: LivePipeline) -> list[Message]:
    """What is on the raw topic, in order."""
    return [(message.key, message.value) for message in _scan(pipeline, Topic.RAW)]


def _scan(pipeline: LivePipeline, topic: Topic) -> Iterator[Scanned]:
    return scan(pipeline.settings, topic, admin=pipeline.admin)


def _letters(pipeline: LivePipeline) -> list[DeadLetter]:
    return [decode_dead_letter(message.value) for message in _scan(pipeline, Topic.DEAD_LETTER)]


def _place(message: Scanned | DeadLetter) -> Place:
    return message.topic, message.partition, message.offset


def _listed(harm: Harm, what: str, items: Iterable[str]) -> list[Finding]:
    found = frozenset(items)
    return [Finding(harm, what, found)] if found else []
