"""The console on a store, without a broker: pages, searches in every form, the interface for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from pipeline.errors import SettingsError, UsageError
from pipeline.questions.question import question_of
from pipeline.record import EnrichedArticle
from pipeline.settings import Settings
from pipeline.stores.base import configured_store, open_store, standing_of
from pipeline.stream.alerting import alerting_for
from pipeline.web.console.app import make_app
from tests.support.newsroom import HOSTILE, newsroom
from tests.unit.stores.builders import NOON, record

_NO_BROKER = "localhost:9"


@pytest.fixture
def settings(database_url: str) -> Settings:
    store = open_store(database_url)
    store.upgrade()
    store.write(newsroom())
    store.close()
    return Settings.load(database_url=database_url, bootstrap_servers=_NO_BROKER)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(make_app(settings), base_url="http://localhost", raise_server_exceptions=True) as opened:
        yield opened


@pytest.mark.parametrize(
    "path",
    [
        "/", "/statements", "/articles", "/stories", "/stories/pier", "/articles/pier", "/articles/pier%2Fcopy%3F",
        "/articles/hostile", "/person?name=Tom+Reed", "/person?name=Nobody", "/api", "/statements?speaker=Nobody",
        "/articles?naming=Quil",
    ],
)  # fmt: skip
def test_every_page_is_whole_and_has_nothing_in_it_that_could_run(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert "onerror=alert(2)>" not in answer.text
    assert "javascript:" not in answer.text.partition('id="record"')[0]


def test_an_article_that_nobody_could_read_says_so(settings: Settings, client: TestClient) -> None:
    written = record("kormoran")
    foreign = written.model_copy(update={"article": written.article.model_copy(update={"language": "de"})})
    with closing(configured_store(settings)) as store:
        store.write([foreign])
    assert client.get("/articles/kormoran").text.count("Passed unread: no language pack for de.") == 2
    assert "Passed unread" not in client.get("/articles/pier").text


def test_an_article_that_is_not_there_is_said(client: TestClient) -> None:
    answer = client.get("/articles/<b>nope")
    assert answer.status_code == 404
    assert "&lt;b&gt;nope: no such article is stored" in answer.text


def test_the_story_shows_what_changed(client: TestClient) -> None:
    text = client.get("/articles/pier").text
    assert "Its story: 3 articles" in text
    assert "<ins>It will be rebuilt.</ins>" in text
    assert "Jaccard 0.80" in text


def test_a_person_has_statements_wordings_company_and_aliases(client: TestClient) -> None:
    text = client.get("/person?name=Tom+Reed").text
    assert "<mark>many</mark>" in text
    assert 'Ada Quill</bdi></a> <span class="where">in 2 articles' in text
    assert "reed" in text.partition("Other names")[2]


def test_a_name_that_nobody_has_brings_the_nearest(client: TestClient) -> None:
    assert "Did you mean" in client.get("/statements?speaker=Tom+Read").text


def test_searches_are_the_same_in_every_form(client: TestClient) -> None:
    asked = {"speaker": "Reed", "polarity": "asserted"}
    found = client.get("/api/v1/statements", params=asked).json()
    assert found["next"] is None
    assert [one["article_id"] for one in found["found"]] == ["pier again", "pier"]
    assert client.get("/statements.json", params=asked).json() == found
    rows = list(csv.DictReader(io.StringIO(client.get("/statements.csv", params=asked).text)))
    assert [row["article_id"] for row in rows] == ["pier again", "pier"]
    feed = ET.fromstring(client.get("/statements.rss", params=asked).content)  # noqa: S314 - our own
    assert len(feed.findall("channel/item")) == 2
    articles = client.get("/articles.csv", params={"words": "rebuilt"}).text
    assert len(list(csv.reader(io.StringIO(articles)))) == 2


def test_statements_say_how_many_outlets_carry_them(client: TestClient) -> None:
    found = client.get("/api/v1/statements", params={"about": "unsafe"}).json()["found"]
    assert [(one["copies"], one["outlets"], one["polarity"]) for one in found] == [(3, 3, "denied")]


def test_pages_follow_each_other_to_the_end(client: TestClient) -> None:
    seen: list[str] = []
    after: str | None = None
    for _ in range(9):
        params = {"limit": "1"} | ({"after": after} if after else {})
        page = client.get("/api/v1/articles", params=params).json()
        seen += [one["article_id"] for one in page["found"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen) == sorted(one.article.article_id for one in newsroom())
    assert 'rel="next"' in client.get("/articles?limit=1").text


def test_a_record_comes_back_as_it_was_written(client: TestClient) -> None:
    written = newsroom()[3]
    for path in ("/api/v1/articles/hostile", "/articles/hostile/record.json"):
        assert EnrichedArticle.model_validate_json(client.get(path).content) == written
    assert client.get("/api/v1/articles/hostile").json()["article"]["text"] == HOSTILE


def test_the_interface_answers_what_it_says(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    validate(described)
    for path in described["paths"]:
        answer = client.get(path.replace("{id}", "pier"))
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/api/v1/statements?limit=x", 400, "limit"),
        ("/api/v1/statements?about=%3F", 400, None),
        ("/api/v1/articles?wordz=x", 400, "wordz"),
        ("/api/v1/articles/nope", 404, None),
        ("/api/v1/stories/nope", 404, None),
        ("/api/v1/nothing", 404, None),
        ("/statements.csv?polarity=x", 400, "polarity"),
    ],
)
def test_errors_are_named(client: TestClient, path: str, status: int, parameter: str | None) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"]
    assert error.get("parameter") == parameter


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_can_only_be_read(client: TestClient, method: str) -> None:
    for path in ("/api/v1/articles", "/articles/pier", "/statements"):
        assert client.request(method, path).status_code == 405


def test_the_stream_without_a_broker_shows_the_store_all_the_same(client: TestClient) -> None:
    text = client.get("/").text
    assert "Pier burns" in text
    assert "articles an hour by outlet" in text
    assert client.get("/api/v1/stream").json()["stages"] == []


def test_odd_questions_are_answered(client: TestClient) -> None:
    for words in (
        '"',
        "''",
        "a OR NOT (b*",
        "NEAR/2 x",
        "آدا",
        "👩‍🚒 pier",
        "col:x",
        "x" * 300,
        "'; DROP TABLE x --",
    ):
        assert client.get("/api/v1/articles", params={"words": words}).status_code in (200, 400)
        assert client.get("/statements", params={"about": words}).status_code in (200, 400)


def test_a_store_of_the_version_before_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch()
    app = make_app(Settings.load(database_url=f"sqlite:///{path}", bootstrap_servers=_NO_BROKER))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/articles")
    assert answer.status_code == 500
    assert "pipeline store upgrade" in answer.json()["error"]["message"]


def test_an_empty_store_has_pages_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_store(url).upgrade()
    app = make_app(Settings.load(database_url=url, bootstrap_servers=_NO_BROKER))
    with TestClient(app, base_url="http://localhost") as client:
        for path in (
            "/",
            "/articles",
            "/statements",
            "/stories",
            "/person?name=x",
            "/articles.csv",
            "/articles.rss",
        ):
            assert client.get(path).status_code == 200


def test_no_store_is_said_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        make_app(Settings.load(database_url=f"sqlite:///{tmp_path / 'none.db'}"))


def test_the_token_opens_a_session(settings: Settings) -> None:
    token = "the quick brown ferry"  # noqa: S105 - of a test
    app = make_app(
        settings.model_copy(update={"console_token": Settings.load(console_token=token).console_token})
    )
    with TestClient(app, base_url="http://localhost", headers={"Accept": "text/html"}) as client:
        assert "Your token" in client.get("/articles").text
        assert client.post("/login", data={"token": "wrong"}).status_code == 403
        assert "The stream" in client.post("/login", data={"token": token}).text
        assert "Pier burns" in client.get("/articles").text


def test_what_is_written_while_it_runs_is_found(client: TestClient, settings: Settings) -> None:
    assert client.get("/api/v1/articles?words=zeppelin").json()["found"] == []
    store = open_store(settings.database_url.get_secret_value())
    store.write([record("new", text="Elsewhere\n\nA zeppelin landed.", ingested=NOON + timedelta(9))])
    store.close()
    assert len(client.get("/api/v1/articles?words=zeppelin").json()["found"]) == 1


def test_a_store_without_searches_can_not_be_shown(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("pipeline.stores.sql.store.SqlStore.searches", None)
    with pytest.raises(UsageError, match="answers no searches"):
        make_app(settings)


def test_a_search_says_how_it_is_kept(client: TestClient) -> None:
    text = client.get("/statements?speaker=Tom+%3CReed%3E&kind=direct").text
    assert "&#39;--speaker=Tom &lt;Reed&gt;&#39;" in text
    assert "ask for the kind:" in text
    assert "questions add" in client.get("/articles?naming=Reed").text
    assert "questions add" not in client.get("/articles").text


def test_alerts_are_a_page_and_a_feed(client: TestClient, database_url: str) -> None:
    assert "No question was answered" in client.get("/alerts").text
    with closing(open_store(database_url)) as store:
        question = question_of(
            {"id": "pier", "title": "<i>Piers", "outlet": sorted({r.article.source for r in newsroom()})}
        )
        standing_of(store).questions.put(question)
        alerting = alerting_for(store, least_confidence=0.0)
        assert alerting is not None
        told = alerting.answered(newsroom())
    text = client.get("/alerts").text
    assert text.count("<h2><a") == len(told) > 1
    assert "outlet: " in text
    assert "pipeline questions add" in text
    assert "<i>Piers" not in text
    first = client.get("/alerts?limit=1&question=pier").text
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert following.startswith("/alerts?question=pier&after=")
    assert client.get(following).text.count("<h2><a") == len(told) - 1
    feed = client.get("/alerts.rss?question=pier")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    items = ET.fromstring(feed.text).findall("channel/item")  # noqa: S314 - our own
    assert {item.findtext("guid") for item in items} == {
        f"urn:news-pipeline:alert:{one.alert_id}" for one in told
    }
    with closing(open_store(database_url)) as store:
        standing_of(store).questions.put(question_of({"id": "no", "title": "No", "polarity": ["denied"]}))
        denied = alerting_for(store, least_confidence=0.0)
        assert denied is not None
        assert denied.answered(newsroom())
    assert "Ada Quill denied: that the pier was unsafe" in client.get("/alerts.rss?question=no").text
    assert client.get("/alerts?until=2031").status_code == 400
