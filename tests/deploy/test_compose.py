"""The docker-compose stack, for real: from nothing to a closed ledger, through crashes and scaling.

The images have to be there or to be had: see docs/deployment.md (without a registry: deploy/offline/build.sh).
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator

import pytest

from pipeline.flow import FLOW
from tests.deploy.programs import PROJECT
from tests.deploy.stack import ONE_SHOTS, Container, Stack
from tests.support.articles import articles
from tests.support.waiting import eventually

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1500)]

STAGES = tuple(FLOW.sources)
SERVERS = ("kafka", "postgres", "prometheus")
APPS = (*STAGES, "exporter")

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
        running.report()


@pytest.fixture(scope="module")
def first_up(stack: Stack) -> dict[str, Container]:
    """The containers when the first `up` on empty volumes had come to rest."""
    for service in (*APPS, *SERVERS):
        stack.await_up(service)
    return {service: stack.container(service) for service in (*APPS, *SERVERS, *ONE_SHOTS)}


def send(stack: Stack, count: int) -> None:
    """Articles that were not there before; returns when all of them are stored and the ledger is closed."""
    before = eventually(stack.ledger, what="verify answers")["stored"]
    stack.replay(articles(count, seed=next(_numbers)))
    stack.await_stored(before + count)


def test_the_first_up_converges_without_restarts(first_up: dict[str, Container]) -> None:
    assert {name: one.restarts for name, one in first_up.items()} == dict.fromkeys(first_up, 0)
    assert {first_up[name].status: first_up[name].exit_code for name in ONE_SHOTS} == {"exited": 0}


@pytest.mark.usefixtures("first_up")
def test_the_seeds_are_replayed_and_the_ledger_closes(stack: Stack) -> None:
    for seed in (PROJECT / "seeds").iterdir():
        shutil.copy(seed, stack.articles)
    try:
        summary = stack.replay_folder()
    finally:
        for copy in stack.articles.iterdir():
            copy.unlink()
    ledger = stack.await_stored(summary["accepted"])
    assert summary["skipped"] == 0
    assert ledger["missing"] == ledger["doubled"] == 0


@pytest.mark.usefixtures("first_up")
@pytest.mark.parametrize("service", [*APPS, *SERVERS])
def test_a_container_that_crashes_comes_back_and_nothing_is_lost(stack: Stack, service: str) -> None:
    before = stack.container(service)
    stack.crash(before)
    stack.await_up(service, restarts=before.restarts + 1)
    send(stack, 6)


@pytest.mark.usefixtures("first_up")
def test_a_stage_is_scaled_by_one_command(stack: Stack) -> None:
    stack.compose("up", "-d", "--no-recreate", "--scale", "entities=3")
    try:
        stack.await_up("entities", count=3)
        eventually(
            lambda: stack.metric('count(pipeline_ready{stage="entities"} == 1)') == 3,
            what="Prometheus has found three",
        )
        send(stack, 90)
        shared = 'count(sum by (instance) (pipeline_messages_total{stage="entities",outcome="done"}) > 0)'
        eventually(lambda: stack.metric(shared) == 3, what="all three have worked")
    finally:
        stack.compose("up", "-d", "--no-recreate", "--scale", "entities=1")
    stack.await_up("entities")
    send(stack, 6)


@pytest.mark.usefixtures("first_up")
def test_prometheus_sees_every_container_and_no_lag(stack: Stack) -> None:
    send(stack, 6)
    eventually(lambda: stack.metric('count(up{job="pipeline"} == 1)') == len(APPS), what="all targets are up")
    eventually(lambda: stack.metric("sum(group:pipeline_consumer_lag_messages:sum)") == 0, what="no lag")
    eventually(lambda: (stack.metric('sum(pipeline_messages_total{stage="sink"})') or 0) > 0, what="messages")


@pytest.mark.usefixtures("first_up")
@pytest.mark.parametrize("service", APPS)
def test_the_containers_of_the_pipeline_can_do_little(stack: Stack, service: str) -> None:
    def inside(command: str) -> str:
        return stack.compose("exec", "-T", service, "sh", "-c", f"{command}; true")

    assert "uid=10001" in inside("id")
    assert "denied" in inside("touch /opt/pipeline/x 2>&1 || echo denied")
    status = dict(line.split(":\t", 1) for line in inside("cat /proc/1/status").splitlines() if ":\t" in line)
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@pytest.mark.usefixtures("first_up")
@pytest.mark.parametrize("service", SERVERS)
def test_the_servers_can_do_little(stack: Stack, service: str) -> None:
    root = stack.compose("exec", "-T", "--user", "0", service, "sh", "-c", "touch /etc/x 2>&1; true")
    status = stack.compose("exec", "-T", service, "cat", "/proc/1/status")

    assert "Read-only file system" in root
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0
    assert found["NoNewPrivs"] == "1"
    assert set(found["Uid"].split()) != {"0"}


@pytest.mark.usefixtures("first_up")
@pytest.mark.parametrize(
    ("role", "statement", "allowed"),
    [
        ("news_owner", "CREATE TABLE t (x int); DROP TABLE t", True),
        ("news_writer", "DELETE FROM articles WHERE false", True),
        ("news_writer", "CREATE TABLE t (x int)", False),
        ("news_writer", "DROP TABLE articles", False),
        ("news_reader", "SELECT count(*) FROM articles", True),
        ("news_reader", "DELETE FROM articles WHERE false", False),
        ("news_reader", "CREATE TABLE t (x int)", False),
    ],
)
def test_a_database_role_may_do_what_its_work_needs(
    stack: Stack, role: str, statement: str, allowed: bool
) -> None:
    script = f"SET ROLE {role}; {statement}"
    output = stack.compose(
        *("exec", "-T", "postgres", "sh", "-c"),
        f"PGPASSWORD=$(cat /run/secrets/postgres_password) psql -U postgres -h localhost news "
        f"-v ON_ERROR_STOP=1 -c '{script}' 2>&1; true",
    )
    refused = "permission denied" in output or "must be owner" in output
    assert refused is not allowed, output
