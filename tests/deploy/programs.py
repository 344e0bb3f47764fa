"""Programs that the tests run but that Python's packages do not bring."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
DEPLOY = PROJECT / "deploy"


def program(name: str) -> str:
    """Its path; where it is not installed, tests are skipped, but on CI they fail."""
    path = shutil.which(name)
    if path is None:
        reason = f"`{name}` is not installed (Debian has it in the package prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
