"""Other versions of the program: this one with some lines changed, in folders of their own, to run beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[2] / "pipeline"


@dataclass(frozen=True, slots=True)
class Change:
    """In a module (its path in the package), these lines instead of those."""

    module: str
    old: str
    new: str


_ANNOTATIONS = """\
    annotations: dict[str, Annotated[JsonValue, SkipValidation]] = Field(
        default={}, exclude_if=lambda found: not found
    )
"""
# No field any more. What reads it sees nothing, as if it had never been written to do so.
_NO_ANNOTATIONS = """\
    @property
    def annotations(self) -> dict[str, JsonValue]:
        return {}
"""
_PROVENANCE = "    provenance: Provenance\n"
_CUE = "    cue: Span | None = None\n"
_SAID = "    schema_version: Literal[1] = SCHEMA_VERSION\n"

VERSIONS: dict[str, tuple[Change, ...]] = {
    "this": (),
    # The record has a field more, and so has a quote, filled by the quotes stage.
    "one field more": (
        Change("record/envelope.py", _PROVENANCE, _PROVENANCE + '    edition: str = "late"\n'),
        Change("record/findings.py", _CUE, _CUE + "    tone: str | None = None\n"),
        Change(
            "stages/quotes/records.py",
            '        "cue": cue,\n',
            '        "cue": cue,\n        "tone": "plain",\n',
        ),
    ),
    # Against the next: this one annotates all that passes.
    "annotating": (
        Change(
            "record/envelope.py",
            "default={}, exclude_if",
            'default={"desk": ["city", {"page": 3}]}, exclude_if',
        ),
    ),
    "one field fewer": (Change("record/envelope.py", _ANNOTATIONS, _NO_ANNOTATIONS),),
    # As a control: what it does not know, it drops.
    "forgetful": (Change("record/base.py", 'extra="allow"', 'extra="ignore"'),),
    "later major": (
        Change("record/base.py", "SCHEMA_VERSION: Literal[1] = 1", "SCHEMA_VERSION: Literal[2] = 2"),
        Change("record/envelope.py", _SAID, _SAID.replace("[1]", "[1, 2]")),
        Change("record/deadletter.py", _SAID, _SAID.replace("[1]", "[1, 2]")),
    ),
}


def version(name: str, folder: Path) -> Path:
    """Make one of VERSIONS in the folder; gives what has to be in front in PYTHONPATH."""
    tree = folder / name.replace(" ", "-")
    shutil.copytree(_PACKAGE, tree / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    for change in VERSIONS[name]:
        module = tree / "pipeline" / change.module
        text = module.read_text(encoding="utf-8")
        assert text.count(change.old) == 1, f"{change.module} has changed: mend tests/support/versions.py"
        module.write_text(text.replace(change.old, change.new), encoding="utf-8")
    return tree
