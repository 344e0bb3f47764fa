"""Who may look, and what a browser may do with what it is shown."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.errors import SettingsError
from pipeline.settings import PREFIX, Settings
from pipeline.web.console.answers import error_body

COOKIE = "news_console"
OPEN_PATHS = ("/static/", "/login", "/healthy")
QUERY_BYTES = 8 * 1024

_HEADERS = {
    # Nothing from elsewhere, nothing written into a page: no script or style of an article's could run.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

_RATE = 20.0  # requests a second
_BURST = 80.0
_CLIENTS = 2048


def check_address(settings: Settings) -> None:
    """Refuse to be open to the network without a token. Raises SettingsError."""
    if settings.console_token is None and not is_loopback(settings.console_host):
        raise SettingsError(
            f"{PREFIX}CONSOLE_HOST: {settings.console_host} can be reached from elsewhere: set {PREFIX}CONSOLE_TOKEN "
            f"(16 characters or more), or listen on 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Lets in who knows the token, under names that are ours, not too often. Sets the headers of every answer.

    A page of somebody else's could make a browser ask this machine under a name of its own (DNS rebinding): without a
    token only the names of this machine are answered to, with one those that are set, if any are.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        token = settings.console_token
        self._token = token.get_secret_value() if token else None
        self._names = frozenset(name.casefold() for name in settings.console_names)
        self._limits = RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if not self._is_ours(request.headers):
            return _refused(path, 421, "this host name is not ours: see PIPELINE_CONSOLE_NAMES")
        if len(request.scope.get("query_string", b"")) > QUERY_BYTES:
            return _refused(path, 400, f"the query is longer than {QUERY_BYTES} bytes")
        if not path.startswith("/static/"):
            wait = self._limits.take(request.client.host if request.client else "")
            if wait:
                later = {"Retry-After": str(int(wait) + 1)}
                return _refused(path, 429, "too many requests: wait a moment", later)
        if self._token is None or path.startswith(OPEN_PATHS) or is_known(request, self._token):
            return None
        if path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
            asking = {"WWW-Authenticate": 'Basic realm="news console", charset="UTF-8"'}
            return _refused(path, 401, "the token is missing or wrong: Authorization: Bearer TOKEN", asking)
        return RedirectResponse("/login", 303)

    def _is_ours(self, headers: Headers) -> bool:
        host = headers.get("host", "").casefold()
        name = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
        if self._names:
            return name in self._names or name in _LOCAL_NAMES
        return self._token is not None or name in _LOCAL_NAMES


def _refused(path: str, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """As programs or people read it."""
    if path.startswith("/api/"):
        return JSONResponse(error_body(status, message), status, headers)
    return PlainTextResponse(f"{message}\n", status, headers)


def session_of(token: str) -> str:
    """What a browser keeps in place of the token."""
    return hmac.new(token.encode(), b"session", hashlib.sha256).hexdigest()


def is_same(given: str, wanted: str) -> bool:
    """Compare secrets; how long it takes tells nothing."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def is_known(request: Request, token: str) -> bool:
    """Whether a request has the token: as a session, as a bearer's, or as a password (for readers of feeds)."""
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() == "bearer":
        return is_same(rest.strip(), token)
    if kind.casefold() == "basic":
        try:
            password = base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
        return is_same(password, token)
    return is_same(request.cookies.get(COOKIE, ""), session_of(token))


def form_token(secret: bytes) -> str:
    """What a form of ours has in it, so that a page of somebody else's can't send it."""
    return hmac.new(secret, b"form", hashlib.sha256).hexdigest()


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending


class RateLimits:
    """So many requests a second for each address, and some more at once; the last seen addresses are remembered."""

    def __init__(self, rate: float = _RATE, burst: float = _BURST) -> None:
        self._rate, self._burst = rate, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float | None = None) -> float:
        """Take one; gives the seconds to wait when there is none left, else 0."""
        now = time.monotonic() if now is None else now
        left, seen = self._left.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - seen) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[client] = (left if wait else left - 1, now)
        if len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return wait
