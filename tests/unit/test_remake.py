from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeline.kafka.remake import _sendable


@pytest.mark.parametrize(
    ("key", "value", "sent"),
    [(b"a", b"{}", b"{}"), (b"a", None, None), (None, b"{}", b"{}"), (None, None, b"")],
)
def test_a_message_is_moved_as_it_is_but_for_one_that_is_nothing_at_all(
    key: bytes | None, value: bytes | None, sent: bytes | None
) -> None:
    message = SimpleNamespace(key=key, value=value, headers=[("a", b"1"), ("b", None), ("a", b"2")])
    assert _sendable(message) == (key, sent, [("a", b"1"), ("b", b""), ("a", b"2")])
