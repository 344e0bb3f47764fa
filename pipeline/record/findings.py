"""What the stages find in an article: what it repeats, who is in it, who said what."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from pipeline.record.base import Model, Span


class Verdict(StrEnum):
    """What an article is to the articles before it."""

    ORIGINAL = "original"
    EXACT = "exact"
    NEAR = "near"
    UPDATE = "update"
    REVISION = "revision"


class Relation(StrEnum):
    """What an article is to the one that it was matched to."""

    COPY = "copy"
    EXCERPT = "excerpt"
    UPDATE = "update"
    CORRECTS = "corrects"


class Duplicate(Model):
    """The verdict of the duplicates stage.

    `duplicate_of` is the earlier article this one was matched to, None for an original. For a revision it is
    None too: its cluster is what the article belongs to. `jaccard` and `containment` are similarities of word
    3-shingles in 0..1 to that article, None where nothing was compared. `relation` is what it is to that article. An
    update that has little in common with the core of its story has a cluster of its own.
    """

    verdict: Verdict
    cluster_id: str
    duplicate_of: str | None = None
    relation: Relation | None = None
    jaccard: float | None = Field(default=None, ge=0, le=1)
    containment: float | None = Field(default=None, ge=0, le=1)


ENTITY_TYPES = (
    "PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LANGUAGE", "LAW", "PRODUCT", "WORK_OF_ART",
)  # fmt: skip
"""The OntoNotes labels of things with a name. Dates, times, amounts and numbers are values and no entities."""


PLACE_TYPES = frozenset(("GPE", "LOC", "FAC"))
"""Those of them that are places."""


class Entity(Model):
    """One person, organisation, place or other named thing of an article, with all its mentions.

    `type` is an OntoNotes label. `key` is the same for one name in every article (`person:keir starmer`), None where
    nobody has said it yet. `country` is an ISO 3166-1 alpha-2 code for places, None where it is open.
    `geonames_id`, with `latitude` and `longitude` in degrees for cities, says which place is meant, where that is
    settled. `title` and `role` are what the article itself calls a person (`Prime Minister`, `mayor of Harrow`).
    """

    name: str
    type: str
    key: str | None = None
    country: str | None = None
    geonames_id: int | None = Field(default=None, ge=1, lt=1 << 31)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    title: str | None = None
    role: str | None = None
    mentions: tuple[Span, ...] = Field(min_length=1)


class QuoteKind(StrEnum):
    """How the words are reported."""

    DIRECT = "direct"
    MIXED = "mixed"
    INDIRECT = "indirect"
    HEADLINE = "headline"


class Polarity(StrEnum):
    """What the article says of a statement: that it was made, denied, doubted, only supposed, asked, or not made."""

    ASSERTED = "asserted"
    DENIED = "denied"
    DOUBTED = "doubted"
    HYPOTHETICAL = "hypothetical"
    ASKED = "asked"
    REFUSED = "refused"


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

    `speaker` is None when nobody can be named with a reason. `speakers` are all of them where several speak at once,
    the first of whom is also `speaker`; it is empty where one speaks. The pieces of one statement (`"X," he said.
    "Y."`) share `statement`, which means something within one article only. `polarity` tells whether the speaker stands
    behind the words. `confidence` in 0..1 is that of the attribution.
    """

    kind: QuoteKind
    statement: str | None = None
    polarity: Polarity = Polarity.ASSERTED
    speaker: Speaker | None = None
    speakers: tuple[Speaker, ...] = ()
    cue: Span | None = None
    confidence: float = Field(ge=0, le=1)

    @property
    def said_by(self) -> tuple[Speaker, ...]:
        """All who say it, whether one or several; nobody where nobody can be named with a reason."""
        return self.speakers or ((self.speaker,) if self.speaker else ())
