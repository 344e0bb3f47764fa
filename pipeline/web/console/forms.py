"""What a form of ours sends: a few short fields, or a message."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_BYTES = 64 * 1024
_FIELDS = 500


async def fields(request: Request, *, most: int = _BYTES) -> list[tuple[str, str]]:
    """The fields of a form in order.

    Args:
        request: with the form as its body.
        most: bytes of it.

    Raises:
        HTTPException: it is larger than any of ours, or no form at all.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(413, f"the form is longer than {most} bytes")
    try:
        return parse_qsl(body.decode("ascii"), max_num_fields=_FIELDS)
    except ValueError:
        raise HTTPException(400, "the form can't be read") from None
