"""Rules and dashboard as they stand in `infra`, and what their expressions ask for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "infra/prometheus"
RULES = tuple(PROMETHEUS / f"{name}.yaml" for name in ("rules", "slo", "allocation"))
RULES_TESTS = tuple(PROMETHEUS / f"{name}_test.yaml" for name in ("rules", "rules_days", "slo", "allocation"))
DASHBOARD = ROOT / "infra/grafana/platform.json"


@dataclass(frozen=True)
class Alert:
    """One rule of the file."""

    name: str
    file: Path
    expression: str
    waits: str
    severity: str
    annotations: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A metric that an expression reads, with the labels it selects by."""

    metric: str
    labels: frozenset[str]


@cache
def alerts() -> tuple[Alert, ...]:
    return tuple(
        Alert(rule["alert"], file, rule["expr"], rule.get("for", "0s"), rule["labels"]["severity"], rule["annotations"])
        for file, rule in each_rule()
        if "alert" in rule
    )


@cache
def recorded() -> dict[str, frozenset[str]]:
    """The series that rules record, with all labels they may have."""
    found: dict[str, frozenset[str]] = {}
    for _, rule in each_rule():
        if "record" in rule:
            kept = frozenset(rule.get("labels", {})) | grouped(rule["expr"]) | {"job"}
            found[rule["record"]] = found.get(rule["record"], frozenset()) | kept
    return found


def content_of(file: Path) -> dict[str, Any]:
    """Read by libyaml: the files are read a hundred times, and PyYAML's own reader takes ten times as long."""
    content: dict[str, Any] = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return content


def each_rule() -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in RULES:
        for group in content_of(file)["groups"]:
            yield from ((file, rule) for rule in group["rules"])


def recording_expressions() -> list[str]:
    return [rule["expr"] for _, rule in each_rule() if "record" in rule]


def cases() -> list[dict[str, Any]]:
    """The cases of all files of tests."""
    return [case for file in RULES_TESTS for case in content_of(file)["tests"]]


@dataclass(frozen=True)
class Panel:
    """One panel of the dashboard, with what its queries ask."""

    title: str
    place: tuple[int, int, int, int]
    queries: tuple[str, ...]


@cache
def panels() -> tuple[Panel, ...]:
    listed = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return tuple(
        Panel(
            one["title"],
            (one["gridPos"]["x"], one["gridPos"]["y"], one["gridPos"]["w"], one["gridPos"]["h"]),
            tuple(target["expr"] for target in one.get("targets", [])),
        )
        for one in listed
        if one["type"] != "row"
    )


def asked(expression: str) -> set[Asked]:
    """Every metric of an expression. Raises ValueError when Prometheus could not read it."""
    selectors = (node for node in nodes(promql.parse(expression)) if isinstance(node, promql.VectorSelector))
    return {Asked(each.name, frozenset(one.name for one in each.matchers.matchers)) for each in selectors}


def grouped(expression: str) -> set[str]:
    """Every label by which an expression sums up or matches."""
    found: set[str] = set()
    for node in nodes(promql.parse(expression)):
        modifier = getattr(node, "modifier", None)
        matching = getattr(modifier, "matching", modifier)
        found |= set(getattr(matching, "labels", None) or ())
    return found


def nodes(node: Any) -> Iterator[Any]:
    """The expression and all its parts."""
    yield node
    children = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "param", "vector_selector")]
    for child in [*children, *getattr(node, "args", ())]:
        if child is not None:
            yield from nodes(child)
