"""The questions that are answered page by page, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from pipeline.errors import TransientError, UsageError
from pipeline.record import Duplicate, EnrichedArticle, Polarity, QuoteKind, Verdict
from pipeline.stores.base import open_store, searches_of
from pipeline.stores.questions import ArticleQuestion, Page, Place, StatementQuestion
from pipeline.stores.searches import Searches
from pipeline.stores.sql.database import connect, reading
from pipeline.stores.sql.migrate import upgrade
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import NOON, TEXT, entity, full_record, quote, record

_DAY = timedelta(days=1)
_FERRIES = "“The ferries may rest at last,”"
_PIER = (
    "Pier burns\n\n“It burned for hours,” said Tom Reed of Reed Shipping. “Nobody slept.”\n\n"
    "“We will rebuild it,” Ada Quill promised."
)


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine)


@pytest.fixture
def searches(store: SqlStore) -> Searches:
    return searches_of(store)


def _pier(
    article_id: str, *, days: int = 0, source: str = "The Fen Courier", text: str = _PIER
) -> EnrichedArticle:
    pieces = [
        quote(words, text=text, speaker=("Tom Reed", "Tom Reed")).model_copy(update={"statement": "s1"})
        for words in ("“It burned for hours,”", "“Nobody slept.”")
    ]
    promised = quote("“We will rebuild it,”", text=text, speaker=("Ada Quill", "Ada Quill"), confidence=0.5)
    time = NOON + days * _DAY
    return record(
        article_id,
        text=text,
        source=source,
        ingested=time,
        published=time,
        entities=(entity("Tom Reed", "PERSON", text=text), entity("Ada Quill", "PERSON", text=text)),
        quotes=(*pieces, promised),
    )


def _copy(article_id: str, of: str, source: str, *, text: str = _PIER) -> EnrichedArticle:
    """An exact copy, which has no findings of its own."""
    same = Duplicate(verdict=Verdict.EXACT, cluster_id=of, duplicate_of=of, jaccard=1, containment=1)
    return record(article_id, text=text, source=source, ingested=NOON + _DAY, published=NOON, duplicate=same)


def _texts(searches: Searches, question: StatementQuestion) -> list[str]:
    return [found.text for found in searches.search_statements(question).found]


def test_the_pieces_of_a_statement_are_one(store: SqlStore, searches: Searches) -> None:
    store.write([_pier("pier")])
    assert sorted(_texts(searches, StatementQuestion())) == [
        "“It burned for hours,” … “Nobody slept.”",
        "“We will rebuild it,”",
    ]
    assert _texts(searches, StatementQuestion(about="slept", speaker="Tom Reed")) == [
        "“It burned for hours,” … “Nobody slept.”"
    ]


def test_words_in_several_outlets_are_found_once_where_they_came_first(
    store: SqlStore, searches: Searches
) -> None:
    store.write(
        [
            _pier("late", days=2, source="Isle Post"),
            _pier("first"),
            _copy("copy", "first", "Wold Gazette"),
        ]
    )
    (found,) = searches.search_statements(StatementQuestion(speaker="Ada Quill")).found
    assert (found.article_id, found.copies, found.outlets) == ("first", 3, 3)
    (found,) = searches.search_statements(
        StatementQuestion(speaker="Ada Quill", sources=("Isle Post",))
    ).found
    assert found.article_id == "late"
    (found,) = searches.search_statements(
        StatementQuestion(speaker="Ada Quill", sources=("Wold Gazette",))
    ).found
    assert found.article_id == "first"


def test_a_piece_that_is_new_is_found_though_the_first_is_not(store: SqlStore, searches: Searches) -> None:
    changed = _PIER.replace("Nobody slept", "The dogs barked")
    other = _pier("first", text=_PIER)
    pieces = [
        quote(words, text=changed, speaker=("Tom Reed", "Tom Reed")).model_copy(update={"statement": "s1"})
        for words in ("“It burned for hours,”", "“The dogs barked.”")
    ]
    later = record("later", text=changed, ingested=NOON + _DAY, published=NOON + _DAY, quotes=tuple(pieces))
    store.write([other, later])
    found = searches.search_statements(StatementQuestion(speaker="Tom Reed")).found
    assert [one.article_id for one in found] == ["later", "first"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_give_everything_once_and_in_order(store: SqlStore, searches: Searches, size: int) -> None:
    texts = [_PIER.replace("It burned for", f"It burned for {n}") for n in range(9)]
    records = []
    for number, body in enumerate(texts):
        said = quote(f"“It burned for {number} hours,”", text=body, speaker=("Tom Reed", "Tom Reed"))
        time = NOON + number // 3 * _DAY  # some at one time
        records.append(record(f"a{number}", text=body, ingested=time + _DAY, published=time, quotes=(said,)))
    store.write(records)
    asked: list[tuple[Callable[..., Page[Any]], Any]] = [
        (searches.search_statements, StatementQuestion()),
        (searches.search_articles, ArticleQuestion()),
    ]
    for search, question in asked:
        seen: list[str] = []
        after: Place | None = None
        while True:
            page = search(question, after=after, limit=size)
            seen += [found.article_id for found in page.found]
            after = page.after
            if after is None:
                break
        everything = search(question, limit=1000).found
        assert seen == [found.article_id for found in everything]
        assert sorted(seen) == sorted(one.article.article_id for one in records)


def test_statements_are_found_by_what_is_asked(store: SqlStore, searches: Searches) -> None:
    base = full_record()
    said = base.quotes[0]
    denied = said.model_copy(update={"polarity": Polarity.DENIED, "kind": QuoteKind.MIXED})
    store.write([base.model_copy(update={"quotes": (denied,)}), _pier("pier", days=3)])
    assert _texts(searches, StatementQuestion(polarities=("denied",))) == [_FERRIES]
    assert _texts(searches, StatementQuestion(kinds=("mixed",))) == [_FERRIES]
    assert _texts(searches, StatementQuestion(until=NOON)) == [_FERRIES]
    assert len(_texts(searches, StatementQuestion(since=NOON))) == 2
    assert len(_texts(searches, StatementQuestion(least_confidence=0.8))) == 2
    assert _texts(searches, StatementQuestion(about='"new bridge"')) == [_FERRIES]
    assert _texts(searches, StatementQuestion(about='"bridge new"')) == []
    with pytest.raises(UsageError, match="no word"):
        searches.search_statements(StatementQuestion(about="—"))


def test_articles_are_found_by_the_words_of_their_text(store: SqlStore, searches: Searches) -> None:
    store.write([full_record(), _pier("pier", days=1)])

    def found(**asked: object) -> list[str]:
        question = ArticleQuestion(**asked)  # type: ignore[arg-type]
        return [one.article_id for one in searches.search_articles(question).found]

    assert found(words="burning") == ["pier"]  # by its stem
    assert found(words="“rebuild” reed") == ["pier"]
    assert found(words='"harbour bridge"') == ["bridge"]
    assert found(words="nobody ferries") == []
    assert found(naming="Quill") == ["pier", "bridge"]
    assert found(naming="Fenmouth") == ["bridge"]
    assert found(sources=("The Fen Courier",), until=NOON) == ["bridge"]
    assert found(verdicts=("near",)) == []
    assert found(languages=("en",)) == ["pier", "bridge"]
    with pytest.raises(UsageError, match="no word"):
        found(words="?!")


def test_exact_copies_are_found_by_whom_their_original_names(store: SqlStore, searches: Searches) -> None:
    store.write([_pier("pier"), _copy("copy", "pier", "Isle Post")])
    found = searches.search_articles(ArticleQuestion(naming="Tom Reed")).found
    assert {one.article_id for one in found} == {"pier", "copy"}


def test_a_changed_text_is_found_by_its_new_words_alone(store: SqlStore, searches: Searches) -> None:
    store.write([record("bridge")])
    store.write(
        [record("bridge", text=TEXT.replace("harbour bridge in", "viaduct in"), ingested=NOON + _DAY)]
    )
    store.write([record("other", text="Elsewhere\n\nA zeppelin landed.", ingested=NOON + _DAY)])

    def words(search: str) -> list[str]:
        return [one.article_id for one in searches.search_articles(ArticleQuestion(words=search)).found]

    assert words("viaduct") == ["bridge"]
    assert words('"opened the harbour"') == []
    assert words("zeppelin") == ["other"]


def test_articles_of_a_store_of_before_are_found_by_their_words(database_url: str) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import

    from pipeline.stores.sql.database import writing  # noqa: PLC0415
    from pipeline.stores.sql.migrate import _config  # noqa: PLC0415

    engine = connect(database_url)
    with writing(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        connection.execute(
            text(
                "INSERT INTO articles (article_id, source, text, ingested_at, time, verdict, cluster_id, "
                "schema_version, pipeline_version, version_hash, record_hash) VALUES ('old', 's', "
                "'A lighthouse fell.', '2031-05-04T09:30:00.000000Z', '2031-05-04T09:30:00.000000Z', 'original', "
                "'old', 1, '0', :hash, :hash)"
            ),
            {"hash": b"1"},
        )
    upgrade(engine)
    found = searches_of(SqlStore(engine)).search_articles(ArticleQuestion(words="lighthouse")).found
    assert [one.article_id for one in found] == ["old"]
    engine.dispose()


def test_compacting_the_file_leaves_the_index_right(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    store = SqlStore(engine)
    store.write([record("bridge"), _pier("pier")])
    engine.dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM articles WHERE article_id = 'bridge'")
    compacted = sqlite3.connect(path)
    compacted.execute("VACUUM")
    compacted.close()
    found = searches_of(store).search_articles(ArticleQuestion(words="rebuild")).found
    assert [one.article_id for one in found] == ["pier"]
    engine.dispose()


def test_the_longest_text_can_be_stored_and_found(store: SqlStore, searches: Searches) -> None:
    body = "Odd words\n\n" + " ".join(f"w{n:x}Ж{n * 7919:x}" for n in range(120_000))
    assert not store.write([record("long", text=body)]).rejections
    found = searches.search_articles(ArticleQuestion(words='"odd words"')).found
    assert [one.article_id for one in found] == ["long"]


def test_the_newest_are_those_that_came_last(store: SqlStore, searches: Searches) -> None:
    store.write(
        [
            record("old", ingested=NOON + _DAY, published=NOON - 9 * _DAY),
            record("new", ingested=NOON, published=NOON - _DAY),
        ]
    )
    assert [one.article_id for one in searches.newest_articles()] == ["old", "new"]


def test_articles_are_counted_by_the_hour(store: SqlStore, searches: Searches) -> None:
    assert searches.articles_by_hour() == []
    store.write([record("a"), record("b", source="Isle Post"), record("c", published=NOON - 90 * _DAY)])
    found = searches.articles_by_hour(hours=24)
    assert [tuple(one) for one in found] == [
        ("2031-05-04T11", "en", "Isle Post", 1),
        ("2031-05-04T11", "en", "The Fen Courier", 1),
    ]


def test_statements_are_counted_by_day(store: SqlStore, searches: Searches) -> None:
    store.write([_pier("a"), _pier("b", days=2)])
    question = StatementQuestion(speaker="Quill")
    assert searches.statements_by_day(question) == {"2031-05-04": 1, "2031-05-06": 1}
    assert searches.statements_by_day(question, among=1) == {"2031-05-06": 1}


def test_who_is_quoted_beside_somebody(store: SqlStore, searches: Searches) -> None:
    store.write([_pier("a"), _pier("b", days=1), full_record()])
    assert searches.quoted_beside("Ada Quill") == [("Tom Reed", 2)]
    assert searches.quoted_beside("Nobody Known") == []


def test_a_question_that_takes_too_long_is_given_up(database_url: str) -> None:
    with_tables = connect(database_url)
    upgrade(with_tables)
    with_tables.dispose()
    store = open_store(database_url, read_only=True, patience=0.3)
    assert isinstance(store, SqlStore)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(TransientError, match=r"given up|timeout"), reading(store.engine) as connection:
        connection.execute(text(endless))
    assert store.count_articles() == 0  # the next one has its own time
    store.close()


@pytest.mark.parametrize("looked_at", [1, 2, 5000])
def test_how_many_of_the_latest_are_looked_at_first_makes_no_difference(
    store: SqlStore, searches: Searches, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    """Whether what is sought is among them often, seldom or not: on PostgreSQL, on SQLite where very many have it."""
    for module in ("search_articles", "search_statements"):
        monkeypatch.setattr(f"pipeline.stores.sql.queries.{module}._LOOKED_AT", looked_at)
    monkeypatch.setattr("pipeline.stores.sql.queries.search_statements._TIMES_LOOKED_AT", looked_at)
    monkeypatch.setattr("pipeline.stores.sql.fulltext._MANY", 1)
    ends = ["The cats slept on.", "All dogs barked.", "All dogs barked."]
    store.write([_pier(f"p{day}", days=day, text=f"{_PIER}\n\n{ends[day % 3]}") for day in range(6)])

    def articles(words: str, **asked: Any) -> list[str]:
        ids: list[str] = []
        after: Place | None = None
        while True:
            found = searches.search_articles(ArticleQuestion(words=words, **asked), after=after, limit=2)
            ids += [one.article_id for one in found.found]
            if (after := found.after) is None:
                return ids

    assert articles('"cats slept"') == ["p3", "p0"]
    assert articles('"dogs barked" burning') == ["p5", "p4", "p2", "p1"]
    assert articles("pier", until=NOON + 2 * _DAY) == ["p1", "p0"]
    assert articles('"barked dogs"') == articles("zeppelin") == []
    about = StatementQuestion(about='"for hours"')
    assert searches.statements_by_day(about, among=3) == {"2031-05-08": 1, "2031-05-09": 2}  # two pieces
    assert searches.statements_by_day(StatementQuestion(about='"hours for"')) == {}
    pages = [searches.search_statements(about, limit=1)]
    while pages[-1].after is not None:
        pages.append(searches.search_statements(about, after=pages[-1].after, limit=1))
    assert len([one for found in pages for one in found.found]) == len(
        searches.search_statements(about).found
    )
