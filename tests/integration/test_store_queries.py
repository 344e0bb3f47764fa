"""The newsroom's questions, on SQLite and on PostgreSQL."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Engine

from pipeline.errors import UsageError
from pipeline.record import Duplicate, EnrichedArticle, LogPosition, Polarity, ResolvedBy, Verdict
from pipeline.stages.duplicates.state import Merge
from pipeline.stores.incoming import checked
from pipeline.stores.searches import CuratedAlias
from pipeline.stores.sql.bulk import insert
from pipeline.stores.sql.database import writing
from pipeline.stores.sql.duplicate_state import DatabaseStateStore
from pipeline.stores.sql.queries.aliases import aliases_of, curate
from pipeline.stores.sql.queries.articles import articles_naming
from pipeline.stores.sql.queries.clusters import cluster_of, largest_clusters
from pipeline.stores.sql.queries.counts import counts
from pipeline.stores.sql.queries.entities import top_entities
from pipeline.stores.sql.queries.ids import SqlVersions, count_articles
from pipeline.stores.sql.queries.nearest import nearest_names
from pipeline.stores.sql.queries.quotes import find_quotes
from pipeline.stores.sql.rows import rows_of
from pipeline.stores.sql.schema import articles
from pipeline.stores.sql.store import SqlStore
from pipeline.stores.versions import Intake, Superseded
from tests.unit.stores.builders import NOON, TEXT, entity, full_record, quote, record

_DAY = timedelta(days=1)
_FERRIES = "“The ferries may rest at last,”"

_COUNCIL = (
    "Council argues\n\n"
    "“WHO will pay for it?” asked Tom Reed. The budget was an open question.\n\n"
    "“Not the ferrymen!” replied Ada Quill.\n\n“It is a question of pride,” somebody said."
)


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine)


def _council(article_id: str = "council", days: int = 1) -> EnrichedArticle:
    return record(
        article_id,
        text=_COUNCIL,
        ingested=NOON + days * _DAY,
        published=NOON + days * _DAY,
        entities=(
            entity("Ada Quill", "PERSON", text=_COUNCIL),
            entity("Tom Reed", "PERSON", text=_COUNCIL),
            entity("WHO", "ORG", text=_COUNCIL),
        ),
        quotes=(
            quote("“WHO will pay for it?”", text=_COUNCIL, speaker=("Tom Reed", "Tom Reed")),
            quote("“Not the ferrymen!”", text=_COUNCIL, speaker=("Ada Quill", "Ada Quill")),
            quote("“It is a question of pride,”", text=_COUNCIL),
        ),
    )


def test_quotes_are_found_by_the_full_name_of_their_speaker(engine: Engine, store: SqlStore) -> None:
    store.write([full_record(), _council()])
    assert [found.text for found in find_quotes(engine, speaker="Ada Quill")] == [
        "“Not the ferrymen!”",
        _FERRIES,
    ]


@pytest.mark.parametrize("name", ["ada quill", "Mayor Ada Quill", "Quill", "QUILL"])
def test_a_speaker_is_found_whatever_form_of_the_name_is_typed(
    engine: Engine, store: SqlStore, name: str
) -> None:
    store.write([full_record()])
    assert [found.speaker for found in find_quotes(engine, speaker=name)] == ["Ada Quill"]


def test_a_surname_finds_a_person_whom_no_article_calls_by_it_alone(engine: Engine, store: SqlStore) -> None:
    store.write([_council()])
    assert [found.speaker for found in find_quotes(engine, speaker="Reed")] == ["Tom Reed"]
    assert [found.article_id for found in articles_naming(engine, "reed")] == ["council"]


def test_nobody_else_is_found(engine: Engine, store: SqlStore) -> None:
    store.write([full_record()])
    assert find_quotes(engine, speaker="Tom Reed") == []


def test_an_organisation_is_a_speaker_too(engine: Engine, store: SqlStore) -> None:
    who = ("Reed Shipping", "Reed Shipping")
    store.write([record(quotes=(quote(_FERRIES, speaker=who, resolved_by=ResolvedBy.ORGANISATION),))])
    assert [found.speaker for found in find_quotes(engine, speaker="Reed Shipping Ltd")] == ["Reed Shipping"]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("ferry", 1),  # another form of the word
        ("FERRIES", 1),
        ("bridge", 1),  # beside the statement, in its paragraph
        ("Fenmouth", 0),  # in another paragraph
        ('"rest at last"', 1),
        ('"last rest"', 0),
        ("ferries rest", 1),
        ("ferries submarine", 0),
        ('ferries" OR submarine', 0),  # nothing in a search is an operator
        ("ferries* NOT :a & | !", 0),
        ("ferries & ! | -", 1),  # what is no word is passed over
    ],
)
def test_quotes_are_found_by_the_words_in_and_around_them(
    engine: Engine, store: SqlStore, about: str, expected: int
) -> None:
    store.write([full_record()])
    assert len(find_quotes(engine, about=about)) == expected


@pytest.mark.parametrize("name", ["WHO", "will"])
def test_names_that_look_like_the_commonest_words_are_found(
    engine: Engine, store: SqlStore, name: str
) -> None:
    store.write([_council()])
    assert [found.text for found in find_quotes(engine, about=name)] == ["“WHO will pay for it?”"]


def test_a_search_without_a_word_is_a_usage_error(engine: Engine) -> None:
    with pytest.raises(UsageError, match="no word"):
        find_quotes(engine, about="?!")


def test_the_same_quote_in_many_copies_is_shown_once_from_the_first(engine: Engine, store: SqlStore) -> None:
    wire = [full_record(f"copy{number}", source=f"Paper {number}") for number in range(5)]
    first = record(
        "first",
        published=NOON - _DAY,
        entities=wire[0].entities,
        quotes=wire[0].quotes,
    )
    store.write([*wire, first])
    [found] = find_quotes(engine, speaker="Quill")
    assert (found.copies, found.article_id, found.time) == (6, "first", NOON - _DAY)


def test_the_same_words_of_two_speakers_are_two_statements(engine: Engine, store: SqlStore) -> None:
    one, other = (quote(_FERRIES, speaker=(name, "Quill")) for name in ("Ada Quill", "Tom Quill"))
    store.write([record("a", quotes=(one,)), record("b", quotes=(other,))])
    assert {found.speaker for found in find_quotes(engine)} == {"Ada Quill", "Tom Quill"}


def test_quotes_are_limited_to_a_time_and_a_number_the_latest_first(engine: Engine, store: SqlStore) -> None:
    store.write([full_record(), _council()])
    assert len(find_quotes(engine, since=NOON)) == 3
    assert len(find_quotes(engine, until=NOON)) == 1
    assert [found.article_id for found in find_quotes(engine, limit=2)] == ["council", "council"]


def test_a_replaced_quote_is_found_no_more(engine: Engine, store: SqlStore) -> None:
    store.write([full_record()])
    store.write([record(text="Nothing left\n\nThe mayor is silent.", ingested=NOON + _DAY)])
    assert find_quotes(engine, about="ferries") == []
    assert find_quotes(engine, speaker="Ada Quill") == []


def _replied(**changes: object) -> EnrichedArticle:
    """The council's article with changes to its first quote."""
    whole = _council()
    first, *others = whole.quotes
    return whole.model_copy(update={"quotes": (first.model_copy(update=changes), *others)})


