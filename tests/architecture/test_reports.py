"""Whoever reads that a test failed reads as well what the services logged meanwhile."""

import json
from pathlib import Path

from tests.harness.told import told_by_kafka_since, told_since, without_own_clients

MOMENT = 1_790_000_000.0
BEFORE, AFTER = "2026-09-21T14:13:19+00:00", "2026-09-21T14:13:21+00:00"


def log_of(folder: Path, name: str, *lines: dict[str, str] | str) -> None:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / f"{name}.log").write_text(f"{text}\n")


def test_a_report_tells_each_kind_of_trouble_once_with_its_number_and_its_last_line(tmp_path: Path) -> None:
    held = {"time": AFTER, "level": "warning", "event": "batch_held"}
    log_of(tmp_path, "applications-1", held | {"records": "1"}, held | {"records": "2"}, "no line of a log")
    log_of(tmp_path, "notifications-1", {"time": AFTER, "level": "error", "event": "record_parked", "reason": "late"})
    first, second = told_since(tmp_path, MOMENT).splitlines()
    assert first.startswith("applications-1: 2 x batch_held, last ")
    assert '"records": "2"' in first
    assert second.startswith("notifications-1: 1 x record_parked late, last ")


def test_a_report_leaves_out_what_was_before_and_what_is_no_trouble(tmp_path: Path) -> None:
    earlier = {"time": BEFORE, "level": "error", "event": "record_parked"}
    log_of(tmp_path, "applications-1", earlier, {"time": AFTER, "level": "info", "event": "started"})
    assert told_since(tmp_path, MOMENT) == ""


def test_a_report_leaves_out_what_the_tests_own_clients_say_of_a_broker_that_is_away() -> None:
    captured = "ERROR aiokafka:client.py:435 Unable connect\nWARNING tests.harness: KFI_SEED=1"
    assert without_own_clients(captured) == "WARNING tests.harness: KFI_SEED=1"


def test_a_report_shows_the_last_lines_of_the_broker(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    lines = ["2026-09-21T14:13:19,500Z WARN before (a)", "2026-09-21T14:13:21,500Z ERROR after (a)", "\tat a.trace"]
    (tmp_path / "kafka" / "kafka.log").write_text("\n".join(lines))
    assert told_by_kafka_since(tmp_path, MOMENT) == lines[1]
