"""Formats of other packages: how they are found, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline import plugins
from pipeline.errors import PermanentError, PipelineError, SettingsError, SourceError
from pipeline.errors import Reason as DeadLetterReason
from pipeline.plugins import Kind
from pipeline.record import Article
from pipeline.sources import STDIN, Reason, formats, read_articles
from pipeline.sources.formats import Format, Found, Intake, attempt
from pipeline.sources.problems import UnfitError

_STORY = "Gulls win\n\nThe bridge has lost, the mayor said.\n"


class Shout(Format):
    """A format whose files are in capitals; it fails on what the test says."""

    name = "shout"
    suffixes: tuple[str, ...] = (".shout",)
    error: Exception | None = None
    sniff_error: Exception | None = None
    gives: object = None

    def sniff(self, start: bytes) -> bool:
        if self.sniff_error:
            raise self.sniff_error
        return start.startswith(b"!")

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        text = b"".join(pieces).decode().lower()
        yield 1, attempt(lambda: intake.text_article(text))
        if self.error:
            raise self.error
        if self.gives is not None:
            yield self.gives  # type: ignore[misc]


@pytest.fixture
def shout(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shout]:
    added = Shout()
    _install(monkeypatch, shout=added)
    yield added
    formats.installed.cache_clear()


def _install(monkeypatch: pytest.MonkeyPatch, **added: object) -> None:
    entries = [EntryPoint(name, f"added:{name}", Kind.FORMAT) for name in added]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == Kind.FORMAT else [])
    monkeypatch.setattr(EntryPoint, "load", lambda entry: added[entry.name])
    formats.installed.cache_clear()


def _folder(folder: Path) -> Path:
    (folder / "a.shout").write_text(_STORY.upper())
    (folder / "b.txt").write_text(_STORY)
    return folder


def _outline(found: Iterable[Article | SourceError]) -> list[str]:
    return ["article" if isinstance(one, Article) else one.reason for one in found]


@pytest.mark.usefixtures("shout")
def test_a_format_of_another_package_is_told_by_its_suffix_or_by_how_a_file_begins(tmp_path: Path) -> None:
    (shouted, plain) = read_articles([_folder(tmp_path)])
    assert isinstance(shouted, Article)
    assert isinstance(plain, Article)
    assert (shouted.text, plain.text) == (_STORY.lower(), _STORY)
    (tmp_path / "unnamed").write_text("!LOUD")
    (unnamed,) = read_articles([tmp_path / "unnamed"])
    assert isinstance(unnamed, Article)
    assert unnamed.text == "!loud"


@pytest.mark.usefixtures("shout")
def test_what_is_skipped_is_told_its_suffix_too(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    (skipped,) = read_articles([tmp_path])
    assert ".shout .zip" in str(skipped)
    assert "(each also .gz .bz2 .xz .zst)" in str(skipped)


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("no marmalade\nand no butter"),
        RecursionError("too deep"),
        StopIteration("once more"),
        SourceError("elsewhere", "is wrong", reason="odd"),
        PermanentError(DeadLetterReason.TOO_LARGE, "no letter here"),
    ],
)
def test_a_format_that_raises_costs_its_file_in_one_line_and_the_run_goes_on(
    tmp_path: Path, shout: Shout, error: Exception
) -> None:
    shout.error = error
    found = list(read_articles([_folder(tmp_path)]))
    assert _outline(found) == ["article", Reason.FORMAT_FAILED, "article"]
    assert str(found[1]).startswith(f"{tmp_path}/a.shout: can't be read on: the format shout failed: ")
    assert str(found[1]).isprintable()


def test_a_problem_that_it_names_itself_is_that_of_the_file(tmp_path: Path, shout: Shout) -> None:
    shout.error = UnfitError(Reason.TOO_COMPLEX, "is too loud")
    assert _outline(read_articles([_folder(tmp_path)])) == ["article", Reason.TOO_COMPLEX, "article"]


def test_what_the_run_lacks_is_blamed_on_no_file(tmp_path: Path, shout: Shout) -> None:
    shout.error = PipelineError("there is no room for temporary files")
    with pytest.raises(PipelineError, match="no room"):
        list(read_articles([_folder(tmp_path)]))


@pytest.mark.parametrize("gives", ["text", (1, "text"), ("1", UnfitError(Reason.EMPTY, "is empty")), 3])
def test_a_format_that_gives_no_article_costs_its_file(tmp_path: Path, shout: Shout, gives: object) -> None:
    shout.gives = gives
    assert _outline(read_articles([_folder(tmp_path)])) == ["article", Reason.FORMAT_FAILED, "article"]


def test_a_problem_that_it_words_in_two_lines_is_one(tmp_path: Path, shout: Shout) -> None:
    shout.gives = (7, UnfitError(Reason.EMPTY, "is\nempty"))
    found = list(read_articles([_folder(tmp_path)]))
    assert str(found[1]) == f"{tmp_path}/a.shout:7: is\\nempty"


def test_a_format_that_raises_at_the_beginning_of_a_file_costs_that_file(
    tmp_path: Path, shout: Shout
) -> None:
    shout.sniff_error = ValueError("what is that?")
    (tmp_path / "unnamed").write_text("gulls")
    found = read_articles([tmp_path / "unnamed", _folder(tmp_path) / "b.txt"])
    assert _outline(found) == [Reason.FORMAT_FAILED, "article"]


def _shout(**changed: object) -> object:
    made = Shout()
    for name, value in changed.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        (Shout, "is no object with all that"),
        (SimpleNamespace(name="shout", suffixes=()), "is no object with all that"),
        (_shout(name="cry"), "has to be the entry point's, not 'cry'"),
        (_shout(suffixes=".shout"), "have to be a tuple"),
        (_shout(suffixes=("shout",)), "have to be a tuple"),
        (_shout(suffixes=(".Shout",)), "have to be a tuple"),
        (_shout(suffixes=(".gz",)), "have to be a tuple"),
        (_shout(suffixes=(".json",)), "the suffix .json is that of the format json"),
    ],
)
def test_what_is_no_format_or_claims_a_suffix_that_is_taken_is_said_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, added: object, problem: str
) -> None:
    _install(monkeypatch, shout=added)
    with pytest.raises(SettingsError, match=r"^plug-in shout \(news_pipeline\.formats\): ") as raised:
        next(read_articles([STDIN]))
    assert problem in str(raised.value)
    formats.installed.cache_clear()
