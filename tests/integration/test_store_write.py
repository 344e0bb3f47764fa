"""Writing records, on SQLite and on PostgreSQL: one row an article, whatever is delivered how often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, literal, select, text

from pipeline.errors import Reason, TransientError
from pipeline.record import EnrichedArticle, LogPosition, Provenance, Span
from pipeline.stores.incoming import checked
from pipeline.stores.sql.database import reading, writing
from pipeline.stores.sql.queries.articles import article
from pipeline.stores.sql.rows import position_in
from pipeline.stores.sql.schema import (
    aliases,
    articles,
    entities,
    mentions,
    metadata,
    position_columns,
    quotes,
    store_identities,
    superseded_versions,
)
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import NOON, TEXT, entity, full_record, record

_MINUTE = timedelta(minutes=1)


def _all_rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is stored, but for numbers that the database gives."""
    with reading(engine) as connection:
        return {
            table.name: sorted(
                (
                    tuple(connection_row)
                    for connection_row in connection.execute(
                        select(*(column for column in table.columns if column.name != "id"))
                    )
                ),
                key=repr,
            )
            for table in metadata.sorted_tables
            if table is not store_identities
        }


def _row_versions(engine: Engine) -> list[tuple[Any, ...]]:
    """On PostgreSQL, where each row lies and which transaction wrote it."""
    with reading(engine) as connection:
        return [
            tuple(row)
            for table in metadata.sorted_tables
            for row in connection.execute(
                select(literal(table.name), text("ctid::text, xmin::text")).select_from(table)
            )
        ]


def _count(engine: Engine, table: Any) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_record_is_read_back_as_it_was_written(engine: Engine) -> None:
    written = full_record()
    result = SqlStore(engine).write([written])
    assert (result.inserted, result.rejections) == (1, {})
    assert article(engine, "bridge") == written


def test_a_record_without_date_entities_or_quotes_is_stored(engine: Engine) -> None:
    bare = record(published=None)
    SqlStore(engine).write([bare])
    assert article(engine, "bridge") == bare


def test_an_article_that_was_never_stored_is_none(engine: Engine) -> None:
    assert article(engine, "nothing") is None


def test_an_empty_batch_is_written_at_once(engine: Engine) -> None:
    assert SqlStore(engine).write([]).inserted == 0


def test_a_replay_with_later_times_of_ingest_changes_no_row(engine: Engine) -> None:
    store = SqlStore(engine)
    store.write([full_record(f"a{number}") for number in range(5)])
    before = _all_rows(engine)
    where = _row_versions(engine) if engine.dialect.name == "postgresql" else None
    result = store.write([full_record(f"a{number}", ingested=NOON + _MINUTE) for number in range(5)])
    assert (result.unchanged, result.inserted, result.updated) == (5, 0, 0)
    assert _all_rows(engine) == before
    if where is not None:
        assert _row_versions(engine) == where


def test_the_same_article_twice_in_a_batch_is_one_row(engine: Engine) -> None:
    result = SqlStore(engine).write([full_record(), full_record(), full_record()])
    assert (result.inserted, result.unchanged) == (1, 2)
    assert _count(engine, articles) == 1
    assert _count(engine, quotes) == 1


def test_a_later_version_replaces_the_record_and_all_its_parts(engine: Engine) -> None:
    store = SqlStore(engine)
    store.write([full_record()])
    body = "Harbour bridge closes\n\nTom Reed closed it."
    later = record(text=body, ingested=NOON + _MINUTE, entities=(entity("Tom Reed", "PERSON", text=body),))
    assert store.write([later]).updated == 1
    assert article(engine, "bridge") == later
    assert [_count(engine, table) for table in (entities, mentions, quotes, aliases)] == [1, 1, 0, 1]


def test_an_earlier_version_that_arrives_late_does_not_replace_a_later_one(engine: Engine) -> None:
    store = SqlStore(engine)
    later = record(text=TEXT + " More.", ingested=NOON + _MINUTE)
    store.write([later])
    assert store.write([full_record()]).stale == 1
    assert article(engine, "bridge") == later


