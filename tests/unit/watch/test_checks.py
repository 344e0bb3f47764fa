from __future__ import annotations

import pytest

from pipeline.settings import Settings
from pipeline.watch import checks


def test_codecs_that_cannot_be_read_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "unreadable", lambda: {"lz4": "cramjam lz4", "zstd": "cramjam zstandard"})

    found = checks._codecs(Settings(_env_file=None))

    assert found.text == "lz4 can't be read; zstd can't be read"
    assert found.fix == "pip install cramjam lz4 zstandard"
    assert found.details == {"lz4": "cramjam lz4", "zstd": "cramjam zstandard"}


def test_codecs_that_can_all_be_read_need_no_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "unreadable", dict)
    assert checks._codecs(Settings(_env_file=None)).fix == ""
