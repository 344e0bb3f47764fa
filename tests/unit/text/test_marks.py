"""The sets of quotation marks, apostrophes and dashes stand once, and whoever looks for one knows them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline
from pipeline.stages.entities.clean import cleaned
from pipeline.stages.quotes.clause import ASIDE
from pipeline.text import marks

_ROOT = Path(pipeline.__file__).parent
_TYPOGRAPHIC = frozenset(marks.QUOTATION + marks.SINGLE_LOOKALIKES + marks.DASHES) - frozenset("\"'`")
_SAMPLES = {
    "text/marks.py",
    "sources/decoding.py",  # characters that a wrong encoding shows, which are no marks there
    "stages/duplicates/normalise.py",  # the few that are common, replaced for speed before all others are
    "stages/entities/fast/engine.py",  # sentences
}


def _strings(module: ast.Module) -> Iterator[ast.Constant]:
    """The strings of a module that are no documentation."""
    documentation = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def test_no_module_writes_out_a_set_of_its_own() -> None:
    written = [
        f"{path.relative_to(_ROOT)}:{string.lineno}"
        for path in sorted(_ROOT.rglob("*.py"))
        if str(path.relative_to(_ROOT)) not in _SAMPLES
        for string in _strings(ast.parse(path.read_text(encoding="utf-8")))
        if not _TYPOGRAPHIC.isdisjoint(str(string.value))
    ]
    assert not written, f"take these marks from pipeline.text.marks: {written}"


@pytest.mark.parametrize(
    "name", [name for name in vars(marks) if name.isupper() and isinstance(getattr(marks, name), str)]
)
def test_a_set_has_each_mark_once_and_may_stand_between_the_brackets_of_a_pattern(name: str) -> None:
    marked = getattr(marks, name)
    assert len(set(marked)) == len(marked)
    assert frozenset("-]^\\").isdisjoint(marked)


@pytest.mark.parametrize("dash", sorted(marks.DASH_WORDS))
def test_every_dash_sets_words_apart_and_clings_to_no_name(dash: str) -> None:
    assert dash in ASIDE
    passage = f"{dash} Oda Fenn {dash}"
    assert [name.text for name in cleaned(0, passage, ((0, len(passage), "PERSON"),))] == ["Oda Fenn"]


def test_every_mark_has_its_upright_form() -> None:
    assert set(marks.DOUBLE.translate(marks.UPRIGHT)) == {'"'}
    assert set((marks.SINGLE + marks.SINGLE_LOOKALIKES).translate(marks.UPRIGHT)) == {"'"}
