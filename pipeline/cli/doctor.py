"""`pipeline doctor`: checks everything a worker needs, each failure with its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import typer
from pydantic import SecretStr
from rich.text import Text

from pipeline.cli.output import EXIT_PROBLEMS, EXIT_USAGE, AsJson, plain, print_json, print_table, stdout
from pipeline.errors import PipelineError
from pipeline.kafka.admin import Admin
from pipeline.kafka.codecs import CODECS, unreadable
from pipeline.kafka.topicconfig import ENSURE, Harm, said
from pipeline.settings import PREFIX, Settings
from pipeline.stages.entities import EntityStage, require_model
from pipeline.stages.registry import installed
from pipeline.stores.base import configured_store
from pipeline.stores.sql.database import masked

_STAGES = "stages"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `fix` says how to mend what is not well, `details` what was found, for programs."""

    name: str
    ok: bool
    found: str
    fix: str = ""
    details: dict[str, str] = field(default_factory=dict)


class _Found(NamedTuple):
    """What a look found; a `fix` means that it is not well."""

    text: str
    fix: str = ""
    details: Mapping[str, str] = MappingProxyType({})


def doctor(*, as_json: AsJson = False) -> None:
    """Check settings, broker, topics, codecs, database and model; print the settings, secrets masked.

    Exit 1 when a check fails; 2 when it is what other packages add, without which nothing starts.
    """
    shown: dict[str, str] = {}
    try:
        settings = Settings.load()
    except PipelineError as error:
        checks = [Check("settings", ok=False, found=str(error), fix="set what the message names")]
    else:
        shown = _shown(settings)
        checks = [Check("settings", ok=True, found="complete"), *_checks(settings)]
    if as_json:
        print_json({"checks": [asdict(check) for check in checks], "settings": shown})
    else:
        _show(checks, shown)
    failed = {check.name for check in checks if not check.ok}
    if failed:
        raise typer.Exit(EXIT_USAGE if _STAGES in failed else EXIT_PROBLEMS)


def _checks(settings: Settings) -> Iterator[Check]:
    looks: dict[str, tuple[Callable[[Settings], _Found], str]] = {
        "broker": (_broker, "start Kafka, or set PIPELINE_BOOTSTRAP_SERVERS"),
        "topics": (_topics, ENSURE),
        "codecs": (_codecs, ""),
        "database": (
            _database,
            "set PIPELINE_DATABASE_URL, start the database, or run `pipeline store upgrade`",
        ),
        _STAGES: (_stages, "mend or uninstall that package"),
        "model": (_model, "pip install that model, or set PIPELINE_SPACY_MODEL"),
    }
    for name, (look, usual_fix) in looks.items():
        try:
            found = look(settings)
        except PipelineError as error:
            found = _Found(str(error), usual_fix)
        yield Check(name, ok=not found.fix, found=found.text, fix=found.fix, details=dict(found.details))


def _broker(settings: Settings) -> _Found:
    with Admin(settings) as admin:
        return _Found(
            f"{','.join(settings.bootstrap_servers)} answers, {len(admin.partition_counts())} topics"
        )


def _topics(settings: Settings) -> _Found:
    with Admin(settings) as admin:
        states = admin.topic_states()
    bad = [
        (state.spec.name, difference)
        for state in states
        for difference in state.differences
        if difference.harm is not Harm.NONE
    ]
    if bad:
        return _Found(
            "; ".join(f"{name} {difference.what}" for name, difference in bad),
            "; ".join(dict.fromkeys(difference.remedy for _, difference in bad)),
        )
    if any(state.present and state.present.config is None for state in states):
        return _Found("as declared, but the broker does not tell the settings of all")
    return _Found("; ".join(said(states, Harm.NONE)) or "as declared")


def _codecs(_settings: Settings) -> _Found:
    """Any producer can choose any codec: each has to be readable."""
    missing = unreadable()
    if not missing:
        return _Found(f"{', '.join(CODECS)} can be read")
    return _Found(
        "; ".join(f"{codec} can't be read" for codec in missing),
        "pip install " + " ".join(dict.fromkeys(" ".join(missing.values()).split())),
        missing,
    )


def _database(settings: Settings) -> _Found:
    with closing(configured_store(settings, read_only=True)) as store:
        if store.is_current():
            return _Found("schema is current")
    return _Found("schema is not current", "run `pipeline store upgrade`")


def _stages(settings: Settings) -> _Found:
    """Make what other packages add, as a worker does."""
    found = installed()
    for stage in found.plugged(settings):
        stage.warm_up()
    added = sorted(stage.name for stages in found.added.values() for stage in stages)
    return _Found(", ".join(found.names), details={"added": ",".join(added)} if added else {})


def _model(settings: Settings) -> _Found:
    """Load the model, as a worker does: only then is it known which way of recognising it allows."""
    require_model(settings.spacy_model)
    stage = EntityStage(settings.spacy_model)
    name, version = stage.model_name.rsplit(" ", 1)
    return _Found(
        f"{name} {version}, recognition: {stage.engine}",
        details={"name": name, "version": version, "engine": stage.engine},
    )


def _shown(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, secrets masked."""
    shown = {f"{PREFIX}{name.upper()}": _text(value) for name, value in settings}
    shown[f"{PREFIX}DATABASE_URL"] = masked(settings.database_url.get_secret_value())
    return shown


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return "***"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def _show(checks: list[Check], shown: dict[str, str]) -> None:
    print_table(
        ("check", "", "found", "fix"),
        (
            (
                check.name,
                Text("ok", "green") if check.ok else Text("FAIL", "bold red"),
                check.found,
                check.fix,
            )
            for check in checks
        ),
    )
    if shown:
        stdout.print()
        descriptions = {
            f"{PREFIX}{name.upper()}": field.description for name, field in Settings.model_fields.items()
        }
        print_table(
            ("setting", "value", "what it is"),
            (
                (name, value, plain(descriptions.get(name) or "", style="dim"))
                for name, value in shown.items()
            ),
        )
