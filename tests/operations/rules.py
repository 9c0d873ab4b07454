"""The alerts as they stand in `infra/prometheus/rules.yaml`, and what their expressions ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "infra/prometheus/rules.yaml"
RULES_TEST = ROOT / "infra/prometheus/rules_test.yaml"


@dataclass(frozen=True)
class Alert:
    """One rule of the file."""

    name: str
    expression: str
    severity: str
    annotations: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A metric that an expression reads, with the labels it selects by."""

    metric: str
    labels: frozenset[str]


@cache
def alerts() -> tuple[Alert, ...]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return tuple(
        Alert(rule["alert"], rule["expr"], rule["labels"]["severity"], rule["annotations"])
        for group in groups
        for rule in group["rules"]
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
