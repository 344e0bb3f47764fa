"""The flow: which stage reads what, writes where, and how it is run. Said here, and nowhere else.

news.raw ─ duplicates ─▶ news.deduplicated ─ entities ─▶ news.with-entities ─ quotes ─▶ news.enriched ─ sink ─▶ store
               └─ exact ──────────────────────────────────────────────────────────────────▶ │
               └─ merges ─▶ news.clusters
                                                                                 news.alerts ◀─ answers ─┘
whatever can't be processed, from any stage, with its bytes ─▶ news.dead-letter

From it follow the topics, the consumer groups, the choices of the commands, what a worker and the enricher run, the
metric series that start at zero, what the chaos checker expects, and this drawing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.errors import SettingsError
from pipeline.record import Verdict

DONE = "done"
"""The outcome of a stage that tells no two apart."""


class Topic(StrEnum):
    """The topics by the last part of their names."""

    RAW = "raw"
    DEDUPLICATED = "deduplicated"
    WITH_ENTITIES = "with-entities"
    ENRICHED = "enriched"
    CLUSTERS = "clusters"
    ALERTS = "alerts"
    DEAD_LETTER = "dead-letter"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a step is run.

    A step is `repeatable` when it can be asked about what it is done with, and changes nothing by it. `together` is
    how many batches are worked on at the same time; with one, they are seen in the order of the stream. A step that
    `writes_to_store` belongs to one store, and its offsets to what is in that.
    """

    where: str
    repeatable: bool = False
    together: int = 1
    writes_to_store: bool = False


IN_ORDER = Arrangement("in a thread, in order", writes_to_store=True)
# Two batches, so that no process is idle while the last part of one is awaited.
IN_POOL = Arrangement("in the pool of processes", repeatable=True, together=2)
IN_TRANSACTION = Arrangement("in a transaction of the store", writes_to_store=True)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in its place.

    Args:
        name: in the names of consumer groups, metrics and commands.
        stage: the class, as `module:name`; it is not imported before it is needed. "" for the end, which is a store.
        reads: the topic that its messages come from.
        writes: for every outcome the topic that the record is sent to; None where it stays.
        runs: how.
        announces: the topic on which it tells others what is no record: they read it, no step does.
        joined: the steps that are run right behind it, with no topic in between (see `joined`).
    """

    name: str
    stage: str
    reads: Topic
    writes: Mapping[str, Topic | None]
    runs: Arrangement
    announces: Topic | None = None
    joined: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Where its records go, each topic once."""
        return tuple(dict.fromkeys(topic for topic in self.writes.values() if topic is not None))


