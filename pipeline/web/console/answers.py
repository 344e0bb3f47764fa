"""What programs may ask under /api/v1, each with its parameters and the type of its answer: the record's own models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from pipeline.record import EnrichedArticle
from pipeline.stores.questions import FoundArticle
from pipeline.stores.searches import Alias, Cluster, FoundQuote, Member, TopEntity
from pipeline.watch.live import StageReading
from pipeline.web.console.desk import Desk
from pipeline.web.console.live import Hub
from pipeline.web.console.parameters import (
    ArticleParameters,
    EntityParameters,
    Query,
    RangeParameters,
    StatementParameters,
    cursor_of,
    place_of,
)

_MEMBERS = 1000


class StatementPage(TypedDict):
    """Statements, the latest first. `next` is the parameter `after` of the next page, null on the last."""

    found: list[FoundQuote]
    next: str | None


class ArticlePage(TypedDict):
    """Articles, the latest first. `next` is the parameter `after` of the next page, null on the last."""

    found: list[FoundArticle]
    next: str | None


class Story(TypedDict):
    """A story: its id and its articles, the one that stands for it first."""

    cluster_id: str
    members: list[Member]


class Companion(TypedDict):
    """Who is quoted in so many of the same articles."""

    name: str
    articles: int


class Person(TypedDict):
    """Who is quoted beside somebody, and what the name stands for."""

    name: str
    beside: list[Companion]
    aliases: list[Alias]


class Stream(TypedDict):
    """The stages as they are, empty where the broker gives no answer; dead letters by reason."""

    stages: list[StageReading]
    dead_letters: dict[str, int] | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Sources:
    """What answers are made from."""

    desk: Desk
    hub: Hub


@dataclass(frozen=True, slots=True)
class Answer:
    """One question: `give` answers it from the sources, what was asked, and the id in the path.

    `path` is that of OpenAPI.
    """

    path: str
    summary: str
    asks: type[Query]
    gives: TypeAdapter[Any]
    give: Callable[[Sources, Any, str], Awaitable[Any]]

    def dumped(self, value: Any) -> Any:
        """The answer as JSON has it."""
        return self.gives.dump_python(value, mode="json")

    @property
    def parameters(self) -> dict[str, str]:
        """What each parameter means."""
        fields: dict[str, Any] = self.asks.model_fields
        return {name: field.description or "" for name, field in fields.items()}


async def _statements(sources: Sources, asked: StatementParameters, _: str) -> Any:
    question, after = asked.question(), place_of(asked.after)
    page = await sources.desk.ask(
        lambda searches: searches.search_statements(question, after=after, limit=asked.limit)
    )
    return {"found": list(page.found), "next": cursor_of(page.after)}


async def _articles(sources: Sources, asked: ArticleParameters, _: str) -> Any:
    question, after = asked.question(), place_of(asked.after)
    page = await sources.desk.ask(
        lambda searches: searches.search_articles(question, after=after, limit=asked.limit)
    )
    return {"found": list(page.found), "next": cursor_of(page.after)}


async def _article(sources: Sources, _: Query, article_id: str) -> Any:
    record = await sources.desk.article(article_id)
    if record is None:
        raise HTTPException(404, f"{article_id}: no such article is stored")
    return record


async def _stories(sources: Sources, asked: RangeParameters, _: str) -> Any:
    return await sources.desk.ask(
        lambda searches: searches.largest_clusters(since=asked.since, until=asked.until, limit=asked.limit)
    )


async def _story(sources: Sources, _: Query, identifier: str) -> Any:
    found = await sources.desk.ask(lambda searches: searches.cluster_of(identifier, limit=_MEMBERS))
    if found is None:
        raise HTTPException(404, f"{identifier}: no such story or article is stored")
    return {"cluster_id": found[0], "members": found[1]}


async def _entities(sources: Sources, asked: EntityParameters, _: str) -> Any:
    return await sources.desk.ask(
        lambda searches: searches.top_entities(
            type=asked.type, since=asked.since, until=asked.until, limit=asked.limit
        )
    )


async def _person(sources: Sources, _: Query, name: str) -> Any:
    beside = await sources.desk.ask(lambda searches: searches.quoted_beside(name))
    aliases = await sources.desk.ask(lambda searches: searches.aliases_of(name))
    companions = [Companion(name=who, articles=number) for who, number in beside]
    return Person(name=name, beside=companions, aliases=aliases)


async def _stream(sources: Sources, _: Query, __: str) -> Any:
    snapshot = await sources.hub.glance()
    reading = snapshot.reading
    return {
        "stages": list(reading.stages) if reading else [],
        "dead_letters": dict(snapshot.letters) if snapshot.letters is not None else None,
        "problem": (reading.problem if reading else None) or snapshot.problem,
    }


def _adapter(type: Any) -> TypeAdapter[Any]:  # noqa: A002 - what it adapts
    return TypeAdapter(type)


ANSWERS: tuple[Answer, ...] = (
    Answer(
        "/api/v1/statements",
        "Statements by speaker, words, polarity, kind, confidence, outlet and time",
        StatementParameters,
        _adapter(StatementPage),
        _statements,
    ),
    Answer(
        "/api/v1/articles",
        "Articles by words, names, outlet, verdict, language and time",
        ArticleParameters,
        _adapter(ArticlePage),
        _articles,
    ),
    Answer(
        "/api/v1/articles/{id}",
        "One stored record whole, as it was written",
        Query,
        _adapter(EnrichedArticle),
        _article,
    ),
    Answer(
        "/api/v1/stories",
        "The stories that most outlets carry",
        RangeParameters,
        _adapter(list[Cluster]),
        _stories,
    ),
    Answer(
        "/api/v1/stories/{id}",
        "A story by its id or that of any article in it: its articles, and what each was matched to",
        Query,
        _adapter(Story),
        _story,
    ),
    Answer(
        "/api/v1/entities",
        "Who and what is named in most articles",
        EntityParameters,
        _adapter(list[TopEntity]),
        _entities,
    ),
    Answer(
        "/api/v1/people/{id}",
        "Somebody by name: who is quoted beside, and other names",
        Query,
        _adapter(Person),
        _person,
    ),
    Answer(
        "/api/v1/stream",
        "The stages, their lag and rate; dead letters by reason",
        Query,
        _adapter(Stream),
        _stream,
    ),
)


class ErrorBody(BaseModel):
    """What is wrong, where, and how to mend it."""

    code: str
    message: str
    parameter: str | None = None


class ErrorAnswer(BaseModel):
    """The body of every answer that is none."""

    error: ErrorBody


def error_body(status: int, message: str, parameter: str | None = None) -> dict[str, Any]:
    """The body of an answer that is none."""
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    body = ErrorAnswer(error=ErrorBody(code=code, message=message, parameter=parameter))
    return body.model_dump(exclude_none=True)
