from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.kafka.admin import connection
from pipeline.settings import Settings

CANARY = "canary-0d1f"


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the checkout


def test_everything_has_a_default() -> None:
    assert Settings.load().bootstrap_servers == ("localhost:9092",)


def test_brokers_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_BOOTSTRAP_SERVERS", "a:1, b:2,")
    assert Settings.load().bootstrap_servers == ("a:1", "b:2")


def test_a_dotenv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PIPELINE_PARTITIONS=3\n")
    assert Settings.load().partitions == 3


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PARTITIONS": "many"}, "PIPELINE_PARTITIONS: .*integer"),
        ({"BOOTSTRAP_SERVERS": " "}, "PIPELINE_BOOTSTRAP_SERVERS: give at least one"),
        ({"SECURITY_PROTOCOL": "SASL_SSL"}, "also needs PIPELINE_SASL_MECHANISM, PIPELINE_SASL_USERNAME"),
        (
            {"SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SASL_MECHANISM": "PLAIN", "SASL_PASSWORD": CANARY},
            "also needs PIPELINE_SASL_USERNAME$",
        ),
        ({"SECURITY_PROTOCOL": "SSL", "SASL_PASSWORD": CANARY}, "SECURITY_PROTOCOL=SSL would not use it"),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_KEY_PASSWORD": CANARY}, "PIPELINE_SSL_KEY_FILE is not"),
        ({"SSL_KEY_PASSWORD": CANARY}, "PIPELINE_SSL_.* set, but"),
        (
            {
                "SECURITY_PROTOCOL": "SASL_PLAINTEXT",
                "SASL_MECHANISM": "PLAIN",
                "SASL_USERNAME": "desk",
                "SASL_PASSWORD": CANARY,
                "SSL_CA_FILE": "ca.pem",
            },
            "PIPELINE_SSL_.* set, but",
        ),
        ({"SASL_PASSWORD": CANARY}, "PIPELINE_SASL_PASSWORD set, but PIPELINE_SECURITY_PROTOCOL=PLAINTEXT"),
        ({"SSL_CA_FILE": "ca.pem"}, "PIPELINE_SSL_.* set, but"),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_CERT_FILE": "c.pem"}, "go together"),
        ({"SECURITY_PROTOCOL": "SSL", "SSL_CA_FILE": "none.pem"}, "none.pem: no such file"),
        ({"SECURITY_PROTOCOL": "TELEPATHY"}, "PIPELINE_SECURITY_PROTOCOL: "),
    ],
)
def test_half_set_or_wrong_settings_are_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"PIPELINE_{name}", value)
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.load()
    assert "\n" not in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text(f"postgresql+psycopg://u:{CANARY}@h/d\n")
    monkeypatch.setenv("PIPELINE_DATABASE_URL_FILE", str(secret))
    settings = Settings.load()
    assert settings.database_url.get_secret_value() == f"postgresql+psycopg://u:{CANARY}@h/d"
    assert CANARY not in repr(settings)
    assert CANARY not in settings.model_dump_json()


def test_a_secret_from_two_places_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIPELINE_DATABASE_URL", "sqlite:///x")
    monkeypatch.setenv("PIPELINE_DATABASE_URL_FILE", str(tmp_path / "url"))
    with pytest.raises(SettingsError, match="keep one"):
        Settings.load()


def test_a_secret_file_that_is_missing_or_empty_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "password"
    monkeypatch.setenv("PIPELINE_SASL_PASSWORD_FILE", str(path))
    with pytest.raises(SettingsError, match="can't read"):
        Settings.load()
    path.touch()
    with pytest.raises(SettingsError, match="is empty"):
        Settings.load()


def test_one_set_of_settings_reaches_both_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "SASL_USERNAME": "desk",
        "SASL_PASSWORD": CANARY,
    }.items():
        monkeypatch.setenv(f"PIPELINE_{name}", value)
    found = connection(Settings.load())
    assert found["security_protocol"] == "SASL_SSL"
    assert found["sasl_mechanism"] == "SCRAM-SHA-512"
    assert found["sasl_plain_username"] == "desk"
    assert found["sasl_plain_password"] == CANARY
    assert found["ssl_context"].check_hostname


def test_variables_that_are_no_settings_are_named_with_the_nearest() -> None:
    environment = {
        "PIPELINE_BOOTSTRAP_SERVER": "x:1",
        "PIPELINE_BOOTSTRAP_SERVERS": "x:1",
        "PIPELINE_DATABASE_URL_FILE": "/run/secrets/url",
        "PIPELINE_SERVICE_HOST_OF_ANOTHER": "10.0.0.1",
        "PATH": "/bin",
    }
    assert Settings.unknown(environment) == {
        "PIPELINE_BOOTSTRAP_SERVER": "PIPELINE_BOOTSTRAP_SERVERS",
        "PIPELINE_SERVICE_HOST_OF_ANOTHER": None,
    }


@pytest.mark.parametrize(
    "address", ["localhost:abc", "localhost", ":9092", "localhost:0", "localhost:70000", "http://a:1"]
)
def test_a_broker_is_a_host_and_a_port(address: str) -> None:
    with pytest.raises(SettingsError, match="is no host:port"):
        Settings.load(bootstrap_servers=address)


@pytest.mark.parametrize("address", ["localhost:9092", "10.0.0.1:1", "[::1]:9092", "kafka-0.kafka.svc:9092"])
def test_hosts_have_names_and_numbers(address: str) -> None:
    assert Settings.load(bootstrap_servers=address).bootstrap_servers == (address,)
