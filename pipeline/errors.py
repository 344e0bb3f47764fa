"""Every error the pipeline raises on purpose.

PipelineError                 one clear line for the user: what, where, how to mend it
├── UsageError                the user asked for something that can't be done (exit code 2)
├── SettingsError             a setting is missing, half set or out of range (exit code 2)
│   └── InstallationError     what it runs on is not as it needs: rights, tables, a disk, a proxy (exit code 2)
├── SourceError               a file or record can't become an article; the run goes on without it
├── PermanentError            a message that will never work: it goes to the dead letters with its reason
└── TransientError            something outside is away (broker, database): waited out with backoff

Whatever else is raised is a defect of ours. Only a PermanentError is the message's fault; see decision 11.
"""

from __future__ import annotations

from enum import StrEnum


class PipelineError(Exception):
    """The root of the tree. `str(error)` is one line that a user can act on."""


class UsageError(PipelineError):
    """The command line asks for something that can't be done."""


class SettingsError(PipelineError):
    """A setting is missing, half set or out of range."""


class InstallationError(SettingsError):
    """What the program runs on is not as it needs: waiting mends nothing, a person does. No message is to blame."""


class SourceError(PipelineError):
    """A file or a record in it can't become an article.

    Args:
        where: the path, with `:LINE` when a single record is meant.
        problem: what is wrong and how to mend it.
        reason: a short fixed word for counting.
    """

    def __init__(self, where: str, problem: str, *, reason: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem
        self.reason = reason


class Reason(StrEnum):
    """Why a message is dead-lettered. Bounded, since it labels a metric."""

    NOT_JSON = "not-json"
    BAD_ENCODING = "bad-encoding"
    WRONG_SCHEMA = "wrong-schema"
    NEWER_SCHEMA = "newer-schema"
    TOO_LARGE = "too-large"
    STAGE_ERROR = "stage-error"
    STAGE_TIMEOUT = "stage-timeout"
    WORKER_DIED = "worker-died"
    NOT_STORABLE = "not-storable"
    ID_CONFLICT = "id-conflict"
    NOT_A_LETTER = "not-a-letter"  # of what lies on the dead-letter topic and is no dead letter
    UNREADABLE = "unreadable"


class PermanentError(PipelineError):
    """A message that will never work."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[PermanentError], tuple[Reason, str]]:
        """As it was made, for it to come out of another process."""
        return type(self), (self.reason, self.detail)


class TransientError(PipelineError):
    """Something outside is away; the same call may work later."""
