from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.output import clean, plain


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in clean("\x1b[31mred\x1b]0;title\x07")
    assert "\u202e" not in clean("evil\u202egnp.exe")


def test_ordinary_text_of_any_script_stays() -> None:
    assert clean("Žluťoučký kůň – 東京, القاهرة 🚢") == "Žluťoučký kůň – 東京, القاهرة 🚢"


def test_text_is_never_read_as_markup() -> None:
    assert plain("[bold]not bold[/bold]").plain == "[bold]not bold[/bold]"


@given(st.text())
def test_whatever_comes_becomes_one_line_without_control_characters(text: str) -> None:
    shown = plain(text).plain
    assert "\n" not in shown
    assert {char for char in shown if unicodedata.category(char).startswith("C")} <= {"\u200c", "\u200d"}
