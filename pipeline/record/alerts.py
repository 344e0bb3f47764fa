"""What is told of a standing question that was answered."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal

from pipeline.record.base import SCHEMA_VERSION, Model, UtcTime
from pipeline.record.findings import Polarity

_HASH_BYTES = 16


class Said(Model):
    """A statement that fits a question: its words, who is named as its speaker, what the article says of it."""

    text: str
    speaker: str | None = None
    polarity: Polarity


class Alert(Model):
    """An article answers a question.

    The key of its message is `alert_id`, which is the same whenever the same is told again. `question` is the id of the
    question, `title` its title; `story` the cluster that the article belonged to by then. `time` is when the article
    counts as published, `at` when the question was answered. `names` are the entities that fit; `statements` the first
    of those that fit, where the question asks for some; else `passage` is where its words or names stand first.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    alert_id: str
    question: str
    title: str
    story: str
    article_id: str
    source: str
    url: str | None = None
    headline: str | None = None
    time: UtcTime
    at: UtcTime
    names: tuple[str, ...] = ()
    passage: str | None = None
    statements: tuple[Said, ...] = ()


def alert_id(question: str, about: str) -> str:
    """The id of the alert of a question about a story, or about one article where each copy is told."""
    data = f"{question}\n{about}".encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=_HASH_BYTES).hexdigest()
