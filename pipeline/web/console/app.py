"""The application: routes, who may use them, and how errors are said."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.errors import PipelineError, TransientError, UsageError
from pipeline.settings import Settings
from pipeline.web.console.alerts import ALERTS
from pipeline.web.console.answers import Sources, error_body
from pipeline.web.console.api import routes
from pipeline.web.console.desk import Desk
from pipeline.web.console.drawing import page
from pipeline.web.console.letters import LETTERS
from pipeline.web.console.live import Hub
from pipeline.web.console.pages import PAGES
from pipeline.web.console.parameters import ParameterError
from pipeline.web.console.security import Guard, check_address

log = logging.getLogger(__name__)

_STATIC = Path(__file__).parent / "static"


def make_app(settings: Settings) -> Starlette:
    """The console of these settings.

    Raises:
        SettingsError: the store can't be used, or the console would be open to the network without a token.
        UsageError: the store answers no searches.
    """
    check_address(settings)
    desk = Desk(settings)
    hub = Hub(settings, desk)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await hub.start()
        yield
        await hub.stop()
        desk.close()

    app = Starlette(
        routes=[
            *PAGES,
            *LETTERS,
            *ALERTS,
            *routes(),
            Route("/healthy", _healthy),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers={
            HTTPException: _said,
            PipelineError: _said,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )
    token = settings.console_token
    app.state.desk, app.state.hub = desk, hub
    app.state.sources = Sources(desk, hub)
    app.state.token = token.get_secret_value() if token else None
    app.state.prefix = settings.topic_prefix
    return app


async def _healthy(_: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _said(request: Request, error: Exception) -> Response:
    status, parameter = _status(error)
    if not isinstance(error, HTTPException):
        return _answer(request, status, str(error), parameter)
    answer = _answer(request, status, error.detail, parameter)
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("a defect of the console", exc_info=error)
    return _answer(request, 500, "a defect of the console: its log says more", None)


def _status(error: Exception) -> tuple[int, str | None]:
    match error:
        case HTTPException():
            return error.status_code, None
        case ParameterError():
            return error.status, error.parameter
        case UsageError():
            return 400, None
        case TransientError():
            return 503, None
        case _:
            return 500, None


def _answer(request: Request, status: int, message: str, parameter: str | None) -> Response:
    headers: dict[str, Any] = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    path = request.url.path
    if path.startswith("/api/v") or path.endswith((".json", ".csv", ".rss")):
        return JSONResponse(error_body(status, message, parameter), status, headers)
    answer = page(request, "error", status, status=status, message=message)
    answer.headers.update(headers)
    return answer