def test_the_pieces_of_a_statement_are_found_as_one(engine: Engine, store: SqlStore) -> None:
    whole = _council()
    first, second, third = whole.quotes
    pieces = tuple(
        one.model_copy(update={"statement": "s1", "speaker": first.speaker}) for one in (first, second)
    )
    store.write([whole.model_copy(update={"quotes": (*pieces, third)})])
    texts = [found.text for found in find_quotes(engine)]
    assert sorted(texts) == ["“It is a question of pride,”", "“WHO will pay for it?” … “Not the ferrymen!”"]
    (found,) = find_quotes(engine, speaker="Tom Reed", limit=1)
    assert found.statement == "s1"


def test_statements_are_found_by_what_their_speaker_has_to_do_with_them(
    engine: Engine, store: SqlStore
) -> None:
    store.write([_replied(polarity=Polarity.DENIED)])
    (denied,) = find_quotes(engine, polarities=[Polarity.DENIED])
    assert (denied.text, denied.polarity) == ("“WHO will pay for it?”", "denied")
    assert len(find_quotes(engine, polarities=["asserted", "asked"])) == 2
    assert len(find_quotes(engine, polarities=["asserted", "denied"])) == 3


def test_a_statement_of_several_is_found_by_each_of_them(engine: Engine, store: SqlStore) -> None:
    reed, quill = (quote.speaker for quote in _council().quotes[:2])
    assert reed is not None
    assert quill is not None
    both = _replied(speakers=(reed, quill))
    store.write([both])
    for name in ("Tom Reed", "Ada Quill"):
        assert "“WHO will pay for it?”" in [found.text for found in find_quotes(engine, speaker=name)]
    store.write([_council(days=2)])
    assert len(find_quotes(engine, speaker="Ada Quill")) == 1, "what was replaced is found no more"
    assert store.article("council") == _council(days=2)


