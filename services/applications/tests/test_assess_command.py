"""``kfi-applications assess``: the answer with its trace, and errors that name field, reason and what to do."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from kfi_applications.assess_command import add_arguments, run, schema

SERVICE = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((SERVICE / "examples").glob("*.json"))
EXAMPLES.remove(SERVICE / "examples" / "budget.json")
RESULTS = {"einzelprojekt-correction-needed": "correction-needed", "anschub-refused": "refused"}
ELIGIBLE = SERVICE / "examples" / "einzelprojekt.json"


def assess(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(argument) for argument in arguments]))


def changed(tmp_path: Path, *path: str | int, to: Any) -> Path:
    document = json.loads(ELIGIBLE.read_text("utf-8"))
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    file = tmp_path / "case.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_committed_example_is_assessed(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert assess(example, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["result"] == RESULTS.get(example.stem, "eligible")
    assert all(step["paragraph"] and step["source"] and step["version"] for step in answer["trace"])


def test_the_answer_for_people_shows_amounts_and_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert assess(ELIGIBLE) == 0
    out = capsys.readouterr().out
    assert "Result: eligible (grant 14400.00 EUR" in out
    assert "AF 2 grant = 14400.00  from requested 14400.00, AF 1 highest_share 14400.00, cap 50000.00" in out


def test_f18a_the_settlement_is_a_part_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assess(SERVICE / "examples" / "einzelprojekt-settled.json", "--json")
    amounts = json.loads(capsys.readouterr().out)["amounts"]
    assert (amounts["final_grant"], amounts["repayment"]) == ("13880.32", "2119.68")


def test_lump_sums_for_what_did_not_take_place_are_a_part_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assess(SERVICE / "examples" / "komm-an-settled.json", "--json")
    amounts = json.loads(capsys.readouterr().out)["amounts"]
    assert (amounts["grant"], amounts["final_grant"], amounts["repayment"]) == ("6995.00", "6085.00", "910.00")


def test_the_committed_schema_is_the_schema_of_the_code() -> None:
    assert json.loads((SERVICE / "assess-case.schema.json").read_text("utf-8")) == schema()


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (("finance_plan", "own_money"), "12,50", "finance_plan.own_money: "),
        (("finance_plan", "own_money"), 900, "finance_plan.own_money: "),
        (("finance_plan", "surprise"), "1.00", "finance_plan.surprise: "),
        (("applicant", "seat_ags"), "5914", "applicant.seat_ags: "),
        (("project", "period_to"), "2026-12-31", "period_to lies before period_from"),
        (("filed_on",), "31.12.2026", "filed_on: "),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: tuple[str, ...], to: object, told: str
) -> None:
    assert assess(changed(tmp_path, *path, to=to)) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "--schema" in err


@pytest.mark.parametrize(
    ("path", "to", "told"),
    [
        (("call",), "zwar", "call: The programme is closed: the funding ended on 31 December 2019."),
        (("call",), "nothing", "call: There is no such call."),
        (
            ("call",),
            "mso-anschub-2027",
            "applicant.founded_on: The day on which the association was founded is missing",
        ),
        (("finance_plan", "own_money"), "899.99", "finance_plan: The income is less than expenditure by 0.01 EUR."),
        (("assessed_on",), "2015-01-01", "assessed_on: "),
    ],
)
def test_a_rule_that_stops_the_assessment_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], path: tuple[str, ...], to: str, told: str
) -> None:
    assert assess(changed(tmp_path, *path, to=to)) == 1
    assert capsys.readouterr().err.startswith(told)


def test_a_value_that_was_read_is_never_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assess(changed(tmp_path, "finance_plan", "own_money", to="SECRET-4711"))
    assert "SECRET" not in capsys.readouterr().err


def test_no_file_or_no_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert [assess(), assess(tmp_path / "absent.json"), assess(broken)] == [2, 2, 2]
    assert "Name a file" in capsys.readouterr().err
