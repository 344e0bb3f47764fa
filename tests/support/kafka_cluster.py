"""Three brokers of Apache Kafka in KRaft mode on loopback, of which any can be killed and started again."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.support.apache_kafka import ApacheKafka, Node, cluster_id
from tests.support.maven import free_ports

BROKERS = 3
"""As many as a majority survives the loss of one of."""

# All at once share a machine that has little.
_HEAP = "-Xmx256m"

# What the group coordinator keeps has to outlive a broker as messages do.
_PROPERTIES = (
    f"default.replication.factor={BROKERS}",
    f"offsets.topic.replication.factor={BROKERS}",
    f"transaction.state.log.replication.factor={BROKERS}",
    "transaction.state.log.min.isr=2",
    "min.insync.replicas=2",
    # A replica that says nothing is out after seconds, so that a test sees it.
    "replica.lag.time.max.ms=3000",
)


class KafkaCluster:
    """Brokers that are controllers too. A context manager; leaving it stops them.

    Attributes:
        brokers: by their ids less one.
        addresses: host:port of each, with commas between them.
    """

    def __init__(self, folder: Path) -> None:
        cluster = cluster_id()
        ports = free_ports(2 * BROKERS)
        controllers, listeners = ports[:BROKERS], ports[BROKERS:]
        self.brokers = [
            ApacheKafka(
                folder / f"broker-{number}",
                properties=_PROPERTIES,
                node=Node(number, cluster, controllers, listeners[number - 1]),
                heap=_HEAP,
            )
            for number in range(1, BROKERS + 1)
        ]
        self.addresses = ",".join(broker.address for broker in self.brokers)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for broker in self.brokers:  # a majority of controllers has to be there before one answers
                broker.launch()
                stack.callback(broker.stop)
            for broker in self.brokers:
                broker.await_answer()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
