"""The dashboard asks for what is exposed or recorded, answers its questions, and shows what each alert is about."""

import json
import re

import pytest

from .rules import DASHBOARD, Panel, alerts, asked, grouped, panels, recording_expressions
from .test_rules_agree import exposed, wrong_names

ALL = pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.title)
QUESTIONS = [
    "Is it working?",
    "Who is behind?",
    "What is stuck?",
    "What did we tell people?",
    "Where will people live?",
]


@ALL
def test_a_panel_asks_for_what_is_exposed(panel: Panel) -> None:
    assert panel.queries
    for query in panel.queries:
        assert wrong_names(query) == []
        labels = frozenset().union(*(exposed()[each.metric] for each in asked(query)))
        assert grouped(query) <= labels


@pytest.mark.parametrize("expression", recording_expressions())
def test_a_recording_rule_asks_for_what_is_exposed(expression: str) -> None:
    assert wrong_names(expression) == []


def test_the_dashboard_answers_its_questions() -> None:
    listed = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    assert [one["title"] for one in listed if one["type"] == "row"] == QUESTIONS


def test_the_metrics_of_every_alert_are_on_the_dashboard() -> None:
    shown = {each.metric for panel in panels() for query in panel.queries for each in asked(query)}
    hidden = {alert.name for alert in alerts() if not {each.metric for each in asked(alert.expression)} & shown}
    assert hidden == set()


def test_a_description_names_an_alert_that_there_is() -> None:
    names = {alert.name for alert in alerts()}
    told = re.findall(r'"description": "([^"]*)"', DASHBOARD.read_text("utf-8"))
    assert {word for text in told for word in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", text)} <= names


def test_no_panel_lies_on_another() -> None:
    cells = [
        (x + dx, y + dy) for x, y, w, h in (panel.place for panel in panels()) for dx in range(w) for dy in range(h)
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_a_panel_that_asks_for_nothing_exposed_is_seen() -> None:
    assert len(wrong_names("sum by (job) (outbox_oldest)")) == 1
