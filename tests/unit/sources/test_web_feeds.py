"""Feeds on the web, against a server with every misbehaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SettingsError, TransientError
from pipeline.record import Article
from pipeline.sources.feeds.config import Watched, load
from pipeline.sources.feeds.fetching import Fetcher, FetchError, Manners
from pipeline.sources.feeds.watching import Watching, _pause
from pipeline.sources.formats import Intake
from pipeline.sources.limits import Limits
from tests.support.web_feeds import TEXT, MemoryOfFeeds, item, rss, serving

_MANNERS = {"delay": 0, "timeout": 1.0, "allow_private": True}


def _intake(source: str | None) -> Intake:
    return Intake(Limits(), source, lambda: datetime(2026, 3, 3, tzinfo=UTC))


@dataclass
class Newsroom:
    """Where the articles go, and what was said."""

    articles: list[Article] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    refuses: Mapping[str, str] = field(default_factory=dict)
    away: bool = False

    def deliver(self, articles: Sequence[Article]) -> Mapping[str, str]:
        if self.away:
            raise TransientError("the broker is away")
        self.articles += [one for one in articles if one.article_id not in self.refuses]
        return {
            one.article_id: self.refuses[one.article_id] for one in articles if one.article_id in self.refuses
        }

    def problem(self, _: str, line: str) -> None:
        self.said.append(line)

    def looked(self, _: str, *, accepted: int, skipped: int, outcome: str) -> None:
        assert accepted >= 0 <= skipped
        self.outcomes.append(outcome)


async def _look(memory: MemoryOfFeeds, room: Newsroom, *feeds: dict[str, Any]) -> Watching:
    watched = Watched.model_validate({"feed": [{**_MANNERS, **feed} for feed in feeds]})
    watching = Watching(watched, memory, _intake, room.deliver, room)
    await watching.run(asyncio.Event(), once=True)
    return watching


def test_each_item_is_taken_once_oldest_first_and_an_unchanged_feed_is_not_sent_again() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            for _ in range(3):
                await _look(memory, room, {"url": f"{url}/good"})
            assert [one.title for one in room.articles] == ["Story 2", "Story 1"]
            server.bodies["/good"] = rss(item(3), item(1), item(2))
            await _look(memory, room, {"url": f"{url}/good"})
        assert [one.title for one in room.articles] == ["Story 2", "Story 1", "Story 3"]
        assert room.outcomes == ["new", "unchanged", "unchanged", "new"]
        assert room.said == []

    asyncio.run(run())


def test_an_item_whose_words_change_is_taken_again_as_the_same_article() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            await _look(memory, room, {"url": f"{url}/good"})
            server.bodies["/good"] = rss(item(1, TEXT + " This was corrected."), item(2))
            await _look(memory, room, {"url": f"{url}/good"})
        assert [one.title for one in room.articles] == ["Story 2", "Story 1", "Story 1"]
        assert room.articles[1].article_id == room.articles[2].article_id

    asyncio.run(run())


@pytest.mark.parametrize("refusing", [True, False])
def test_what_the_broker_did_not_take_is_sent_again_after_a_restart(refusing: bool) -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (_, url):
            feed = {"url": f"{url}/good"}
            await _look(memory, room, feed)
            first = list(room.articles)
            memory, room = (
                MemoryOfFeeds(),
                Newsroom(away=not refusing, refuses={first[0].article_id: "no room"}),
            )
            if refusing:
                await _look(memory, room, feed)
                assert len(memory.seen) == 1
            else:
                with pytest.raises(ExceptionGroup):
                    await _look(memory, room, feed)
                assert memory.seen == set()
            room = Newsroom()
            await _look(memory, room, feed)
        assert room.articles == (first[:1] if refusing else first)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("slow", "did not answer in full within 1 s"),
        ("trickle", "did not answer in full within 1 s"),
        ("endless", "has more than 100,000 bytes, unpacked: the limit is max_bytes"),
        ("bomb", "has more than 100,000 bytes, unpacked: the limit is max_bytes"),
        ("packed-file", "has more than 100,000 bytes, unpacked: the limit is max_bytes"),
        ("brotli", "is packed as 'br', which was not asked for"),
        ("not-packed", "is packed wrongly"),
        ("cut", "gave no proper answer"),
        ("picture", "is no feed and no sitemap, but image/png: correct its address"),
        ("page", "is no feed and no sitemap, but text/html: correct its address"),
        ("busy", "answers 429 Too Many Requests"),
        ("gone", "answers 410 Gone: it was taken away; take it out of the list"),
        ("failing", "answers 500"),
        ("missing", "answers 404"),
        ("loop", "redirects more than 5 times: correct its address"),
        ("to-file", "redirects to 'file:///etc/hostname', which is no web address"),
        ("broken", "is a feed that is broken"),
        ("xxe", "declares entities of its own"),
    ],
)
def test_a_misbehaving_server_costs_its_feed_alone_and_is_named_in_one_line(path: str, problem: str) -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (_, url):
            bad = {"url": f"{url}/{path}", "max_bytes": 100_000}
            watching = await _look(memory, room, bad, {"url": f"{url}/good"})
        assert watching.failed
        assert [one.title for one in room.articles] == ["Story 2", "Story 1"]
        (line,) = room.said
        assert line.startswith(f"{bad['url']}: ")
        assert problem in line
        assert "\n" not in line
        assert memory.states[str(bad["url"])]["failures"] == 1

    asyncio.run(run())


def test_a_fault_that_goes_on_is_told_once() -> None:
    async def run() -> None:
        memory, room, stop = MemoryOfFeeds(), Newsroom(), asyncio.Event()
        thrice = asyncio.Event()

        class Counting(Newsroom):
            def looked(self, _: str, *, accepted: int, skipped: int, outcome: str) -> None:
                super().looked(_, accepted=accepted, skipped=skipped, outcome=outcome)
                if len(self.outcomes) == 3:
                    thrice.set()

        async with serving() as (_, url):
            room = Counting()
            feed = {**_MANNERS, "url": f"{url}/failing", "every": 0.1}
            watching = Watching(Watched.model_validate({"feed": [feed]}), memory, _intake, room.deliver, room)
            running = asyncio.create_task(watching.run(stop))
            await asyncio.wait_for(thrice.wait(), 20)
            stop.set()
            await running
        assert room.outcomes == ["failed"] * 3
        assert len(room.said) == 1

    asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    async def run() -> str:
        async with serving() as (server, url):
            port = url.rpartition(":")[2]
            async with Fetcher("test") as fetcher:
                with pytest.raises(FetchError) as caught:
                    await fetcher.get(f"http://{host}:{port}/good", Manners(timeout=2, delay=0))
            assert server.asked == []
        return str(caught.value)

    assert "private address" in asyncio.run(run())


def test_robots_txt_is_heeded_unless_the_file_says_otherwise() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            server.robots = "User-agent: *\nDisallow: /*oo"
            await _look(memory, room, {"url": f"{url}/good"})
            assert server.asked == ["/robots.txt"]
            assert room.said[0].startswith(f"{url}/good: its robots.txt forbids this address")
            await _look(memory, room, {"url": f"{url}/good", "robots": False})
        assert len(room.articles) == 2

    asyncio.run(run())


def test_the_page_behind_a_summary_gives_the_text_and_the_feed_the_rest() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            server.bodies["/good"] = rss(
                item(1, "Short.", f"{url}/page"), item(2, "Short.", f"{url}/missing")
            )
            await _look(memory, room, {"url": f"{url}/good", "full_text": True, "source": "Courier"})
        first, second = room.articles
        assert second.text.startswith("Story 1\n\nThe ferry to Larkholm")
        assert "paragraph 3" in second.text
        assert (second.source, second.published_at) == ("Courier", datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
        assert (
            first.text == "Story 2\n\nShort."
        )  # the page can't be had for good: what the feed says is taken
        (line,) = room.said
        assert line == f"{url}/missing: answers 404 Not Found"

    asyncio.run(run())


def test_a_page_that_is_away_for_a_while_is_asked_again_and_its_item_not_lost() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            server.bodies["/good"] = rss(item(1, "Short.", f"{url}/failing"))
            feed = {"url": f"{url}/good", "full_text": True}
            await _look(memory, room, feed)
            assert room.articles == []
            server.bodies["/failing"] = server.bodies["/page"].replace("Ferry late", "Ferry later")
            await _look(memory, room, feed)
        assert [one.title for one in room.articles] == ["Story 1"]

    asyncio.run(run())


def test_a_sitemap_in_parts_leads_to_its_pages() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            server.bodies["/index"] = f"<sitemapindex><sitemap><loc>{url}/map</loc></sitemap></sitemapindex>"
            server.bodies["/map"] = (
                '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
                'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
                f"<loc>{url}/page</loc><news:news><news:publication><news:name>The Fen Courier</news:name>"
                "<news:language>en</news:language></news:publication><news:title>Ferry very late</news:title>"
                "<news:publication_date>2026-03-02</news:publication_date></news:news></url></urlset>"
            )
            await _look(memory, room, {"url": f"{url}/index"})
        (article,) = room.articles
        assert (article.title, article.source, article.url) == (
            "Ferry very late",
            "The Fen Courier",
            f"{url}/page",
        )
        assert article.text.startswith("Ferry very late\n\n")

    asyncio.run(run())


def test_very_many_items_come_in_portions_and_none_is_left_out() -> None:
    async def run() -> None:
        memory, room = MemoryOfFeeds(), Newsroom()
        async with serving() as (server, url):
            server.bodies["/good"] = rss(*(item(number, f"{TEXT} {number}.") for number in range(2500)))
            for _ in range(4):
                await _look(memory, room, {"url": f"{url}/good", "max_items": 1000, "timeout": 30})
        assert len({one.article_id for one in room.articles}) == len(room.articles) == 2500

    asyncio.run(run())


@pytest.mark.parametrize(
    ("failures", "wait", "lasting", "expected"),
    [
        (0, None, False, 60),
        (3, None, False, 480),
        (50, None, False, 3600),
        (0, 7200.0, False, 7200),
        (0, None, True, 600),
    ],
)
def test_the_pause_doubles_up_to_an_hour_and_heeds_the_server(
    failures: int, wait: float | None, lasting: bool, expected: float
) -> None:
    assert _pause(60, failures, wait, lasting=lasting) == expected


def test_a_wrong_file_is_refused_with_every_wrong_field_named(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text('[[feed]]\nurl = "ftp://x"\nevry = 5\n[[feed]]\nurl = "http://x.example"\nevery = -1\n')
    with pytest.raises(SettingsError) as caught:
        load(path)
    line = str(caught.value)
    assert "\n" not in line
    for part in ("feed 1: url: ", "feed 1: evry: ", "feed 2: every: "):
        assert part in line
