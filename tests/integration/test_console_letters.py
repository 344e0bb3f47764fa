"""Dead letters in the console: read by anybody who may look, decided on by whoever has the token, and confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from pipeline.errors import Reason
from pipeline.flow import Topic
from pipeline.kafka.publisher import Publisher
from pipeline.kafka.scan import scan
from pipeline.kafka.topics import topic_name
from pipeline.record import DeadLetter
from pipeline.record.codec import encode
from pipeline.web.console.app import make_app
from tests.integration.conftest import NewPipeline
from tests.support.pipelines import LivePipeline
from tests.unit.stores.builders import NOON

_TOKEN = "the quick brown ferry"  # noqa: S105 - of a test
_FORM = re.compile(r'name="form" value="([0-9a-f]+)"')


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    pipeline = new_pipeline()
    topic = topic_name(pipeline.settings, Topic.RAW)
    with Publisher(pipeline.settings) as publisher:
        for number, reason in enumerate((Reason.NOT_JSON, Reason.NOT_JSON, Reason.TOO_LARGE)):
            letter = DeadLetter.model_construct(
                letter_id=f"{topic}/0/{number}",
                article_id=None,
                stage="duplicates",
                topic=topic,
                partition=0,
                offset=number,
                key=b"k",
                value=b"<b>no JSON \x07</b>",
                reason=reason,
                error="expected <value>",
                attempts=1,
                failed_at=NOON,
            )
            publisher.send(
                topic_name(pipeline.settings, Topic.DEAD_LETTER), letter.letter_id.encode(), encode(letter)
            )
        publisher.flush()
    return pipeline


def _client(pipeline: LivePipeline, token: str | None) -> TestClient:
    secret = SecretStr(token) if token else None
    app = make_app(pipeline.settings.model_copy(update={"console_token": secret}))
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, base_url="http://localhost", headers=headers)


@pytest.fixture
def client(pipeline: LivePipeline) -> Iterator[TestClient]:
    with _client(pipeline, _TOKEN) as opened:
        yield opened


def test_they_are_listed_and_filtered_and_shown(pipeline: LivePipeline, client: TestClient) -> None:
    assert client.get("/dead-letters").text.count('name="letter"') == 3
    assert client.get("/dead-letters?reason=too-large").text.count('name="letter"') == 1
    assert "There are none" in client.get("/dead-letters?stage=sink").text
    name = f"{topic_name(pipeline.settings, Topic.RAW)}/0/0"
    text = client.get(f"/dead-letters/{name.replace('/', '%2F')}").text
    assert "<b>no JSON ␇</b>" in unescape(text)
    assert "<b>no JSON" not in text
    assert client.get("/dead-letters/nope").status_code == 404


@pytest.mark.parametrize(("action", "status"), [("redrive", "redriven"), ("discard", "discarded")])
def test_what_is_ticked_is_done_once_it_is_confirmed(
    pipeline: LivePipeline, client: TestClient, action: str, status: str
) -> None:
    (form,) = set(_FORM.findall(client.get("/dead-letters").text))
    name = f"{topic_name(pipeline.settings, Topic.RAW)}/0/1"
    asked = {"form": form, "letter": name, "action": action}
    assert "1 letter would be" in client.post("/dead-letters/decide", data=asked).text
    assert len(pipeline.letters()) == 3
    done = client.post("/dead-letters/decide", data={**asked, "confirmed": "yes"})
    assert done.status_code == 200
    assert "<h1>1 " in done.text
    assert name not in {letter.letter_id for letter in pipeline.letters()}
    assert name in client.get(f"/dead-letters?status={status}").text
    again = client.post("/dead-letters/decide", data={**asked, "confirmed": "yes"})
    assert "<h1>0 " in again.text


def test_a_message_is_mended_checked_and_sent_once_it_is_confirmed(
    pipeline: LivePipeline, client: TestClient
) -> None:
    name = f"{topic_name(pipeline.settings, Topic.RAW)}/0/0"
    page = client.get(f"/dead-letters/{name.replace('/', '%2F')}").text
    assert 'name="message"' in page
    (form,) = set(_FORM.findall(page))
    asked = {"form": form, "letter": name, "message": '{"text": 7}'}
    wrong = client.post("/dead-letters/mend", data=asked).text
    assert "Not mended yet" in wrong
    assert "has a number as its &#34;text&#34;" in wrong
    right = {**asked, "message": '{"id": "pier",\r\n "text": "The pier is <shut>."}'}
    shown = client.post("/dead-letters/mend", data=right).text
    assert "the article pier" in shown
    assert "&lt;shut&gt;" in shown
    assert len(pipeline.letters()) == 3, "a look sends nothing"
    done = client.post("/dead-letters/mend", data={**right, "confirmed": "yes"})
    assert "<h1>1 " in done.text
    assert name not in {letter.letter_id for letter in pipeline.letters()}
    sent = [message.value for message in scan(pipeline.settings, Topic.RAW)]
    assert sent == [right["message"].encode()]
    assert client.post("/dead-letters/mend", data=right).status_code == 404
    assert client.post("/dead-letters/mend", data={**right, "form": "0" * 64}).status_code == 403


def test_a_form_of_somebody_else_does_nothing(pipeline: LivePipeline, client: TestClient) -> None:
    asked = {"letter": "x", "action": "discard", "confirmed": "yes"}
    assert client.post("/dead-letters/decide", data=asked).status_code == 403
    assert client.post("/dead-letters/decide", data={**asked, "form": "0" * 64}).status_code == 403
    assert len(pipeline.letters()) == 3


def test_without_a_token_they_are_only_read(pipeline: LivePipeline) -> None:
    with _client(pipeline, None) as client:
        text = client.get("/dead-letters").text
        assert "PIPELINE_CONSOLE_TOKEN" in text
        assert 'type="checkbox"' not in text
        asked = {"letter": "x", "action": "discard", "confirmed": "yes", "form": ""}
        assert client.post("/dead-letters/decide", data=asked).status_code == 403
    assert len(pipeline.letters()) == 3
