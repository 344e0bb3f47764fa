"""Who is let in."""

from __future__ import annotations

import base64

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pipeline.errors import SettingsError
from pipeline.settings import Settings
from pipeline.web.console.security import COOKIE, Guard, RateLimits, check_address, session_of

_TOKEN = "the quick brown ferry"  # noqa: S105 - of a test


async def _hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def _client(*, host: str = "localhost", **settings: object) -> TestClient:
    app = Starlette(
        routes=[Route(path, _hello) for path in ("/", "/api/v1/articles", "/login")],
        middleware=[Middleware(Guard, settings=Settings.load(**settings))],
    )
    return TestClient(app, base_url=f"http://{host}", follow_redirects=False)


def test_without_a_token_it_answers_to_the_names_of_this_machine_alone() -> None:
    assert _client().get("/").text == "hello"
    assert _client(host="127.0.0.1:8460").get("/").status_code == 200
    assert _client(host="[::1]:8460").get("/").status_code == 200
    assert _client(host="evil.example").get("/").status_code == 421
    assert _client(host="evil.example", console_token=_TOKEN).get("/login").status_code == 200
    named = _client(host="desk.example", console_token=_TOKEN, console_names="desk.example")
    assert named.get("/login").status_code == 200
    assert (
        _client(host="evil.example", console_token=_TOKEN, console_names="desk.example")
        .get("/login")
        .status_code
        == 421
    )


def test_who_has_the_token_is_let_in_in_each_way_of_giving_it() -> None:
    client = _client(console_token=_TOKEN)
    basic = base64.b64encode(f"anybody:{_TOKEN}".encode()).decode()
    assert client.get("/api/v1/articles").status_code == 401
    for given in (f"Bearer {_TOKEN}", f"Basic {basic}"):
        assert client.get("/", headers={"Authorization": given}).status_code == 200
    for wrong in ("Bearer x", "Basic x", "Basic eDp5", "Nonsense"):
        assert client.get("/api/v1/articles", headers={"Authorization": wrong}).status_code == 401
    client.cookies.set(COOKIE, session_of(_TOKEN))
    assert client.get("/").status_code == 200


def test_a_browser_is_sent_to_where_the_token_is_asked_for() -> None:
    answer = _client(console_token=_TOKEN).get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_every_answer_forbids_what_a_page_does_not_need() -> None:
    for answer in (_client().get("/"), _client().get("/nothing"), _client(host="evil.example").get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_a_long_query_is_refused() -> None:
    assert _client().get("/", params={"q": "x" * 10_000}).status_code == 400


def test_too_many_requests_are_told_when_to_come_back() -> None:
    client = _client()
    answers = [client.get("/") for _ in range(200)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1


def test_a_client_that_waits_may_ask_again_and_one_does_not_wait_for_another() -> None:
    limits = RateLimits(rate=2, burst=3)
    assert [limits.take("a", 0.0) > 0 for _ in range(4)] == [False, False, False, True]
    assert limits.take("b", 0.0) == 0
    assert limits.take("a", 0.5) == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.9", "desk.example", "::"])  # noqa: S104 - what is refused
def test_it_is_not_open_to_the_network_without_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="PIPELINE_CONSOLE_TOKEN"):
        check_address(Settings.load(console_host=host))
    check_address(Settings.load(console_host=host, console_token=_TOKEN))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
def test_this_machine_alone_needs_none(host: str) -> None:
    check_address(Settings.load(console_host=host))
