"""Objects over HTTP, as the embedded broker asks for them: the part of the S3 protocol that it uses.

On loopback, as the broker is. Which requests it makes was seen by watching it; any other is answered with 501.
"""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self
from xml.sax.saxutils import escape, unescape

from aiohttp import web

from pipeline.errors import PipelineError
from pipeline.kafka.storage.logs import trim
from pipeline.kafka.storage.objects import Kept, Objects, PreconditionError

BUCKET = "broker"
_XML = "application/xml"
_LARGEST = 1 << 30  # bytes of an object
_DELETED = re.compile(r"<Key>([^<]*+)</Key>")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_SECOND = 1_000_000_000  # nanoseconds


class ObjectServer:
    """Serves objects in a thread of its own. A context manager.

    Attributes:
        address: the URL it is served at, once entered.

    Raises:
        PipelineError: it can't be served.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._thread = threading.Thread(target=self._run, name="objects", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = threading.Event()
        self._stop: asyncio.Event
        self._error: BaseException | None = None
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._began.wait()
        if self._error is not None:
            raise PipelineError(f"what the broker keeps can't be served: {self._error}")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._error = error
        finally:
            self._began.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_route("*", f"/{BUCKET}{{slash:/?}}{{name:.*}}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.address = f"http://{host}:{port}"
            self._began.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        answer = {
            "GET": self._read if name else self._list,
            "HEAD": self._read,
            "PUT": self._write,
            "DELETE": self._delete,
            "POST": self._delete_many if "delete" in request.query else _refuse,
        }.get(request.method, _refuse)
        try:
            return await answer(request, name)
        except KeyError:
            return _error(404, "NoSuchKey")
        except PreconditionError:
            return _error(412, "PreconditionFailed")

    async def _list(self, request: web.Request, _: str) -> web.Response:
        prefix, delimiter = request.query.get("prefix", ""), request.query.get("delimiter", "")
        found: list[str] = []
        folders: dict[str, None] = {}
        for name, kept in self._objects.below(prefix):
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                folders[prefix + rest.split(delimiter, 1)[0] + delimiter] = None
            else:
                found.append(_listed(name, kept))
        shared = (
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)
        )
        return web.Response(
            content_type=_XML,
            text=f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>{BUCKET}</Name>'
            f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{len(found) + len(folders)}</KeyCount>"
            f"<IsTruncated>false</IsTruncated>{''.join(found)}{''.join(shared)}</ListBucketResult>",
        )

    async def _read(self, request: web.Request, name: str) -> web.Response:
        kept = self._objects.find(name)
        if kept is None:
            raise KeyError(name)
        headers = _headers(kept)
        if _named(request, "If-None-Match") == kept.etag:
            return web.Response(status=304, headers=headers)
        if (wanted := _named(request, "If-Match")) and wanted != kept.etag:
            raise PreconditionError(name)
        if request.method == "HEAD":
            return web.Response(headers=headers | {"Content-Length": str(kept.size)})
        body = await self._objects.read(name)
        asked = _RANGE.fullmatch(request.headers.get("Range", ""))
        if asked is None:
            return web.Response(body=body, headers=headers)
        first, last = int(asked[1]), int(asked[2] or kept.size - 1)
        headers["Content-Range"] = f"bytes {first}-{min(last, kept.size - 1)}/{kept.size}"
        return web.Response(status=206, body=body[first : last + 1], headers=headers)

    async def _write(self, request: web.Request, name: str) -> web.Response:
        kept = await self._objects.write(
            name,
            await request.read(),
            only_new=request.headers.get("If-None-Match") == "*",
            only_over=_named(request, "If-Match"),
        )
        await trim(self._objects, name)
        return web.Response(headers={"ETag": f'"{kept.etag}"'})

    async def _delete(self, _: web.Request, name: str) -> web.Response:
        await self._objects.delete(name)
        return web.Response(status=204)

    async def _delete_many(self, request: web.Request, _: str) -> web.Response:
        names = [unescape(found[1]) for found in _DELETED.finditer(await request.text())]
        for name in names:
            await self._objects.delete(name)
        done = "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name in names)
        return web.Response(content_type=_XML, text=f"<DeleteResult>{done}</DeleteResult>")


def _named(request: web.Request, header: str) -> str | None:
    value = request.headers.get(header)
    return value.strip('"') if value else None


def _headers(kept: Kept) -> dict[str, str]:
    modified = datetime.fromtimestamp(kept.version // _SECOND, UTC)
    return {
        "ETag": f'"{kept.etag}"',
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Content-Type": "application/octet-stream",
    }


def _listed(name: str, kept: Kept) -> str:
    seconds, nanoseconds = divmod(kept.version, _SECOND)
    # The broker finds the first and the last batch of a log by these times: to the nanosecond, or they are all one.
    modified = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds:09}Z"
    return (
        f"<Contents><Key>{escape(name)}</Key><LastModified>{modified}</LastModified>"
        f'<ETag>"{kept.etag}"</ETag><Size>{kept.size}</Size></Contents>'
    )


async def _refuse(*_: object) -> web.Response:
    return _error(501, "NotImplemented")


def _error(status: int, code: str) -> web.Response:
    return web.Response(status=status, content_type=_XML, text=f"<Error><Code>{code}</Code></Error>")
