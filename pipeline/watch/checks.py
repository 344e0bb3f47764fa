"""Everything a worker needs, looked at: broker, topics, codecs, database, model; each failure with its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from pipeline.errors import PipelineError
from pipeline.kafka.admin import Admin
from pipeline.kafka.codecs import CODECS, unreadable
from pipeline.kafka.topicconfig import ENSURE, Harm, said
from pipeline.settings import Settings
from pipeline.sources import feeds, formats
from pipeline.stages.entities import EntityStage, require_model
from pipeline.stages.registry import installed
from pipeline.stores.base import configured_store

STAGES = "stages"
"""The check of the stages, plug-ins included: what is wrong there is wrong at every start."""


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


def checks(settings: Settings) -> Iterator[Check]:
    """Look at one after the other; what can't be reached is a check that failed, with the usual fix."""
    looks: dict[str, tuple[Callable[[Settings], _Found], str]] = {
        "broker": (_broker, "start Kafka, or set PIPELINE_BOOTSTRAP_SERVERS"),
        "topics": (_topics, ENSURE),
        "codecs": (_codecs, ""),
        "database": (
            _database,
            "set PIPELINE_DATABASE_URL, start the database, or run `pipeline store upgrade`",
        ),
        STAGES: (_stages, "mend or uninstall that package"),
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
    """Make what other packages add, as a worker does; and what they add for reading files."""
    formats.installed()
    feeds.installed()
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
