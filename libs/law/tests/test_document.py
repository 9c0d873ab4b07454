"""`docs/law.md` says what the code does: its commands are run, its table is compared with the packaged rows."""

import shlex
from pathlib import Path

import pytest

from kfi_law.cli import main
from kfi_law.packaged import rule_rows

DOCUMENT = (Path(__file__).parents[3] / "docs" / "law.md").read_text(encoding="utf-8")
CONSOLE = DOCUMENT.split("```console\n")[1].split("```")[0]


def test_every_command_of_the_document_says_what_it_shows(capsys: pytest.CaptureFixture[str]) -> None:
    commands = CONSOLE.split("$ kfi-law ")[1:]
    assert len(commands) == 3
    for command in commands:
        arguments, _, shown = command.partition("\n")
        main(shlex.split(arguments))
        told = capsys.readouterr()
        assert told.out + told.err == shown


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("announcement.toml", "rule"),
        ("announcement.toml", "weekend_policy"),
        ("remedies.toml", "rule"),
        ("courts.toml", "court"),
        ("courts.toml", "without_seat_in_the_area"),
    ],
)
def test_the_document_names_the_paragraph_of_every_rule(name: str, table: str) -> None:
    assert {row["paragraph"] for row in rule_rows(name, table) if row["paragraph"] not in DOCUMENT} == set()
