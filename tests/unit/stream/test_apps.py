"""How Faust is let in: the same settings as for the other client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faust.types.auth import AuthProtocol

from pipeline.flow import FLOW
from pipeline.kafka.admin import connection
from pipeline.settings import Settings
from pipeline.stream.apps import stage_app
from pipeline.stream.outbox import Outbox
from pipeline.stream.processor import Done, Hop, Processor
from tests.support.certificates import Authority

_PASSWORD = "hunter2"  # noqa: S105 - nobody's
_SASL = {"sasl_mechanism": "SCRAM-SHA-512", "sasl_username": "desk", "sasl_password": _PASSWORD}


def _credentials(settings: Settings) -> Any:
    async def work(batch: Any) -> list[Any]:
        return [Done("passed") for _ in batch]

    hop = Hop(FLOW["duplicates"], work)
    processor = Processor(hop, Outbox(settings), settings)
    return stage_app(settings, processor, lambda _: None).conf.broker_credentials


def _settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_without_security_there_are_none() -> None:
    assert _credentials(_settings()) is None


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
def test_a_password_reaches_both_clients(protocol: str) -> None:
    settings = _settings(security_protocol=protocol, **_SASL)
    faust, others = _credentials(settings), connection(settings)

    assert faust.protocol == AuthProtocol(protocol)
    assert faust.mechanism.value == others["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (faust.username, faust.password) == ("desk", _PASSWORD)
    assert (others["sasl_plain_username"], others["sasl_plain_password"]) == ("desk", _PASSWORD)
    assert (faust.ssl_context is None) is ("ssl_context" not in others) is (protocol == "SASL_PLAINTEXT")
    assert _PASSWORD not in repr(faust)


def test_a_certificate_reaches_both_clients(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    client = authority.issue("client", password=_PASSWORD)
    settings = _settings(
        security_protocol="SSL",
        ssl_ca_file=authority.certificate,
        ssl_cert_file=client.certificate,
        ssl_key_file=client.key,
        ssl_key_password=_PASSWORD,
    )
    faust, others = _credentials(settings), connection(settings)

    assert faust.protocol == AuthProtocol.SSL
    assert faust.context.check_hostname
    assert len(faust.context.get_ca_certs()) == len(others["ssl_context"].get_ca_certs()) == 1
