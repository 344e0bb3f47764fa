"""The record: an article with what was found in it."""

from __future__ import annotations

from typing import Literal

from pipeline.record.article import Article
from pipeline.record.base import SCHEMA_VERSION, Model
from pipeline.record.findings import Duplicate, Entity, Quote


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
    provenance: Provenance
