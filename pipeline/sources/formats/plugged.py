"""A format of another package, held to the rules: what it does wrong costs the file, not the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.errors import PermanentError, PipelineError, SourceError
from pipeline.record import Article
from pipeline.sources.formats.base import Format, Found, Intake
from pipeline.sources.problems import Reason, UnfitError, printable

_LONGEST_DETAIL = 200


class PluggedFormat(Format):
    """See above.

    Args:
        added: the other package's.
    """

    def __init__(self, added: Format) -> None:
        self._added = added
        self.name = added.name
        self.suffixes = added.suffixes

    def sniff(self, start: bytes) -> bool:
        """See Format. Raises UnfitError: it failed."""
        try:
            return bool(self._added.sniff(start))
        except Exception as error:
            raise self._failed(error) from error

    def read(self, pieces: Iterable[bytes], intake: Intake) -> Iterator[Found]:
        """See Format. Raises UnfitError: it failed; what it gave before has been given."""
        try:
            for found in self._added.read(pieces, intake):
                yield _checked(found)
        except (UnfitError, OSError):
            raise
        except (SourceError, PermanentError) as error:
            raise self._failed(error) from error
        except PipelineError:  # what the run lacks, and no file is to blame for
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> UnfitError:
        detail = printable(f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL])
        return UnfitError(
            Reason.FORMAT_FAILED,
            f"can't be read on: the format {self.name} failed: {detail}; mend or uninstall its package",
        )


def _checked(found: Found) -> Found:
    line, outcome = found
    if not (line is None or isinstance(line, int)) or not isinstance(outcome, Article | UnfitError):
        raise TypeError(
            f"gave ({type(line).__name__}, {type(outcome).__name__}), no line with an Article or UnfitError"
        )
    if isinstance(outcome, UnfitError):
        return line, UnfitError(Reason(outcome.reason), printable(outcome.problem))
    return line, outcome
