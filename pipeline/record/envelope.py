"""The record: an article with what was found in it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, SkipValidation

from pipeline.record.article import Article
from pipeline.record.base import SCHEMA_VERSION, Model
from pipeline.record.findings import Duplicate, Entity, Quote


class Provenance(Model):
    """What made the record."""

    pipeline_version: str
    entity_model: str | None = None


class EnrichedArticle(Model):
    """The record. Between the topics it is the same record with less in it: each stage adds its part.

    `annotations` is what stages of other packages have found, JSON under the name of the stage; it is not written
    where there is nothing in it.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    article: Article
    duplicate: Duplicate
    entities: tuple[Entity, ...] = ()
    quotes: tuple[Quote, ...] = ()
    provenance: Provenance
    annotations: dict[str, Annotated[JsonValue, SkipValidation]] = Field(
        default={}, exclude_if=lambda found: not found
    )

    def __hash__(self) -> int:
        """As of a tuple of the known parts, `annotations` left out."""
        return hash((self.article, self.duplicate, self.entities, self.quotes, self.provenance))

    def annotated(self, stage: str, found: JsonValue) -> Self:
        """The same record with what a stage has found under the stage's name, in place of what stood there."""
        return self.model_copy(update={"annotations": {**self.annotations, stage: found}})
