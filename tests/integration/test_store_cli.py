"""The commands that search the store, as a user runs them, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from pipeline.cli import output, search, show
from pipeline.cli.main import app
from pipeline.errors import PipelineError, SettingsError, UsageError
from pipeline.record import Duplicate, LogPosition, Verdict
from pipeline.record.codec import encode
from pipeline.stores.reader import StoreReader
from pipeline.stores.sql.store import SqlStore
from tests.unit.stores.builders import NOON, TEXT, full_record, record

Run = Callable[..., Result]


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `pipeline …` on a store with three copies of one story, one of them shortened and updated."""
    exact = Duplicate(verdict=Verdict.EXACT, cluster_id="bridge", duplicate_of="bridge")
    update = Duplicate(
        verdict=Verdict.UPDATE, cluster_id="bridge", duplicate_of="bridge", jaccard=0.61, containment=0.7
    )
    later = TEXT.replace(" Tom Reed, of Reed Shipping, was less pleased.", " The old ferry is for sale.")
    copy = full_record("copy", source="Marsh\x1b[31m Mail").model_copy(update={"duplicate": exact})
    late = record("late", text=later, published=NOON, source="Delta Daily", duplicate=update)
    SqlStore(engine).write([full_record(), copy, late])
    for module in (search, show):
        monkeypatch.setattr(module, "open_store", lambda: StoreReader(SqlStore(engine)))
    monkeypatch.setattr(search, "configured_store", lambda _: SqlStore(engine))
    monkeypatch.setattr(output.stdout, "width", 200)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def _lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_quotes_shows_a_statement_once_with_its_copies(run: Run) -> None:
    [found] = _lines(run("quotes", "--speaker", "Quill", "--about", "bridge", "--json"))
    assert found["speaker"] == "Ada Quill"
    assert found["copies"] == 2
    assert found["time"] == "2031-05-04T11:00:00Z"


def test_quotes_as_a_table_has_a_line_a_statement(run: Run) -> None:
    result = run("quotes", "--about", "ferries")
    assert result.exit_code == 0
    assert "“The ferries may rest at last,”" in " ".join(result.stdout.split())


def test_quotes_outside_the_time_range_are_not_found(run: Run) -> None:
    assert _lines(run("quotes", "--until", "2031-05-04", "--json")) == []
    assert len(_lines(run("quotes", "--since", "2031-05-04", "--json"))) == 1


def test_nothing_found_is_said_on_stderr_and_no_error(run: Run) -> None:
    result = run("quotes", "--speaker", "Nobody Atall")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no such statement" in result.stderr


def test_a_search_without_words_is_wrong_usage(run: Run) -> None:
    assert isinstance(run("quotes", "--about", "?").exception, UsageError)


def test_articles_lists_those_that_name_somebody(run: Run) -> None:
    found = _lines(run("articles", "--naming", "Ada Quill", "--json"))
    assert [article["article_id"] for article in found] == ["bridge", "copy"]
    assert found[0]["names"] == ["Ada Quill"]
    assert (
        len(_lines(run("articles", "--naming", "Quill", "--type", "person", "--limit", "1", "--json"))) == 1
    )


def test_articles_are_found_by_all_that_is_known_of_them(run: Run) -> None:
    everything = _lines(run("articles", "--json"))
    assert [found["article_id"] for found in everything] == ["late", "bridge", "copy"]
    for options, ids in (
        (["--verdict", "exact", "--verdict", "update"], ["late", "copy"]),
        (["--words", "sale"], ["late"]),
        (["--source", "The Fen Courier", "--language", "en"], ["bridge"]),
        (["--naming", "Quill", "--verdict", "original"], ["bridge"]),
        (["--language", "de"], []),
        (["--limit", "1"], ["late"]),
    ):
        assert [found["article_id"] for found in _lines(run("articles", *options, "--json"))] == ids, options
    assert isinstance(run("articles", "--type", "GPE").exception, UsageError)


def test_statements_are_found_by_kind_outlet_and_how_sure_they_are(run: Run) -> None:
    for options, many in (
        (["--kind", "direct"], 1),
        (["--kind", "indirect"], 0),
        (["--source", "Delta Daily"], 0),
        (["--confidence", "0.9"], 1),
        (["--confidence", "0.95"], 0),
    ):
        assert len(_lines(run("quotes", *options, "--json"))) == many, options


@pytest.mark.parametrize("command", ["quotes", "articles", "articles --naming Quill", "entities", "clusters"])
def test_what_is_found_comes_as_csv_too(run: Run, command: str) -> None:
    records = _lines(run(*command.split(), "--json"))
    result = run(*command.split(), "--csv")
    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [list(row) for row in rows] == [list(record) for record in records]
    assert [row.get("article_id") for row in rows] == [record.get("article_id") for record in records]


def test_entities_lists_the_most_named(run: Run) -> None:
    found = _lines(run("entities", "--top", "2", "--type", "person", "--json"))
    assert [(entity["name"], entity["articles"]) for entity in found] == [("Ada Quill", 2), ("Tom Reed", 2)]


def test_a_name_that_is_not_stored_brings_the_nearest(run: Run) -> None:
    result = run("articles", "--naming", "Ada Quil")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no stored article names that: did you mean Ada Quill?" in result.stderr