@dataclass(frozen=True, slots=True)
class Flow:
    """Steps in the order of the flow.

    Raises:
        SettingsError: a topic is read by nobody or written by nobody, names are taken twice, it runs in a circle.
    """

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        problem = next(_problems(self.steps), None)
        if problem:
            raise SettingsError(f"the flow (pipeline/flow.py): {problem}")

    def __getitem__(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def chosen(self, names: Collection[str]) -> tuple[Step, ...]:
        """The steps of these names, in the order of the flow."""
        return tuple(step for step in self.steps if step.name in names)

    @property
    def sources(self) -> dict[str, Topic]:
        """The topic that each step reads, by the step's name."""
        return {step.name: step.reads for step in self.steps}

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All topics, in the order of the flow; what is announced and the dead letters at the end."""
        announced = (step.announces for step in self.steps if step.announces)
        return (*self.sources.values(), *announced, Topic.DEAD_LETTER)

    @property
    def writing(self) -> tuple[str, ...]:
        """The names of the steps that write to the store, and so belong to one."""
        return tuple(step.name for step in self.steps if step.runs.writes_to_store)


def joined(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, with each that computes taken together with the one that reads what it writes, if that is here too.

    It then writes where the last of them does. Those behind it stay steps of their own: they bring to its end what
    other workers have sent them, and what was under way before.
    """
    together: dict[Topic, Step] = {}
    for step in reversed(steps):
        behind = together.get(step.topics[0]) if step.runs is IN_POOL else None
        if behind is not None:
            step = replace(step, writes=behind.writes, joined=(behind.name, *behind.joined))  # noqa: PLW2901
        if step.runs is IN_POOL:
            together[step.reads] = step
    return tuple(together.get(step.reads, step) for step in steps)


def _problems(steps: tuple[Step, ...]) -> Iterator[str]:
    for name in _repeated(step.name for step in steps):
        yield f"several steps are called {name}: give each a name of its own"
    for topic in _repeated(step.reads for step in steps):
        yield f"several steps read {topic}: its records would go on more than once"
    yield from _loose_ends(steps)
    yield from _circles(steps)
    for step in steps:
        if step.runs is IN_POOL and len(step.topics) != 1:
            yield f"{step.name} runs {step.runs.where}, and so has to write one topic, not {len(step.topics)}"


def _repeated(words: Iterable[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def _loose_ends(steps: tuple[Step, ...]) -> Iterator[str]:
    read = {step.reads for step in steps} | {Topic.DEAD_LETTER}
    written = {topic for step in steps for topic in step.topics} | {Topic.RAW}
    for step in steps:
        if step.reads not in written:
            yield f"{step.name} reads {step.reads}, which nobody writes"
        for topic in step.topics:
            if topic not in read:
                yield f"{step.name} writes {topic}, which nobody reads"


def _circles(steps: tuple[Step, ...]) -> Iterator[str]:
    """What comes later in the flow has to come later in the list: then there is no way back."""
    passed: set[Topic] = set()
    for step in steps:
        passed.add(step.reads)
        for topic in step.topics:
            if topic in passed:
                yield f"{step.name} writes {topic}, which is before it: records would run in a circle"


FLOW = Flow(
    (
        Step(
            "duplicates",
            "pipeline.stages.duplicates.stage:DuplicateStage",
            reads=Topic.RAW,
            writes={**dict.fromkeys(Verdict, Topic.DEDUPLICATED), Verdict.EXACT: Topic.ENRICHED},
            runs=IN_ORDER,
            announces=Topic.CLUSTERS,
        ),
        Step(
            "entities",
            "pipeline.stages.entities.stage:EntityStage",
            reads=Topic.DEDUPLICATED,
            writes={DONE: Topic.WITH_ENTITIES},
            runs=IN_POOL,
        ),
        Step(
            "quotes",
            "pipeline.stages.quotes.stage:QuoteStage",
            reads=Topic.WITH_ENTITIES,
            writes={DONE: Topic.ENRICHED},
            runs=IN_POOL,
        ),
        Step(
            "sink",
            "",
            reads=Topic.ENRICHED,
            writes={"stored": None},
            runs=IN_TRANSACTION,
            announces=Topic.ALERTS,
        ),
    )
)


def drawing(flow: Flow = FLOW, prefix: str = "news") -> str:
    """The flow as text: the way of most records in one line, and below it the outcomes that leave it."""
    line = ""
    begins: dict[Topic | None, int] = {}
    leaves: list[tuple[int, str, Topic | None]] = []
    told: list[tuple[int, Topic]] = []
    for step in flow.steps:
        ways = Counter(step.writes.values())
        begins[step.reads] = len(line)
        line += f"{prefix}.{step.reads} ─ "
        main = ways.most_common(1)[0][0]
        leaves += [
            (len(line) + len(step.name) // 2 - 1, outcome, to)
            for outcome, to in step.writes.items()
            if to != main
        ]
        if step.announces:
            told.append((len(line) + len(step.name) // 2 - 1, step.announces))
        line += f"{step.name} ─▶ "
    lines = [f"{line}store"]
    for column, outcome, to in leaves:
        start = f"{' ' * column}└─ {outcome} "
        lines.append(f"{start}{'─' * (begins[to] + 2 - len(start))}▶ │")
    lines += [_told(column, prefix, topic) for column, topic in told]
    lines.append(
        f"whatever can't be processed, from any stage, with its bytes ─▶ {prefix}.{Topic.DEAD_LETTER}"
    )
    return "\n".join(lines)


_ANNOUNCED = {Topic.CLUSTERS: "merges", Topic.ALERTS: "answers"}


def _told(column: int, prefix: str, topic: Topic) -> str:
    """The line of what a step announces, to the side on which there is room."""
    word = _ANNOUNCED[topic]
    if column < _MIDDLE:
        return f"{' ' * column}└─ {word} ─▶ {prefix}.{topic}"
    return f"{f'{prefix}.{topic} ◀─ {word} ─┘':>{column + 1}}"


_MIDDLE = 60
