"""A story as the tree of what was matched to what."""

from __future__ import annotations

from pipeline.stores.searches import Member, related
from tests.unit.stores.builders import NOON


def _member(article_id: str, duplicate_of: str | None) -> Member:
    return Member(
        article_id, NOON, "Paper", None, None, "near", duplicate_of, None, None, None, "", canonical=False
    )


def test_below_each_article_stands_what_was_matched_to_it() -> None:
    members = [
        _member("a", None),
        _member("b", "a"),
        _member("c", "b"),
        _member("d", "a"),
        _member("e", "elsewhere"),
    ]
    assert [(member.article_id, depth) for member, depth in related(members)] == [
        ("a", 0),
        ("b", 1),
        ("c", 2),
        ("d", 1),
        ("e", 0),
    ]


def test_every_article_is_shown_once_whatever_it_says() -> None:
    members = [_member("a", "a"), _member("b", "a")]
    assert [member.article_id for member, _ in related(members)] == ["a", "b"]
