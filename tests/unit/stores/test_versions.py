"""Which version stands: what holds whatever arrives in whatever order, and the cases that no law covers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.record import LogPosition
from pipeline.stores.incoming import Incoming, checked
from pipeline.stores.versions import Disposition, Intake, Standing, Standings, Superseded
from tests.unit.stores.builders import NOON, TEXT, record

_INSERTED, _UPDATED, _UNCHANGED, _STALE, _ = Disposition
_UNKNOWN = None

law = settings(max_examples=100)


def _at(offset: int, log: str = "log-1", appended: datetime | None = None) -> LogPosition:
    return LogPosition(log=log, offset=offset, appended_at=appended)


@cache
def _of(
    version: str, minute: int, pipeline_version: str = "1", *, at: LogPosition | None = _UNKNOWN
) -> Incoming:
    ingested = NOON + timedelta(minutes=minute)
    text = f"{TEXT} {version}"
    return checked(record(text=text, ingested=ingested, pipeline_version=pipeline_version), at)


def _dispositions(*arrivals: Incoming) -> list[Disposition]:
    standings = Standings({})
    return [standings.admit(incoming) for incoming in arrivals]


def _standing(*arrivals: Incoming) -> Standing:
    """What stands of the only article after these arrivals."""
    stored: dict[str, Standing] = {}
    standings = Standings(stored)
    for incoming in arrivals:
        standings.admit(incoming)
    return stored["bridge"]


@st.composite
def _logs(draw: st.DrawFn) -> list[Incoming]:
    """What was accepted of one article, in order: by hosts with any clocks, on a topic that was made anew once."""
    versions = draw(st.lists(st.integers(0, 3), min_size=1, max_size=8))
    minutes = draw(st.lists(st.integers(0, 90), min_size=len(versions), max_size=len(versions)))
    anew = draw(st.integers(0, len(versions)))
    log: list[Incoming] = []
    for number, (version, minute) in enumerate(zip(versions, minutes, strict=True)):
        place = ("log-1", number) if number < anew else ("log-2", number - anew)
        appended = NOON + timedelta(seconds=number)
        position = LogPosition(log=place[0], offset=place[1], appended_at=appended)
        log.append(_of(f"version {version}", minute, at=position))
    return log


def _last_new(log: Sequence[Incoming]) -> bytes:
    """The version whose first message is the last one of all."""
    firsts: dict[bytes, int] = {}
    for number, incoming in enumerate(log):
        firsts.setdefault(incoming.version_hash, number)
    return max(firsts, key=firsts.__getitem__)


@st.composite
def _deliveries(draw: st.DrawFn) -> tuple[list[Incoming], list[Incoming]]:
    """A log, and its messages in some order with repetitions.

    Versions overtake one another freely. Messages with one version take the same way, so the first comes first.
    """
    log = draw(_logs())
    arrivals: list[Incoming] = []
    for place in draw(st.permutations(range(len(log)))):
        version = log[place].version_hash
        arrivals.append(next(m for m in log if m.version_hash == version and m not in arrivals))
        if draw(st.booleans()):
            arrivals.append(draw(st.sampled_from(arrivals)))
    return log, arrivals


@law
@given(_deliveries())
def test_whatever_the_order_and_the_clocks_the_last_new_version_of_the_log_stands(
    deliveries: tuple[list[Incoming], list[Incoming]],
) -> None:
    log, arrivals = deliveries
    assert _standing(*arrivals).version_hash == _last_new(log)


@law
@given(_deliveries())
def test_whatever_the_order_the_same_is_remembered(deliveries: tuple[list[Incoming], list[Incoming]]) -> None:
    log, arrivals = deliveries
    assert _standing(*arrivals) == _standing(*log)


@law
@given(log=_logs(), data=st.data())
def test_when_the_first_of_a_version_is_the_last_to_arrive_reading_the_log_again_puts_it_right(
    log: list[Incoming], data: st.DataObject
) -> None:
    once, again = data.draw(st.permutations(log)), data.draw(st.permutations(log))
    assert _standing(*once, *again).version_hash == _last_new(log)


@law
@given(deliveries=_deliveries(), data=st.data())
def test_a_replay_of_any_files_by_any_clock_changes_nothing(
    deliveries: tuple[list[Incoming], list[Incoming]], data: st.DataObject
) -> None:
    log, arrivals = deliveries
    files = data.draw(st.lists(st.integers(0, 3), max_size=6))
    known = {incoming.version_hash for incoming in log}
    later = NOON + timedelta(hours=1)
    replayed = [
        _of(f"version {version}", data.draw(st.integers(0, 90)), at=_at(90 + number, "log-2", later))
        for number, version in enumerate(files)
    ]
    replayed = [incoming for incoming in replayed if incoming.version_hash in known]
    stored = {"bridge": _standing(*arrivals)}
    before = repr(stored)
    standings = Standings(stored)

    assert {standings.admit(incoming) for incoming in replayed} <= {_UNCHANGED, _STALE}
    assert repr(stored) == before
    assert (standings.moved, standings.superseded, standings.outdated) == (set(), {}, set())


def test_a_correction_from_a_host_with_a_slow_clock_stands() -> None:
    arrivals = (_of("first", 60, at=_at(1)), _of("corrected", 0, at=_at(2)))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED]


def test_an_older_version_that_was_driven_again_does_not_replace_a_newer_one() -> None:
    arrivals = (_of("corrected", 0, at=_at(2)), _of("first", 60, at=_at(1)), _of("first", 90, at=_at(9)))
    assert _dispositions(*arrivals) == [_INSERTED, _STALE, _STALE]


def test_a_topic_made_anew_is_later_by_the_time_of_the_broker() -> None:
    before = _of("first", 60, at=_at(9, "log-1", NOON))
    after = _of("corrected", 0, at=_at(0, "log-2", NOON + timedelta(hours=1)))
    assert _dispositions(before, after) == [_INSERTED, _UPDATED]
    assert _dispositions(after, before) == [_INSERTED, _STALE]


def test_offsets_of_a_log_without_identity_say_nothing() -> None:
    arrivals = (_of("first", 1, at=_at(9, "")), _of("second", 2, at=_at(0, "")))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED]


def test_the_same_version_processed_anew_replaces_its_record_and_can_be_put_right_again() -> None:
    arrivals = (_of("v", 1, at=_at(1)), _of("v", 2, "broken", at=_at(2)), _of("v", 0, at=_at(3)))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED, _UPDATED]


def test_the_same_message_processed_anew_replaces_its_record() -> None:
    assert _dispositions(_of("v", 1, at=_at(1)), _of("v", 1, "2", at=_at(1))) == [_INSERTED, _UPDATED]


def test_an_older_message_processed_otherwise_does_not_replace_a_newer_one_but_its_position_is_noted() -> (
    None
):
    standings = Standings({})
    assert standings.admit(_of("v", 0, "2", at=_at(7))) is _INSERTED
    assert standings.admit(_of("v", 9, at=_at(1))) is _STALE
    assert (standings.position("bridge"), standings.moved) == (_at(1), {"bridge"})


def test_a_version_that_comes_back_is_not_remembered_as_superseded_any_more() -> None:
    """Its own first message was there, the one that kept it away turned out to be a replay."""
    arrivals = (_of("old", 0, at=_at(5)), _of("new", 0, at=_at(3)), _of("old", 0, at=_at(1)))
    before = _standing(*arrivals)
    standings = Standings({"bridge": before})

    assert standings.admit(_of("new", 0, at=_at(3))) is _UPDATED
    assert standings.outdated == {("bridge", _of("new", 0).version_hash)}
    assert standings.superseded == {("bridge", _of("old", 0).version_hash): Superseded(_at(1))}


# What earlier versions of the program stored has no position.


def test_without_positions_the_clock_decides_and_of_equal_times_the_one_that_comes_later_stands() -> None:
    assert _dispositions(_of("first", 1), _of("second", 2)) == [_INSERTED, _UPDATED]
    assert _dispositions(_of("second", 2), _of("first", 1)) == [_INSERTED, _STALE]
    assert _dispositions(_of("first", 1), _of("second", 1), _of("first", 1)) == [_INSERTED, _UPDATED, _STALE]


def test_what_was_superseded_without_positions_does_not_come_back_with_a_replay() -> None:
    arrivals = (_of("first", 1), _of("second", 2, at=_at(7)), _of("first", 9, at=_at(8)), _of("first", 9))
    assert _dispositions(*arrivals) == [_INSERTED, _UPDATED, _STALE, _STALE]


def test_a_version_that_lost_by_the_clock_alone_may_prove_to_be_the_later_one() -> None:
    arrivals = (_of("first", 60), _of("corrected", 0, at=_at(7)), _of("corrected", 90, at=_at(8)))
    assert _dispositions(*arrivals) == [_INSERTED, _STALE, _UPDATED]


def _burnt() -> dict[str, Standing]:
    """What an earlier program made of a first version by a fast clock, and its correction by a right one."""
    first, corrected = _of("first", 60), _of("corrected", 0)
    superseded = {corrected.version_hash: Superseded(None)}
    return {
        "bridge": Standing(first.version_hash, first.record_hash, Intake(None, first.ingested_at), superseded)
    }


def test_when_the_log_is_read_again_a_correction_that_an_earlier_program_refused_comes_back() -> None:
    standings = Standings(_burnt())
    assert standings.admit(_of("first", 60, at=_at(3))) is _UNCHANGED
    assert standings.moved == {"bridge"}, "its position is known now"
    assert standings.admit(_of("corrected", 0, at=_at(4))) is _UPDATED


def test_a_replay_does_not_bring_back_what_an_earlier_program_remembered() -> None:
    standings = Standings(_burnt())
    standings.admit(_of("first", 60, at=_at(3)))
    assert standings.admit(_of("corrected", 90, at=_at(9))) is _STALE


def test_a_replay_does_not_pass_for_the_first_message_of_what_an_earlier_program_stored() -> None:
    standings = Standings(_burnt())
    assert standings.admit(_of("first", 90, at=_at(9))) is _UNCHANGED
    assert not standings.moved
