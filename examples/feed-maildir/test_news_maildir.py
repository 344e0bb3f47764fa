from __future__ import annotations

from pathlib import Path

import pytest
from news_maildir import MaildirFeed

from pipeline.errors import SettingsError, SourceError
from pipeline.record import Article
from pipeline.sources import Limits
from pipeline.sources.feeds import Feed
from pipeline.sources.formats import Intake
from pipeline.sources.reading import utc_now

MESSAGE = """\
From: Harbour Office <press@harbour.example>
Subject: Ferry late again
Date: Sun, 01 Mar 2026 09:30:00 +0000
Message-ID: <1@harbour.example>
Content-Type: text/plain; charset=utf-8

The ferry came an hour late, the harbour master said.
"""
INTAKE = Intake(Limits(), None, utc_now)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(box: Path, name: str, message: str) -> None:
    (box / "tmp" / name).write_text(message, encoding="utf-8")
    (box / "tmp" / name).rename(box / "new" / name)


def poll(feed: Feed) -> list[Article | SourceError]:
    return list(feed.poll(INTAKE))


def test_a_message_is_an_article_and_is_given_once(box: Path) -> None:
    feed = MaildirFeed(str(box))
    assert poll(feed) == []
    put(box, "1", MESSAGE)
    (article,) = poll(feed)
    assert isinstance(article, Article)
    assert (article.title, article.source) == ("Ferry late again", "Harbour Office <press@harbour.example>")
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-03-01T09:30:00+00:00"
    assert poll(feed) == []


def test_after_a_restart_it_has_the_same_id(box: Path) -> None:
    put(box, "1", MESSAGE)
    first, again = poll(MaildirFeed(str(box))), poll(MaildirFeed(str(box)))
    assert isinstance(first[0], Article)
    assert isinstance(again[0], Article)
    assert first[0].article_id == again[0].article_id


def test_a_message_without_text_is_named_and_costs_no_other(box: Path) -> None:
    put(box, "1", MESSAGE.replace("text/plain", "image/png"))
    put(box, "2", MESSAGE)
    problem, article = poll(MaildirFeed(str(box)))
    assert isinstance(problem, SourceError)
    assert "has no plain text" in str(problem)
    assert isinstance(article, Article)


def test_what_is_no_maildir_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no Maildir"):
        MaildirFeed(str(tmp_path))
