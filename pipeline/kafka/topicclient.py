"""What an administrator's client is asked and told about topics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import (
    ClusterAuthorizationFailedError,
    IncompatibleBrokerVersion,
    InvalidConfigurationError,
    InvalidReplicationFactorError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)

from pipeline.errors import PipelineError
from pipeline.kafka.topicconfig import COMPARED, PresentTopic
from pipeline.kafka.topics import TopicSpec

_REFUSALS = (
    ClusterAuthorizationFailedError,
    InvalidConfigurationError,
    InvalidReplicationFactorError,
    PolicyViolationError,
    TopicAuthorizationFailedError,
)


def present_topics(client: KafkaAdminClient, names: Iterable[str]) -> dict[str, PresentTopic]:
    """Those of the topics that there are, by name."""
    wanted = set(names)
    found = [
        topic for topic in client.describe_topics() if topic["error_code"] == 0 and topic["name"] in wanted
    ]
    configs = _configs(client, [topic["name"] for topic in found])
    return {
        topic["name"]: PresentTopic(
            partitions=len(topic["partitions"]),
            replicas=min((len(partition["replica_nodes"]) for partition in topic["partitions"]), default=0),
            config=configs.get(topic["name"]),
        )
        for topic in found
    }


def create_topics(client: KafkaAdminClient, specs: Iterable[TopicSpec]) -> None:
    """Make topics; one that somebody else has just made is as good.

    Raises:
        PipelineError: the broker refuses.
    """
    missing = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": spec.replication_factor,
            "configs": spec.config,
        }
        for spec in specs
    }
    if not missing:
        return
    try:
        with contextlib.suppress(TopicAlreadyExistsError):
            client.create_topics(missing, wait_for_metadata=True)
    except _REFUSALS as error:
        raise PipelineError(f"the broker refuses to make {', '.join(missing)}: {error}") from None


def alter_configs(client: KafkaAdminClient, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Set what `changes` says by topic and setting; all else stays as it is.

    Raises:
        PipelineError: the broker refuses; names the topics.
    """
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict(config))
        for name, config in changes.items()
        if config
    ]
    if not resources:
        return
    # What the broker does not know it refuses itself: no need to ask it for all it knows beforehand.
    answers = client.alter_configs(resources, raise_on_unknown=False)["topic"]
    refused = [
        f"{name}: can't set {', '.join(changes[name])}: {answer}"
        for name, answer in answers.items()
        if answer != "OK"
    ]
    if refused:
        raise PipelineError("; ".join(refused))


def _configs(client: KafkaAdminClient, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The compared settings by topic; without the topics whose settings the broker does not tell.

    It does not when it is too old, when we have no right to ask (DescribeConfigs), or for a setting that the
    embedded broker was never given.
    """
    # All settings are asked for: a request for some of them ends the embedded broker's connection.
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    if not resources:
        return {}
    try:
        answers = client.describe_configs(resources, config_filter="all").get("topic", {})
    except IncompatibleBrokerVersion:
        return {}
    told = {
        name: {
            setting: str(config[setting]["value"])
            for setting in COMPARED
            if config.get(setting, {}).get("value") is not None
        }
        for name, config in answers.items()
    }
    return {name: config for name, config in told.items() if config}
