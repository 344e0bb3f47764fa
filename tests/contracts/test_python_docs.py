"""docs/python.md: what it shows is what happens."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline import Article, EnrichedArticle, Enricher, read_articles
from pipeline.stores.sql.database import connect
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.store import SqlStore

_PROJECT = Path(__file__).parent.parent.parent
_PAGE = _PROJECT / "docs" / "python.md"


@pytest.fixture
def after_a_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with the seeds, and the store that `pipeline demo` leaves."""
    (tmp_path / "seeds").symlink_to(_PROJECT / "seeds")
    monkeypatch.chdir(tmp_path)
    engine = connect("sqlite:///var/demo/demo.db")
    upgrade(engine)
    articles = [found for found in read_articles(["seeds"]) if isinstance(found, Article)]
    records = (record for _, record in Enricher.load().enrich(articles))
    SqlStore(engine).write([record for record in records if isinstance(record, EnrichedArticle)])
    yield
    engine.dispose()


@pytest.mark.usefixtures("after_a_demo")
def test_every_example_gives_what_the_page_says() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, _PAGE.name, str(_PAGE), 0)
    said: list[str] = []
    ran = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert not ran.failed, "".join(said)
    assert ran.attempted == text.count(">>> ") > 0


def test_the_table_lists_every_name_of_the_interface() -> None:
    table = "".join(line for line in _PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`(\w+)[(`]", table)) == set(pipeline.__all__) - {"__version__"}
