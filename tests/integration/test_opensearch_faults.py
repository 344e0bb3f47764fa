"""Who is blamed for what goes wrong with OpenSearch: an article, the installation, or the world."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InstallationError, PipelineError, Reason, SettingsError, TransientError
from pipeline.record import EnrichedArticle, LogPosition
from pipeline.stages.duplicates.state import Merge
from pipeline.stores.base import open_store
from pipeline.stores.opensearch.bulk import Change, Fate
from pipeline.stores.opensearch.indices import ARTICLES, META
from pipeline.stores.opensearch.store import OpenSearchStore, open_opensearch_store
from pipeline.stores.removals import Forgotten
from tests.support.certificates import Authority
from tests.support.opensearch_server import OpenSearchServer
from tests.support.tls_relay import TlsRelay
from tests.unit.stores.builders import NOON, TEXT, full_record, record

pytestmark = pytest.mark.long


@pytest.fixture
def store(opensearch_url: str) -> Iterator[OpenSearchStore]:
    with closing(open_opensearch_store(opensearch_url)) as opened:
        opened.upgrade()
        yield opened


@pytest.fixture
def client(opensearch: OpenSearchServer) -> Iterator[Any]:
    """An operator's own."""
    from opensearchpy import OpenSearch  # noqa: PLC0415 - an extra

    with closing(OpenSearch(f"http://{opensearch.address}")) as opened:
        yield opened


def _name(url: str, kind: str) -> str:
    return f"{url.rpartition('/')[2]}-{kind}"


def _set(client: Any, url: str, **settings: object) -> None:
    body = {"index": {name.replace("__", "."): value for name, value in settings.items()}}
    client.indices.put_settings(index=_name(url, ARTICLES), body=body)


# The article


def test_an_article_that_is_refused_is_rejected_alone(
    store: OpenSearchStore, client: Any, opensearch_url: str
) -> None:
    _set(client, opensearch_url, mapping__nested_objects__limit=1)
    (quote,) = full_record().quotes
    many = full_record("many").model_copy(update={"quotes": (quote, quote)})
    result = store.write([full_record("a"), many, many, full_record("b")])
    assert (result.inserted, sorted(result.rejections)) == (2, [1, 2])
    assert result.rejections[1].reason is Reason.NOT_STORABLE
    assert "nested" in result.rejections[1].detail
    assert [article_id for article_id, _ in store.versions.all()] == ["a", "b"]


# The installation


@pytest.mark.parametrize("block", ["blocks__write", "blocks__read_only"])
def test_no_article_is_blamed_for_an_index_that_takes_none(
    store: OpenSearchStore, client: Any, opensearch_url: str, block: str
) -> None:
    _set(client, opensearch_url, **{block: True})
    with pytest.raises(InstallationError, match=r"takes no documents in .*-articles"):
        store.write([record("a")])
    _set(client, opensearch_url, **{block: None})
    assert store.write([record("a")]).inserted == 1


def test_an_index_that_is_closed_is_named(store: OpenSearchStore, client: Any, opensearch_url: str) -> None:
    client.indices.close(index=_name(opensearch_url, ARTICLES))
    for question in (store.count_articles, lambda: store.article("a"), lambda: store.write([record("a")])):
        with pytest.raises(InstallationError, match="open its indices"):
            question()


def test_what_is_not_there_says_how_it_is_made(opensearch_url: str) -> None:
    with closing(open_store(opensearch_url)) as store:
        for question in (store.identity, store.count_articles, lambda: store.write([record("a")])):
            with pytest.raises(InstallationError, match="run `pipeline store upgrade`"):
                question()


def test_indices_of_a_later_version_are_left_alone(
    store: OpenSearchStore, client: Any, opensearch_url: str
) -> None:
    later = {"doc": {"form": 99}}
    client.update(index=_name(opensearch_url, META), id="store", body=later)
    assert not store.is_current()
    with pytest.raises(InstallationError, match="of a later version: upgrade this program"):
        store.upgrade()


def test_an_index_that_lacks_fields_is_given_them(client: Any, opensearch_url: str) -> None:
    client.indices.create(index=_name(opensearch_url, ARTICLES))
    with closing(open_store(opensearch_url)) as store:
        store.upgrade()
        store.write([full_record()])
        assert store.article("bridge") == full_record()
        assert store.counts().by_verdict == {"original": 1}


def test_a_missing_package_is_one_line_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opensearchpy", None)
    with pytest.raises(SettingsError, match=r"pip install 'news-pipeline\[opensearch\]'"):
        open_store("opensearch://localhost/news")


