"""Rules, runbooks, tests of the rules and metrics agree: nothing asks for a name that no service exposes."""

import re
import shutil
import subprocess
from functools import cache

import pytest
from prometheus_client.metrics import MetricWrapperBase

from kfi_allocation.main import SERVICE as ALLOCATION
from kfi_applications.main import SERVICE as APPLICATIONS
from kfi_notifications.main import SERVICE as NOTIFICATIONS

from .rules import PROMETHEUS, ROOT, RULES, RULES_TESTS, Alert, Asked, alerts, asked, cases, grouped, recorded

OF_PROMETHEUS = {"up": frozenset({"job", "instance"})}
OF_EVERY_SCRAPE = frozenset({"job", "instance"})
RUNBOOKS = ROOT / "docs/operations/alerts"
SECTIONS = ["What it means for people", "What to look at", "What to do", "When it is over"]
EVERY_ALERT = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
PROMTOOL = shutil.which("promtool")


@cache
def exposed() -> dict[str, frozenset[str]]:
    """Every sample a service may expose, with its labels; counters and histograms by the names of their samples."""
    found = OF_PROMETHEUS | recorded()
    for kept in (ALLOCATION.metrics_class, APPLICATIONS.metrics_class, NOTIFICATIONS.metrics_class):
        for metric in vars(kept()).values():
            if isinstance(metric, MetricWrapperBase):
                found |= samples_of(metric)
    return found


def samples_of(metric: MetricWrapperBase) -> dict[str, frozenset[str]]:
    (family,) = metric.describe()
    labels = frozenset(metric._labelnames) | OF_EVERY_SCRAPE
    if family.type == "histogram":
        return {f"{family.name}_bucket": labels | {"le"}, f"{family.name}_sum": labels, f"{family.name}_count": labels}
    return {family.name + ("_total" if family.type == "counter" else ""): labels}


def wrong_names(expression: str) -> list[Asked]:
    """Metrics that nobody exposes, and labels that they do not have."""
    known = exposed()
    return [each for each in asked(expression) if each.metric not in known or not each.labels <= known[each.metric]]


@EVERY_ALERT
def test_an_alert_asks_for_what_is_exposed(alert: Alert) -> None:
    assert asked(alert.expression)
    assert wrong_names(alert.expression) == []
    labels = frozenset().union(*(exposed()[each.metric] for each in asked(alert.expression)))
    assert grouped(alert.expression) <= labels


@pytest.mark.parametrize(
    "breach", ["outbox_oldest_age > 1", 'letters_waiting{stage="letter"} > 1', "rate(http_requests[5m]) > 1"]
)
def test_a_name_that_nobody_exposes_is_seen(breach: str) -> None:
    assert len(wrong_names(breach)) == 1


@EVERY_ALERT
def test_an_alert_says_what_is_wrong_and_what_to_do(alert: Alert) -> None:
    assert alert.severity in {"page", "ticket"}
    for sentence in (alert.annotations["summary"], alert.annotations["action"]):
        assert sentence.endswith(".")
    labels = frozenset().union(*(exposed()[each.metric] for each in asked(alert.expression)))
    assert set(re.findall(r"\$labels\.(\w+)", alert.annotations["summary"])) <= labels


@EVERY_ALERT
def test_an_alert_has_its_runbook(alert: Alert) -> None:
    assert alert.annotations["runbook"] == f"docs/operations/alerts/{alert.name}.md"
    text = (ROOT / alert.annotations["runbook"]).read_text("utf-8")
    assert text.startswith(f"# {alert.name}\n\nSeverity: {alert.severity}.")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == SECTIONS


def test_there_is_no_runbook_without_its_alert() -> None:
    assert {path.stem for path in RUNBOOKS.iterdir()} == {alert.name for alert in alerts()}


@EVERY_ALERT
def test_the_rules_test_sees_an_alert_fire_and_sees_it_silent(alert: Alert) -> None:
    own = [case for case in cases() if case["name"].startswith(f"{alert.name}: ")]
    asked_of_alerts = [one for case in own for one in case["promql_expr_test"] if "ALERTS" in one["expr"]]
    fired = [sample["labels"] for one in asked_of_alerts for sample in one["exp_samples"]]
    assert fired
    assert all(f'{{alertname="{alert.name}"' in labels for labels in fired)
    assert [
        case
        for case in own
        if not any(one["exp_samples"] for one in case["promql_expr_test"] if "ALERTS" in one["expr"])
    ]


@pytest.mark.servers
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not on the PATH; on Debian: apt-get install prometheus")
@pytest.mark.parametrize(
    "arguments",
    [
        *(("check", "rules", file.name) for file in RULES),
        *(("test", "rules", file.name) for file in RULES_TESTS),
        ("check", "config", "prometheus.yaml"),
    ],
    ids=" ".join,
)
def test_promtool_agrees(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
