"""The console with a real pipeline beneath it, as a command and in a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from pipeline.questions.question import question_of
from pipeline.stores.base import standing_of
from pipeline.stream.alerting import alerting_for
from pipeline.web.console.article import visible
from pipeline.web.console.server import Console
from tests.integration.conftest import NewPipeline
from tests.support.newsroom import HOSTILE, newsroom
from tests.support.pipelines import LivePipeline
from tests.unit.builders import article
from tests.unit.stores.builders import NOON, record

pytestmark = pytest.mark.long

_DAY = timedelta(days=1)
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SECONDS = 30


@pytest.fixture
def chromium() -> Iterator[Browser]:
    if not _CHROMIUM:
        missing = "there is no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> LivePipeline:
    pipeline = new_pipeline()
    pipeline.store.write(newsroom())
    return pipeline


@pytest.fixture
def served(pipeline: LivePipeline) -> Iterator[str]:
    settings = pipeline.settings.model_copy(update={"console_port": 0})
    with Console(settings) as console:
        yield console.url


def _read(page: Page) -> str:
    """The headline of an article and its text as they are shown."""
    return "\n\n".join(page.locator(part).text_content() or "" for part in (".sheet h1", ".text"))


def _events(url: str) -> Iterator[tuple[str, str]]:
    """Server-sent events by name."""
    name, data = "", ""
    with urllib.request.urlopen(f"{url}live", timeout=_SECONDS) as answer:  # noqa: S310 - our own
        for line in answer:
            text = line.decode().rstrip("\n")
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: "):
                data += text.removeprefix("data: ") + "\n"
            elif not text and data:
                yield name, data
                name, data = "", ""


def test_the_command_says_where_it_is_and_ends_when_it_is_told_to(pipeline: LivePipeline) -> None:
    command = (sys.executable, "-m", "pipeline", "console", "--port", "0", "--json")
    with subprocess.Popen(
        command, cwd=pipeline.folder, env=pipeline.environment, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        ready = json.loads(process.stdout.readline())
        with urllib.request.urlopen(f"{ready['url']}api/v1/articles/pier", timeout=_SECONDS) as answer:  # noqa: S310 - our own
            assert json.load(answer)["article"]["article_id"] == "pier"
        events = _events(ready["url"])
        next(events)  # somebody looks while it ends
        process.send_signal(signal.SIGTERM)
        assert process.wait(_SECONDS) == 0
    assert ready["event"] == "ready"


def test_an_open_address_without_a_token_is_refused(pipeline: LivePipeline) -> None:
    command = (sys.executable, "-m", "pipeline", "console", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - refused
    done = subprocess.run(
        command, cwd=pipeline.folder, env=pipeline.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "PIPELINE_CONSOLE_TOKEN" in done.stderr


def test_whoever_looks_is_told_what_comes(pipeline: LivePipeline, served: str) -> None:
    seen: dict[str, str] = {}
    written = False
    for name, data in _events(served):
        seen[name] = data
        if not written and len(seen) == 5 and "lag 0" in seen["flow"]:
            pipeline.store.write(
                [record("new", text="Zeppelin lands\n\nIt landed.", ingested=NOON + 9 * _DAY)]
            )
            pipeline.publish([article("a1")])  # which nobody works on
            written = True
        told = (("newest", "Zeppelin lands"), ("flow", "lag 1"), ("letters", "None is open"))
        if written and all(words in seen[part] for part, words in told):
            return
    pytest.fail("the console ended its stream")


def test_the_stream_is_live_in_a_browser(pipeline: LivePipeline, served: str, chromium: Browser) -> None:
    page, faults = _opened(chromium)
    page.goto(served)
    expect(page.locator("[data-pulse]")).to_have_text("live")
    expect(page.locator("[data-part=flow] svg")).to_contain_text("lag 0")
    pipeline.store.write([record("new", text="Zeppelin lands\n\nIt landed.", ingested=NOON + 9 * _DAY)])
    expect(page.locator("[data-part=newest] h3").first).to_have_text(
        "Zeppelin lands", timeout=_SECONDS * 1000
    )
    assert faults == []


def test_a_standing_question_that_fires_is_seen_at_once(
    pipeline: LivePipeline, served: str, chromium: Browser
) -> None:
    standing = standing_of(pipeline.store)
    standing.questions.put(question_of({"id": "zeppelins", "title": "Zeppelins", "words": "zeppelin"}))
    page, faults = _opened(chromium)
    page.goto(f"{served}alerts")
    expect(page.locator("[data-part=alerts]")).to_contain_text("No question was answered")
    expect(page.locator("[data-pulse]")).to_have_text("live")
    landed = record("new", text="Zeppelin lands\n\nIt landed.", ingested=NOON + 9 * _DAY)
    pipeline.store.write([landed])
    alerting = alerting_for(pipeline.store, least_confidence=0.0)
    assert alerting is not None
    assert alerting.answered([landed])
    alert = page.locator("[data-part=alerts] li")
    expect(alert).to_contain_text("Zeppelin lands", timeout=_SECONDS * 1000)
    assert faults == []


def test_marks_stand_at_their_words_and_light_up_together(served: str, chromium: Browser) -> None:
    page, faults = _opened(chromium)
    page.goto(f"{served}articles/pier")
    quotes = newsroom()[0].quotes
    assert [page.locator(f"#q{number}").text_content() for number in range(3)] == [one.text for one in quotes]
    assert _read(page) == newsroom()[0].article.text
    page.locator(".card").first.hover()
    assert page.locator("#q0.lit, #q1.lit").count() == 2
    assert page.locator("#q2.lit").count() == 0
    page.locator(".card a[href='#q2']").click()
    expect(page.locator("#q2")).to_be_in_viewport()
    assert faults == []


def test_markup_in_an_article_is_shown_and_not_run(served: str, chromium: Browser) -> None:
    page, faults = _opened(chromium)
    page.goto(f"{served}articles/hostile")
    assert _read(page) == visible(HOSTILE)
    assert page.locator(".sheet script, .sheet img").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0
    direction = page.locator(".text").evaluate("element => getComputedStyle(element).unicodeBidi")
    assert direction == "plaintext"
    assert faults == []


def test_a_search_is_made_with_the_keyboard_alone(served: str, chromium: Browser) -> None:
    page, faults = _opened(chromium)
    page.goto(f"{served}statements")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_label("Speaker").focus()
    page.keyboard.type("reed")
    page.keyboard.press("Enter")
    expect(page.locator(".statement")).to_have_count(2)
    expect(page.locator(".statement").first).to_contain_text("burned for many hours")
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(
    served: str, chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    page, faults = _opened(chromium, scheme=scheme)
    for path in (
        "", "articles", "articles/pier", "articles/hostile", "statements?speaker=reed&polarity=asserted", "stories",
        "stories/pier", "person?name=Tom+Reed", "api", "dead-letters", "alerts",
    ):  # fmt: skip
        page.goto(f"{served}{path}")
        found = Axe().run(page).response["violations"]
        assert [(path, one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    assert faults == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_the_screen(served: str, chromium: Browser, width: int) -> None:
    page, _ = _opened(chromium, width=width)
    for path in (
        "",
        "articles",
        "articles/pier",
        "articles/hostile",
        "statements",
        "person?name=Tom+Reed",
        "api",
    ):
        page.goto(f"{served}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def _opened(
    chromium: Browser, *, scheme: Literal["light", "dark"] = "light", width: int = 1280
) -> tuple[Page, list[str]]:
    """A page, and what goes wrong in it: scripts that fail, what the policy refuses, dialogs."""
    page = chromium.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))

    def refuse(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    return page, faults
