"""The stages of the flow, and those that other packages add to it; checked before anything runs.

A stage of another package runs in the pool, in the same process and on the same record as the step behind which it
stands: the first one after which all that it needs is there. It has no topic and no consumer group of its own (see
docs/decisions/0013-the-flow-as-data.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pkgutil import resolve_name

from pipeline.errors import PipelineError, SettingsError
from pipeline.flow import FLOW, IN_POOL, Flow, Step, Topic
from pipeline.plugins import Kind, with_added
from pipeline.settings import Settings
from pipeline.stages.annotations import Plugged
from pipeline.stages.base import Stage
from pipeline.stages.chain import Chain

_AT_THE_START = frozenset({"article"})
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Registry:
    """The classes of the stages.

    Attributes:
        flow: whose.
        own: by the name of their step.
        added: those of other packages, in the order in which they run, by the name of the step that they run behind.
    """

    flow: Flow
    own: Mapping[str, type[Stage]]
    added: Mapping[str, tuple[type[Stage], ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """All stages in the order in which they run."""
        return self.names_of(self.own)

    def names_of(self, steps: Iterable[str]) -> tuple[str, ...]:
        """The stages of these steps, with those that other packages add behind each."""
        return tuple(
            name for step in steps for name in (step, *(stage.name for stage in self.added.get(step, ())))
        )

    def pooled(self, step: Step, settings: Settings, chosen: Collection[str] | None = None) -> Stage:
        """The stage of a step in the pool, with what other packages add behind it.

        Args:
            step: one that runs in the pool.
            settings: what the stages are made from.
            chosen: the names of those that are wanted; None for all.

        Raises:
            SettingsError: one can't work with these settings.
        """
        stages: list[Stage] = []
        if chosen is None or step.name in chosen:
            stages.append(self.own[step.name].from_settings(settings))
        stages += self._plugged(step.name, settings, chosen)
        return stages[0] if len(stages) == 1 else Chain(stages)

    def plugged(self, settings: Settings) -> list[Stage]:
        """The stages of other packages. Raises SettingsError: one can't work with these settings."""
        return [stage for step in self.added for stage in self._plugged(step, settings, None)]

    def _plugged(self, step: str, settings: Settings, chosen: Collection[str] | None) -> list[Stage]:
        return [
            Plugged(_made(added, settings))
            for added in self.added.get(step, ())
            if chosen is None or added.name in chosen
        ]


@cache
def installed() -> Registry:
    """The registry of the flow with all that is installed.

    Raises:
        SettingsError: a stage needs what no stage before it adds; or one of another package can't be loaded, is
            none, or claims what is taken.
    """
    taken: dict[str, object] = {step.name: step for step in FLOW.steps}
    found = with_added(Kind.STAGE, taken)
    return registry(FLOW, {name: stage for name, stage in found.items() if name not in taken})


def registry(flow: Flow, added: Mapping[str, object]) -> Registry:
    """Check the stages of a flow, and give those that are added to it their places.

    Args:
        flow: the steps.
        added: what other packages give, by name.

    Raises:
        SettingsError: see `installed`.
    """
    own: dict[str, type[Stage]] = {step.name: resolve_name(step.stage) for step in flow.steps if step.stage}
    waiting = {name: _checked(name, stage) for name, stage in added.items()}
    placed: dict[str, tuple[type[Stage], ...]] = {}
    there: dict[Topic, frozenset[str]] = {Topic.RAW: _AT_THE_START}
    for step in flow.steps:
        if not step.stage:
            continue
        stage = own[step.name]
        parts = there[step.reads]
        if missing := [part for part in stage.needs if part not in parts]:
            raise SettingsError(f"the flow (pipeline/flow.py): {_needs(step.name, missing, parts)}")
        parts |= {*stage.adds}
        if step.runs is IN_POOL:
            behind = _following(waiting, parts)
            placed[step.name] = tuple(behind)
            parts |= {one.name for one in behind}
            waiting = {name: one for name, one in waiting.items() if one not in behind}
        for topic in step.topics:  # by every way that leads there
            there[topic] = there.get(topic, parts) & parts
    for name, stage in waiting.items():
        everything = frozenset().union(_AT_THE_START, *(one.adds for one in own.values()), *_names(placed))
        missing = [part for part in stage.needs if part not in everything]
        raise SettingsError(f"plug-in {_needs(name, missing or stage.needs, everything)}")
    return Registry(flow, own, placed)


def _checked(name: str, stage: object) -> type[Stage]:
    if not (isinstance(stage, type) and issubclass(stage, Stage)):
        raise SettingsError(
            f"plug-in {name} ({Kind.STAGE}): {stage!r} is no subclass of pipeline.stages.base.Stage"
        )
    if getattr(stage, "name", None) != name or not _NAME.fullmatch(name):
        raise SettingsError(
            f"plug-in {name} ({Kind.STAGE}): the stage's `name` has to be the entry point's, in small letters, digits "
            f"and hyphens, not {getattr(stage, 'name', None)!r}"
        )
    if {*stage.adds} - {name}:
        raise SettingsError(
            f"plug-in {name} ({Kind.STAGE}): it adds annotations.{name} and nothing else: leave `adds` out"
        )
    return stage


def _following(waiting: Mapping[str, type[Stage]], parts: frozenset[str]) -> list[type[Stage]]:
    """Those that have all they need, in an order in which they have it: they may need one another."""
    ready: list[type[Stage]] = []
    while one := next(
        (stage for stage in waiting.values() if stage not in ready and parts.issuperset(stage.needs)), None
    ):
        ready.append(one)
        parts |= {one.name}
    return ready


def _names(placed: Mapping[str, Iterable[type[Stage]]]) -> list[set[str]]:
    return [{stage.name for stage in stages} for stages in placed.values()]


def _needs(name: str, missing: Iterable[str], parts: Iterable[str]) -> str:
    return f"{name} needs {', '.join(missing)}, which no stage before it adds: there are {', '.join(sorted(parts))}"


def _made(stage: type[Stage], settings: Settings) -> Stage:
    try:
        return stage.from_settings(settings)
    except PipelineError:
        raise
    except Exception as error:
        raise SettingsError(
            f"the stage {stage.name} can't be made: {type(error).__name__}: {error}: mend or uninstall its package"
        ) from error
