from __future__ import annotations

import aiokafka.codec
import kafka.codec
import pytest

from pipeline.kafka.codecs import unreadable


@pytest.mark.parametrize(
    ("workers", "commands", "packages"),
    [
        (True, True, None),
        (False, True, "cramjam"),
        (True, False, "zstandard"),
        (False, False, "cramjam zstandard"),
    ],
)
def test_a_codec_has_to_be_readable_by_both_clients(
    monkeypatch: pytest.MonkeyPatch, workers: bool, commands: bool, packages: str | None
) -> None:
    monkeypatch.setattr(aiokafka.codec, "has_zstd", lambda: workers)
    monkeypatch.setattr(kafka.codec, "has_zstd", lambda: commands)
    assert unreadable().get("zstd") == packages


def test_gzip_needs_nothing() -> None:
    assert "gzip" not in unreadable()
