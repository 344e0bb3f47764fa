"""One request to a stranger's server: bounded in bytes, seconds and hops, polite, and never to a private address."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from aiohttp import (
    AddrInfoType,
    ClientConnectionError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from protego import Protego

_HOPS = 5
_PIECE = 64 << 10
_ROBOTS_BYTES = 512 << 10
_ROBOTS_SECONDS = 86_400.0
_LONGEST_CRAWL_DELAY = 30.0
_LONGEST_WAIT = 86_400.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_NOT_MODIFIED, _OK, _GONE, _TOO_MANY, _ERRORS, _SERVER_ERRORS = 304, 200, 410, 429, 400, 500
_GZIP = b"\x1f\x8b"


class FetchError(Exception):
    """An address gave nothing.

    Attributes:
        lasting: asking again soon won't help.
        wait: seconds that the server asks to be left alone; None where it did not say.
    """

    def __init__(self, problem: str, *, lasting: bool = False, wait: float | None = None) -> None:
        super().__init__(problem)
        self.lasting = lasting
        self.wait = wait


class PrivateAddressError(OSError):
    """A name leads into the private network."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a feed's addresses are asked; see docs/sources.md. Bytes are those of the unpacked body."""

    timeout: float = 30.0
    max_bytes: int = 8 << 20
    delay: float = 1.0
    robots: bool = True
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave; `body` is None where it has not changed. `validators` go with the next request."""

    body: bytes | None
    kind: str
    validators: Mapping[str, str]


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    robots: Protego | None = None
    robots_until: float = 0.0


class Fetcher:
    """Asks servers, one request at a time a host. An async context manager.

    Args:
        user_agent: what it calls itself, also in front of robots.txt.
        now: seconds, for the pauses.
    """

    def __init__(self, user_agent: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._agent = user_agent
        self._now = now
        self._hosts: dict[str, _Host] = {}
        self._sessions: dict[bool, ClientSession] = {}

    async def __aenter__(self) -> Self:
        for private in (False, True):
            connector = TCPConnector(limit=64, socket_factory=_any_socket if private else _public_socket)
            self._sessions[private] = ClientSession(
                connector=connector,
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip"},
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions.values():
            await session.close()

    async def get(self, url: str, manners: Manners, validators: Mapping[str, str] | None = None) -> Fetched:
        """The body of an address, redirects followed.

        Args:
            url: http or https.
            manners: bounds, and what is allowed.
            validators: those of the last answer: nothing is sent that has not changed since.

        Raises:
            FetchError: there is none to be had.
        """
        for _ in range(_HOPS + 1):
            host = self._host(url)
            if manners.robots:
                await self._check_robots(host, url, manners)
            answer = await self._politely(host, url, manners, validators or {})
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError(f"redirects more than {_HOPS} times: correct its address", lasting=True)

    def _host(self, url: str) -> _Host:
        parts = urlsplit(url)
        return self._hosts.setdefault(f"{parts.scheme}://{parts.netloc}".lower(), _Host())

    async def _politely(
        self, host: _Host, url: str, manners: Manners, validators: Mapping[str, str]
    ) -> Fetched | str:
        async with host.lock:
            await asyncio.sleep(max(0.0, host.free_at - self._now()))
            try:
                return await self._once(url, manners, validators)
            finally:
                asked = host.robots.crawl_delay(self._agent) if manners.robots and host.robots else None
                host.free_at = self._now() + max(manners.delay, min(asked or 0.0, _LONGEST_CRAWL_DELAY))

    async def _once(self, url: str, manners: Manners, validators: Mapping[str, str]) -> Fetched | str:
        """One request; the address that it leads to where that is another. `timeout` is for all of it."""
        try:
            async with self._sessions[manners.allow_private].get(
                url,
                headers=dict(validators),
                allow_redirects=False,
                timeout=ClientTimeout(total=manners.timeout),
            ) as answer:
                if answer.status in _REDIRECTS and (target := answer.headers.get("Location")):
                    return _target(url, target)
                if answer.status == _NOT_MODIFIED and validators:
                    return Fetched(None, "", validators)
                if answer.status != _OK:
                    raise _refusal(answer)
                body = await _body(answer, manners.max_bytes)
                return Fetched(body, answer.content_type, _validators(answer))
        except TimeoutError:
            raise FetchError(f"did not answer in full within {manners.timeout:g} s") from None
        except ClientConnectionError as error:
            raise _unreachable(error) from None
        except (ClientError, ValueError) as error:
            raise FetchError(f"gave no proper answer: {type(error).__name__}: {_line(error)}") from None

    async def _check_robots(self, host: _Host, url: str, manners: Manners) -> None:
        if host.robots is None or host.robots_until < self._now():
            host.robots = await self._robots(host, url, manners)
            host.robots_until = self._now() + _ROBOTS_SECONDS
        if not host.robots.can_fetch(url, self._agent):
            raise FetchError("its robots.txt forbids this address", lasting=True)

    async def _robots(self, host: _Host, url: str, manners: Manners) -> Protego:
        """The rules of a host, as RFC 9309 has it: none where there is no file, and no visit while it can't be had."""
        bounds = Manners(
            manners.timeout, _ROBOTS_BYTES, 0.0, robots=False, allow_private=manners.allow_private
        )
        address = urljoin(url, "/robots.txt")
        try:
            for _ in range(_HOPS + 1):
                answer = await self._politely(host, address, bounds, {})
                if isinstance(answer, Fetched):
                    return Protego.parse((answer.body or b"").decode("utf-8", errors="replace"))
                address = answer
        except FetchError as error:
            if not error.lasting:
                raise FetchError(f"its robots.txt can't be had: it {error}", wait=error.wait) from None
        return Protego.parse("")