def test_a_superseded_version_does_not_come_back_with_a_replay_of_its_file(engine: Engine) -> None:
    store = SqlStore(engine)
    second = record(text=TEXT + " More.", ingested=NOON + _MINUTE)
    store.write([full_record(), second])
    assert store.write([full_record(ingested=NOON + 5 * _MINUTE)]).stale == 1
    assert article(engine, "bridge") == second


def test_a_record_processed_anew_replaces_that_of_the_same_version(engine: Engine) -> None:
    store = SqlStore(engine)
    store.write([full_record()])
    anew = full_record().model_copy(update={"provenance": Provenance(pipeline_version="2")})
    assert store.write([anew]).updated == 1
    assert article(engine, "bridge") == anew
    back = full_record(ingested=NOON + _MINUTE)
    assert store.write([back]).updated == 1, "an earlier release can repair what a later one broke"


def test_a_nul_character_is_rejected_alone(engine: Engine) -> None:
    batch = [record("a"), record("b", text="Nul\n\nA \x00 character."), record("c")]
    result = SqlStore(engine).write(batch)
    assert result.inserted == 2
    assert {index: rejection.reason for index, rejection in result.rejections.items()} == {
        1: Reason.NOT_STORABLE
    }


def test_the_escape_of_a_nul_character_in_a_text_about_programming_is_stored(engine: Engine) -> None:
    written = record(text="Escapes\n\nJSON writes it as \\u0000.")
    assert SqlStore(engine).write([written]).rejections == {}
    assert article(engine, "bridge") == written


def test_a_lone_surrogate_is_rejected_alone(engine: Engine) -> None:
    broken = record("b")
    broken = broken.model_copy(update={"article": broken.article.model_copy(update={"text": "half \ud83d"})})
    result = SqlStore(engine).write([record("a"), broken, record("c")])
    assert (result.inserted, list(result.rejections)) == (2, [1])


def test_a_span_outside_the_text_is_rejected_alone(engine: Engine) -> None:
    outside = entity("Ada Quill", "PERSON").model_copy(
        update={"mentions": (Span(start=2**70, end=2**70 + 5, text="Quill"),)}
    )
    result = SqlStore(engine).write([record("a", entities=(outside,)), record("b")])
    assert (result.inserted, list(result.rejections)) == (1, [0])


def test_what_only_the_database_refuses_is_rejected_alone(engine: Engine) -> None:
    nobody_checked = record("b").model_copy(update={"schema_version": 10**30})
    if engine.dialect.name == "sqlite":
        nobody_checked = record("b").model_copy(
            update={"provenance": record("b").provenance.model_copy(update={"pipeline_version": None})}
        )
    result = SqlStore(engine).write([record("a"), nobody_checked, record("c")])
    assert (result.inserted, list(result.rejections)) == (2, [1])
    assert article(engine, "b") is None


def test_names_and_quotes_of_any_length_are_stored(engine: Engine) -> None:
    word = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz", k=100_000))
    text = f"{word} {word[::-1]}"
    long = record(text=text, entities=(entity(word, "PERSON", text=text),))
    assert SqlStore(engine).write([long]).rejections == {}
    assert article(engine, "bridge") == long


def test_a_batch_larger_than_any_limit_of_parameters_is_stored(engine: Engine) -> None:
    result = SqlStore(engine).write([record(f"a{number:05}") for number in range(2000)])
    assert result.inserted == 2000


def test_writers_of_the_same_articles_at_the_same_time_end_in_one_row_each(engine: Engine) -> None:
    batch = [full_record(f"a{number}") for number in range(40)]

    def write(turn: int) -> None:
        order = batch if turn % 2 else batch[::-1]
        for start in range(0, len(order), 7):
            while True:
                try:
                    SqlStore(engine).write(order[start : start + 7])
                except TransientError:
                    continue
                break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert _count(engine, articles) == 40
    assert _count(engine, quotes) == 40
    assert article(engine, "a17") == full_record("a17")


# A message is what was taken in once: the same article, text and time always come with the same record.
_messages = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 3), st.integers(0, 9)),
    min_size=1,
    max_size=12,
    unique_by=lambda message: (message[0], message[2]),
)


