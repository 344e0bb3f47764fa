"""/api/v1: the answers as JSON, and what describes them (OpenAPI 3.1)."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline import __version__
from pipeline.record import EnrichedArticle
from pipeline.record.codec import encode
from pipeline.web.console.answers import ANSWERS, Answer, ErrorAnswer

_REFS = "#/components/schemas/{model}"
_ERRORS = {
    "400": "a parameter is wrong, and `error.parameter` says which; or the query is over 8,192 bytes",
    "401": "the token is missing or wrong",
    "404": "there is no such thing, or no such page",
    "405": "it can only be read",
    "421": "the host name is none of the console's",
    "429": "too many requests: `Retry-After` says when to come back",
    "503": "the store is away or busy, or the question took too long",
}


def routes() -> list[BaseRoute]:
    """Those of the interface."""
    return [
        *(Route(answer.path.replace("{id}", "{id:path}"), _endpoint(answer)) for answer in _by_length()),
        Route("/api/v1/openapi.json", _openapi),
    ]


def _by_length() -> list[Answer]:
    return sorted(ANSWERS, key=lambda answer: "{id}" in answer.path)


def _endpoint(answer: Answer) -> Any:
    async def endpoint(request: Request) -> Response:
        asked = answer.asks.read(request.query_params)
        given = await answer.give(request.app.state.sources, asked, request.path_params.get("id", ""))
        if isinstance(given, EnrichedArticle):  # as it travels, unknown fields and all
            return Response(encode(given), media_type="application/json")
        return JSONResponse(answer.dumped(given))

    return endpoint


async def _openapi(_: Request) -> Response:
    return JSONResponse(openapi())


@cache
def openapi() -> dict[str, Any]:
    """The description of the interface."""
    schemas: dict[str, Any] = {}
    _, described = models_json_schema([(ErrorAnswer, "serialization")], ref_template=_REFS)
    schemas |= described["$defs"]
    paths = {answer.path: {"get": _operation(answer, schemas)} for answer in ANSWERS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "news-pipeline console",
            "version": __version__,
            "description": "Read-only. Times are UTC. Lists are read by pages: `next` of one is `after` of the next.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(answer: Answer, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = answer.gives.json_schema(mode="serialization", ref_template=_REFS)
    schemas.update(schema.pop("$defs", {}))
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for _ in range("{id}" in answer.path)
    ]
    return {
        "operationId": answer.path.removeprefix("/api/v1/").replace("/{id}", "-one"),
        "summary": answer.summary,
        "parameters": parameters + _query(answer, schemas),
        "responses": {
            "200": {"description": answer.summary, "content": {"application/json": {"schema": schema}}},
            **{code: _error(what) for code, what in _ERRORS.items()},
        },
    }


def _query(answer: Answer, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = answer.asks.model_json_schema(mode="validation", ref_template=_REFS)
    schemas.update(schema.pop("$defs", {}))
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": field.pop("description", ""),
            "schema": _without_null(field),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What can be in a query: there is no null in it."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0]}
    return {name: value for name, value in schema.items() if name != "title"}


def _error(what: str) -> dict[str, Any]:
    return {
        "description": what,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}},
    }
