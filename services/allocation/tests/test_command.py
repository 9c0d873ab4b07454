import json
from pathlib import Path
from typing import Any

import pytest
from services.allocation.tests.instances import document, home, town

from kfi_allocation.command import main


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return written(tmp_path / "instance.json", document([town("010", 3), town("020", 1)], [home("H1", 3), home("H2")]))


def written(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_solve_writes_a_plan_that_verify_confirms(instance: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert main(["solve", str(instance), "--out", str(out), "--preview", str(tmp_path / "preview.json")]) == 0
    plan = json.loads(out.read_text())
    assert plan["status"] == "optimal"
    assert plan["assignments"] == {"H1": "010", "H2": "020"}
    assert (plan["objective"], plan["bound"], plan["gap"]) == (0, 0, 0)
    assert main(["verify", str(instance), str(out)]) == 0
    assert main(["verify", str(instance), str(tmp_path / "preview.json")]) == 0


def test_infeasible_ends_with_three_and_names_the_rules(tmp_path: Path) -> None:
    path = written(tmp_path / "i.json", document([town("010", capacity=1)], [home("H1", 3)]))
    out = tmp_path / "plan.json"
    assert main(["solve", str(path), "--out", str(out)]) == 3
    plan = json.loads(out.read_text())
    assert (plan["status"], plan["assignments"]) == ("infeasible", {})
    assert [rule["rule"] for rule in plan["conflict"]] == ["capacity 010"]
    assert plan["conflict"][0]["relax_by"] == 2
    assert main(["verify", str(path), str(out)]) == 0


def test_bad_input_ends_with_two_and_writes_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "i.json", document([town("010")], [home("H1", 40)]))
    assert main(["solve", str(path), "--out", str(tmp_path / "plan.json")]) == 2
    assert "households[0].persons" in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()
    assert main(["solve", str(tmp_path / "none.json"), "--out", str(tmp_path / "plan.json")]) == 2


def test_a_plan_that_does_not_hold_ends_with_one(instance: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    main(["solve", str(instance), "--out", str(out)])
    written(out, json.loads(out.read_text()) | {"objective": -1})
    assert main(["verify", str(instance), str(out)]) == 1


def test_repair_and_compare_work_from_files(instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, repaired = tmp_path / "plan.json", tmp_path / "repaired.json"
    main(["solve", str(instance), "--out", str(out)])
    assert main(["repair", str(instance), str(out), "--out", str(repaired), "--exclude", "H2=020"]) == 0
    assert [move["household"] for move in json.loads(repaired.read_text())["repair"]["moves"]] == ["H2"]
    assert main(["repair", str(instance), str(out), "--out", str(repaired), "--fix", "H9=020"]) == 2
    capsys.readouterr()
    assert main(["compare", str(instance), str(out), "H1"]) == 0
    assert [line["ags"] for line in json.loads(capsys.readouterr().out)] == ["010", "020"]


def test_generated_instances_are_read(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    assert main(["generate", "30", "--shape", "needs", "--out", str(path)]) == 0
    assert len(json.loads(path.read_text())["households"]) == 30
