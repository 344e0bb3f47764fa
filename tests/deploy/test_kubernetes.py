"""The Kubernetes manifests: valid against the API's schemas, and agreeing with the application and each other."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from pipeline.flow import FLOW
from pipeline.kafka.topics import topic_name
from pipeline.settings import PREFIX, Settings
from tests.deploy.programs import DEPLOY

BASE = DEPLOY / "kubernetes" / "base"
OVERLAYS = DEPLOY / "kubernetes" / "overlays"
COMPONENTS = DEPLOY / "kubernetes" / "components"
CUSTOM = yaml.safe_load((Path(__file__).parent / "crds.yml").read_text(encoding="utf-8"))
VERSIONS = ("1.29", "1.33")

Resource = dict[str, Any]


def documents(path: Path) -> Iterator[Resource]:
    yield from (one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one)


def base() -> list[Resource]:
    (kustomization,) = documents(BASE / "kustomization.yaml")
    return [one for name in kustomization["resources"] for one in documents(BASE / name)]


RESOURCES = base()
WEBHOOKS = list(documents(COMPONENTS / "webhooks" / "webhooks.yaml"))
SETTINGS = Settings(_env_file=None)


def name_of(resource: Resource) -> str:
    return f"{resource['kind']}-{resource['metadata']['name']}"


def of_kind(kind: str) -> dict[str, Resource]:
    return {one["metadata"]["name"]: one for one in RESOURCES if one["kind"] == kind}


def pods() -> dict[str, Resource]:
    """The pod templates by name of their Deployment or Job."""
    return {
        name: one["spec"]["template"] for kind in ("Deployment", "Job") for name, one in of_kind(kind).items()
    }


def components_pods() -> dict[str, Resource]:
    """Those of the components, which an overlay may add."""
    return {
        one["metadata"]["name"]: one["spec"]["template"] for one in WEBHOOKS if one["kind"] == "Deployment"
    }


def validate(resource: Resource, version: str) -> None:
    if resource["kind"] in CUSTOM:
        jsonschema.validate(resource, CUSTOM[resource["kind"]])
    else:
        kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", [*RESOURCES, *WEBHOOKS], ids=name_of)
def test_a_resource_is_valid(resource: Resource, version: str) -> None:
    validate(resource, version)


def test_a_misspelt_field_would_be_found() -> None:
    resource = of_kind("Deployment")["sink"]
    spoiled = {**resource, "spec": {**resource["spec"], "replica": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        validate(spoiled, VERSIONS[0])


@pytest.mark.parametrize("folder", [BASE, *OVERLAYS.iterdir()], ids=lambda folder: folder.name)
def test_a_kustomization_is_valid_and_names_what_is_there(folder: Path) -> None:
    (kustomization,) = documents(folder / "kustomization.yaml")
    jsonschema.validate(kustomization, CUSTOM["Kustomization"])
    assert all((folder / resource).exists() for resource in kustomization["resources"])
    if folder == BASE:
        assert {*kustomization["resources"], "kustomization.yaml"} == {path.name for path in BASE.iterdir()}


@pytest.mark.parametrize("overlay", list(OVERLAYS.iterdir()), ids=lambda folder: folder.name)
def test_an_overlay_renders_to_valid_resources(overlay: Path) -> None:
    if shutil.which("kustomize"):
        command = ["kustomize", "build", str(overlay)]
    elif shutil.which("kubectl"):
        command = ["kubectl", "kustomize", str(overlay)]
    else:
        pytest.skip("neither kustomize nor kubectl is installed")
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = list(yaml.safe_load_all(rendered))
    assert len(found) == len(RESOURCES)
    for resource in found:
        validate(resource, VERSIONS[-1])


def test_every_stage_has_a_deployment_and_a_disruption_budget() -> None:
    assert set(of_kind("Deployment")) == {*FLOW.sources, "exporter"}
    budgets = of_kind("PodDisruptionBudget")
    assert set(budgets) == set(FLOW.sources)
    for stage, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        labels = pods()[stage]["metadata"]["labels"]
        assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_stages_with_several_partitions_scale_by_the_lag_of_their_group() -> None:
    scaled = of_kind("ScaledObject")
    assert set(scaled) == set(FLOW.sources) - {"duplicates"}
    for stage, resource in scaled.items():
        spec = resource["spec"]
        (trigger,) = spec["triggers"]
        assert spec["scaleTargetRef"] == {"name": stage}
        assert trigger["metadata"]["consumerGroup"] == SETTINGS.group(stage)
        assert trigger["metadata"]["topic"] == topic_name(SETTINGS, FLOW.sources[stage])
        assert trigger["metadata"]["offsetResetPolicy"] == "earliest"  # the app's
        partitions = int(of_kind("ConfigMap")["pipeline-settings"]["data"]["PIPELINE_PARTITIONS"])
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] == partitions
        assert "replicas" not in of_kind("Deployment")[stage]["spec"]


@pytest.mark.parametrize("name", [*pods(), *components_pods()])
def test_a_pod_can_do_little(name: str) -> None:
    spec = {**pods(), **components_pods()}[name]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("stage", FLOW.sources)
def test_the_platform_asks_the_probes_and_waits_for_the_drain(stage: str) -> None:
    spec = pods()[stage]["spec"]
    (worker,) = spec["containers"]
    assert worker["args"] == ["worker", "--stage", stage]
    assert worker["livenessProbe"]["httpGet"] == {"path": "/live", "port": "metrics"}
    assert worker["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "metrics"}
    grace = float(of_kind("ConfigMap")["pipeline-settings"]["data"]["PIPELINE_GRACE_SECONDS"])
    assert spec["terminationGracePeriodSeconds"] > grace


def test_the_settings_are_the_applications() -> None:
    data = of_kind("ConfigMap")["pipeline-settings"]["data"]
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(data) <= known
    values = {name.removeprefix(PREFIX).lower(): value for name, value in data.items()}
    assert Settings(_env_file=None, **values).metrics_port == 9464


def test_only_the_pods_that_need_it_have_the_database() -> None:
    roles = {}
    for name, pod in pods().items():
        for volume in pod["spec"]["volumes"]:
            if "secret" in volume:
                roles[name] = volume["secret"]["items"][0]["key"]
        assert ("pipeline/database" in pod["metadata"]["labels"]) is (name in roles)
    assert roles == {"duplicates": "writer_url", "sink": "writer_url", "migrate": "owner_url"}


def test_the_alerts_are_those_of_the_compose_stack() -> None:
    groups = of_kind("PrometheusRule")["pipeline"]["spec"]["groups"]
    files = (DEPLOY / "prometheus" / name for name in ("rules.yml", "alerts.yml"))
    assert groups == [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]


def test_prometheus_finds_the_pods_under_the_name_that_the_dashboard_asks_for() -> None:
    service = of_kind("Service")["pipeline"]
    (endpoint,) = of_kind("ServiceMonitor")["pipeline"]["spec"]["endpoints"]
    assert endpoint["port"] == service["spec"]["ports"][0]["name"]
    assert service["metadata"]["name"] == "pipeline"  # becomes the label job="pipeline"
    for name in of_kind("Deployment"):
        assert service["spec"]["selector"].items() <= pods()[name]["metadata"]["labels"].items()


def test_what_sends_to_strangers_has_the_database_and_no_way_to_kafka() -> None:
    labels = components_pods()["webhooks"]["metadata"]["labels"]
    assert "pipeline/database" in labels
    assert "pipeline/kafka" not in labels
    (container,) = components_pods()["webhooks"]["spec"]["containers"]
    known = {f"{PREFIX}{name.upper()}_FILE" for name in Settings.model_fields}
    assert {variable["name"] for variable in container["env"]} <= known
    service = next(one for one in WEBHOOKS if one["kind"] == "Service")
    assert service["spec"]["selector"].items() <= labels.items()
    (kustomization,) = documents(COMPONENTS / "webhooks" / "kustomization.yaml")
    assert all((COMPONENTS / "webhooks" / name).exists() for name in kustomization["resources"])
