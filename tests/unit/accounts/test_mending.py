"""Messages changed by hand."""

from __future__ import annotations

import orjson
import pytest

from pipeline.accounts.mending import changed
from pipeline.errors import UsageError


def test_values_are_json_or_else_strings_and_other_fields_stay() -> None:
    found = changed(b'{"a":1,"b":{"c":2},"e":"x"}', ["a=null", "b.c=Fen Courier", "b.d=[1]", 'f="7"'])
    assert orjson.loads(found) == {"a": None, "b": {"c": "Fen Courier", "d": [1]}, "e": "x", "f": "7"}


@pytest.mark.parametrize(
    ("message", "change"), [(b"[1]", "a=1"), (b"{", "a=1"), (b"{}", "a"), (b'{"a":1}', "a.b=1")]
)
def test_what_can_not_be_set_is_refused(message: bytes, change: str) -> None:
    with pytest.raises(UsageError):
        changed(message, [change])
