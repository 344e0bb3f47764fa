"""Apache Kafka behind TLS and passwords: one set of settings lets both clients in, and nothing less does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.apache_kafka import ApacheKafka
from tests.support.brokers import kafka_or_skip
from tests.support.certificates import Authority
from tests.support.pipelines import LivePipeline
from tests.support.stored import stored_ids

_CANARY = "canary-91aa"
_STORY = "Ferry reopens\n\nThe ferry to Lisbon reopened on Monday."
_SASL = {"sasl_mechanism": "PLAIN", "sasl_username": "desk", "sasl_password": _CANARY}
_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    f'username="desk" password="{_CANARY}" user_desk="{_CANARY}";'
)


@dataclass(frozen=True)
class Secured:
    """The broker, and by security protocol the settings that it lets in."""

    kafka: ApacheKafka
    settings: Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if request.config.getoption("broker") != "kafka":
        pytest.skip("the embedded broker speaks neither TLS nor SASL: --broker=kafka")
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    server, client = authority.issue("broker"), authority.issue("client", password=_CANARY)
    listeners = {"LOCKED": "SASL_SSL", "PASSWORD": "SASL_PLAINTEXT", "MUTUAL": "SSL"}
    properties = [
        "ssl.keystore.type=PEM",
        f"ssl.keystore.location={server.both}",
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={authority.certificate}",
        "listener.name.mutual.ssl.client.auth=required",
        "sasl.enabled.mechanisms=PLAIN",
        f"listener.name.locked.plain.sasl.jaas.config={_LOGIN}",
        f"listener.name.password.plain.sasl.jaas.config={_LOGIN}",
    ]
    kafka_or_skip(tmp_path_factory.mktemp("formatted"))
    with ApacheKafka(
        tmp_path_factory.mktemp("secure-kafka"), listeners=listeners, properties=properties
    ) as kafka:
        ca = {"ssl_ca_file": str(authority.certificate)}
        mutual = {
            "ssl_cert_file": str(client.certificate),
            "ssl_key_file": str(client.key),
            "ssl_key_password": _CANARY,
        }
        by_protocol = {"SASL_SSL": ca | _SASL, "SASL_PLAINTEXT": _SASL, "SSL": ca | mutual}
        yield Secured(
            kafka,
            {
                protocol: {
                    "security_protocol": protocol,
                    "bootstrap_servers": kafka.addresses[name],
                    **by_protocol[protocol],
                }
                for name, protocol in listeners.items()
            },
        )


@pytest.mark.timeout(400)
@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT", "SSL"])
def test_all_of_the_pipeline_runs_behind_it_and_tells_no_secret(
    secured: Secured, tmp_path: Path, protocol: str
) -> None:
    variables = {**secured.settings[protocol], "log_level": "DEBUG"}
    (tmp_path / "ferry.txt").write_text(_STORY, encoding="utf-8")
    with LivePipeline(secured.kafka.address, tmp_path, **variables) as pipeline:
        worker = pipeline.faulty_worker(options=["--light"]).wait_ready()
        replayed = pipeline.run("replay", "ferry.txt", "--json")
        pipeline.await_closed()
        said = [pipeline.run(*command) for command in (("doctor",), ("status",), ("verify",))]
        assert worker.stop() == 0

        assert [done.returncode for done in (replayed, *said)] == [0, 0, 0, 0]
        assert len(list(stored_ids(pipeline.engine))) == 1
        assert _CANARY in "".join(map(str, pipeline.environment.values()))
        assert _CANARY not in worker.log()
        assert _CANARY.encode() not in b"".join(done.stdout + done.stderr for done in said)


@pytest.mark.parametrize(
    ("protocol", "wrong"),
    [
        ("SASL_SSL", {"PIPELINE_SASL_PASSWORD": f"{_CANARY}-wrong"}),
        ("SASL_PLAINTEXT", {"PIPELINE_SASL_PASSWORD": f"{_CANARY}-wrong"}),
        ("SSL", {"PIPELINE_SSL_CERT_FILE": "", "PIPELINE_SSL_KEY_FILE": "", "PIPELINE_SSL_KEY_PASSWORD": ""}),
        ("SSL", {"PIPELINE_SSL_CA_FILE": ""}),
    ],
    ids=[
        "SASL_SSL, wrong password",
        "SASL_PLAINTEXT, wrong password",
        "SSL, no key",
        "SSL, not our authority",
    ],
)
def test_what_is_wrong_is_not_let_in_and_tells_no_secret(
    secured: Secured, tmp_path: Path, protocol: str, wrong: dict[str, str]
) -> None:
    with LivePipeline(secured.kafka.address, tmp_path, **secured.settings[protocol]) as pipeline:
        for name, value in wrong.items():
            pipeline.environment.pop(name)
            if value:
                pipeline.environment[name] = value
        done = pipeline.run("status")

    assert done.returncode == 3
    assert b"no answer from Kafka" in done.stderr
    assert _CANARY.encode() not in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
