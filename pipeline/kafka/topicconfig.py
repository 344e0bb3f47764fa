"""Declared topics beside what a broker has: what differs, what that does, and how it is mended.

Only what is declared is compared. Three kinds of harm are told apart, by what running on does:

STOPS  What comes in is lost or stuck whoever runs: a missing topic, a raw topic without a total order, compaction
       (a correction takes the place of a version that was not read yet), a size limit under the declared one (a
       stage's result or dead letter is refused, and all behind it waits), more copies asked for than there are
       (every message is refused), a codec that can't be read. A worker refuses to start: it would only add to it.
RISKS  Articles can be lost to something else: retention shorter than declared, retention by size, retention by
       the producers' clocks, fewer copies than declared. A worker says so and starts: while it reads, less is lost
       than while it waits for somebody to read its message.
NONE   More is kept or taken than declared, or in another form. It is named, and no check fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.kafka.codecs import unreadable
from pipeline.kafka.topics import FOR_EVER, Topic, TopicSpec, majority

ENSURE = "run `pipeline topics ensure`"
SHRINK = "run `pipeline topics ensure --shrink`"

_IN_SYNC = "min.insync.replicas"


class Harm(StrEnum):
    """What running on in spite of a difference does."""

    STOPS = "stops"
    RISKS = "risks"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PresentTopic:
    """A topic as the broker has it.

    Attributes:
        partitions: how many.
        replicas: the copies of the partition that has fewest.
        config: values by setting, as far as the broker tells them; None when it tells none.
    """

    partitions: int
    replicas: int
    config: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Change:
    """A setting to be brought to `to`. `shrinks`: messages that are there, or sent as until now, would go."""

    setting: str
    found: str
    to: str
    shrinks: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as declared. `str()` is one line: what, what it does, how to mend it."""

    what: str
    harm: Harm
    remedy: str
    change: Change | None = None

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class TopicState:
    """A declared topic beside the broker's, which is None when there is none."""

    spec: TopicSpec
    present: PresentTopic | None
    differences: tuple[Difference, ...]

    @classmethod
    def of(cls, spec: TopicSpec, present: PresentTopic | None) -> TopicState:
        """Compare."""
        return cls(spec, present, tuple(_differences(spec, present)))

    @property
    def partitions(self) -> int | None:
        """How many it has; None when it is missing."""
        return self.present.partitions if self.present else None

    @property
    def problem(self) -> str | None:
        """Why nothing can run on it, with the remedy."""
        return self.said(Harm.STOPS)

    def said(self, *harms: Harm) -> str | None:
        """Its differences of those kinds on one line, without its name; None when there are none."""
        return "; ".join(str(found) for found in self.differences if found.harm in harms) or None

    def changes(self, *, shrink: bool) -> dict[str, str]:
        """The settings to alter; those that lose something only with `shrink`."""
        wanted = [difference.change for difference in self.differences if difference.change]
        return {change.setting: change.to for change in wanted if shrink or not change.shrinks}


def said(states: Iterable[TopicState], *harms: Harm) -> list[str]:
    """The differences of those kinds, a line a topic that has any, with its name."""
    return [f"{state.spec.name} {line}" for state in states if (line := state.said(*harms))]


def _differences(spec: TopicSpec, present: PresentTopic | None) -> Iterator[Difference]:
    if present is None:
        yield Difference("missing", Harm.STOPS, ENSURE)
        return
    yield from _layout(spec, present)
    if present.config is not None:
        yield from _settings(spec, present, present.config)


def _layout(spec: TopicSpec, present: PresentTopic) -> Iterator[Difference]:
    if spec.topic is Topic.RAW and present.partitions != 1:
        yield Difference(
            f"has {present.partitions} partitions, but deduplication needs a total order",
            Harm.STOPS,
            "stop the workers of the stage `duplicates`, run `pipeline topics remake --yes`, which moves its messages "
            "to one with 1, and start them again",
        )
    elif present.partitions < spec.partitions:
        yield Difference(
            f"has {present.partitions} partitions, not {spec.partitions}",
            Harm.STOPS,
            f"add some, or set PIPELINE_PARTITIONS={present.partitions}",
        )
    if present.replicas < spec.replication_factor:
        yield Difference(
            f"has {present.replicas} copies, not {spec.replication_factor}, of what a broker can lose",
            Harm.RISKS,
            "add replicas with kafka-reassign-partitions.sh, or set "
            f"PIPELINE_REPLICATION_FACTOR={present.replicas}",
        )


