import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.sources.language import detect, normalise


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The mayor of Saltmere resigned on Monday after a long quarrel about a bridge.", "en"),
        ("Die Bürgermeisterin trat am Montag nach langem Streit über eine Brücke zurück.", "de"),
        ("La maire a démissionné lundi après une longue querelle au sujet d'un pont.", "fr"),
        ("La alcaldesa dimitió el lunes tras una larga disputa por un puente.", "es"),
        ("Burmistrz podała się do dymisji po długim sporze o most.", "pl"),
        ("Мэр подала в отставку в понедельник после долгого спора о мосте.", "ru"),
        ("市长因一座桥的长期争执于周一辞职。", "zh"),
    ],
)
def test_a_sentence_is_enough(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    "text", ['"It is late," she said.', '"No," said Ann.', "It rained.", "We were there."]
)
def test_short_english_is_english(text: str) -> None:
    assert detect(text) == "en"


def test_a_table_of_results_is_english() -> None:
    table = (
        "KESTREL HOLDINGS 3RD QTR\n\nShr 31 cts vs 22 cts\nNet 4.1 mln vs 2.9 mln\nRevs 88.2 mln vs 79.4 mln"
    )
    assert detect(table) == "en"


@pytest.mark.parametrize(
    "text", ["", "   ", "12345", "10:30", "Acme", "Mair Oduya", "A B C", "\U0001f41f", "\ud800"]
)
def test_too_little_to_tell_is_none(text: str) -> None:
    assert detect(text) is None


def test_a_foreign_name_in_english_does_not_change_the_language() -> None:
    assert (
        detect("Frauke Groß-Lühr told the Anzeiger in Zürich that she was not going to Düsseldorf.") == "en"
    )


def test_an_english_quote_does_not_change_the_language() -> None:
    text = (
        "„That is the question“, sagte die Ministerin am Abend vor der Presse in Bern und lachte dabei sehr."
    )
    assert detect(text) == "de"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("eng", "en"),
        ("deu", "de"),
        ("ger", "de"),
    ],
)
def test_codes_and_tags_become_iso_639_1(code: str, language: str) -> None:
    assert normalise(code) == language


@pytest.mark.parametrize("code", ["", "xx", "und", "mul", "English", "e n", "-", "ünd"])
def test_other_words_are_no_language(code: str) -> None:
    assert normalise(code) is None


def test_no_room_for_temporary_files_is_told_as_such_and_blames_no_file(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text("Gulls win\n\nThe bridge has lost, the mayor said.\n")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "sys.argv = ['pipeline', 'replay', '--dry-run', sys.argv[1]];"
        "from pipeline.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(story)], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"folder for temporary files" in done.stderr
    assert b"story.txt" not in done.stderr
    assert b"Traceback" not in done.stderr
