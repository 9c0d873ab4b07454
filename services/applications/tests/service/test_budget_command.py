"""``kfi-applications budget load`` and ``calls load``: all of a file or nothing; in production a person approves it."""

import argparse
import asyncio
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kfi_applications import budget_command, calls_command

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "budget.json"


async def load(*file: Path, command: ModuleType = budget_command) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(await asyncio.to_thread(command.run, parser.parse_args(["load", *map(str, file)])))


@pytest.fixture
def environment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFI_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("KFI_PROFILE", "test")


async def holds(desk: Any, title: str) -> list[tuple[int, str]]:
    sql = "SELECT year, appropriation + commitment_authorisation AS holds FROM budget_year WHERE title = :title"
    return sorted((row.year, str(row.holds)) for row in await desk.rows(sql, title=title))


async def test_the_committed_example_is_loaded_again_and_again(
    desk: Any, environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [await load(EXAMPLE), await load(EXAMPLE)] == [0, 0]
    assert await holds(desk, "07-080-684-61") == [(2026, "1200000.00"), (2027, "900000.00"), (2028, "600000.00")]
    assert capsys.readouterr().out.splitlines()[1].startswith("0 new or changed budget titles are loaded and in force")


async def test_the_calls_of_the_demonstration_are_loaded_again_and_again(desk: Any, environment: None) -> None:
    assert await load(EXAMPLE) == 0
    assert [await load(command=calls_command), await load(command=calls_command)] == [0, 0]
    keys = [call["key"] for call in (await desk.get("association", "/calls")).json()]
    assert {"mso-einzelprojekt-2027", "komm-an-ii-2027"} <= set(keys)


async def test_a_title_cannot_be_planned_below_what_is_booked(
    desk: Any, environment: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = await desk.proposed()
    await desk.done("budget", case, "reservation")
    wide = {"year": 2026, "appropriation": "9999.99", "commitment_authorisation": "0.00"}
    other = {"year": 2026, "appropriation": "1.00", "commitment_authorisation": "0.00"}
    file = tmp_path / "budget.json"
    titles = [{"key": "A-NEW-ONE", "name": "New", "years": [other]}, {"key": "WIDE", "name": "Wide", "years": [wide]}]
    file.write_text(json.dumps({"titles": titles}))
    assert await load(file) == 1
    assert "10000.00 EUR booked in 2026" in capsys.readouterr().err
    assert await desk.rows("SELECT 1 FROM budget_title WHERE key = 'A-NEW-ONE'") == []


async def test_in_production_a_file_proposes_and_a_person_approves(
    desk: Any, environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KFI_PROFILE", "production")
    assert await load(EXAMPLE) == 0
    assert "2 new or changed budget titles are proposed; another person approves" in capsys.readouterr().out
    assert await holds(desk, "07-080-684-61") == []
    title = "/budget-titles/07-080-684-61"
    proposed = await desk.get("budget", title)
    assert (proposed.json()["pending"], proposed.json()["years"]) == (1, [])
    approved = await desk.post("budget", f"{title}/approval", **{"If-Match": proposed.headers["ETag"]})
    assert approved.status_code == 200, approved.text
    assert len(await holds(desk, "07-080-684-61")) == 3