def _record_of(message: tuple[str, int, int]) -> EnrichedArticle:
    article_id, version, minute = message
    text = f"{TEXT} Version {version}."
    names = (entity("Ada Quill", "PERSON", text=text), entity("Tom Reed", "PERSON", text=text))
    return record(
        article_id,
        text=text,
        ingested=NOON + minute * _MINUTE,
        published=NOON,
        entities=names[: 1 + version % 2],
    )


@st.composite
def _deliveries(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], list[list[tuple[str, int, int]]]]:
    """What was taken in, in order, by hosts of any clocks; and batches of it, reordered, with redeliveries.

    Versions overtake one another freely. Messages with one version of one article take the same way, so the
    first of them arrives first.
    """
    log = draw(_messages)
    arrivals: list[tuple[str, int, int]] = []
    waiting = draw(st.permutations(log))
    for message in waiting:
        same = [other for other in log if other[:2] == message[:2] and other not in arrivals]
        arrivals.append(same[0])
        if draw(st.booleans()):
            arrivals.append(draw(st.sampled_from(arrivals)))
    cuts = sorted(draw(st.lists(st.integers(0, len(arrivals)), max_size=4)))
    edges = [0, *cuts, len(arrivals)]
    return log, [arrivals[start:end] for start, end in pairwise(edges)]


def _final_rows(
    engine: Engine, log: list[tuple[str, int, int]], batches: Sequence[Sequence[tuple[str, int, int]]]
) -> dict[str, Any]:
    with writing(engine) as connection:
        connection.execute(articles.delete())
    for batch in batches:
        positions = [LogPosition(log="log-1", offset=log.index(message)) for message in batch]
        assert SqlStore(engine).write([_record_of(message) for message in batch], positions).rejections == {}
    return _all_rows(engine)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=_deliveries())
def test_the_final_rows_do_not_depend_on_redeliveries_batches_and_order(
    engine: Engine, deliveries: tuple[list[tuple[str, int, int]], list[list[tuple[str, int, int]]]]
) -> None:
    log, batches = deliveries
    undisturbed = _final_rows(engine, log, [[message] for message in log])
    assert _final_rows(engine, log, batches) == undisturbed


def _log(*offsets: int) -> list[LogPosition]:
    return [
        LogPosition(log="log-1", offset=offset, appended_at=NOON + offset * _MINUTE) for offset in offsets
    ]


def test_a_correction_from_a_host_whose_clock_is_behind_replaces_the_first_version(engine: Engine) -> None:
    store = SqlStore(engine)
    corrected = record(text=TEXT + " Corrected.", ingested=NOON - 60 * _MINUTE)
    store.write([full_record()], _log(1))
    assert store.write([corrected], _log(2)).updated == 1
    assert store.write([full_record(ingested=NOON + 5 * _MINUTE)], _log(3)).stale == 1
    assert article(engine, "bridge") == corrected


def test_where_a_version_was_first_accepted_is_kept_beside_it(engine: Engine) -> None:
    store = SqlStore(engine)
    corrected = record(text=TEXT + " Corrected.")
    store.write([full_record(), corrected, full_record(ingested=NOON + _MINUTE)], _log(4, 6, 8))
    store.write([full_record(), corrected], _log(1, 3))
    rows = _all_rows(engine)
    with reading(engine) as connection:
        [standing] = connection.execute(select(*position_columns(articles))).all()
        [superseded] = connection.execute(select(*position_columns(superseded_versions))).all()
    assert [position_in(standing), position_in(superseded)] == [*_log(3), *_log(1)]
    store.write([full_record(), corrected, full_record()], _log(1, 3, 9))
    assert _all_rows(engine) == rows


def test_a_version_that_comes_back_is_superseded_no_more(engine: Engine) -> None:
    store = SqlStore(engine)
    new = record(text=TEXT + " New.")
    store.write([full_record(), new], _log(5, 3))
    store.write([full_record()], _log(1))
    assert store.write([new], _log(3)).updated == 1
    assert article(engine, "bridge") == new
    with reading(engine) as connection:
        [superseded] = connection.execute(select(superseded_versions)).all()
    assert (superseded.version_hash, superseded.log_offset) == (checked(full_record()).version_hash, 1)
