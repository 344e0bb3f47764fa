"""`POST /articles`: what is taken, and every way in which it is not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from httpx import ASGITransport, AsyncClient, Response

from pipeline.errors import TransientError
from pipeline.record import Article, TraceContext
from pipeline.sources.formats import Intake
from pipeline.sources.limits import Limits
from pipeline.web.ingest import Bounds, Deliver, ingest_app

_ARTICLE = {"id": "a", "title": "Ferry late", "body": "The ferry came an hour late.", "source": "Courier"}
_JSON = {"Content-Type": "application/json"}
_LINES = {"Content-Type": "application/x-ndjson"}
_TOKEN = "a-token-of-the-tests"  # noqa: S105 - of no real service


class Broker:
    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.trace: TraceContext | None = None
        self.lost: dict[str, str] = {}
        self.away = False

    def __call__(self, articles: Sequence[Article], trace: TraceContext | None) -> Mapping[str, str]:
        if self.away:
            raise TransientError("the broker is away")
        self.articles += articles
        self.trace = trace
        return self.lost


def _client(deliver: Deliver, **options: Any) -> AsyncClient:
    bounds = Bounds(**{"body_bytes": 10_000, "articles": 3, **options.pop("bounds", {})})
    intake = Intake(Limits(), None, lambda: datetime(2026, 3, 3, tzinfo=UTC))
    app = ingest_app(deliver, lambda: intake, token=options.pop("token", None), bounds=bounds)
    return AsyncClient(transport=ASGITransport(app=app), base_url="http://desk.example")


def _post(broker: Broker, body: bytes, headers: dict[str, str], **options: Any) -> Response:
    async def run() -> Response:
        async with _client(broker, **options) as client:
            return await client.post("/articles", content=body, headers=headers)

    return asyncio.run(run())


def test_an_article_is_accepted_when_the_broker_has_it() -> None:
    broker = Broker()
    answer = _post(broker, orjson.dumps(_ARTICLE), _JSON)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "ids": ["a"]})
    assert broker.articles[0].text == "Ferry late\n\nThe ferry came an hour late."
    assert broker.trace is None


def test_articles_belong_to_the_trace_of_their_request() -> None:
    broker = Broker()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    _post(broker, orjson.dumps(_ARTICLE), _JSON | {"Traceparent": parent})
    assert broker.trace == TraceContext(traceparent=parent)


def test_json_lines_are_accepted_together() -> None:
    broker = Broker()
    body = b"\n\n".join(orjson.dumps({**_ARTICLE, "id": one}) for one in "ab") + b"\n"
    assert _post(broker, body, _LINES).json() == {"accepted": 2, "ids": ["a", "b"]}


@pytest.mark.parametrize(
    ("body", "headers", "status", "word"),
    [
        (b"{", _JSON, 400, "no JSON"),
        (b"", _JSON, 400, "empty"),
        (b"\xff", _JSON, 400, "no JSON"),
        (b"[" * 200, _JSON, 400, "nested"),
        (b"x", {"Content-Type": "text/plain"}, 415, "text/plain"),
        (b"x", {**_JSON, "Content-Encoding": "gzip"}, 415, "unpacked"),
        (b" " * 10_001, _JSON, 413, "10,000 bytes"),
        (b"\n".join([orjson.dumps(_ARTICLE)] * 4), _LINES, 413, "more than 3"),
        (b"[1]", _JSON, 422, "nothing was taken"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_taken(
    body: bytes, headers: dict[str, str], status: int, word: str
) -> None:
    broker = Broker()
    answer = _post(broker, body, headers)
    assert answer.status_code == status, answer.text
    assert word in answer.json()["error"]
    assert broker.articles == []


def test_every_wrong_field_of_every_line_is_named() -> None:
    broker = Broker()
    wrong = {"id": 1.5, "title": 7, "text": "Words.", "url": [], "published_at": "no day"}
    body = b"\n".join(orjson.dumps(one) for one in (_ARTICLE, wrong, {"text": "x", "published_at": "no day"}))
    answer = _post(broker, body, _LINES)
    assert answer.status_code == 422
    found = {one["line"]: set(one["fields"]) for one in answer.json()["problems"]}
    assert found == {2: {"id", "title", "url"}, 3: {"published_at"}}
    assert broker.articles == []


@pytest.mark.parametrize(("given", "status"), [(f"Bearer {_TOKEN}", 202), ("Bearer no", 401), ("é", 401)])
def test_a_token_is_asked_for(given: str, status: int) -> None:
    headers: Any = {**_JSON, "Authorization": given.encode()}
    assert _post(Broker(), orjson.dumps(_ARTICLE), headers, token=_TOKEN).status_code == status


def test_what_the_broker_did_not_take_is_not_accepted_and_health_says_so() -> None:
    async def run() -> None:
        broker = Broker()
        async with _client(broker) as client:
            for broker.lost, broker.away in (({"a": "too slow"}, False), ({}, True)):
                answer = await client.post("/articles", json=_ARTICLE)
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
                assert (await client.get("/health")).status_code == 503
            broker.away = False
            assert (await client.post("/articles", json=_ARTICLE)).status_code == 202
            assert (await client.get("/health")).json() == {"ok": True, "fault": None, "inside": 0}

    asyncio.run(run())


def test_one_request_too_many_is_asked_to_come_later() -> None:
    async def run() -> None:
        inside, leave = threading.Event(), threading.Event()

        def slow(_: Sequence[Article], __: TraceContext | None) -> Mapping[str, str]:
            inside.set()
            assert leave.wait(20)
            return {}

        async with _client(slow, bounds={"waiting": 1}) as client:
            first = asyncio.create_task(client.post("/articles", json=_ARTICLE))
            await asyncio.to_thread(inside.wait, 20)
            second = await client.post("/articles", json=_ARTICLE)
            leave.set()
            assert (await first).status_code == 202
        assert (second.status_code, second.headers["Retry-After"]) == (429, "5")

    asyncio.run(run())
