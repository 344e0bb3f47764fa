from __future__ import annotations

from collections import Counter
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from pipeline import plugins
from pipeline.errors import SettingsError
from pipeline.plugins import Kind, with_added


def _installed(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    entries = [EntryPoint(name, value, Kind.STAGE) for name, value in values.items()]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == Kind.STAGE else [])


def test_what_another_package_adds_is_there_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, keywords="collections:Counter")
    ours: dict[str, Any] = {"quotes": int}
    found = with_added(Kind.STAGE, ours)
    assert list(found) == ["quotes", "keywords"]
    assert found["keywords"]("aab") == Counter("aab")
    assert with_added(Kind.STORE, {"sql": int}) == {"sql": int}


@pytest.mark.parametrize(
    ("value", "problem"),
    [("no.such.module:thing", "ModuleNotFoundError"), ("collections:NoSuchThing", "AttributeError")],
)
def test_what_can_not_be_loaded_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, value: str, problem: str
) -> None:
    _installed(monkeypatch, keywords=value)
    with pytest.raises(SettingsError, match=rf"plug-in keywords .* can't be loaded: {problem}"):
        with_added(Kind.STAGE, {})


def test_a_name_that_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _installed(monkeypatch, quotes="collections:Counter")
    with pytest.raises(SettingsError, match=r"plug-in quotes .* that name is taken"):
        with_added(Kind.STAGE, {"quotes": int})