def test_what_is_less_sure_is_left_out(engine: Engine, store: SqlStore) -> None:
    store.write([_replied(confidence=0.5)])
    assert len(find_quotes(engine, least_confidence=0.6)) == 2
    assert len(find_quotes(engine, least_confidence=0.5)) == 3


@pytest.mark.parametrize("name", ["Ada Quill", "Quill", "ada quill", "Dr Ada Quill"])
def test_articles_are_found_by_whom_they_name(engine: Engine, store: SqlStore, name: str) -> None:
    store.write([full_record(), record("other")])
    [found] = articles_naming(engine, name)
    assert (found.article_id, found.names, found.mentions) == ("bridge", ("Ada Quill",), 2)


def test_articles_naming_a_country_are_found_by_any_of_its_names(engine: Engine, store: SqlStore) -> None:
    text = "Trade\n\nThe United Kingdom trades."
    store.write([record(text=text, entities=(entity("United Kingdom", "GPE", text=text, country="GB"),))])
    assert [found.names for found in articles_naming(engine, "UK")] == [("United Kingdom",)]


def test_articles_naming_somebody_are_limited_to_type_time_and_number(
    engine: Engine, store: SqlStore
) -> None:
    store.write([full_record(), _council()])
    assert [found.article_id for found in articles_naming(engine, "Tom Reed")] == ["council", "bridge"]
    assert [found.article_id for found in articles_naming(engine, "Tom Reed", limit=1)] == ["council"]
    assert [found.article_id for found in articles_naming(engine, "Tom Reed", until=NOON)] == ["bridge"]
    assert articles_naming(engine, "Tom Reed", type="ORG") == []


def test_entities_are_ranked_by_the_articles_that_name_them(engine: Engine, store: SqlStore) -> None:
    store.write([full_record(), _council()])
    ranking = [(found.name, found.articles, found.mentions) for found in top_entities(engine, limit=2)]
    assert ranking == [("Ada Quill", 2, 3), ("Tom Reed", 2, 2)]
    assert [found.name for found in top_entities(engine, type="GPE")] == ["Fenmouth"]
    assert "Fenmouth" not in [found.name for found in top_entities(engine, since=NOON)]


def _copies(number: int, cluster: str, days: int = 0) -> list[EnrichedArticle]:
    return [
        record(
            f"{cluster}{index}",
            source=f"Paper {index}",
            published=NOON + days * _DAY - index * timedelta(minutes=1),
            ingested=NOON + days * _DAY,
            duplicate=Duplicate(
                verdict=Verdict.NEAR if index else Verdict.ORIGINAL,
                cluster_id=f"{cluster}0",
                duplicate_of=f"{cluster}0" if index else None,
                jaccard=0.8 if index else None,
            ),
        )
        for index in range(number)
    ]


def test_a_story_of_more_outlets_goes_before_one_of_more_articles(engine: Engine, store: SqlStore) -> None:
    of_one = [
        one.model_copy(update={"article": one.article.model_copy(update={"source": "The Fen Courier"})})
        for one in _copies(5, "series")
    ]
    store.write([*of_one, *_copies(2, "carried")])
    assert [(one.cluster_id, one.members, one.sources) for one in largest_clusters(engine)] == [
        ("carried0", 2, 2),
        ("series0", 5, 1),
    ]