def _settings(spec: TopicSpec, present: PresentTopic, config: Mapping[str, str]) -> Iterator[Difference]:
    for setting, to in _wanted(spec, present, config).items():
        found = config.get(setting)
        if found is None or found == to:
            continue
        effect, harm, shrinks = _RULES[setting](found, to, present)
        yield Difference(
            f"{setting} is {found or 'empty'}, not {to} ({effect})",
            harm,
            _remedy(spec, setting, shrinks=shrinks),
            Change(setting, found, to, shrinks),
        )


def _wanted(spec: TopicSpec, present: PresentTopic, config: Mapping[str, str]) -> dict[str, str]:
    """The declared settings, with no more copies asked for than there are, whoever has asked."""
    wanted = dict(spec.config)
    most = majority(present.replicas)
    if _IN_SYNC in wanted:
        wanted[_IN_SYNC] = str(min(int(wanted[_IN_SYNC]), most))
    elif _number(config.get(_IN_SYNC, "1")) > present.replicas:
        wanted[_IN_SYNC] = str(most)
    return wanted


_Judged = tuple[str, Harm, bool]
"""What a difference does, how bad that is, and whether to mend it loses something."""


def _cleanup(found: str, to: str, _present: PresentTopic) -> _Judged:
    policies = {policy.strip() for policy in found.split(",")}
    if to == "compact":
        return "what it says is kept more than once, or not for ever", Harm.NONE, False
    if "compact" not in policies:
        return "nothing is ever deleted", Harm.NONE, True
    # What compaction alone has kept can be older than the retention that comes with `delete`.
    return "a message is deleted unread when one with its key follows", Harm.STOPS, "delete" not in policies


def _retention(found: str, to: str, _present: PresentTopic) -> _Judged:
    if _limit(found) < _limit(to):
        return "what waits longer is deleted unread", Harm.RISKS, False
    return "what is read is kept longer", Harm.NONE, True


def _retention_bytes(found: str, to: str, _present: PresentTopic) -> _Judged:
    if _limit(found) < _limit(to):
        return "what a backlog has beyond that is deleted unread", Harm.RISKS, False
    return "more is kept", Harm.NONE, True


def _size(found: str, to: str, _present: PresentTopic) -> _Judged:
    if _number(found) < _number(to):
        return "a message that the settings allow is refused, and all behind it waits", Harm.STOPS, False
    return "larger messages are taken", Harm.NONE, True


def _timestamps(_found: str, _to: str, _present: PresentTopic) -> _Judged:
    return "what a producer dates far back is deleted at once", Harm.RISKS, False


def _compression(found: str, _to: str, _present: PresentTopic) -> _Judged:
    if packages := unreadable().get(found):
        return f"which can't be read without {packages}", Harm.STOPS, False
    return "the broker compresses anew", Harm.NONE, False


def _in_sync(found: str, to: str, present: PresentTopic) -> _Judged:
    if _number(found) > present.replicas:
        return f"there are {present.replicas} copies: every message is refused", Harm.STOPS, False
    if _number(found) < _number(to):
        return "an accepted article can be lost with one broker", Harm.RISKS, False
    return "fewer brokers may be away", Harm.NONE, True


_RULES: Mapping[str, Callable[[str, str, PresentTopic], _Judged]] = {
    "cleanup.policy": _cleanup,
    "retention.ms": _retention,
    "retention.bytes": _retention_bytes,
    "max.message.bytes": _size,
    "message.timestamp.type": _timestamps,
    "compression.type": _compression,
    _IN_SYNC: _in_sync,
}

COMPARED = tuple(_RULES)
"""The settings that a broker is asked for."""

_VARIABLES = {"retention.ms": "PIPELINE_RETENTION_HOURS", "max.message.bytes": "PIPELINE_MAX_MESSAGE_BYTES"}


def _remedy(spec: TopicSpec, setting: str, *, shrinks: bool) -> str:
    variable = _VARIABLES.get(setting)
    if variable is None or (setting == "retention.ms" and spec.config[setting] == FOR_EVER):
        return SHRINK if shrinks else ENSURE
    return f"{SHRINK if shrinks else ENSURE}, or set {variable}"


def _limit(value: str) -> float:
    """Retention by time or size; a negative one is none."""
    number = _number(value)
    return number if number >= 0 else float("inf")


def _number(value: str) -> float:
    """A number as a broker tells it; what is none counts as the least there is."""
    try:
        return int(value)
    except ValueError:
        return float("-inf")
