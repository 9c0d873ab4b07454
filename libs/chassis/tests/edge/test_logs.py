"""A log line is one JSON object with one event name; ids and codes, never content."""

import json
import logging
from typing import Any

import pytest

from kfi_chassis import logs
from kfi_chassis.logs import JsonFormatter


@pytest.fixture
def lines() -> Any:
    written: list[dict[str, Any]] = []
    handler = logging.Handler()
    formatter = JsonFormatter({"service": "demo"})
    handler.emit = lambda record: written.append(json.loads(formatter.format(record)))  # type: ignore[method-assign]
    root = logging.getLogger()
    own = logging.getLogger("kfi")
    before = own.level
    root.addHandler(handler)
    own.setLevel(logging.INFO)
    yield written
    own.setLevel(before)
    root.removeHandler(handler)


def test_an_event_is_one_line_with_its_fields(lines: list[dict[str, Any]]) -> None:
    token = logs.correlation.set("7")
    logs.event("letter_delivered", notification_id="5d1f", pages=2)
    logs.correlation.reset(token)
    (line,) = lines
    assert line["event"] == "letter_delivered"
    assert (line["level"], line["service"], line["correlation_id"]) == ("info", "demo", "7")
    assert (line["notification_id"], line["pages"]) == ("5d1f", 2)


def fail() -> None:
    try:
        _ = {}["Mustermann"]
    except KeyError as cause:
        raise ValueError("Erika Mustermann") from cause


def test_an_error_is_told_by_kind_and_place_and_without_its_message(lines: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="Erika") as raised:
        fail()
    logs.event("request_failed", level=logging.ERROR, error=raised.value)
    logging.getLogger("sqlalchemy.pool").warning("lost %s", "Mustermann", exc_info=raised.value)
    assert "Mustermann" not in json.dumps(lines)
    assert lines[0]["error"]["type"] == "builtins.ValueError"
    assert lines[0]["error"]["cause"]["type"] == "builtins.KeyError"
    assert "test_logs.py" in lines[0]["error"]["at"][-1]


def test_what_a_database_says_is_told_as_its_state(lines: list[dict[str, Any]]) -> None:
    error = RuntimeError()
    error.sqlstate = "23505"  # type: ignore[attr-defined]
    logs.event("request_failed", error=error)
    assert lines[0]["error"]["sqlstate"] == "23505"


def test_lines_of_libraries_are_json_too(lines: list[dict[str, Any]]) -> None:
    logging.getLogger("aiokafka.conn").warning("lost node %s", 1)
    assert (lines[0]["event"], lines[0]["logger"], lines[0]["message"]) == (
        "library_message",
        "aiokafka.conn",
        "lost node 1",
    )
