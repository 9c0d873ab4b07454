import json
from importlib.metadata import version
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


def test_a_plan_names_the_versions_of_all_it_was_computed_with(instance: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    assert main(["solve", str(instance), "--out", str(out)]) == 0
    computing = ("kfi-allocation", "highspy", "numba", "numpy")
    assert json.loads(out.read_text())["solver"] == ", ".join(f"{name} {version(name)}" for name in computing)


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


def test_a_plan_around_orders_is_verified_signed_and_audited_from_files(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, keys, signed, part = (tmp_path / name for name in ("plan.json", "keys", "signed.json", "part.json"))
    orders = written(tmp_path / "orders.json", {"format": "kfi-allocation-orders/1", "fixed": {"H2": "010"}})
    assert main(["solve", str(instance), "--out", str(plan), "--orders", str(orders)]) == 0
    assert json.loads(plan.read_text())["assignments"]["H2"] == "010"
    assert main(["verify", str(instance), str(plan)]) == 0
    main(["certificate", "keys", "--out", str(keys)])
    public = ["--public-key", capsys.readouterr().out.split()[-1]]
    run = [str(instance), str(plan)]
    assert main(["certificate", "sign", *run, "--keys", str(keys), "--policy", "test", "--out", str(signed)]) == 0
    assert main(["certificate", "audit", *run, str(signed), "--keys", str(keys), *public]) == 0
    extract = ["certificate", "extract", *run, str(signed), "--keys", str(keys), "--out", str(part), "--town", "010"]
    assert main(extract) == 0
    assert main(["certificate", "verify", str(part), *public]) == 0
    assert '"orders"' not in part.read_text()
    repaired = tmp_path / "repaired.json"
    assert main(["repair", *run, "--out", str(repaired), "--orders", str(orders), "--exclude", "H1=010"]) == 0
    assert json.loads(repaired.read_text())["orders"]["excluded"] == {"H1": ["010"]}
    assert main(["verify", str(instance), str(repaired)]) == 0
    forged = json.loads(plan.read_text())
    written(plan, forged | {"orders": forged["orders"] | {"excluded": {"H1": ["020"]}}})
    assert main(["certificate", "audit", *run, str(signed), "--keys", str(keys), *public]) == 1


def test_generated_instances_are_read(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    assert main(["generate", "30", "--shape", "needs", "--out", str(path)]) == 0
    assert len(json.loads(path.read_text())["households"]) == 30


def test_an_account_is_opened_changed_asked_and_handed_to_a_town(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, part = tmp_path / "account.json", tmp_path / "part.json"
    assert main(["account", "open", "--as-of", "2026-11-23", "--out", str(path)]) == 0
    opened = json.loads(path.read_text())
    entry = {"number": 1, "ags": "05914000", "on": "2026-02-01", "kind": "intake", "persons": 3}
    written(path, opened | {"announced": 100, "entries": [entry]})
    assert main(["account", "extract", str(path), "--town", "05914000", "--out", str(part)]) == 0
    capsys.readouterr()
    for file in (path, part):
        assert main(["account", "recompute", str(file), "--town", "05914000", "--json"]) == 0
    whole, _, rest = capsys.readouterr().out.partition("\n}\n{\n")
    assert json.loads(whole + "}") == json.loads("{" + rest)
    assert main(["account", "what-if", str(path), "--intake", "05914000=200", "--town", "05914000"]) == 0
    assert "closed: at 100 %" in capsys.readouterr().out
    assert main(["account", "what-if", str(path), "--policy", "none"]) == 2


def test_the_series_of_the_register_come_with_basis_day_and_source(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    assert main(["account", "open", "--as-of", "2026-11-23", "--basis", "rollforward_2011", "--out", str(path)]) == 0
    people, land = json.loads(path.read_text())["series"]
    assert (people["counted_on"], land["counted_on"]) == ("2023-12-31", "2023-12-31")
    assert people["source"].startswith("rollforward_2011: © Statistisches Bundesamt")
    assert main(["account", "open", "--as-of", "2022-05-14", "--out", str(path)]) == 2


def test_a_plan_is_signed_handed_out_checked_offline_and_audited(
    instance: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, keys, signed, part = (tmp_path / name for name in ("plan.json", "keys", "signed.json", "part.json"))
    main(["solve", str(instance), "--out", str(plan)])
    capsys.readouterr()
    assert main(["certificate", "keys", "--out", str(keys)]) == 0
    public = ["--public-key", capsys.readouterr().out.split()[-1]]
    run = [str(instance), str(plan)]
    assert main(["certificate", "sign", *run, "--keys", str(keys), "--policy", "test", "--out", str(signed)]) == 0
    extract = ["certificate", "extract", *run, str(signed), "--keys", str(keys), "--out", str(part), "--town"]
    assert main([*extract, "010"]) == 0
    assert main([*extract, "999"]) == 2
    assert main(["certificate", "verify", str(part), *public]) == 0
    assert "010: 3 persons, households H1" in capsys.readouterr().out
    assert main(["certificate", "audit", *run, str(signed), "--keys", str(keys), *public]) == 0
    assert main(["certificate", "verify", str(part), "--public-key", "00" * 32]) == 1
    written(plan, json.loads(plan.read_text()) | {"seed": 2})
    assert main(["certificate", "audit", *run, str(signed), "--keys", str(keys), *public]) == 1
    written(plan, json.loads(plan.read_text()) | {"objective": -1})
    assert main(["certificate", "sign", *run, "--keys", str(keys), "--policy", "test", "--out", str(signed)]) == 1


def test_secrets_are_for_their_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    assert main(["certificate", "keys", "--out", str(tmp_path)]) == 0
    before = (tmp_path / "signing.key").read_text()
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == (tmp_path / "salts.key").stat().st_mode & 0o777 == 0o600
    assert main(["certificate", "keys", "--out", str(tmp_path)]) == 2
    assert (tmp_path / "signing.key").read_text() == before
