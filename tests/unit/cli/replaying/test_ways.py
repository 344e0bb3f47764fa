"""What is asked for in replaying, and what of it does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.replaying.ways import Way, with_number
from pipeline.errors import UsageError

_FILE = Path("note.json")


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        (Way(seed=0), "--seed draws the order of --shuffle"),
        (Way(shuffle=True, speed=60.0), "--speed goes by the dates"),
        (Way(dry_run=True, loop=2), "--dry-run sends nothing"),
        (Way(dry_run=True, resume=_FILE), "--dry-run sends nothing"),
    ],
)
def test_what_does_not_go_together_is_said_with_the_remedy(way: Way, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        way.check(readable_again=True)


@pytest.mark.parametrize(
    ("way", "names"),
    [
        (Way(loop=0), "--loop"),
        (Way(shuffle=True), "--shuffle"),
        (Way(loop=2, resume=_FILE), "--loop, --resume"),
    ],
)
def test_what_can_be_read_only_once_is_not_replayed_in_ways_that_read_again(way: Way, names: str) -> None:
    way.check(readable_again=True)
    with pytest.raises(UsageError, match=f"^{names}: standard input and pipes"):
        way.check(readable_again=False)


def test_rounds_are_as_many_as_asked_for_and_dates_move_on_with_the_clock() -> None:
    assert [Way(loop=loop).rounds for loop in (None, 1, 3, 0)] == [1, 1, 3, None]
    assert [Way(loop=loop, speed=speed).moves for loop in (None, 2) for speed in (None, 60.0)] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("archive --loop", "archive --loop 0"),
        ("--loop archive", "--loop 0 archive"),
        ("--loop 2 archive", "--loop 2 archive"),
        ("--loop -1 archive", "--loop -1 archive"),
        ("--loop=2 archive", "--loop=2 archive"),
        ("--loop --rate 5 archive", "--loop 0 --rate 5 archive"),
        ("--loop -- 2", "--loop 0 -- 2"),
        ("-- --loop", "-- --loop"),
    ],
)
def test_a_number_may_be_left_out(given: str, expected: str) -> None:
    assert with_number(given.split(), "--loop", 0) == expected.split()
