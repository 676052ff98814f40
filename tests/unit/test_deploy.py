"""What the files in deploy/ say of the hub: its options, its metrics, and how long it needs to stop."""

import configparser
import json
import os
import re
import shlex

import pytest
import yaml

from browserws.server import Settings
from browserws.server.__main__ import hub_from, parser
from browserws.server.metrics import COUNTERS, GAUGES, LABELLED
from tools.paths import ROOT

DEPLOY = ROOT / "deploy"
METRICS = {
    *(f"browserws_{name}" for name in GAUGES),
    *(f"browserws_{name}_total" for name in (*COUNTERS, *LABELLED)),
}
SETTINGS = Settings()
STOPPING = SETTINGS.drain_timeout + SETTINGS.close_timeout


def metrics_in(expressions):
    return set(re.findall(r"browserws_\w+", " ".join(expressions)))


def service():
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read(DEPLOY / "browserws@.service")
    return read


def kubernetes():
    return {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())}


def check_environment(monkeypatch, environment):
    """That the hub takes these variables, and no other."""
    options = {action.dest for action in parser()._actions}
    for name, value in environment.items():
        assert name.removeprefix("BROWSERWS_").lower() in options, name
        monkeypatch.setenv(name, value)
    hub_from(parser().parse_args([]))


@pytest.fixture(autouse=True)
def no_options(monkeypatch):
    for name in [name for name in os.environ if name.startswith("BROWSERWS_")]:
        monkeypatch.delenv(name)


def test_alerts_are_about_metrics_of_the_hub():
    rules = [
        rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
    ]
    assert metrics_in(rule["expr"] for rule in rules) <= METRICS
    full = next(rule for rule in rules if rule["alert"] == "BrowserwsNearlyFull")
    assert int(full["expr"].split(">")[1]) < SETTINGS.max_connections


def test_the_dashboard_shows_each_metric():
    panels = json.loads((DEPLOY / "dashboard.json").read_text())["panels"]
    assert metrics_in(target["expr"] for panel in panels for target in panel["targets"]) == METRICS
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_service_starts_a_hub_and_lets_it_stop():
    section = service()["Service"]
    arguments = shlex.split(section["ExecStart"].replace("%i", "8765"))
    assert arguments[1:3] == ["-m", "browserws.server"]
    hub_from(parser().parse_args(arguments[3:]))
    assert int(section["TimeoutStopSec"]) > STOPPING
    assert int(section["LimitNOFILE"]) > SETTINGS.max_connections


def test_the_container_has_options_of_the_hub(monkeypatch):
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    given = next(line for line in lines if line.startswith("ENV ")).split()[1:]
    check_environment(monkeypatch, dict(one.split("=") for one in given))
    entry = next(line for line in lines if line.startswith("ENTRYPOINT "))
    assert json.loads(entry.removeprefix("ENTRYPOINT ")) == ["python", "-m", "browserws.server"]


def test_kubernetes_gives_the_hub_options_and_time_to_stop(monkeypatch):
    manifest = kubernetes()
    pod = manifest["Deployment"]["spec"]["template"]["spec"]
    (hub,) = pod["containers"]
    check_environment(monkeypatch, {one["name"]: one["value"] for one in hub["env"]})
    before = int(hub["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > STOPPING + before
    assert hub["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": "hub"}
    labels = manifest["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert manifest["Service"]["spec"]["selector"].items() <= labels.items()
