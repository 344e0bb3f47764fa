"""A real Apache Kafka for tests: fetched by Maven once, in KRaft mode, on loopback; one node, or one of a cluster.

It can be stopped, killed, frozen and started again with the same data on the same port.
"""

from __future__ import annotations

import base64
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.maven import free_ports, jars, program

_POM = Path(__file__).parent / "kafka" / "pom.xml"
_NAME = "Apache Kafka"
_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.1

_PROPERTIES = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map={protocols},CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""

# Starts fast and stays small: what is tested is what Kafka does, not how fast it does it.
_JVM = (
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
)


@dataclass(frozen=True, slots=True)
class Node:
    """Which of a cluster a broker is.

    Attributes:
        number: its id, from 1.
        cluster: the id of the cluster.
        controllers: the port of each node's controller, by their ids.
        port: the broker's own.
    """

    number: int
    cluster: str
    controllers: Sequence[int]
    port: int


def cluster_id() -> str:
    """The id of a new cluster."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


class ApacheKafka:
    """One broker in a folder of its own. A context manager; leaving it stops the broker.

    Args:
        folder: for its data, configuration and log; made when it is not there.
        listeners: further listeners by name, each with its security protocol.
        properties: further lines of its configuration; what stands there holds against what is ours.
        node: which of a cluster it is; the only one by default.
        heap: how large its memory may grow, as Java has it.

    Attributes:
        address: host:port of the broker; the same for all of its life.
        addresses: those of all listeners by name.
        process: the running process, None while it is stopped.
    """

    def __init__(
        self,
        folder: Path,
        *,
        listeners: Mapping[str, str] | None = None,
        properties: Sequence[str] = (),
        node: Node | None = None,
        heap: str = "-Xmx512m",
    ) -> None:
        self._folder = folder
        self._classpath = f"{jars(_POM, _NAME)}/*"
        protocols = {"BROKER": "PLAINTEXT", **(listeners or {})}
        if node is None:
            controller, *ports = free_ports(1 + len(protocols))
            node = Node(1, cluster_id(), (controller,), ports[0])
        else:
            ports = [node.port, *free_ports(len(protocols) - 1)]
        self._node = node
        self._jvm = (*_JVM, heap)
        self.addresses = {name: f"127.0.0.1:{port}" for name, port in zip(protocols, ports, strict=True)}
        self.address = self.addresses["BROKER"]
        self.process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._configuration = folder / "server.properties"
        self._configuration.write_text(
            _PROPERTIES.format(
                listeners=",".join(f"{name}://{address}" for name, address in self.addresses.items()),
                protocols=",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
                node=self._node.number,
                voters=",".join(
                    f"{one}@127.0.0.1:{port}" for one, port in enumerate(self._node.controllers, 1)
                ),
                controller=self._node.controllers[self._node.number - 1],
                data=self.data,
            )
            + "".join(f"{line}\n" for line in properties),
            encoding="utf-8",
        )
        self._format()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.resume()
            self.stop()

    def start(self) -> None:
        """Start it and return when it answers a client."""
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        """Start it and return at once: one of a cluster waits for the others."""
        self._log = (self._folder / "kafka.log").open("ab")
        self.process = subprocess.Popen(
            [
                program("java", _NAME),
                *self._jvm,
                "-cp",
                self._classpath,
                "kafka.Kafka",
                str(self._configuration),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the tests' to handle
        )

    def await_answer(self) -> None:
        """Return when a broker that was launched answers a client."""
        assert self.process is not None, "it was not launched"
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Apache Kafka did not start: {self.log()[-2000:]}")
            time.sleep(_LOOK_SECONDS)  # another process's port: nothing announces it

    def stop(self) -> None:
        """Shut it down in order (SIGTERM); by force when that takes too long."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open, nothing answers."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen broker go on."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Take away all that a stopped broker holds, the cluster's id too: for one that is alone."""
        assert self.process is None, "it runs"
        shutil.rmtree(self.data)
        self._node = replace(self._node, cluster=cluster_id())
        self._format()

    @property
    def data(self) -> Path:
        """Where its logs are: a folder for each partition, `topic-number`."""
        return self._folder / "data"

    def log(self) -> str:
        """What it has printed."""
        return (self._folder / "kafka.log").read_text(errors="replace")

    def _format(self) -> None:
        self._java(
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={self._node.cluster}",
            "-c",
            str(self._configuration),
        )

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def _java(self, *arguments: str) -> None:
        done = subprocess.run(
            [program("java", _NAME), *self._jvm, "-cp", self._classpath, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _answers(self) -> bool:
        try:
            host, port = self.address.split(":")
            socket.create_connection((host, int(port)), timeout=1).close()
            client = KafkaAdminClient(bootstrap_servers=self.address, bootstrap_timeout_ms=2000)
            try:
                return bool(client.describe_cluster()["brokers"])
            finally:
                client.close()
        except (OSError, KafkaError):
            return False
