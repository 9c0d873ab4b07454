"""``budget load`` and ``calls load``: what cannot be read, or may not come in, is told before a database is asked."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from kfi_applications import budget_command, calls_command

CONFIRMED = """
[[call]]
key = "confirmed"
programme = "mso-einzelprojekt"
title = "Confirmed"
opens_on = 2026-01-01
last_day = 2026-04-30
deadline_kind = "ausschlussfrist"
cap = "15000.00"
civic_work_basis = "own-share"
budget_title = "X"
source = "the call of a day, confirmed by a person"
"""
Load = Callable[..., int]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setenv("KFI_DATABASE_URL", "postgresql://user:secret@127.0.0.1:1/nothing")

    def run(command: object, *files: Path) -> int:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)  # type: ignore[attr-defined]
        return int(command.run(parser.parse_args(["load", *map(str, files)])))  # type: ignore[attr-defined]

    return run


def test_production_refuses_fictitious_calls(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(calls_command) == 2
    assert "Production refuses fictitious calls" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "[[call]]\nkey = 'half a call'",
        CONFIRMED.replace("15000.00", "fifteen"),
        CONFIRMED.replace("ausschlussfrist", "frist"),
        "no TOML",
    ],
)
def test_a_file_that_holds_no_calls_is_told(
    load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "calls.toml"
    file.write_text(content, "utf-8")
    assert load(calls_command, file) == 2
    assert "is no file of calls" in capsys.readouterr().err


def test_a_file_that_is_no_budget_is_told_by_field(
    load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "budget.json"
    file.write_text('{"titles": [{"key": "X", "name": "X", "years": [{"year": 2026, "appropriation": 1}]}]}')
    assert load(budget_command, file) == 2
    assert "titles.0.years.0.appropriation" in capsys.readouterr().err
    assert load(budget_command, tmp_path / "absent.json") == 2
