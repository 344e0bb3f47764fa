"""The ledger's arithmetic: for each version that was accepted, where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.accounts.account import Accepted, Account, Letter
from pipeline.record import LogPosition
from pipeline.stores.versions import Intake, Standing, Superseded

_NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
_LOG = "log-1"


def _accepted(offset: int, version: str, article_id: str = "a", *, minute: int = 0) -> Accepted:
    ingested = _NOON + timedelta(minutes=minute)
    return Accepted(0, offset, article_id, version.encode(), None, ingested.timestamp())


def _junk(offset: int, known_by: str | None = None) -> Accepted:
    place = f"news.raw/0/{offset}"
    return Accepted(0, offset, known_by or place, place.encode(), None, None)


def _letter(
    version: str | None, status: str = "open", *, at: int | None = None, known_by: str = "a"
) -> Letter:
    place = None if at is None else (0, at)
    return Letter(
        f"{known_by}/{version}/{at}", status, known_by, None if version is None else version.encode(), place
    )


def _stands(
    version: str, offset: int | None, superseded: Mapping[str, int | None] | None = None, *, minute: int = 0
) -> Standing:
    known = {hashed.encode(): Superseded(_at(at)) for hashed, at in (superseded or {}).items()}
    ingested = _NOON + timedelta(minutes=minute)
    return Standing(version.encode(), b"record", Intake(_at(offset), ingested), known)


def _at(offset: int | None) -> LogPosition | None:
    return None if offset is None else LogPosition(log=_LOG, offset=offset)


def _account(
    messages: Iterable[Accepted],
    stored: Mapping[str, Standing] | None = None,
    letters: Iterable[Letter] = (),
    *,
    log: str = _LOG,
    forgotten: Iterable[str] = (),
) -> tuple[dict[str, int], dict[str, int], dict[str, list[str]]]:
    """Versions by place, articles by place, and the lists; what is 0 or empty is left out."""
    stored = stored or {}

    def standing_of(article_ids: Sequence[str]) -> Mapping[str, Standing]:
        return {article_id: stored[article_id] for article_id in article_ids if article_id in stored}

    with Account(log) as account:
        account.accept(messages)
        account.letters(letters)
        account.forget(forgotten)
        account.store([(key, found.version_hash) for key, found in stored.items()], standing_of)
        lists = {
            what: account.sample(what, 10)
            for what in ("missing", "missing_versions", "doubled", "orphans")
            if account.count(what)
        }
        counts = account.versions(), account.articles()
    versions, articles = ({name: count for name, count in some.items() if count} for some in counts)
    assert versions.pop("accepted", 0) == sum(versions.values()), "each is in exactly one place"
    return versions, articles, lists


def test_a_version_that_stands_is_accounted_for_however_often_it_was_accepted() -> None:
    messages = [_accepted(0, "v"), _accepted(1, "v"), _accepted(2, "v")]
    assert _account(messages, {"a": _stands("v", 0)}) == ({"standing": 1}, {"accepted": 1, "stored": 1}, {})


def test_an_article_that_is_nowhere_is_missing_and_told_with_its_place() -> None:
    versions, articles, lists = _account([_accepted(7, "v")])
    assert (versions, articles) == ({"missing": 1}, {"accepted": 1})
    assert lists == {"missing": ["a"], "missing_versions": ["a at 0/7"]}


@pytest.mark.parametrize("letters", [[], [_letter("v", "forgotten")], [_letter("v", "discarded")]])
def test_what_was_removed_on_purpose_is_accounted_for(letters: list[Letter]) -> None:
    messages = [_accepted(0, "v"), _accepted(1, "v", "b")]
    versions, articles, lists = _account(messages, {"b": _stands("v", 1)}, letters, forgotten=["a", "c"])
    assert versions == {"standing": 1, "forgotten": 1}
    assert articles == {"accepted": 2, "stored": 1, "forgotten": 1}
    assert lists == {}


def test_a_correction_that_got_lost_is_missing_though_the_article_is_stored() -> None:
    messages = [_accepted(0, "first"), _accepted(5, "corrected")]
    versions, articles, lists = _account(messages, {"a": _stands("first", 0)})
    assert (versions, articles) == ({"standing": 1, "missing": 1}, {"accepted": 1, "stored": 1})
    assert lists == {"missing_versions": ["a at 0/5"]}


def test_a_version_that_was_lost_in_front_of_a_later_one_is_superseded_all_the_same() -> None:
    messages = [_accepted(0, "first", minute=60), _accepted(5, "corrected")]
    versions, _, _ = _account(messages, {"a": _stands("corrected", 5)})
    assert versions == {"standing": 1, "superseded": 1}


def test_a_replay_of_an_old_file_is_superseded() -> None:
    messages = [_accepted(5, "second"), _accepted(8, "first", minute=90)]
    stored = {"a": _stands("second", 5, {"first": 1})}
    assert _account(messages, stored)[0] == {"standing": 1, "superseded": 1}


def test_what_was_remembered_of_another_log_counts_in_a_topic_that_was_made_anew() -> None:
    messages = [_accepted(0, "second"), _accepted(1, "first")]
    stored = {"a": _stands("second", 5, {"first": 1})}
    assert _account(messages, stored, log="log-2")[0] == {"standing": 1, "superseded": 1}


def test_a_correction_that_an_earlier_program_refused_for_a_clock_is_missing() -> None:
    messages = [_accepted(0, "first", minute=60), _accepted(5, "corrected")]
    stored = {"a": _stands("first", None, {"corrected": None}, minute=60)}
    assert _account(messages, stored)[2] == {"missing_versions": ["a at 0/5"]}


def test_what_an_earlier_program_superseded_is_superseded() -> None:
    messages = [_accepted(0, "first"), _accepted(5, "corrected", minute=9)]
    stored = {"a": _stands("corrected", None, {"first": None}, minute=9)}
    assert _account(messages, stored)[0] == {"standing": 1, "superseded": 1}


@pytest.mark.parametrize(("status", "place"), [("open", "dead_lettered"), ("discarded", "discarded")])
def test_a_letter_is_about_the_version_in_it(status: str, place: str) -> None:
    messages = [_accepted(0, "first"), _accepted(5, "corrected")]
    stored = {"a": _stands("first", 0)}
    versions, articles, lists = _account(messages, stored, [_letter("corrected", status)])
    assert (versions, articles, lists) == ({"standing": 1, place: 1}, {"accepted": 1, "stored": 1}, {})
    assert _account(messages, {}, [_letter("corrected", status)])[1] == {"accepted": 1, place: 1}


def test_a_letter_about_one_version_does_not_account_for_another() -> None:
    messages = [_accepted(0, "first"), _accepted(5, "corrected")]
    assert _account(messages, {"a": _stands("first", 0)}, [_letter("first")])[2] == {
        "missing_versions": ["a at 0/5"],
        "doubled": ["a"],
    }


def test_a_letter_without_a_version_is_about_the_message_at_its_place_under_the_same_id() -> None:
    messages = [_accepted(0, "first"), _accepted(5, "corrected")]
    stored = {"a": _stands("first", 0)}
    assert _account(messages, stored, [_letter(None, at=5)])[0] == {"standing": 1, "dead_lettered": 1}
    other = [_letter(None, at=5, known_by="b")]
    assert _account(messages, stored, other)[0] == {"standing": 1, "missing": 1}


def test_the_last_word_on_a_letter_stands() -> None:
    letters = [_letter("v"), _letter("v", "discarded")]
    assert _account([_accepted(0, "v")], {}, letters)[0] == {"discarded": 1}


def test_what_is_no_article_is_known_by_its_place_and_accepted_anew_once_driven_again() -> None:
    once = _letter(None, at=3, known_by="news.raw/0/3")
    assert _account([_junk(3)], {}, [once])[:2] == ({"dead_lettered": 1}, {"accepted": 1, "dead_lettered": 1})
    driven = once._replace(status="redriven")
    assert _account([_junk(3), _junk(9)], {}, [driven])[2]["missing"] == ["news.raw/0/9"]
    again = [driven, _letter(None, at=9, known_by="news.raw/0/9")]
    assert _account([_junk(3), _junk(9)], {}, again)[0] == {"dead_lettered": 1}


def test_two_messages_without_an_article_under_one_key_are_two() -> None:
    letters = [_letter(None, at=3, known_by="k")]
    versions, articles, lists = _account([_junk(3, "k"), _junk(4, "k")], {}, letters)
    assert (versions, articles) == ({"dead_lettered": 1, "missing": 1}, {"accepted": 1, "dead_lettered": 1})
    assert lists == {"missing_versions": ["k at 0/4"]}


def test_a_message_that_is_stored_and_an_open_letter_is_in_two_places() -> None:
    messages, letters = [_accepted(0, "v")], [_letter("v")]
    assert _account(messages, {"a": _stands("v", 0)}, letters)[2] == {"doubled": ["a"]}
    with Account(_LOG) as account:
        account.accept(messages)
        account.letters(letters)
        account.store([("a", b"v")], lambda _: {})
        assert account.doubled_letters() == {"a/v/None"}


def test_of_several_messages_with_a_version_one_may_be_a_letter() -> None:
    messages = [_accepted(0, "v"), _accepted(4, "v")]
    assert _account(messages, {"a": _stands("v", 0)}, [_letter("v")])[2] == {}


def test_a_version_that_came_while_the_store_was_read_stands() -> None:
    with Account(_LOG) as account:
        account.accept([_accepted(0, "first"), _accepted(5, "corrected")])
        account.store([("a", b"first")], lambda _: {"a": _stands("corrected", 5)})
        assert account.versions()["missing"] == 0


def test_what_is_stored_but_was_not_accepted_is_an_orphan() -> None:
    assert _account([], {"a": _stands("v", 0)})[2] == {"orphans": ["a"]}


def test_what_is_missing_is_told_by_where_it_begins() -> None:
    with Account(_LOG) as account:
        account.accept([_accepted(offset, "v", str(offset)) for offset in range(5)])
        account.store([("1", b"v")], lambda _: {})
        assert [account.missing_from({0: offset}) for offset in (0, 1, 3, 9)] == [4, 3, 2, 0]


_numbers = st.lists(st.integers(0, 4), min_size=1, max_size=10)


@settings(max_examples=80)
@given(
    log=_numbers,
    lost=st.sets(st.integers(0, 4)),
    minutes=st.lists(st.integers(0, 90), min_size=10, max_size=10),
)
def test_whatever_is_lost_the_ledger_names_what_the_log_has_later_than_what_stands(
    log: list[int], lost: set[int], minutes: list[int]
) -> None:
    firsts: dict[int, int] = {}
    for offset, version in enumerate(log):
        firsts.setdefault(version, offset)
    kept = [version for version in firsts if version not in lost]
    newest = max(kept, key=firsts.__getitem__, default=None)
    stored: dict[str, Standing] = {}
    if newest is not None:
        others = {str(version): firsts[version] for version in kept if version != newest}
        stored["a"] = _stands(str(newest), firsts[newest], others, minute=minutes[newest])
    messages = [_accepted(offset, str(version), minute=minutes[offset]) for offset, version in enumerate(log)]

    versions, _, lists = _account(messages, stored)

    after = firsts[newest] if newest is not None else -1
    missing = [f"a at 0/{first}" for version, first in firsts.items() if version in lost and first > after]
    assert sorted(lists.get("missing_versions", [])) == sorted(missing)
    assert versions.get("superseded", 0) == len(firsts) - len(missing) - len(stored)