def test_clusters_of_as_many_outlets_are_ranked_by_size_and_told_by_their_canonical_member(
    engine: Engine, store: SqlStore
) -> None:
    store.write([*_copies(2, "small"), *_copies(4, "large"), record("single")])
    found = largest_clusters(engine)
    assert [(one.cluster_id, one.members, one.sources, one.canonical) for one in found] == [
        ("large0", 4, 4, "large3"),  # the earliest to be published
        ("small0", 2, 2, "small1"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_canonical_member_does_not_depend_on_the_order_of_arrival(
    engine: Engine, store: SqlStore, order: tuple[int, ...]
) -> None:
    copies = _copies(3, "one")
    for index in order:
        store.write([copies[index]])
    [cluster] = largest_clusters(engine)
    assert cluster.canonical == "one2"  # the earliest to be published
    found = cluster_of(engine, "one0")
    assert found is not None
    assert [member.article_id for member in found[1]] == ["one2", "one1", "one0"]


def test_an_exact_copy_stands_for_no_story_however_early(engine: Engine, store: SqlStore) -> None:
    store.write([_verdict("gazette", Verdict.EXACT, days=-5), _council()])
    [cluster] = largest_clusters(engine)
    assert cluster.canonical == "council"
    found = cluster_of(engine, "gazette")
    assert found is not None
    assert [(member.article_id, member.canonical) for member in found[1]] == [
        ("council", True),
        ("gazette", False),
    ]


def _bank(article_id: str, *called: str, name: str | None = None, kind: str = "ORG") -> EnrichedArticle:
    """An article about a bank that it calls so, in full first."""
    text = ". ".join(f"In {article_id} they spoke of {one}" for one in called) + "."
    return record(article_id, text=text, entities=(entity(name or called[0], kind, *called, text=text),))


def _naming(engine: Engine, name: str) -> list[str]:
    return sorted(found.article_id for found in articles_naming(engine, name))


def test_a_short_form_that_means_one_thing_is_followed_to_where_it_stands_alone(
    engine: Engine, store: SqlStore
) -> None:
    store.write([_bank("one", "Fen Reserve Bank", "Ferb"), _bank("alone", "Ferb")])
    assert _naming(engine, "Fen Reserve Bank") == ["one"]  # one article may be wrong
    store.write([_bank("two", "Fen Reserve Bank", "Ferb")])
    assert _naming(engine, "Fen Reserve Bank") == ["alone", "one", "two"]
    assert _naming(engine, "Ferb") == ["alone", "one", "two"]
    [bank] = top_entities(engine)
    assert (bank.name, bank.articles, bank.mentions) == ("Fen Reserve Bank", 3, 5)


def test_a_short_form_that_means_several_things_joins_none(engine: Engine, store: SqlStore) -> None:
    store.write([_bank(f"bank{number}", "Fen Reserve Bank", "Ferb") for number in range(3)])
    store.write([_bank("board", "Ferry Board", "Ferb"), _bank("alone", "Ferb")])
    assert "alone" not in _naming(engine, "Fen Reserve Bank")
    assert [(one.name, one.articles, one.of, one.standing) for one in aliases_of(engine, "Ferb")] == [
        ("Fen Reserve Bank", 3, 4, "sometimes"),
        ("Ferry Board", 1, 4, "sometimes"),
    ]


def test_a_surname_is_not_followed_to_a_namesake(engine: Engine, store: SqlStore) -> None:
    store.write([_bank(f"ada{number}", "Ada Quill", "Quill", kind="PERSON") for number in range(3)])
    store.write([_bank("alone", "Quill", kind="PERSON")])
    assert "alone" not in _naming(engine, "Ada Quill")
    assert "alone" in _naming(engine, "Quill")


def test_what_somebody_says_of_an_alias_stands(engine: Engine, store: SqlStore) -> None:
    store.write([_bank(f"bank{number}", "Fen Reserve Bank", "Ferb") for number in range(2)])
    store.write([_bank("board", "Ferry Board"), _bank("alone", "Ferb")])
    curate(
        engine,
        [
            CuratedAlias("Ferb", "Fen Reserve Bank", "ORG", is_same=False),
            CuratedAlias("Ferb", "Ferry Board", "ORG"),
        ],
    )
    assert _naming(engine, "Fen Reserve Bank") == ["bank0", "bank1"]
    assert _naming(engine, "Ferry Board") == ["alone", "board"]
    assert _naming(engine, "Ferb") == ["alone", "board"]
    assert {(one.name, one.standing) for one in aliases_of(engine, "Ferb")} == {
        ("Fen Reserve Bank", "apart"),
        ("Ferry Board", "same"),
    }
    curate(engine, [CuratedAlias("Ferb", "Fen Reserve Bank", "ORG")])
    assert "alone" in _naming(engine, "Fen Reserve Bank")


def test_an_alias_of_itself_is_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="already"):
        curate(engine, [CuratedAlias("the Ferry Board", "Ferry Board", "ORG")])


@pytest.mark.parametrize("typed", ["Ada Quil", "ada quilll", "Ada Quyll", "Fenmoth", "Quil"])
def test_a_name_that_nobody_has_is_near_to_some(engine: Engine, store: SqlStore, typed: str) -> None:
    store.write([full_record()])
    assert nearest_names(engine, typed)[:1] == (["Fenmouth"] if typed == "Fenmoth" else ["Ada Quill"])


def test_nothing_is_near_to_what_is_spelt_like_nothing(engine: Engine, store: SqlStore) -> None:
    store.write([full_record()])
    assert nearest_names(engine, "Xyzzy") == []


def test_clusters_are_those_of_a_time_range(engine: Engine, store: SqlStore) -> None:
    store.write([*_copies(2, "early"), *_copies(3, "late", days=3)])
    assert [one.cluster_id for one in largest_clusters(engine, until=NOON + _DAY)] == ["early0"]
    assert [one.cluster_id for one in largest_clusters(engine, since=NOON + _DAY)] == ["late0"]
    assert [one.cluster_id for one in largest_clusters(engine, limit=1)] == ["late0"]


@pytest.mark.parametrize("identifier", ["one0", "two0", "two1", "three1"])
def test_merged_clusters_are_one_from_whichever_end(engine: Engine, store: SqlStore, identifier: str) -> None:
    store.write([*_copies(2, "one"), *_copies(2, "two"), *_copies(2, "three")])
    DatabaseStateStore(engine).record([], [Merge("three0", "two0"), Merge("two0", "one0")])
    [cluster] = largest_clusters(engine)
    assert (cluster.cluster_id, cluster.members) == ("one0", 6)
    found = cluster_of(engine, identifier)
    assert found is not None
    cluster_id, members = found
    assert cluster_id == "one0"
    assert len(members) == 6
    assert [member.canonical for member in members] == [True] + 5 * [False]
    assert [member.time for member in members] == sorted(member.time for member in members)


def test_a_cluster_that_is_not_there_is_none(engine: Engine) -> None:
    assert cluster_of(engine, "nothing") is None


def test_an_article_dated_in_the_future_counts_from_its_ingest(engine: Engine, store: SqlStore) -> None:
    store.write([record(published=NOON + 30 * _DAY, entities=(entity("Ada Quill", "PERSON"),))])
    assert articles_naming(engine, "Ada Quill")[0].time == NOON


def test_what_stands_is_told_with_its_positions_and_what_was_superseded(
    engine: Engine, store: SqlStore
) -> None:
    first, second = record(), record(text=f"{TEXT} More.")
    at = [LogPosition(log="log-1", offset=offset) for offset in (3, 4)]
    store.write([first, second, record("other")], [*at, None])
    found = SqlVersions(engine).of(["bridge", "other", "nothing"])
    assert set(found) == {"bridge", "other"}
    assert found["bridge"].version_hash == checked(second).version_hash
    assert found["bridge"].intake == Intake(at[1], second.article.ingested_at)
    assert found["bridge"].superseded == {checked(first).version_hash: Superseded(at[0])}
    assert (found["other"].intake.position, found["other"].superseded) == (None, {})


def test_the_counts_add_up(engine: Engine, store: SqlStore) -> None:
    store.write([full_record(), _council(), *_copies(2, "copy")])
    found = counts(engine)
    assert found.articles == sum(found.by_verdict.values()) == 4
    assert found.by_verdict == {"near": 1, "original": 3}
    assert sum(found.by_language.values()) == 4
    assert (found.entities, found.quotes, found.attributed) == (7, 4, 3)


def test_an_empty_store_answers_every_question(engine: Engine) -> None:
    assert counts(engine).articles == 0
    assert list(SqlVersions(engine).all()) == []
    assert SqlVersions(engine).of(["bridge"]) == {}
    assert count_articles(engine) == 0
    assert find_quotes(engine, speaker="Ada Quill", about="ferries") == []
    assert articles_naming(engine, "Ada Quill") == []
    assert top_entities(engine) == []
    assert largest_clusters(engine) == []


def test_versions_come_sorted_by_id_each_once(engine: Engine, store: SqlStore) -> None:
    ids = ["Zeta", "alpha", "Älpha", "éa", "ea", "10", "9", "ﬀ", "😀"]
    store.write([record(article_id) for article_id in ids])
    version = checked(record()).version_hash
    assert list(SqlVersions(engine).all()) == [(article_id, version) for article_id in sorted(ids)]
    assert count_articles(engine) == len(ids)


def test_versions_are_read_without_holding_them_all(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stores.sql.queries.ids._PAGE", 500)
    row = rows_of(checked(record(text="x"))).article
    with writing(engine) as connection:
        insert(connection, articles, [{**row, "article_id": f"{number:040}"} for number in range(20_000)])
    versions = SqlVersions(engine).all()
    first, _ = next(versions)
    tracemalloc.start()
    try:
        assert [first, sum(1 for _ in versions)] == [f"{0:040}", 19_999]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000, "all of them would take four times as much"


def _verdict(article_id: str, verdict: Verdict, of: str | None = "council", days: int = 2) -> EnrichedArticle:
    """Another outlet's article: an exact copy has no findings of its own, any other has."""
    whole = _council(article_id, days)
    article = whole.article.model_copy(update={"source": f"The {article_id.title()}"})
    duplicate = Duplicate(verdict=verdict, cluster_id="council", duplicate_of=of)
    findings = {"entities": (), "quotes": ()} if verdict is Verdict.EXACT else {}
    return whole.model_copy(update={"article": article, "duplicate": duplicate, **findings})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_every_question_counts_exact_copies_and_copies_of_copies(
    engine: Engine, store: SqlStore, order: tuple[int, ...]
) -> None:
    three = [_council(), _verdict("gazette", Verdict.EXACT), _verdict("herald", Verdict.EXACT, "gazette", 3)]
    for number in order:
        store.write([three[number]])
    assert [found.article_id for found in articles_naming(engine, "Tom Reed")] == [
        "herald",
        "gazette",
        "council",
    ]
    assert {found.names for found in articles_naming(engine, "Tom Reed")} == {("Tom Reed",)}
    assert [(found.copies, found.outlets) for found in find_quotes(engine, speaker="Tom Reed")] == [(3, 3)]
    (reed,) = (found for found in top_entities(engine) if found.name == "Tom Reed")
    assert reed.articles == 3
    (cluster,) = largest_clusters(engine)
    assert (cluster.members, cluster.sources, cluster.canonical) == (3, 3, "council")


@pytest.mark.parametrize("verdict", [Verdict.NEAR, Verdict.UPDATE, Verdict.REVISION])
def test_other_copies_have_findings_of_their_own_and_count_once(
    engine: Engine, store: SqlStore, verdict: Verdict
) -> None:
    store.write(
        [_council(), _verdict("gazette", verdict, None if verdict is Verdict.REVISION else "council")]
    )
    assert [found.article_id for found in articles_naming(engine, "Tom Reed")] == ["gazette", "council"]
    assert [(found.copies, found.outlets) for found in find_quotes(engine, speaker="Tom Reed")] == [(2, 2)]
    (reed,) = (found for found in top_entities(engine) if found.name == "Tom Reed")
    assert reed.articles == 2
    (cluster,) = largest_clusters(engine)
    assert (cluster.members, cluster.sources, cluster.canonical) == (2, 2, "council")


@pytest.mark.parametrize("verdict", [Verdict.NEAR, Verdict.UPDATE, Verdict.REVISION])
def test_a_story_is_told_by_an_article_with_findings_whatever_else_is_earlier(
    engine: Engine, store: SqlStore, verdict: Verdict
) -> None:
    store.write(
        [
            _verdict("gazette", Verdict.EXACT, days=-5),
            _verdict("herald", verdict, None if verdict is Verdict.REVISION else "council", days=-1),
            _council(),
        ]
    )
    (cluster,) = largest_clusters(engine)
    assert (cluster.members, cluster.sources, cluster.canonical) == (3, 3, "herald")
    story = store.article(cluster.canonical)
    assert story is not None
    assert story.entities
    assert story.quotes


def test_copies_outside_the_time_are_not_counted(engine: Engine, store: SqlStore) -> None:
    store.write([_council(), _verdict("gazette", Verdict.EXACT, days=5)])
    until = NOON + 3 * _DAY
    assert [found.article_id for found in articles_naming(engine, "Tom Reed", until=until)] == ["council"]
    assert [found.copies for found in find_quotes(engine, speaker="Tom Reed", until=until)] == [1]
