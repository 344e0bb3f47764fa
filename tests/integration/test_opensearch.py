"""OpenSearch as the store: the suite of every store on a real server, and what is its own."""

from __future__ import annotations

import urllib.request
from contextlib import closing

import pytest

from pipeline.errors import SettingsError
from pipeline.stores.base import open_store
from pipeline.stores.opensearch.address import parse_address
from tests.integration.conftest import NewPipeline
from tests.support.articles import articles
from tests.support.opensearch_server import OpenSearchServer
from tests.support.optional_contract import OptionalContract
from tests.support.pipelines import work_through_45_articles
from tests.support.store_contract import StoreContract
from tests.unit.stores.builders import full_record, quote, record

pytestmark = pytest.mark.long


class TestOpenSearch(StoreContract):
    @pytest.fixture
    def url(self, opensearch_url: str) -> str:
        return opensearch_url


class TestWhatOpenSearchDoesBeside(OptionalContract):
    @pytest.fixture
    def url(self, opensearch_url: str) -> str:
        return opensearch_url


def test_a_worker_runs_with_it_and_its_ledger_closes(opensearch_url: str, new_pipeline: NewPipeline) -> None:
    work_through_45_articles(new_pipeline(database_url=opensearch_url))


def test_a_pipeline_forgets_an_article_and_its_ledger_closes(
    opensearch_url: str, new_pipeline: NewPipeline
) -> None:
    pipeline = new_pipeline(database_url=opensearch_url)
    worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
    gone, stays = articles(2)
    pipeline.publish([gone, stays])
    assert pipeline.await_closed().stored == 2
    done = pipeline.run("forget", gone.article_id, "--execute")
    assert done.returncode == 0, done.stderr
    shown = pipeline.run("show", gone.article_id)
    assert (shown.returncode, b"removed on purpose" in shown.stderr) == (1, True)
    pipeline.publish([gone, stays])
    pipeline.await_lag_zero()
    ledger = pipeline.await_closed()
    assert (ledger.stored, ledger.forgotten) == (1, 1)
    assert worker.stop() == 0


def test_what_is_stored_is_found_by_opensearch_itself(
    opensearch_url: str, opensearch: OpenSearchServer
) -> None:
    with closing(open_store(opensearch_url)) as store:
        store.upgrade()
        store.write([full_record()])
        store.count_articles()  # refreshes
    index = f"{opensearch_url.rpartition('/')[2]}-articles"
    for query in ("persons:%22Ada+Quill%22", "countries:GB", "text:ferries", "section:Harbour"):
        asked = f"http://{opensearch.address}/{index}/_count?q={query}"
        with urllib.request.urlopen(asked) as answer:
            assert b'"count":1,' in answer.read(), query


def test_a_large_article_comes_back_whole_and_what_it_says_is_found(
    opensearch_url: str, opensearch: OpenSearchServer
) -> None:
    text = "“Ferries may rest.” " * 3_000 + "harbour " * 500_000
    words = "“Ferries may rest.” "
    quotes = tuple(
        quote("“Ferries may rest.”", text=words).model_copy(
            update={"start": start, "end": start + len(words) - 1}
        )
        for start in range(0, 3_000 * len(words), len(words))
    )
    large = record("large", text=text, quotes=quotes)
    with closing(open_store(opensearch_url)) as store:
        store.upgrade()
        assert store.write([large]).inserted == 1
        assert store.article("large") == large
        assert store.counts().quotes == 3_000
    index = f"{opensearch_url.rpartition('/')[2]}-articles"
    with urllib.request.urlopen(f"http://{opensearch.address}/{index}/_count?q=text:harbour") as answer:
        assert b'"count":1,' in answer.read()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("opensearch:///news", "names no host"),
        ("opensearch://host:x/news", "its host or port is none"),
        ("opensearch://host/News", "can't begin the name of an index"),
        ("opensearch://host/news?verify=no", "there is no option verify"),
        ("opensearch+ftp://host/news", "names no host"),
        ("opensearch://host/news?ca=/etc/ca.pem", "nothing is encrypted without"),
    ],
)
def test_a_wrong_url_is_one_line_without_its_password(wrong: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        parse_address(wrong.replace("//host", "//me:secret@host"))
    assert "secret" not in str(caught.value)


def test_an_address_shows_no_password() -> None:
    assert "secret" not in repr(parse_address("opensearch://me:secret@host/news"))


def test_a_url_says_where_the_store_is_and_as_whom() -> None:
    address = parse_address("opensearch+https://me:p%40ss@search.example:9201/desk?ca=/etc/ca.pem")
    assert (address.url, address.user, address.password) == ("https://search.example:9201", "me", "p@ss")
    assert (address.prefix, address.ca) == ("desk", "/etc/ca.pem")
    assert parse_address("opensearch://[::1]").url == "http://[::1]:9200"
