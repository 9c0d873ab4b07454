"""Killed while it reads or imports, the service goes on; nothing is lost, half or doubled."""

from typing import Any
from uuid import UUID

import pytest
from services.allocation.tests.arrival_lists import csv_of, person
from services.allocation.tests.arriving import all_portions, events, items, shown, upload, uploaded

from kfi_allocation.use_cases import import_arrival_list, read_arrival_list
from kfi_allocation.use_cases.import_arrival_list import import_next_portion
from kfi_allocation.use_cases.read_arrival_list import read_next_list

pytestmark = pytest.mark.servers


async def test_killed_while_reading_it_begins_anew_and_nothing_is_doubled(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_arrival_list, "PORTION", 2)
    rows = [person(f"F-{number}", Geburtsdatum="?" if number == 1 else "01.02.1990") for number in range(7)]
    answer = await upload(desk, csv_of(rows))
    stage = read_arrival_list._stage
    with monkeypatch.context() as killed:
        killed.setattr(read_arrival_list, "_stage", _dies_after(2, stage))
        with pytest.raises(Killed):
            await read_next_list(desk.transactions)
    progress = await shown(desk, answer.json()["id"])
    assert (progress["state"], progress["found"]["rows"], progress["found"]["households"]) == ("received", 7, 4)
    assert await read_next_list(desk.transactions) == 1
    found = (await shown(desk, answer.json()["id"]))["found"]
    assert (found["households"], found["added"], found["bad"], found["errors"]) == (7, 6, 1, 1)
    assert len(await items(desk, f"/arrival-lists/{answer.json()['id']}/mistakes")) == 1


async def test_whoever_reads_a_list_stops_when_it_is_discarded_or_read_anew_elsewhere(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_arrival_list, "PORTION", 2)
    list_id = (await upload(desk, csv_of([person(f"F-{number}") for number in range(5)]))).json()["id"]
    stage, calls = read_arrival_list._stage, list[int]()

    async def meanwhile(reading: UUID, attempt: int, *more: Any) -> None:
        calls.append(attempt)
        if len(calls) == 2:
            await desk.rows("UPDATE arrival_list SET found = jsonb_set(found, '{attempt}', '7') RETURNING id")
        await stage(reading, attempt, *more)

    with monkeypatch.context() as raced:
        raced.setattr(read_arrival_list, "_stage", meanwhile)
        assert await read_next_list(desk.transactions) == 1
    assert (calls, (await shown(desk, list_id))["state"]) == ([1, 1], "received")
    assert await read_next_list(desk.transactions) == 1
    found = (await shown(desk, list_id))["found"]
    assert (found["households"], found["added"]) == (5, 5)


async def test_killed_between_portions_the_import_goes_on_and_nothing_is_doubled(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_arrival_list, "PORTION", 2)
    list_id = await uploaded(desk, [person(f"F-{number}") for number in range(7)])
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", {})
    assert await import_next_portion(desk.transactions) == 2
    with monkeypatch.context() as killed:
        killed.setattr(import_arrival_list.ArrivalEntries, "deal_with", _dies_after(0, None))
        with pytest.raises(Killed):
            await import_next_portion(desk.transactions)
    assert (await shown(desk, list_id))["done"]["total"] == len(await desk.rows("SELECT 1 FROM household")) == 2
    await all_portions(desk)
    assert len(await desk.rows("SELECT 1 FROM household JOIN placement USING (id)")) == 7
    assert await events(desk) == [("household-announced", 1)] * 7


class Killed(BaseException):
    """The process is gone."""


def _dies_after(calls: int, real: Any) -> Any:
    made = []

    async def dying(*values: Any) -> Any:
        if len(made) == calls:
            raise Killed
        made.append(values)
        return await real(*values)

    return dying
