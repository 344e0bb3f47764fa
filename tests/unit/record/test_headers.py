"""Headers of messages: what anybody wrote into them is passed on, or counts as absent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.record import TraceContext, schema_header

_PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_message_says_which_schema_it_has() -> None:
    assert schema_header("record") == ("pipeline-schema", b"record/1")


@given(
    parent=st.from_regex(r"[0-9a-e][0-9a-f]-[1-9][0-9a-f]{31}-[1-9][0-9a-f]{15}-[0-9a-f]{2}", fullmatch=True),
    state=st.none()
    | st.from_regex(r"[a-z]{1,8}=[a-z0-9]{1,20}(,[a-z]{1,8}=[a-z0-9]{1,20}){0,6}", fullmatch=True),
)
def test_a_trace_comes_out_as_it_went_in(parent: str, state: str | None) -> None:
    headers = {"traceparent": parent.encode()} | ({} if state is None else {"tracestate": state.encode()})
    trace = TraceContext.from_headers(headers)
    assert trace is not None
    assert dict(trace.to_headers()) == headers


@pytest.mark.parametrize(
    "parent",
    [
        b"",
        b"\xff",
        b"yes",
        _PARENT[:-1].encode(),
        _PARENT.upper().encode(),
        f"ff{_PARENT[2:]}".encode(),
        f"00-{'0' * 32}-b7ad6b7169203331-01".encode(),
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01".encode(),
        f"{_PARENT}-{'x' * 1000}".encode(),
    ],
)
def test_what_is_no_trace_counts_as_absent(parent: bytes) -> None:
    assert TraceContext.from_headers({"traceparent": parent}) is None
    assert TraceContext.from_headers({"tracestate": b"desk=1"}) is None


@pytest.mark.parametrize("state", ["x" * 600, "käse=1"])
def test_a_state_that_nobody_could_pass_on_is_left_out_alone(state: str) -> None:
    trace = TraceContext.from_headers({"traceparent": _PARENT, "tracestate": state})
    assert trace == TraceContext(traceparent=_PARENT)


@given(st.binary(max_size=100), st.binary(max_size=600))
def test_no_header_raises(parent: bytes, state: bytes) -> None:
    TraceContext.from_headers({"traceparent": parent, "tracestate": state})
