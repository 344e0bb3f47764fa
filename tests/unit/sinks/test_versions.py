from __future__ import annotations

from datetime import timedelta

from pipeline.sinks.rows import Incoming, checked
from pipeline.sinks.versions import Disposition, Standings
from tests.unit.sinks.builders import NOON, TEXT, record

_INSERTED, _UPDATED, _UNCHANGED, _STALE = Disposition


def _of(version: str, minute: int, pipeline_version: str = "1") -> Incoming:
    at = NOON + timedelta(minutes=minute)
    return checked(record(text=f"{TEXT} {version}", ingested=at, pipeline_version=pipeline_version))


def _dispositions(*arrivals: Incoming) -> list[Disposition]:
    standings = Standings({})
    return [standings.admit(incoming) for incoming in arrivals]


def test_a_redelivery_changes_nothing() -> None:
    assert _dispositions(_of("first", 1), _of("first", 1)) == [_INSERTED, _UNCHANGED]


def test_a_replay_changes_nothing() -> None:
    assert _dispositions(_of("first", 1), _of("first", 9)) == [_INSERTED, _UNCHANGED]


def test_the_version_that_was_taken_in_later_stands_in_whichever_order_they_come() -> None:
    assert _dispositions(_of("first", 1), _of("second", 2)) == [_INSERTED, _UPDATED]
    assert _dispositions(_of("second", 2), _of("first", 1)) == [_INSERTED, _STALE]


def test_of_two_versions_taken_in_at_the_same_time_the_one_that_comes_later_stands() -> None:
    assert _dispositions(_of("first", 1), _of("second", 1), _of("first", 1)) == [_INSERTED, _UPDATED, _STALE]


def test_a_superseded_version_never_comes_back() -> None:
    arrivals = (_of("first", 1), _of("second", 2), _of("first", 9), _of("second", 9))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED, _STALE, _UNCHANGED]


def test_a_version_that_came_too_late_to_stand_never_comes_back_either() -> None:
    assert _dispositions(_of("second", 2), _of("first", 1), _of("first", 9)) == [_INSERTED, _STALE, _STALE]


def test_the_same_version_processed_anew_replaces_its_record_and_can_be_put_right_again() -> None:
    arrivals = (_of("first", 1), _of("first", 2, "broken"), _of("first", 3))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED, _UPDATED]


def test_the_same_message_processed_anew_replaces_its_record() -> None:
    assert _dispositions(_of("first", 1), _of("first", 1, "2")) == [_INSERTED, _UPDATED]


def test_an_older_message_processed_otherwise_does_not_replace_a_newer_one() -> None:
    assert _dispositions(_of("first", 2, "2"), _of("first", 1)) == [_INSERTED, _STALE]
