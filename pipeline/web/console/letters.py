"""Dead letters: read, chosen, sent back or dropped. What changes something is confirmed first, and needs the token."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Annotated, Literal

import orjson
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline.accounts import deadletters
from pipeline.accounts.deadletters import Selection, mended_id
from pipeline.accounts.originals import OriginalError, restored
from pipeline.errors import Reason, TransientError, UsageError
from pipeline.flow import FLOW
from pipeline.record import DeadLetter
from pipeline.settings import Settings
from pipeline.web.console.article import visible
from pipeline.web.console.desk import Desk
from pipeline.web.console.drawing import page
from pipeline.web.console.forms import fields
from pipeline.web.console.parameters import Query
from pipeline.web.console.security import form_token, is_same

MOST = 200
_SHOWN_BYTES = 100_000
_MENDED_BYTES = 4 * _SHOWN_BYTES  # each may be escaped to three, and more may be written
_DONE = {"redrive": "re-driven", "discard": "discarded"}


class LetterParameters(Query):
    """Which dead letters are meant."""

    reason: Reason | None = None
    stage: Annotated[str, Field(max_length=100)] | None = None
    status: Literal["open", "redriven", "discarded", "forgotten"] = "open"

    def selection(self) -> Selection:
        """As the accounts take it."""
        return Selection(reason=self.reason, stage=self.stage, status=self.status)


async def listed(request: Request) -> Response:
    """The letters that fit, the first 200."""
    asked = LetterParameters.read(request.query_params, of_form=True)
    desk: Desk = request.app.state.desk
    found, problem = await _found(desk, asked.selection())
    return page(
        request,
        "letters",
        asked=asked,
        found=found,
        most=MOST,
        problem=problem,
        reasons=list(Reason),
        stages=list(FLOW.sources),
        form=_form(request),
        said=None,
    )


async def shown(request: Request) -> Response:
    """One letter with the bytes of its message."""
    desk: Desk = request.app.state.desk
    name = request.path_params["letter_id"]
    found, problem = await _found(desk, Selection(frozenset([name]), status=None))
    if problem:
        raise TransientError(problem)
    if not found:
        raise HTTPException(404, f"{name}: no such dead letter")
    letter, missing = await desk.in_thread(lambda: _whole(desk.settings, found[0]))
    value = letter.value or b""
    return page(
        request,
        "letter",
        letter=letter,
        text=value[:_SHOWN_BYTES].decode(errors="replace"),
        editable=None if missing or len(value) > _SHOWN_BYTES else _editable(value),
        missing=missing,
        bytes=len(value),
        form=_form(request),
    )


async def mended(request: Request) -> Response:
    """Another message in the place of a letter's: says what is still wrong, asks, and sends it when confirmed."""
    wanted, given = await _given(request, most=_MENDED_BYTES)
    said = dict(given)
    desk: Desk = request.app.state.desk
    name = said.get("letter", "")
    found, problem = await _found(desk, Selection(frozenset([name])))
    if problem:
        raise TransientError(problem)
    if not found:
        raise HTTPException(404, f"{name}: no such open dead letter")
    message = said.get("message", "")
    value = message.encode()
    try:
        if said.get("confirmed") == "yes":
            await desk.in_thread(lambda: deadletters.redrive_mended(desk.settings, found[0], value))
            return page(request, "letters_done", count=1, left=[], done=_DONE["redrive"])
        article_id, wrong = await desk.in_thread(lambda: mended_id(desk.settings, found[0], value)), None
    except UsageError as error:
        article_id, wrong = None, str(error)
    return page(
        request, "letter_mend", letter=found[0], text=message, article_id=article_id, wrong=wrong, form=wanted
    )


async def decided(request: Request) -> Response:
    """Send back or drop what was ticked: asks first, and does it when that is confirmed."""
    wanted, given = await _given(request)
    said = dict(given)
    action = said.get("action", "")
    chosen = frozenset(value for name, value in given if name == "letter")
    if action not in _DONE or not chosen:
        raise HTTPException(400, "tick at least one letter, and say what is to be done")
    desk: Desk = request.app.state.desk
    selection = Selection(chosen)
    if said.get("confirmed") != "yes":
        found, problem = await _found(desk, selection)
        if problem:
            raise TransientError(problem)
        return page(request, "letters_confirm", found=found, action=action, done=_DONE[action], form=wanted)
    count, left = await desk.in_thread(lambda: _decide(desk.settings, selection, action))
    return page(request, "letters_done", count=count, left=left, done=_DONE[action])


async def _given(request: Request, *, most: int | None = None) -> tuple[str, list[tuple[str, str]]]:
    """What a form of ours has to hold, and the fields of the one that came.

    Raises:
        HTTPException: nothing may be changed here, or the form is not ours.
    """
    wanted = _form(request)
    if wanted is None:
        raise HTTPException(403, "nothing can be changed here without a token: set PIPELINE_CONSOLE_TOKEN")
    given = await (fields(request) if most is None else fields(request, most=most))
    if not is_same(dict(given).get("form", ""), wanted):
        raise HTTPException(403, "this form is not ours: open the page again")
    return wanted, given


async def _found(desk: Desk, selection: Selection) -> tuple[list[DeadLetter], str | None]:
    def look() -> list[DeadLetter]:
        return list(islice(deadletters.letters(desk.settings, selection), MOST))

    try:
        return await desk.in_thread(look), None
    except TransientError as error:
        return [], str(error)


def _editable(value: bytes) -> str:
    """The message as it can be written anew: JSON with a field a line."""
    try:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return visible(value.decode(errors="replace"))


def _whole(settings: Settings, letter: DeadLetter) -> tuple[DeadLetter, str | None]:
    try:
        return restored(settings, letter), None
    except OriginalError as error:
        return letter, str(error)


def _decide(settings: Settings, selection: Selection, action: str) -> tuple[int, list[str]]:
    """How many it was done with, and why others are left."""
    left: list[str] = []
    chosen = deadletters.letters(settings, replace(selection, status="open"))
    if action == "discard":
        return deadletters.discard(settings, chosen), left

    def leave(letter: DeadLetter, why: str) -> None:
        left.append(f"{letter.letter_id}: {why}")

    return deadletters.redrive(settings, chosen, on_left=leave), left


def _form(request: Request) -> str | None:
    """What a form has to hold; None where nothing may be changed."""
    token: str | None = request.app.state.token
    return form_token(token.encode()) if token else None


async def _back(_: Request) -> Response:
    return RedirectResponse("/dead-letters", 303)


LETTERS = (
    Route("/dead-letters", listed),
    Route("/dead-letters/decide", decided, methods=["POST"]),
    Route("/dead-letters/decide", _back),
    Route("/dead-letters/mend", mended, methods=["POST"]),
    Route("/dead-letters/mend", _back),
    Route("/dead-letters/{letter_id:path}", shown),
)
