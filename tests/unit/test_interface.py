"""The Python interface: one text in, its record out."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pipeline
from pipeline import Article, PipelineError, SourceError, enrich, open_store
from pipeline.errors import SettingsError
from pipeline.interface import as_article

_TEXT = "Harbour lift fails\n\n“It worked on Tuesday,” said Marta Quist. She runs the office of the harbour."
_NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def test_a_text_gives_its_record_in_one_line() -> None:
    record = enrich(_TEXT)
    assert (record.article.title, record.article.language) == ("Harbour lift fails", "en")
    assert [quote.speaker.name for quote in record.quotes if quote.speaker] == ["Marta Quist"]


def test_each_call_stands_for_itself() -> None:
    assert enrich(_TEXT).duplicate == enrich(_TEXT).duplicate


def test_the_fields_of_an_article_may_have_dates_as_python_has_them() -> None:
    article = as_article({"text": _TEXT, "published_at": _NOON, "id": 7})
    assert (article.article_id, article.published_at) == ("7", _NOON)


def test_an_article_is_taken_as_it_is_and_only_its_missing_language_is_added() -> None:
    article = Article(article_id="a", source="s", text=_TEXT, ingested_at=_NOON)
    assert as_article(article) == article.model_copy(update={"language": "en"})
    german = article.model_copy(update={"language": "de"})
    assert as_article(german) is german


def test_the_source_is_that_of_an_article_that_names_none() -> None:
    assert as_article(_TEXT, source="herald").source == "herald"
    assert as_article({"text": _TEXT, "source": "post"}, source="herald").source == "post"


@pytest.mark.parametrize(
    "nothing", ["", " \n", {"title": "t"}, {"text": 3}, {}, 7, None, ["text"], "\0", "\ud800"]
)
def test_what_is_no_article_is_one_clear_line(nothing: object) -> None:
    with pytest.raises(SourceError) as raised:
        enrich(nothing)  # type: ignore[arg-type]
    assert isinstance(raised.value, PipelineError)
    assert str(raised.value).startswith(("the text: ", "the article: "))
    assert "\n" not in str(raised.value)


def test_a_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no file"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}")


def test_every_name_of_the_interface_is_there_and_no_other() -> None:
    assert all(getattr(pipeline, name) is not None for name in pipeline.__all__)
    assert set(pipeline.__all__) <= set(dir(pipeline))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pipeline.nothing


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    code = "import sys, pipeline; print(sorted(name for name in sys.modules if name.startswith('pipeline.')))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown == "[]\n"
