"""The versions that the rolling upgrade is tried with can be made of the code as it is, and differ as they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.versions import VERSIONS, version
from tests.support.workers import environment
from tests.unit.record.unknown import RECORD

_PROGRAM = """
import sys
from pipeline.record.codec import decode_record, encode
sys.stdout.buffer.write(encode(decode_record(sys.stdin.buffer.read())))
"""
_ADDS = {
    "one field more": {"edition": "late"},
    "annotating": {"annotations": {"desk": ["city", {"page": 3}]}},
}


@pytest.mark.parametrize("name", VERSIONS)
def test_a_version_reads_and_writes_what_this_one_does(name: str, tmp_path: Path) -> None:
    sent = json.loads(RECORD.model_dump_json()) | {"wire": 1}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(version(name, tmp_path))),
        input=json.dumps(sent).encode(),
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    expected = sent | _ADDS.get(name, {})
    for quote in expected["quotes"] if name == "one field more" else ():
        quote["tone"] = None
    if name == "forgetful":
        del expected["wire"]
    assert found == expected