def test_aliases_are_shown_and_mended(run: Run, tmp_path: Path) -> None:
    assert [line["name"] for line in _lines(run("entities", "--alias", "Quill", "--json"))] == ["Ada Quill"]
    said = run("entities", "--alias", "The Line", "--means", "Reed Shipping", "--json")
    assert [(line["name"], line["standing"]) for line in _lines(said)] == [("Reed Shipping", "same")]
    listed = tmp_path / "aliases.toml"
    listed.write_text('[apart.ORG]\n"Reed Shipping" = ["The Line"]\n', encoding="utf-8")
    assert run("entities", "--aliases-from", str(listed)).exit_code == 0
    assert [line["standing"] for line in _lines(run("entities", "--alias", "The Line", "--json"))] == [
        "apart"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[same.ORG", "is no TOML"),
        ("[equal.ORG]", "[same.TYPE] and [apart.TYPE]"),
        ('[same]\nORG = ["a"]', "stands outside of a table"),
        ('[same.ORG]\nReed = "Line"', "needs a list of names"),
    ],
)
def test_a_file_of_aliases_that_is_none_is_wrong_usage(
    run: Run, tmp_path: Path, text: str, said: str
) -> None:
    listed = tmp_path / "aliases.toml"
    listed.write_text(text, encoding="utf-8")
    result = run("entities", "--aliases-from", str(listed))
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_what_an_alias_means_needs_the_alias(run: Run) -> None:
    assert isinstance(run("entities", "--means", "Reed Shipping").exception, UsageError)


def test_clusters_lists_the_largest_stories(run: Run) -> None:
    [found] = _lines(run("clusters", "--json"))
    assert (found["cluster_id"], found["members"], found["canonical"]) == ("bridge", 3, "bridge")


@pytest.mark.parametrize("identifier", ["bridge", "copy", "late"])
def test_a_cluster_shows_its_members_and_what_changed(run: Run, identifier: str) -> None:
    members = _lines(run("clusters", identifier, "--json"))
    assert [(member["article_id"], member["canonical"]) for member in members] == [
        ("bridge", True),
        ("copy", False),
        ("late", False),
    ]
    assert members[1]["added"] == members[1]["removed"] == []
    assert members[2]["added"] == ["The old ferry is for sale."]
    assert members[2]["removed"] == ["Tom Reed, of Reed Shipping, was less pleased."]


def test_a_cluster_as_a_table_marks_additions_and_removals_by_sign(run: Run) -> None:
    shown = run("clusters", "bridge").stdout
    assert "  + The old ferry is for sale." in shown
    assert "  - Tom Reed, of Reed Shipping, was less pleased." in shown
    assert "J 0.61 C 0.70" in shown


def test_an_unknown_cluster_is_wrong_usage(run: Run) -> None:
    assert isinstance(run("clusters", "nothing").exception, UsageError)


@pytest.mark.parametrize(
    "command",
    [["clusters"], ["clusters", "bridge"], ["articles", "--naming", "Quill"], ["entities"], ["quotes"]],
)
def test_no_control_character_of_anybodys_text_reaches_the_terminal(run: Run, command: list[str]) -> None:
    result = run(*command)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout


def test_a_store_that_was_never_made_is_a_setting_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere.db")
    result = CliRunner().invoke(app, ["quotes"])
    assert isinstance(result.exception, SettingsError)
    assert "nowhere.db" in str(result.exception)


def test_show_gives_the_record_back_as_it_is_stored(run: Run) -> None:
    result = run("show", "bridge", "--json")
    assert result.exit_code == 0
    assert result.stdout.encode() == encode(full_record()) + b"\n"


def test_show_gives_back_what_this_version_does_not_know(run: Run, engine: Engine) -> None:
    unknown = {"wire": {"desk": ["city", 1.5, None]}}
    sent = full_record("odd").model_copy(update={**unknown, "annotations": {"mood": "glad"}})
    SqlStore(engine).write([sent])
    assert json.loads(run("show", "odd", "--json").stdout) == json.loads(encode(sent))
    assert 'mood: "glad"' in run("show", "odd").stdout


def test_show_says_who_is_named_and_who_said_what(run: Run) -> None:
    lines = run("show", "copy").stdout.splitlines()
    assert lines[0].split() == ["Harbour", "bridge", "opens", "exact", "of", "Harbour", "bridge", "opens"]
    shown = [" ".join(line.split()) for line in lines]
    assert "people: Ada Quill, Tom Reed" in shown
    assert "Ada Quill [direct] “The ferries may rest at last,”" in shown
    assert "source: Marsh�[31m Mail" in shown
    assert shown[-2:] == ["cluster: bridge", "article: copy"]


def test_show_says_where_it_was_accepted_and_what_it_replaced(run: Run, engine: Engine) -> None:
    at = [LogPosition(log="log-1", offset=offset, appended_at=NOON) for offset in (3, 7)]
    SqlStore(engine).write([record("twice"), record("twice", text=f"{TEXT} Corrected.")], at)
    shown = run("show", "twice").output
    assert "accepted: message 7 of the raw topic, 2031-05-04 12:00 UTC" in shown
    assert "in place of: 1 earlier version" in shown
    assert "accepted" not in run("show", "bridge").output, "of an earlier version of the program"


def test_show_of_what_is_not_stored_says_so_in_a_line(run: Run) -> None:
    error = run("show", "nothing").exception
    assert isinstance(error, PipelineError)
    assert not isinstance(error, UsageError), "exit code 1: the question was right"
    assert str(error) == "nothing: no such article is stored"
