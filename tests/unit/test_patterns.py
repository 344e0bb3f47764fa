"""No regular expression of the product takes more than linear time, whatever a text is made of."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

import pytest

import pipeline
from pipeline.languages import ENGLISH
from tests.support.attacks import successful_attack

_NO_MODULES = (
    "pipeline.__main__",
    "pipeline.stores.sql.migrations.",
)  # scripts that run when they are imported
_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "split")

# Functions that compile patterns, with the arguments that they are called with.
_FACTORIES: dict[str, list[tuple[Any, ...]]] = {
    "pipeline.stages.duplicates.takes._at_the_beginning": [()],
    "pipeline.stages.duplicates.takes._in_brackets": [()],
    "pipeline.stages.entities.clean._against": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._award": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._credit": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._glued": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._leading": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._of_two": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._particle_between": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._party": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._prefixed": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._side": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._title_within": [(ENGLISH.names,)],
    "pipeline.stages.entities.clean._titled_name": [(ENGLISH.names,)],
    "pipeline.stages.entities.datelines._pattern": [(ENGLISH.names,)],
    "pipeline.stages.entities.descriptions._seat": [(ENGLISH.names,)],
    "pipeline.stages.entities.passages._pattern": [
        (ENGLISH.names, kind) for kind in ("teasers", "credits", "bylines")
    ],
    "pipeline.stages.entities.propagate._of_members": [(ENGLISH.names,)],
    "pipeline.stages.entities.propagate._rest": [(ENGLISH.names,)],
    "pipeline.stages.entities.sexes._pronoun": [(ENGLISH.names,)],
    "pipeline.stages.entities.extend._pattern": [(ENGLISH.names,)],
    "pipeline.stages.quotes.coreference._role_after": [(ENGLISH.speech,)],
    "pipeline.stages.quotes.fragments._elision": [(ENGLISH.speech,)],
}

# What is used on a bounded stretch alone (characters), whatever the length of the text.
_WINDOWS = {
    "pipeline.stages.duplicates.takes._at_the_beginning(0)": 400,
    "pipeline.stages.duplicates.takes._in_brackets(0)": 400,
    "pipeline.stages.entities.datelines._pattern(0)": 90,
    "pipeline.stages.quotes.coreference._OPENING": 24,
    "pipeline.stages.quotes.coreference._role_after(0)": 64,
}


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not found.name.startswith(_NO_MODULES):
            yield importlib.import_module(found.name)


def _patterns() -> dict[str, re.Pattern[Any]]:
    """Every compiled pattern of the product by where it is."""
    found: dict[str, re.Pattern[Any]] = {}
    for module in _modules():
        for name, value in list(vars(module).items()):
            found.update(_in(value, f"{module.__name__}.{name}", module.__name__))
    for factory, arguments in _FACTORIES.items():
        module_name, _, name = factory.rpartition(".")
        make = getattr(importlib.import_module(module_name), name)
        found.update({f"{factory}({at})": make(*given) for at, given in enumerate(arguments)})
    return found


def _in(value: Any, where: str, module: str, depth: int = 3) -> Iterator[tuple[str, re.Pattern[Any]]]:
    if isinstance(value, re.Pattern):
        yield where, value
    elif isinstance(value, type) and value.__module__ == module and depth:
        for name, inner in vars(value).items():
            yield from _in(inner, f"{where}.{name}", module, depth - 1)
    elif isinstance(value, Mapping) and depth:
        for key, inner in value.items():
            yield from _in(inner, f"{where}[{key!r}]", module, depth - 1)
    elif isinstance(value, list | tuple | set | frozenset) and depth:
        for at, inner in enumerate(value):
            yield from _in(inner, f"{where}[{at}]", module, depth - 1)


@cache
def _uses() -> dict[str, set[str]]:
    """What patterns are asked to do, by their names and modules in the source."""
    found: dict[str, set[str]] = {}
    for module in _modules():
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Attribute) and node.attr in _METHODS:
                owner = node.value.func if isinstance(node.value, ast.Call) else node.value
                if isinstance(owner, ast.Name):
                    found.setdefault(f"{module.__name__}.{owner.id}", set()).add(node.attr)
    return found


def _methods(where: str) -> set[str]:
    """How a pattern is used; whatever looks at every place of a text takes the time of a search that fails."""
    uses = _uses().get(where.split("(", maxsplit=1)[0].split("[", maxsplit=1)[0], {"search"})
    return {use if use in ("match", "fullmatch") else "search" for use in uses}


PATTERNS = _patterns()


def test_the_patterns_of_all_parts_are_found() -> None:
    parts = {where.split(".")[1] for where in PATTERNS}
    assert {"sources", "stages"} <= parts
    assert len(PATTERNS) > 60


def test_functions_that_compile_patterns_are_known() -> None:
    makers = {
        f"{module.__name__}.{name}"
        for module in _modules()
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", "") == module.__name__
        and str(getattr(value, "__annotations__", {}).get("return", "")) == "re.Pattern[str]"
    }
    assert makers == set(_FACTORIES)


@pytest.mark.parametrize("where", sorted(PATTERNS))
def test_a_pattern_takes_linear_time(where: str) -> None:
    pattern = PATTERNS[where]
    for method in sorted(_methods(where)):
        found = successful_attack(pattern, getattr(pattern, method), window=_WINDOWS.get(where))
        assert found is None, f"{where}.{method} of {found}: {pattern.pattern!r}"


@pytest.mark.parametrize(
    "bad",
    [
        r"(?:['’]s?|[\s\"“”‘'«»)\],;:!?–—-])+\Z",  # exponential, as the end of a name once was cut
        r"(a+)+\d",
        r"(?:a|b|ab)*c",
        r"\s+(?=\S)",  # the square, from each blank to the last
        r"x*y",
        r"[A-Z](?<!\w.)[\w'’-]+\.? [A-Z]",
        r"\n[^\S\n]*\s*x",
        r"(\w+)@(\w+)\.com",
    ],
)
def test_a_pattern_that_takes_more_is_found_out(bad: str) -> None:
    pattern = re.compile(bad)
    assert successful_attack(pattern, pattern.search) is not None


@pytest.mark.parametrize("good", [r"\w+", r"(?<!\s)\s++(?=\S)", r"a*+b*+c?", r"<[^<>]{0,50}>", r"(?:a|b)++"])
def test_a_pattern_that_takes_linear_time_is_not(good: str) -> None:
    pattern = re.compile(good)
    assert successful_attack(pattern, pattern.search) is None