def test_a_certificate_is_trusted_where_its_authority_is_named(
    opensearch: OpenSearchServer, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with TlsRelay(authority.issue("opensearch"), opensearch.address) as relay:
        url = f"opensearch+https://{relay.address}/encrypted"
        with closing(open_store(f"{url}?ca={authority.certificate}")) as store:
            store.upgrade()
            assert store.write([full_record()]).inserted == 1
            assert store.article("bridge") == full_record()
        with closing(open_store(url)) as store, pytest.raises(InstallationError, match=r"\?ca=FILE"):
            store.is_current()


def test_a_server_that_speaks_no_tls_and_a_file_that_is_not_there_are_named(
    opensearch: OpenSearchServer,
) -> None:
    with (
        closing(open_store(f"opensearch+https://{opensearch.address}/news")) as store,
        pytest.raises(InstallationError, match="it speaks HTTP"),
    ):
        store.is_current()
    with pytest.raises(SettingsError, match="no such file"):
        open_store("opensearch+https://localhost/news?ca=/nowhere.pem")


# The world


def test_a_full_disk_is_waited_out(store: OpenSearchStore, client: Any, opensearch_url: str) -> None:
    _set(client, opensearch_url, blocks__read_only_allow_delete=True)  # what the server sets itself then
    with pytest.raises(TransientError, match="flood-stage"):
        store.write([record("a")])
    _set(client, opensearch_url, blocks__read_only_allow_delete=None)
    assert store.write([record("a")]).inserted == 1


def test_a_search_that_has_lost_its_place_is_begun_again(store: OpenSearchStore, client: Any) -> None:
    store.write([record("a"), record("b")])
    session = store.session
    hits = session.scan(ARTICLES, sort=[{"article_id": "asc"}], query={"match_all": {}}, fields=[], page=1)
    assert next(hits)["_id"] == "a"
    client.delete_all_pits()
    with pytest.raises(TransientError, match="lost the place"):
        next(hits)
    assert [article_id for article_id, _ in store.versions.all()] == ["a", "b"]


def test_a_server_that_is_killed_is_waited_for_and_what_it_had_is_there_again(
    tmp_path_factory: pytest.TempPathFactory, opensearch: OpenSearchServer
) -> None:
    del opensearch  # that there is one at all
    with (
        OpenSearchServer(tmp_path_factory.mktemp("restarted")) as own,
        closing(open_store(f"opensearch://{own.address}/news")) as store,
    ):
        store.upgrade()
        assert store.write([record("a")]).inserted == 1
        own.stop(signal.SIGKILL)
        for question in (store.is_current, store.count_articles, lambda: store.write([record("b")])):
            with pytest.raises(TransientError, match="can't be reached"):
                question()
        own.start()
        assert store.write([record("a"), record("b")]).inserted == 1
        assert store.article("a") == record("a")


class _Answer(BaseHTTPRequestHandler):
    """Answers every request alike, and remembers how they were signed."""

    status, kind, body = 200, "application/json", b"{}"
    seen: list[str | None]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "kind", "body", "error", "said"),
    [
        (401, "text/plain", b"Unauthorized", InstallationError, "it refuses user me: Unauthorized"),
        (
            403,
            "application/json",
            b'{"error": {"type": "security_exception"}}',
            InstallationError,
            "user me: secu",
        ),
        (
            429,
            "application/json",
            b'{"error": {"type": "circuit_breaking"}}',
            TransientError,
            "can't answer now",
        ),
        (502, "text/html", b"<html>Bad Gateway</html>", TransientError, "can't answer now"),
        (200, "text/html", b"<html>Hello</html>", InstallationError, "does not answer as OpenSearch does"),
    ],
)
def test_what_a_proxy_or_the_server_answers_is_said_without_the_password(
    status: int, kind: str, body: bytes, error: type[PipelineError], said: str
) -> None:
    seen: list[str | None] = []
    answer = type("Answer", (_Answer,), {"status": status, "kind": kind, "body": body, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            with (
                closing(open_store(f"opensearch://me:s%40cret@127.0.0.1:{server.server_port}/news")) as store,
                pytest.raises(error, match=said) as caught,
            ):
                store.is_current()
        finally:
            server.shutdown()
            serving.join()
    assert "s@cret" not in str(caught.value)
    assert "bWU6c0BjcmV0" not in str(caught.value)
    assert seen == ["Basic bWU6c0BjcmV0"]


# Others who write at the same time


def test_who_is_overtaken_decides_again_by_the_rule_of_versions(
    store: OpenSearchStore, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write([record()], [LogPosition(log="log", offset=1)])
    last = record(text=f"{TEXT} Corrected twice.")
    overtaken = _overtake(store, opensearch_url, monkeypatch, [last], LogPosition(log="log", offset=9))
    result = store.write([record(text=f"{TEXT} Corrected.")], [LogPosition(log="log", offset=5)])
    assert (result.stale, result.updated, overtaken) == (1, 0, [1])
    assert store.article("bridge") == last
    assert len(store.versions.of(["bridge"])["bridge"].superseded) == 2


def _overtake(
    store: OpenSearchStore,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    records: Sequence[EnrichedArticle],
    position: LogPosition,
) -> list[int]:
    """Let another writer be faster, once: between what the store reads and what it writes."""
    carry_out = store.session.carry_out
    turns: list[int] = []

    def slowly(changes: Sequence[Change]) -> list[tuple[Fate, str]]:
        if not turns:
            with closing(open_store(url)) as other:
                turns.append(other.write(records, [position] * len(records)).updated)
        return carry_out(changes)

    monkeypatch.setattr(store.session, "carry_out", slowly)
    return turns


def test_an_article_that_is_removed_while_it_is_written_stays_away(
    store: OpenSearchStore, opensearch_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out = store.session.carry_out

    def slowly(changes: Sequence[Change]) -> list[tuple[Fate, str]]:
        with closing(open_opensearch_store(opensearch_url)) as other:
            other.removals.remove(["a"], {}, Forgotten(NOON, "id a"))
        return carry_out(changes)

    monkeypatch.setattr(store.session, "carry_out", slowly)
    result = store.write([record("a"), record("b")])
    assert (result.inserted, result.forgotten, result.rejections) == (1, 1, {})
    assert [article_id for article_id, _ in store.versions.all()] == ["b"]


def test_merges_stay_flat_in_whatever_order_they_are_delivered_again(store: OpenSearchStore) -> None:
    state = store.duplicates
    state.record([], [Merge("c", "b")])
    state.record([], [Merge("b", "a")])
    state.record([], [Merge("c", "b"), Merge("c", "d"), Merge("a", "c")])
    assert set(state.merges()) == {Merge("c", "d"), Merge("b", "d"), Merge("a", "d")}
