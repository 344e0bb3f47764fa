"""Declared topics beside what brokers have: what is named, what is refused, what is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kafka import topicconfig
from pipeline.kafka.topicconfig import COMPARED, ENSURE, SHRINK, Harm, PresentTopic, TopicState
from pipeline.kafka.topics import Topic, TopicSpec, declared
from pipeline.settings import Settings

_HOUR = 3_600_000


def spec(topic: Topic = Topic.RAW, **settings: Any) -> TopicSpec:
    return next(spec for spec in declared(Settings(_env_file=None, **settings)) if spec.topic is topic)


def state(
    config: Mapping[str, str] | None,
    topic: Topic = Topic.RAW,
    *,
    partitions: int | None = None,
    replicas: int | None = None,
    **settings: Any,
) -> TopicState:
    """A topic as declared, but for what `config` says."""
    wanted = spec(topic, **settings)
    return TopicState.of(
        wanted,
        PresentTopic(
            partitions or wanted.partitions,
            replicas or wanted.replication_factor,
            None if config is None else {**wanted.config, **config},
        ),
    )


def harms(found: TopicState) -> list[Harm]:
    return [difference.harm for difference in found.differences]


@pytest.mark.parametrize("topic", Topic)
def test_a_topic_as_declared_has_no_differences(topic: Topic) -> None:
    assert state({}, topic).differences == ()
    assert state({}, topic, replication_factor=3).differences == ()


@pytest.mark.parametrize(
    ("config", "harm", "remedy"),
    [
        ({"cleanup.policy": "compact"}, Harm.STOPS, SHRINK),
        ({"cleanup.policy": "compact,delete"}, Harm.STOPS, ENSURE),
        ({"cleanup.policy": ""}, Harm.NONE, SHRINK),
        ({"retention.ms": str(_HOUR)}, Harm.RISKS, f"{ENSURE}, or set PIPELINE_RETENTION_HOURS"),
        ({"retention.ms": str(1000 * _HOUR)}, Harm.NONE, f"{SHRINK}, or set PIPELINE_RETENTION_HOURS"),
        ({"retention.ms": "-1"}, Harm.NONE, f"{SHRINK}, or set PIPELINE_RETENTION_HOURS"),
        ({"retention.bytes": "1000000"}, Harm.RISKS, ENSURE),
        ({"max.message.bytes": "1048588"}, Harm.STOPS, f"{ENSURE}, or set PIPELINE_MAX_MESSAGE_BYTES"),
        ({"max.message.bytes": "99999999"}, Harm.NONE, f"{SHRINK}, or set PIPELINE_MAX_MESSAGE_BYTES"),
        ({"message.timestamp.type": "CreateTime"}, Harm.RISKS, ENSURE),
        ({"compression.type": "gzip"}, Harm.NONE, ENSURE),
        ({"compression.type": "uncompressed"}, Harm.NONE, ENSURE),
        ({"retention.ms": "soon"}, Harm.NONE, f"{SHRINK}, or set PIPELINE_RETENTION_HOURS"),
    ],
    ids=str,
)
def test_a_difference_is_named_with_what_it_does_and_how_to_mend_it(
    config: dict[str, str], harm: Harm, remedy: str
) -> None:
    found = state(config)
    ((setting, value),) = config.items()

    (difference,) = found.differences

    assert (difference.harm, difference.remedy) == (harm, remedy)
    assert str(difference).startswith(f"{setting} is {value or 'empty'}, not {spec().config[setting]} (")
    assert bool(found.problem) == (harm is Harm.STOPS)


def test_dead_letters_of_limited_retention_are_mended_by_no_setting_of_ours() -> None:
    (difference,) = state({"retention.ms": str(_HOUR)}, Topic.DEAD_LETTER).differences
    assert (difference.harm, difference.remedy) == (Harm.RISKS, ENSURE)


def test_what_is_not_declared_is_not_compared() -> None:
    assert state({"segment.bytes": "1", "min.insync.replicas": "1"}).differences == ()


def test_a_retention_changed_later_shows_as_a_difference_of_the_topic_made_before() -> None:
    made = spec(Topic.ENRICHED, retention_hours=168).config
    for hours, harm in ((200, Harm.RISKS), (24, Harm.NONE)):
        assert harms(state(made, Topic.ENRICHED, retention_hours=hours)) == [harm]


def test_a_codec_that_cannot_be_read_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topicconfig, "unreadable", lambda: {"zstd": "cramjam zstandard"})

    assert "can't be read without cramjam zstandard" in (state({"compression.type": "zstd"}).problem or "")
    assert state({"compression.type": "gzip"}).problem is None


@pytest.mark.parametrize(
    ("factor", "replicas", "in_sync", "harm", "to"),
    [
        (3, 3, "1", [Harm.RISKS], {"min.insync.replicas": "2"}),
        (3, 3, "3", [Harm.NONE], {}),
        (3, 3, "4", [Harm.STOPS], {"min.insync.replicas": "2"}),
        (3, 1, "1", [Harm.RISKS], {}),  # two copies can't be asked for where there is one
        (3, 1, "2", [Harm.RISKS, Harm.STOPS], {"min.insync.replicas": "1"}),
        (1, 1, "2", [Harm.STOPS], {"min.insync.replicas": "1"}),  # a default of the broker's
        (1, 3, "2", [], {}),
    ],
)
def test_no_more_copies_are_asked_for_than_there_are(
    factor: int, replicas: int, in_sync: str, harm: list[Harm], to: dict[str, str]
) -> None:
    found = state({"min.insync.replicas": in_sync}, replicas=replicas, replication_factor=factor)

    assert harms(found) == harm
    assert found.changes(shrink=False) == to


@pytest.mark.parametrize(
    ("topic", "partitions", "problem"),
    [
        (Topic.RAW, 4, "has 4 partitions, but deduplication needs a total order: stop the workers"),
        (Topic.ENRICHED, 2, "has 2 partitions, not 8: add some, or set PIPELINE_PARTITIONS=2"),
        (Topic.ENRICHED, 12, None),
    ],
)
def test_partitions_are_compared(topic: Topic, partitions: int, problem: str | None) -> None:
    found = state({}, topic, partitions=partitions).problem
    assert (found and found.startswith(problem)) if problem else found is None


def test_a_topic_that_is_missing_is_made_by_ensure() -> None:
    found = TopicState.of(spec(), None)
    assert found.problem == f"missing: {ENSURE}"
    assert found.changes(shrink=True) == {}


def test_settings_that_the_broker_does_not_tell_are_no_differences() -> None:
    assert state(None).differences == ()
    told = TopicState.of(spec(), PresentTopic(1, 1, {"retention.ms": str(_HOUR)}))
    assert [difference.change.setting for difference in told.differences if difference.change] == [
        "retention.ms"
    ]


_VALUES = st.sampled_from(
    ["-1", "0", "1", "2", "5", "1048588", "99999999999", "", "compact", "delete", "CreateTime", "gzip", "x"]
)


@given(
    config=st.dictionaries(st.sampled_from(COMPARED), _VALUES),
    topic=st.sampled_from(Topic),
    factor=st.integers(1, 5),
    replicas=st.integers(1, 5),
)
def test_what_ensure_has_changed_is_a_difference_no_more_and_stops_nothing(
    config: dict[str, str], topic: Topic, factor: int, replicas: int
) -> None:
    found = state(config, topic, replicas=replicas, replication_factor=factor)
    told = {**found.spec.config, **config}

    def after(*, shrink: bool) -> TopicState:
        assert found.present is not None
        changed = {**told, **found.changes(shrink=shrink)}
        return TopicState.of(found.spec, PresentTopic(found.present.partitions, replicas, changed))

    assert all(difference.change is None for difference in after(shrink=True).differences)
    assert after(shrink=True).problem is None
    left = after(shrink=False)
    assert all(difference.change.shrinks for difference in left.differences if difference.change)
    assert left.changes(shrink=False) == {}


@given(hours=st.integers(1, 10_000), found=st.integers(-1, 10_000 * _HOUR))
def test_retention_is_never_shortened_unasked(hours: int, found: int) -> None:
    changes = state({"retention.ms": str(found)}, retention_hours=hours).changes(shrink=False)
    longer = found >= 0 and found < hours * _HOUR
    assert changes == ({"retention.ms": str(hours * _HOUR)} if longer else {})
