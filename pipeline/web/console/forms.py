"""What a form of ours sends: a few short fields."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_BYTES = 64 * 1024
_FIELDS = 500


async def fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in order.

    Raises:
        HTTPException: it is larger than any of ours, or no form at all.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _BYTES:
            raise HTTPException(413, f"the form is longer than {_BYTES} bytes")
    try:
        return parse_qsl(body.decode("ascii"), max_num_fields=_FIELDS)
    except ValueError:
        raise HTTPException(400, "the form can't be read") from None
