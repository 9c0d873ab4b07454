import json

import pytest

from kfi_law.cli import main
from kfi_law.recomputation import recompute
from kfi_law.traces import trace_from_json

POSTED = ["period", "--channel", "letter", "--posted", "2026-03-09"]


def test_a_period_is_told_with_every_day_and_its_paragraph(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*POSTED, "--seat", "05914000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    expected = [
        ("announced on", "Fri 2026-03-13", "§ 41 (2) S. 1 VwVfG NRW"),
        ("last day for action", "Mon 2026-04-13", "§§ 74 (1), 57 (2) VwGO"),
        ("final from", "Tue 2026-04-14", "§§ 74 (1), 58 (2) VwGO"),
        ("court", "Verwaltungsgericht Arnsberg, Arnsberg", "§ 52 Nr. 3 S. 2 VwGO, § 17 JustG NRW"),
    ]
    assert len(lines) == len(expected)
    for line, (name, day, paragraph) in zip(lines, expected, strict=True):
        assert line.startswith(name)
        assert day in line
        assert paragraph in line


def test_both_readings_are_told_when_they_differ(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["period", "--channel", "letter", "--posted", "2026-03-10"]) == 0
    out = capsys.readouterr().out
    for part in (
        "Sat 2026-03-14",
        "Tue 2026-04-14",
        "Mon 2026-03-16",
        "Thu 2026-04-16",
        "Fri 2026-04-17",
        "--seat AGS",
    ):
        assert part in out


def test_a_move_to_a_working_day_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["period", "--channel", "letter", "--posted", "2026-03-28"]) == 0
    assert "moved from Fri 2026-05-01 (Tag der Arbeit)" in capsys.readouterr().out


def test_a_missing_instruction_gives_a_year(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["period", "--channel", "electronic", "--sent", "2026-03-12", "--instruction", "missing"]) == 0
    assert "Tue 2027-03-16" in capsys.readouterr().out


def test_retrieval_is_told_from_both_its_days(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["period", "--channel", "retrieval", "--notified", "2026-03-02", "--retrieved", "2026-03-05"]) == 0
    assert "Fri 2026-03-06" in capsys.readouterr().out


def test_json_carries_traces_that_recompute(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*POSTED, "--seat", "outside", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["announced_on", "last_day_for_action", "final_from", "court"]
    assert document["final_from"]["value"] == "2026-04-14"
    assert all(recompute(trace_from_json(json.dumps(figure["trace"]))) for figure in document.values())


def test_the_court_of_a_municipality(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["court", "05911000"]) == 0
    assert "Verwaltungsgericht Gelsenkirchen" in capsys.readouterr().out
    assert main(["court", "05911000", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["court"]["key"] == "gelsenkirchen"
    assert recompute(trace_from_json(json.dumps(document["trace"])))


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["court", "05914001"], "give its eight digits"),
        ([*POSTED, "--seat", "Hagen"], "give its eight digits"),
        (["period", "--channel", "letter"], "--posted YYYY-MM-DD"),
        ([*POSTED, "--sent", "2026-03-09"], "from no other day"),
        ([*POSTED, "--retrieved", "2026-03-09"], "from no other day"),
        (["period", "--channel", "retrieval", "--notified", "2026-03-02"], "provide it again or send a letter"),
        (["period", "--channel", "authority_mailbox", "--provided", "2024-03-04"], "add the dated row"),
        (["period", "--channel", "letter", "--posted", "1996-03-04"], "add the dated row"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_sentence(
    arguments: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert advice in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ([], "required"),
        (["period", "--channel", "letter", "--posted", "2026-02-30"], "YYYY-MM-DD"),
        (["period", "--channel", "letter", "--posted", "9999-12-31"], "between 1995 and 2999"),
        (["period", "--channel", "fax", "--posted", "2026-03-09"], "letter"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence(
    arguments: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    told = capsys.readouterr()
    assert stopped.value.code == 2
    assert advice in told.err
    assert (told.out, told.err.count("\n")) == ("", 1)
