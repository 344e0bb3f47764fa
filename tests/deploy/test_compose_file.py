"""The compose file and the image as files: what can be said without an engine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.flow import FLOW
from pipeline.settings import PREFIX, Settings
from tests.deploy.programs import DEPLOY, PROJECT

FILE = PROJECT / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APPS = [name for name, service in SERVICES.items() if "news-pipeline" in service["image"]]
WORKERS = [name for name, service in SERVICES.items() if service.get("command", [""])[0] == "worker"]
SECRET_WORDS = re.compile(r"password|secret", re.IGNORECASE)


def test_there_is_one_service_a_stage() -> None:
    assert list(FLOW.sources) == WORKERS
    for stage in FLOW.sources:
        assert SERVICES[stage]["command"] == ["worker", "--stage", stage]


@pytest.mark.parametrize("service", WORKERS)
def test_a_stage_can_be_scaled(service: str) -> None:
    assert "container_name" not in SERVICES[service]
    assert "ports" not in SERVICES[service]


def test_every_image_is_pinned_once_and_can_be_chosen() -> None:
    names = re.findall(r"\$\{(\w+_IMAGE):-([^}]+)\}", TEXT)
    assert len(names) == len({variable for variable, _ in names}) == 6
    for _, image in names:
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-slim)?", image)


def test_no_password_is_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET_WORDS.search(name):
                assert str(value).startswith("/run/secrets/"), name
    assert all(
        secret["file"].startswith("${PIPELINE_SECRETS:-./deploy/secrets}/")
        for secret in COMPOSE["secrets"].values()
    )


def test_the_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([str(DEPLOY / "secrets.sh"), str(folder)], check=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} <= set(made)
    passwords = [text for name, text in made.items() if name.endswith("_password")]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[0-9a-f]{48}", password) for password in passwords)
    assert made["writer_password"] in made["writer_database_url"]
    assert folder.stat().st_mode & 0o077 == 0
    subprocess.run([str(DEPLOY / "secrets.sh"), str(folder)], check=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


def test_secrets_are_not_in_version_control() -> None:
    assert "secrets/" in (DEPLOY / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_little(service: str) -> None:
    settings = SERVICES[service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert "cap_add" not in settings
    assert settings["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in settings


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_container_writes_into_memory_is_bounded(service: str) -> None:
    assert all("size=" in tmpfs for tmpfs in SERVICES[service].get("tmpfs", []))


@pytest.mark.parametrize("service", APPS)
def test_the_settings_are_the_applications(service: str) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {
        f"{PREFIX}DATABASE_URL_FILE",
        f"{PREFIX}CONSOLE_TOKEN_FILE",
        f"{PREFIX}WEBHOOK_SECRET_FILE",
    }
    assert set(SERVICES[service]["environment"]) <= known


@pytest.mark.parametrize("service", WORKERS)
def test_a_worker_has_longer_to_drain_than_it_takes(service: str) -> None:
    grace = SERVICES[service]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > int(SERVICES[service]["environment"]["PIPELINE_GRACE_SECONDS"])


def test_only_the_stages_that_need_it_reach_the_database() -> None:
    assert {name for name, service in SERVICES.items() if "store" in service["networks"]} == {
        "postgres",
        "migrate",
        "duplicates",
        "sink",
        "console",
        "feeds",
        "webhooks",
    }
    assert "stream" not in SERVICES["webhooks"]["networks"]  # strangers' servers have no way to the stream
    assert SERVICES["console"]["secrets"] == ["reader_database_url", "console_token"]  # it only reads
    for name, service in SERVICES.items():
        if name in {*APPS} - {"migrate"}:
            assert "owner_database_url" not in service.get("secrets", [])


def test_ports_are_open_on_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_scrapes_every_service_that_has_metrics() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    names = [name for job in scraped for found in job.get("dns_sd_configs", []) for name in found["names"]]
    assert set(names) == {*WORKERS, "exporter", "feeds", "webhooks"}
    for name in names:
        assert "metrics" in SERVICES[name]["networks"]


def test_the_brokers_take_dead_letters_of_the_longest_messages() -> None:
    limit = int(SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"])
    assert limit >= 2 * Settings(_env_file=None).max_message_bytes


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    assert "USER 10001:10001" in dockerfile
    assert "HEALTHCHECK" in dockerfile
    assert dockerfile.count("--require-hashes") == 2
    assert dockerfile.count("\nFROM ") == 2
