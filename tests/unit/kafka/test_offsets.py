"""An offset means nothing without its log: where a group goes on, and what it knows of what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka.offsets import CommitLabel, GroupOffset, LogFault, Resumption, fingerprint, resume

LAST = fingerprint(1_000, b"key", b"value")
LABEL = CommitLabel(log="log-1", store="store-1", last_offset=29, last=LAST)
HERE = GroupOffset(committed=30, start=0, end=40, log="log-1", label=LABEL)


def as_it_was(_: int) -> str | None:
    return LAST


def another(_: int) -> str | None:
    return fingerprint(1_000, b"key", b"another value")


def nothing(_: int) -> str | None:
    return None


def test_a_group_goes_on_where_it_was() -> None:
    assert resume(HERE, "store-1", as_it_was) == Resumption(30, LABEL, committed=True)


def test_a_group_that_has_committed_nothing_begins_at_the_start() -> None:
    new = GroupOffset(committed=None, start=4, end=40, log="log-1")
    assert resume(new, "store-1", nothing) == Resumption(4, CommitLabel("log-1", "store-1"))
    assert (new.lag, new.lost, new.fault) == (36, 0, None)


@pytest.mark.parametrize(
    ("found", "message", "fault"),
    [
        (replace(HERE, log="log-2", end=10), as_it_was, LogFault.MADE_ANEW),
        (replace(HERE, log="log-2", end=100), as_it_was, LogFault.MADE_ANEW),
        (replace(HERE, end=29), as_it_was, LogFault.TRUNCATED),
        (replace(HERE, end=100), another, LogFault.TRUNCATED),
        (replace(HERE, start=35), as_it_was, LogFault.EXPIRED),
    ],
    ids=[
        "made anew",
        "made anew and grown past",
        "cut off",
        "cut off and grown past",
        "overtaken by retention",
    ],
)
def test_a_log_that_is_not_as_it_was_is_read_from_its_start(
    found: GroupOffset, message: object, fault: LogFault
) -> None:
    there = resume(found, "store-1", message)  # type: ignore[arg-type]
    assert (there.offset, there.fault, there.committed) == (found.start, fault, False)
    assert there.label.log == found.log


def test_a_message_that_can_not_be_read_proves_nothing() -> None:
    assert resume(HERE, "store-1", nothing).fault is None


def test_a_last_message_that_could_not_be_read_is_not_compared() -> None:
    assert resume(replace(HERE, label=replace(LABEL, last="")), "store-1", another).fault is None


def test_a_commit_of_an_earlier_version_is_believed_and_labelled() -> None:
    unlabelled = replace(HERE, label=None)
    assert resume(unlabelled, "store-1", another) == Resumption(30, CommitLabel("log-1", "store-1"))


def test_faults_are_never_lag_zero() -> None:
    assert replace(HERE, end=30).lag == 0
    assert replace(HERE, end=20).lag == 20
    assert replace(HERE, start=35).lag == 5
    assert replace(HERE, log="log-2", end=30).lag == 30


def test_what_was_deleted_unread_stays_counted_as_long_as_the_log_is_the_same() -> None:
    overtaken = replace(HERE, start=35, label=replace(LABEL, lost=2))
    assert overtaken.lost == 7
    there = resume(overtaken, "store-1", as_it_was)
    assert there.label.lost == 7
    later = GroupOffset(committed=38, start=35, end=40, log="log-1", label=there.label)
    assert later.lost == 7
    assert replace(later, log="log-2").lost == 0


labels = st.builds(
    CommitLabel,
    log=st.text(max_size=40),
    store=st.text(max_size=40),
    last_offset=st.integers(-1, 2**62),
    last=st.text(max_size=16),
    lost=st.integers(0, 2**62),
)


@given(labels)
def test_a_label_comes_back_as_it_was_and_fits_a_commit(label: CommitLabel) -> None:
    assert CommitLabel.decode(label.encode()) == label
    assert len(label.encode().encode()) < 4096


@pytest.mark.parametrize(
    "metadata", [None, "", "x", "[]", "{}", '{"log": 1}', '{"log": "a", "store": "b", "lost": true}']
)
def test_what_others_write_into_a_commit_is_no_label(metadata: str | None) -> None:
    assert CommitLabel.decode(metadata) is None


@given(
    st.integers(0, 50),
    st.integers(0, 50),
    st.none() | st.integers(0, 60),
    st.none() | labels,
    st.sampled_from("ab"),
)
def test_reading_always_goes_on_inside_the_log(
    start: int, length: int, committed: int | None, label: CommitLabel | None, log: str
) -> None:
    found = GroupOffset(committed, start, start + length, log, label)
    there = resume(found, "store-1", nothing)
    assert start <= there.offset <= start + length
    assert found.lag == start + length - there.offset
    assert (there.label.log, there.label.store) == (log, "store-1")


@given(st.binary(max_size=8) | st.none(), st.binary(max_size=8) | st.none(), st.integers(0, 9))
def test_different_messages_have_different_fingerprints(
    key: bytes | None, value: bytes | None, time: int
) -> None:
    mine = fingerprint(time, key, value)
    assert mine == fingerprint(time, key, value)
    assert mine != fingerprint(time + 1, key, value)
    assert mine != fingerprint(time, key, (value or b"") + b"!")
    if key != value:
        assert mine != fingerprint(time, value, key)
