"""``kfi-applications budget load``: all titles of a file or none."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from kfi_applications.budget_command import add_arguments, run

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "budget.json"


async def load(file: Path) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return await asyncio.to_thread(run, parser.parse_args(["load", str(file)]))


@pytest.fixture
def environment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFI_DATABASE_URL", settings.database_url)


async def test_the_committed_example_is_loaded_again_and_again(desk: Any, environment: None) -> None:
    assert [await load(EXAMPLE), await load(EXAMPLE)] == [0, 0]
    rows = await desk.rows("SELECT year, appropriation + commitment_authorisation AS holds FROM budget_year"
                           " WHERE title = '07-080-684-61' ORDER BY year")  # fmt: skip
    assert [(row.year, str(row.holds)) for row in rows] == [
        (2026, "1200000.00"), (2027, "900000.00"), (2028, "600000.00"),
    ]  # fmt: skip


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


async def test_a_file_that_is_no_budget_is_told_by_field(
    environment: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "budget.json"
    file.write_text('{"titles": [{"key": "X", "name": "X", "years": [{"year": 2026, "appropriation": 1}]}]}')
    assert await load(file) == 2
    assert "titles.0.years.0.appropriation" in capsys.readouterr().err
    assert await load(tmp_path / "absent.json") == 2
