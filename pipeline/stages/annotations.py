"""What a plug-in stage finds: an annotation of the record, under the stage's own name, and nothing else."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from pydantic import JsonValue

from pipeline.errors import PipelineError, SettingsError
from pipeline.record import EnrichedArticle
from pipeline.stages.base import Outcome, Rejection, Stage
from pipeline.stages.isolation import each, isolated


class Annotator(Stage):
    """A stage that looks at one article at a time: give it a `name` and `annotate`."""

    @abstractmethod
    def annotate(self, record: EnrichedArticle) -> JsonValue:
        """What it has to say of an article, as JSON; None for nothing. An article that it raises on is rejected."""

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """See Stage."""
        return each(self._annotated, batch)

    def _annotated(self, record: EnrichedArticle) -> EnrichedArticle:
        found = self.annotate(record)
        return record if found is None else record.annotated(self.name, found)


class Plugged(Stage):
    """A stage of another package, held to the rules: it is not trusted to isolate a bad item, nor to add only its own.

    Args:
        stage: the other package's.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._name = stage.name

    def warm_up(self) -> None:
        """See Stage; whatever it raises is the package's fault."""
        try:
            self._stage.warm_up()
        except PipelineError:
            raise
        except Exception as error:
            raise SettingsError(
                f"the stage {self._name} can't start: {type(error).__name__}: {error}: mend or uninstall its package"
            ) from error

    def time_limit(self, usual: float) -> float:
        """See Stage."""
        return self._stage.time_limit(usual)

    def __call__(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        """See Stage; a rejection says of which stage it is."""
        return [
            outcome.named(self._name) if isinstance(outcome, Rejection) else outcome
            for outcome in isolated(self._checked, batch)
        ]

    def take_counters(self) -> dict[str, int]:
        """See Stage; its events begin with its name."""
        return {f"{self._name}_{event}": count for event, count in self._stage.take_counters().items()}

    def _checked(self, batch: Sequence[EnrichedArticle]) -> list[Outcome]:
        outcomes = self._stage(batch)
        for record, outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, Rejection):
                self._check(record, outcome)
        return outcomes

    def _check(self, record: EnrichedArticle, outcome: object) -> None:
        if not isinstance(outcome, EnrichedArticle):
            raise TypeError(f"a stage gives records and rejections, not {type(outcome).__name__}")
        changed = [
            name
            for name in EnrichedArticle.model_fields
            if name != "annotations" and getattr(outcome, name) is not getattr(record, name)
        ]
        changed += [
            f"annotations.{name}"
            for name in record.annotations.keys() | outcome.annotations.keys()
            if name != self._name
            and outcome.annotations.get(name, _ABSENT) is not record.annotations.get(name, _ABSENT)
        ]
        if changed:
            raise ValueError(
                f"a plug-in adds annotations.{self._name}; it must not change {', '.join(changed)}"
            )


_ABSENT = object()