def _public_socket(address: AddrInfoType) -> socket.socket:
    """A socket to a public address. Checked here, where the name is resolved already: no second look can differ."""
    found = ipaddress.ip_address(address[4][0].partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if not found.is_global or found.is_multicast or (mapped and not mapped.is_global):
        raise PrivateAddressError(f"{found} is a private address")
    return _any_socket(address)


def _any_socket(address: AddrInfoType) -> socket.socket:
    return socket.socket(*address[:3])


def _unreachable(error: BaseException) -> FetchError:
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, PrivateAddressError):
            return FetchError(f"leads to a private address ({inner}): allow_private allows it", lasting=True)
        inner = getattr(inner, "os_error", None) or inner.__cause__ or inner.__context__
    return FetchError(f"can't be reached: {_line(error)}")


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _target(url: str, target: str) -> str:
    found = urljoin(url, target)
    if urlsplit(found).scheme not in ("http", "https"):
        raise FetchError(f"redirects to {found[:200]!r}, which is no web address", lasting=True)
    return found


def _refusal(answer: ClientResponse) -> FetchError:
    status = answer.status
    what = f"answers {status} {answer.reason or ''}".rstrip()
    wait = _seconds(answer.headers.get("Retry-After"))
    if status == _GONE:
        return FetchError(f"{what}: it was taken away; take it out of the list", lasting=True)
    lasting = _ERRORS <= status < _SERVER_ERRORS and status not in (408, 425, _TOO_MANY)
    return FetchError(what, lasting=lasting, wait=wait)


def _seconds(after: str | None) -> float | None:
    """A Retry-After, which is seconds or a date, as seconds; None where it says nothing that can be read."""
    if not after:
        return None
    try:
        if after.strip().isdecimal():
            return min(float(after[:10]), _LONGEST_WAIT)
        moment = parsedate_to_datetime(after)
        left = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(left, 0.0), _LONGEST_WAIT)


def _validators(answer: ClientResponse) -> dict[str, str]:
    pairs = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    return {sent: answer.headers[told] for sent, told in pairs.items() if told in answer.headers}


async def _body(answer: ClientResponse, limit: int) -> bytes:
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise FetchError(f"is packed as {encoding[:40]!r}, which was not asked for", lasting=True)
    packed = encoding not in ("identity", "")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
    body = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        body += _unpacked(unpack, piece, limit + 1 - len(body)) if unpack else piece
        if len(body) > limit:
            raise _too_large(limit)
    if unpack and body and not unpack.eof:
        raise FetchError("broke off within its packed body")
    if body[:2] == _GZIP:  # a file that is packed itself, as sitemaps are
        whole: Any = zlib.decompressobj(zlib.MAX_WBITS | 16)
        body = bytearray(_unpacked(whole, bytes(body), limit + 1))
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _unpacked(unpack: Any, piece: bytes, limit: int) -> bytes:
    try:
        return bytes(unpack.decompress(piece, limit))
    except zlib.error as error:
        raise FetchError(f"is packed wrongly: {error}") from None


def _too_large(limit: int) -> FetchError:
    return FetchError(f"has more than {limit:,} bytes, unpacked: the limit is max_bytes", lasting=True)
