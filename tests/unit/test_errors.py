from __future__ import annotations

import pickle

import pytest

from pipeline.errors import (
    InstallationError,
    PermanentError,
    PipelineError,
    Reason,
    SettingsError,
    TransientError,
)


@pytest.mark.parametrize(
    "error",
    [
        PermanentError(Reason.TOO_LARGE, "huge"),
        InstallationError("no rights"),
        SettingsError("no model"),
        TransientError("away"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_out_of_another_process_as_it_was(error: PipelineError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
