"""`POST /articles`: articles over HTTP onto news.raw, each acknowledged by the broker before it is accepted."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipeline.errors import TransientError
from pipeline.record import Article, TraceContext
from pipeline.sources.formats import Intake
from pipeline.sources.json_structure import check
from pipeline.sources.problems import UnfitError
from pipeline.sources.records import wrong_fields

_JSON = "application/json"
_LINES = frozenset(("application/x-ndjson", "application/jsonl", "application/x-jsonlines"))
_RETRY_SECONDS = 5
_BODY_SECONDS = 30.0
_SHOWN = 100

Deliver = Callable[[Sequence[Article], TraceContext | None], Mapping[str, str]]
"""Sends articles, of one trace if they are of any, and returns when the broker has them.

Gives the ids of those that it did not take, each with the reason.

Raises TransientError: the broker is away.
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one request may cost, and all of them.

    Attributes:
        body_bytes: of one body.
        articles: in one body.
        waiting: requests that are worked on at once; one more is answered with 429.
    """

    body_bytes: int = 16 << 20
    articles: int = 1000
    waiting: int = 8


@dataclass(slots=True)
class _Door:
    """How many are inside. Everything of it happens in one event loop."""

    limit: int
    inside: int = 0
    last_fault: str | None = None


def ingest_app(
    deliver: Deliver, intake: Callable[[], Intake], *, token: str | None, bounds: Bounds
) -> Starlette:
    """The service.

    Args:
        deliver: see Deliver; called from threads.
        intake: makes an Intake for each request.
        token: what `Authorization: Bearer …` has to say; None asks for none.
        bounds: see Bounds.
    """
    door = _Door(bounds.waiting)

    async def articles(request: Request) -> JSONResponse:
        _check_token(request, token)
        kind = _kind(request)
        if door.inside >= door.limit:
            return _later(429, "too many requests at once")
        door.inside += 1
        try:
            body = await _body(request, bounds.body_bytes)
            found, problems = await asyncio.to_thread(_read, body, kind, intake(), bounds)
            if problems:
                return JSONResponse({"error": "nothing was taken", "problems": problems[:_SHOWN]}, 422)
            lost = await asyncio.to_thread(deliver, found, TraceContext.from_headers(request.headers))
        except TransientError as error:
            door.last_fault = str(error)
            return _later(503, f"{error}; nothing is certain to have been taken: send it again")
        finally:
            door.inside -= 1
        if lost:
            door.last_fault = next(iter(lost.values()))
            answer = {"error": "the broker did not take all: send these again", "lost": dict(lost)}
            return JSONResponse(answer, 503, {"Retry-After": str(_RETRY_SECONDS)})
        door.last_fault = None
        return JSONResponse({"accepted": len(found), "ids": [one.article_id for one in found]}, 202)

    async def health(_: Request) -> JSONResponse:
        well = door.last_fault is None
        return JSONResponse(
            {"ok": well, "fault": door.last_fault, "inside": door.inside}, 200 if well else 503
        )

    return Starlette(
        routes=[Route("/articles", articles, methods=["POST"]), Route("/health", health)],
        exception_handlers={HTTPException: _said},  # type: ignore[dict-item] # a handler of its own kind of exception
    )


async def _said(_: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _later(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status, {"Retry-After": str(_RETRY_SECONDS)})


def _check_token(request: Request, token: str | None) -> None:
    given = request.headers.get("authorization", "")
    if token is not None and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise HTTPException(401, "give the token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})


def _kind(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON and kind not in _LINES:
        raise HTTPException(
            415, f"send {_JSON} (one article) or application/x-ndjson (one a line), not {kind!r}"
        )
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send it unpacked, without a Content-Encoding")
    return kind


async def _body(request: Request, limit: int) -> bytes:
    too_large = HTTPException(413, f"the body is over {limit:,} bytes: send it in parts")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal():
        raise HTTPException(400, "the Content-Length is no number")
    if int(length) > limit:
        raise too_large
    body = bytearray()
    pieces: AsyncIterator[bytes] = request.stream()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in pieces:
                body += piece
                if len(body) > limit:
                    raise too_large
    except TimeoutError:
        raise HTTPException(408, f"the body was not there within {_BODY_SECONDS:g} s") from None
    except ClientDisconnect:
        raise HTTPException(400, "the body broke off") from None
    return bytes(body)


def _read(
    body: bytes, kind: str, intake: Intake, bounds: Bounds
) -> tuple[list[Article], list[dict[str, Any]]]:
    """The articles of a body, and what is wrong with it by line: with any problem, none is sent.

    Raises:
        HTTPException: it is no JSON, empty, or has too many articles.
    """
    lines = [body] if kind == _JSON else body.split(b"\n")
    found: list[Article] = []
    problems: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if len(found) + len(problems) == bounds.articles:
            raise HTTPException(413, f"more than {bounds.articles:,} articles: send them in parts")
        try:
            check(line, intake.limits)
            record = orjson.loads(line)
        except UnfitError as error:
            raise HTTPException(400, f"line {number}: {error.problem}") from None
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, f"line {number} is no JSON: {error}") from None
        wrong = wrong_fields(record)
        try:
            article = intake.article(record)
        except UnfitError as error:
            problems.append({"line": number, "problem": error.problem, "fields": wrong})
            continue
        if unread := intake.take_problems():
            wrong["published_at"] = unread[0].problem
        if wrong:
            problems.append({"line": number, "problem": "has wrong fields", "fields": wrong})
        else:
            found.append(article)
    if not found and not problems:
        raise HTTPException(400, "the body is empty: send an article")
    return found, problems
