from __future__ import annotations

import shlex
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.cli.questions import app
from pipeline.questions.question import question_of
from pipeline.stores.questions import ArticleQuestion, StatementQuestion
from pipeline.web.console.keeping import Keeping, keeping

_DAY = datetime(2031, 5, 4, tzinfo=UTC)


def test_a_search_for_statements_is_kept_with_all_that_a_question_can_ask() -> None:
    asked = StatementQuestion(
        speaker="Ada Quill",
        about='ferry "harbour wall"',
        polarities=("denied", "doubted"),
        sources=("Courier",),
    )
    assert keeping(asked) == Keeping(
        "pipeline questions add ada-quill-ferry-harbour-wall-denied-doubted-courier "
        "'--title=Ada Quill, ferry \"harbour wall\", denied, doubted, Courier' '--speaker=Ada Quill' "
        "'--words=ferry \"harbour wall\"' --polarity=denied --polarity=doubted --outlet=Courier",
        (),
    )


def test_what_no_question_asks_for_is_named() -> None:
    statements = keeping(
        StatementQuestion(speaker="Quill", kinds=("direct",), least_confidence=0.5, since=_DAY)
    )
    articles = keeping(ArticleQuestion(naming="Quill", verdicts=("original",), until=_DAY))
    assert statements is not None
    assert statements.left_out == ("the kind", "the confidence", "the time")
    assert articles is not None
    assert articles.left_out == ("the verdict", "the time")


@pytest.mark.parametrize(
    "asked",
    [
        StatementQuestion(),
        StatementQuestion(since=_DAY),
        ArticleQuestion(verdicts=("exact",)),
        ArticleQuestion(naming="…"),
        ArticleQuestion(languages=("zh-Hant",)),
    ],
)
def test_what_can_not_be_asked_for_is_not_kept(asked: StatementQuestion | ArticleQuestion) -> None:
    assert keeping(asked) is None


def test_one_that_has_no_letter_for_an_id_gets_one_to_be_changed() -> None:
    kept = keeping(ArticleQuestion(naming="北京"))
    assert kept is not None
    assert kept.command == "pipeline questions add search '--title=北京' '--name=北京'"


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_command_says_to_a_shell_what_was_searched_for(naming: str, words: str) -> None:
    kept = keeping(ArticleQuestion(naming=naming, words=words))
    if kept is None:
        return
    options = dict(part.removeprefix("--").split("=", 1) for part in shlex.split(kept.command)[4:])
    question = question_of(
        {
            "id": shlex.split(kept.command)[3],
            "title": options["title"],
            "names": (options["name"],) if "name" in options else (),
            "words": options.get("words"),
        }
    )
    assert ((naming,) if naming else ()) == question.names
    assert (words or None) == question.words


def test_the_options_are_those_of_the_command() -> None:
    kept = keeping(
        StatementQuestion(speaker="Quill", about="pier", polarities=("denied",), sources=("Courier",))
    )
    assert kept is not None
    told = CliRunner().invoke(app, ["add", "--help"], env={"COLUMNS": "200"}).output
    assert all(part.split("=")[0] in told for part in shlex.split(kept.command) if part.startswith("--"))
