"""A server of feeds that misbehaves in every way, and a memory of feeds that lasts as long as the test."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TEXT = (
    "The ferry to Larkholm came an hour late on Monday, the harbour master Ines Calloway said in a statement."
)
PAGE = (
    "<html><head><title>Ferry late</title></head><body><article><h1>Ferry late</h1>"
    + "".join(f"<p>{TEXT} This was paragraph {number} of the story.</p>" for number in range(4))
    + "</article></body></html>"
)


def rss(*items: str) -> str:
    """A feed of these items."""
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>The Fen Courier</title>'
        f"{''.join(items)}</channel></rss>"
    )


def item(number: int, text: str = TEXT, link: str = "") -> str:
    """One item of such a feed."""
    link = link or f"https://fen.example/{number}"
    return (
        f"<item><title>Story {number}</title><link>{link}</link><guid>g{number}</guid>"
        f"<description>{text}</description><pubDate>Mon, 02 Mar 2026 09:30:00 GMT</pubDate></item>"
    )


class MemoryOfFeeds:
    """A FeedMemory without a database."""

    def __init__(self) -> None:
        self.states: dict[str, Mapping[str, Any]] = {}
        self.seen: set[tuple[str, str]] = set()

    def state(self, feed: str) -> Mapping[str, Any]:
        return self.states.get(feed, {})

    def unseen(self, feed: str, keys: Iterable[str]) -> set[str]:
        return {key for key in keys if (feed, key) not in self.seen}

    def note(self, feed: str, keys: Iterable[str], state: Mapping[str, Any]) -> None:
        self.seen.update((feed, key) for key in keys)
        self.states[feed] = dict(state)


class Misbehaving:
    """What the server answers, by path; `asked` has each request in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bodies: dict[str, str] = {"/good": rss(item(1), item(2)), "/page": PAGE}
        self.robots = ""
        self.ended = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        self.asked.append(path)
        if path == "/robots.txt":
            return web.Response(text=self.robots) if self.robots else web.Response(status=404)
        if path in self.bodies:
            etag = f'"{hash(self.bodies[path])}"'
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304)
            kind = "text/html" if path.startswith("/page") else "application/rss+xml"
            return web.Response(text=self.bodies[path], content_type=kind, headers={"ETag": etag})
        answer = getattr(self, path.strip("/").replace("-", "_"), None)
        return await answer(request) if answer else web.Response(status=404)

    async def slow(self, _: web.Request) -> web.StreamResponse:
        await self.ended.wait()
        return web.Response()

    async def endless(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while not self.ended.is_set():
            await answer.write(b"<rss>" + b" " * 65_536)
        return answer

    async def trickle(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while not self.ended.is_set():
            await answer.write(b" ")
            await asyncio.sleep(0.02)
        return answer

    async def bomb(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=gzip.compress(bytes(16 << 20)), headers={"Content-Encoding": "gzip"})

    async def packed_file(self, _: web.Request) -> web.StreamResponse:
        return web.Response(
            body=gzip.compress(gzip.compress(bytes(4 << 20))), headers={"Content-Encoding": "gzip"}
        )

    async def brotli(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x", headers={"Content-Encoding": "br"})

    async def not_packed(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=b"plain", headers={"Content-Encoding": "gzip"})

    async def picture(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\x89PNG\r\n\x1a\n" + bytes(40), content_type="image/png")

    async def busy(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "7200"})

    async def gone(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=410)

    async def failing(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    async def loop(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/loop"})

    async def to_file(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "file:///etc/hostname"})

    async def moved(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=301, headers={"Location": "/good"})

    async def broken(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="<rss><channel><<<", content_type="application/rss+xml")

    async def xxe(self, _: web.Request) -> web.StreamResponse:
        text = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + rss(item(1, "&x;" + TEXT))
        return web.Response(text=text, content_type="application/rss+xml")

    async def cut(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"<rss>")
        assert request.transport is not None
        request.transport.close()
        return answer


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Misbehaving, str]]:
    """The server, and its address without a slash behind."""
    behaviour = Misbehaving()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", behaviour.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield behaviour, str(server.make_url("")).rstrip("/")
    finally:
        behaviour.ended.set()
        await server.close()
