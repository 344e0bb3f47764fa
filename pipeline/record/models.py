"""What flows: the articles, what is found in them, and what could not be processed.

All spans are half-open ranges of Unicode code points (Python string indices) into `Article.text`, which is
stored as it came in. All times are UTC.
"""

from __future__ import annotations

import builtins
import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from pipeline.errors import Reason

SCHEMA_VERSION: Literal[1] = 1


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:  # which no validator takes for a wrong value
        raise ValueError("a time outside the years 1 to 9999 in UTC") from None


UtcTime = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time, kept in UTC, written with a closing Z."""


class Model(BaseModel):
    """The base of all records: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Model):
    """A stretch of an article's text: `text == article.text[start:end]`."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: str

    @model_validator(mode="after")
    def _is_a_range(self) -> Span:
        if self.end - self.start != len(self.text):
            raise ValueError(
                f"span {self.start}..{self.end} does not fit its text of {len(self.text)} characters"
            )
        return self


class Article(Model):
    """One article as it was taken in.

    `text` is the headline, a blank line and the body, or the body alone when there is no headline (then
    `title` is None). When there is a title, `text` starts with it.
    """

    article_id: str = Field(min_length=1, max_length=200)
    source: str
    url: str | None = None
    title: str | None = None
    text: str = Field(min_length=1)
    language: str | None = None
    published_at: UtcTime | None = None
    ingested_at: UtcTime

    @property
    def body_start(self) -> int:
        """Where the body begins in `text`: behind the headline and the white space after it, else 0."""
        if not self.title or not self.text.startswith(self.title):
            return 0
        rest = self.text[len(self.title) :]
        return len(self.text) - len(rest.lstrip())


class Verdict(StrEnum):
    """What an article is to the articles before it."""

    ORIGINAL = "original"
    EXACT = "exact"
    NEAR = "near"
    UPDATE = "update"
    REVISION = "revision"


class Duplicate(Model):
    """The verdict of the duplicates stage.

    `duplicate_of` is the earlier article this one was matched to, None for an original. For a revision it is
    None too: its cluster is what the article belongs to. `jaccard` and `containment` are similarities of word
    3-shingles in 0..1 to that article, None where nothing was compared.
    """

    verdict: Verdict
    cluster_id: str
    duplicate_of: str | None = None
    jaccard: float | None = Field(default=None, ge=0, le=1)
    containment: float | None = Field(default=None, ge=0, le=1)


class Entity(Model):
    """One person, organisation, place or other named thing of an article, with all its mentions.

    `type` is an OntoNotes label. `country` is an ISO 3166-1 alpha-2 code for places, None where it is open.
    """

    name: str
    type: str
    country: str | None = None
    mentions: tuple[Span, ...] = Field(min_length=1)


class QuoteKind(StrEnum):
    """How the words are reported."""

    DIRECT = "direct"
    MIXED = "mixed"
    INDIRECT = "indirect"
    HEADLINE = "headline"


class ResolvedBy(StrEnum):
    """How the speaker's name was found."""

    NAME = "name"
    PRONOUN = "pronoun"
    TITLE = "title"
    CONTINUATION = "continuation"
    ORGANISATION = "organisation"
    ANONYMOUS = "anonymous"


class Speaker(Span):
    """Who said it: the words that refer to the speaker, and the full name they were resolved to."""

    name: str
    resolved_by: ResolvedBy


class Quote(Span):
    """A statement and who made it. The span of a direct quote includes its quotation marks.

    `speaker` is None when nobody can be named with a reason. `confidence` in 0..1 is that of the attribution.
    """

    kind: QuoteKind
    speaker: Speaker | None = None
    cue: Span | None = None
    confidence: float = Field(ge=0, le=1)


class Provenance(Model):
    """What made the record."""

    pipeline_version: str
    entity_model: str | None = None


class EnrichedArticle(Model):
    """The record. Between the topics it is the same record with less in it: each stage adds its part."""

    schema_version: Literal[1] = SCHEMA_VERSION
    article: Article
    duplicate: Duplicate
    entities: tuple[Entity, ...] = ()
    quotes: tuple[Quote, ...] = ()
    annotations: dict[str, JsonValue] = Field(default_factory=dict)
    provenance: Provenance


ATTEMPTS_HEADER = "pipeline-attempts"
"""The Kafka header of a re-driven message: how often it has failed so far."""

POSITION_HEADER = "pipeline-position"
"""The Kafka header that tells where on the raw topic a message's article was accepted: a LogPosition."""


class LogPosition(Model):
    """Where on the raw topic a version of an article was accepted, and when.

    `log` is the identity of the topic as it was then ("" where the broker gives none): a topic made anew under the
    same name is another log, and offsets of different logs can't be compared. `appended_at` is the broker's own
    time of appending, None where the topic keeps the producer's.
    """

    log: str = Field(max_length=64)
    offset: int = Field(ge=0)
    appended_at: UtcTime | None = None

    def to_header(self) -> bytes:
        """As the value of POSITION_HEADER."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_header(cls, value: bytes | None) -> Self | None:
        """The position in a header. A header comes from anybody: what is none counts as absent."""
        if value is None or len(value) > _LONGEST_HEADER:
            return None
        try:
            return cls.model_validate_json(value)
        except ValueError:
            return None


_LONGEST_HEADER = 256


class Omission(Model):
    """Bytes that are too many to be kept: how many they are, and their BLAKE2b in hexadecimal (32 bytes)."""

    bytes: int = Field(ge=0)
    blake2b: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def of(cls, data: builtins.bytes) -> Self:
        """What stands for these bytes."""
        return cls(bytes=len(data), blake2b=hashlib.blake2b(data, digest_size=32).hexdigest())


class DeadLetter(Model):
    """A message that could not be processed, with its bytes and where, what, when and how often.

    `letter_id` is a function of where the message was, so that a redelivery gives the same dead letter again. A key
    or a value that the dead-letter topic has no room for is omitted: then `key` or `value` is None, and
    `omitted_key` or `omitted_value` tells what it was. While the retention of its topic keeps the message, it is
    there. `position` is where its article was accepted, None where that is not known (letters of versions before 0.2).
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    letter_id: str
    article_id: str | None
    stage: str
    topic: str
    partition: int
    offset: int
    key: Base64Bytes | None
    value: Base64Bytes | None
    omitted_key: Omission | None = None
    omitted_value: Omission | None = None
    reason: Reason
    error: str
    attempts: int = Field(ge=1)
    failed_at: UtcTime
    position: LogPosition | None = None
    status: Literal["open", "redriven", "discarded"] = "open"
