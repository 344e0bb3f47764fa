"""OpenSearch as the store: the suite of every store on a real server, and what is its own."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from pipeline.errors import InstallationError, SettingsError, TransientError
from pipeline.stores.base import open_store
from pipeline.stores.opensearch.address import parse_address
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.maven import UnavailableError
from tests.support.opensearch_server import OpenSearchServer
from tests.support.store_contract import StoreContract
from tests.unit.stores.builders import full_record, record

_numbers = count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSearchServer]:
    try:
        made = OpenSearchServer(tmp_path_factory.mktemp("opensearch"))
    except UnavailableError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with made:
        yield made


@pytest.fixture
def url(server: OpenSearchServer) -> str:
    """A store that is not there yet."""
    return f"opensearch://{server.address}/news{next(_numbers)}"


class TestOpenSearch(StoreContract):
    @pytest.fixture
    def url(self, server: OpenSearchServer) -> str:
        return f"opensearch://{server.address}/suite{next(_numbers)}"


def test_a_worker_runs_with_it_and_its_ledger_closes(url: str, new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(database_url=url)
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(40))
    pipeline.publish(articles(10))  # again
    assert pipeline.await_closed().stored == 40
    pipeline.await_lag_zero()
    assert worker.stop() == 0
    again = pipeline.faulty_worker(options=["--light"]).wait_ready()
    pipeline.publish(articles(5, start=40))
    assert pipeline.await_closed().stored == 45
    assert again.stop() == 0


def test_what_is_stored_is_found_by_opensearch_itself(url: str, server: OpenSearchServer) -> None:
    with closing(open_store(url)) as store:
        store.upgrade()
        store.write([full_record()])
        store.count_articles()  # refreshes
    index = f"{url.rpartition('/')[2]}-articles"
    for query in ("persons:%22Ada+Quill%22", "countries:GB", "text:ferries", "section:Harbour"):
        asked = f"http://{server.address}/{index}/_count?q={query}"
        with urllib.request.urlopen(asked) as answer:
            assert b'"count":1,' in answer.read(), query


def test_a_server_that_is_away_is_waited_for_and_what_it_had_is_there_again(
    tmp_path_factory: pytest.TempPathFactory, server: OpenSearchServer
) -> None:
    del server  # that there is one at all
    with (
        OpenSearchServer(tmp_path_factory.mktemp("restarted")) as own,
        closing(open_store(f"opensearch://{own.address}/news")) as store,
    ):
        store.upgrade()
        assert store.write([record("a")]).inserted == 1
        own.stop()
        for question in (store.is_current, store.count_articles, lambda: store.write([record("b")])):
            with pytest.raises(TransientError, match="can't be reached"):
                question()
        own.start()
        assert store.write([record("a"), record("b")]).inserted == 1
        assert store.article("a") == record("a")


def test_what_only_a_person_can_mend_says_how(url: str) -> None:
    with closing(open_store(url)) as store:
        for question in (store.identity, store.count_articles, lambda: store.write([record("a")])):
            with pytest.raises(InstallationError, match="run `pipeline store upgrade`"):
                question()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("opensearch:///news", "names no host"),
        ("opensearch://host:x/news", "its host or port is none"),
        ("opensearch://host/News", "can't begin the name of an index"),
        ("opensearch://host/news?verify=no", "there is no option verify"),
        ("opensearch+ftp://host/news", "names no host"),
    ],
)
def test_a_wrong_url_is_one_line_without_its_password(wrong: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        parse_address(wrong.replace("//host", "//me:secret@host"))
    assert "secret" not in str(caught.value)


def test_a_url_says_where_the_store_is_and_as_whom() -> None:
    address = parse_address("opensearch+https://me:p%40ss@search.example:9201/desk?ca=/etc/ca.pem")
    assert (address.url, address.user, address.password) == ("https://search.example:9201", "me", "p@ss")
    assert (address.prefix, address.ca) == ("desk", "/etc/ca.pem")
    assert parse_address("opensearch://[::1]").url == "http://[::1]:9200"
