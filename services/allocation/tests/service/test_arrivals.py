"""Lists of arrivals at the running service: uploaded, read, compared, imported once, corrected."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from services.allocation.tests.arrival_lists import csv_of, json_of, person, workbook_of
from services.allocation.tests.arriving import (
    CSV,
    FAMILY,
    all_portions,
    events,
    imported,
    items,
    shown,
    upload,
    uploaded,
)

from kfi_allocation.arrival_steps import an_uploaded_file_goes
from kfi_allocation.use_cases.import_arrival_list import FILE_GOES
from kfi_allocation.use_cases.read_arrival_list import read_next_list
from kfi_chassis.deadlines import Deadline

pytestmark = pytest.mark.servers


async def test_a_list_is_read_compared_and_imported_with_a_placement_for_each_household(desk: Any) -> None:
    list_id = await uploaded(desk, [*FAMILY, person("F-2", **{"Angehörige in": "Münster"})], charter="C-7")
    before = await shown(desk, list_id)
    assert (before["state"], before["found"]["added"], before["found"]["persons"]) == ("read", 2, 3)
    assert before["actions"] == ["import", "discard"]
    assert await desk.rows("SELECT 1 FROM household") == []
    await desk.done("planner", f"/arrival-lists/{list_id}", "import", {})
    await all_portions(desk)
    after = await shown(desk, list_id)
    assert (after["state"], after["done"]["added"], after["actions"]) == ("imported", 2, ["correct"])
    homes = {home["reference"]: home for home in await items(desk, "/households", list_id=list_id)}
    assert (homes["F-1"]["persons"], homes["F-1"]["charter"], homes["F-2"]["relatives_in"]) == (2, "C-7", "05515000")
    assert await events(desk) == [("household-announced", 1)] * 2
    placements = await desk.rows("SELECT id, state, persons FROM placement")
    assert {(str(row.id), row.persons) for row in placements} == {(h["id"], h["persons"]) for h in homes.values()}


@pytest.mark.parametrize("kind", ["xlsx", "json"])
async def test_workbooks_and_json_come_in_as_well(desk: Any, kind: str) -> None:
    types = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json"}
    content = workbook_of(FAMILY) if kind == "xlsx" else json_of(FAMILY)
    answer = await upload(desk, content, types[kind])
    assert answer.status_code == 201, answer.text
    await read_next_list(desk.transactions)
    assert (await shown(desk, answer.json()["id"]))["found"]["added"] == 1


async def test_good_rows_come_in_and_each_mistake_names_line_field_and_what_to_do(desk: Any) -> None:
    bad = [person("F-2", Vorname="A"), person("F-2", Vorname="B", Geburtsdatum="31.02.1990")]
    list_id = await imported(desk, [*FAMILY, *bad, person("F-3", **{"Wunschort 1": "Halle"})])
    assert [home["reference"] for home in await items(desk, "/households")] == ["F-1"]
    told = await items(desk, f"/arrival-lists/{list_id}/mistakes")
    assert [(each["line"], each["field"], each["column"], each["code"]) for each in told] == [
        (5, "born_on", "Geburtsdatum", "not-a-day"),
        (6, "wishes", "Wunschort 1, Wunschort 2", "place-ambiguous"),
    ]
    assert told[1]["suggestions"] == ["Halle (Westf.) (05754012)"]
    assert all(each["remedy"] for each in told)


async def test_the_same_list_twice_changes_nothing(desk: Any) -> None:
    list_id = await imported(desk, FAMILY)
    before = await desk.rows("SELECT count(*) AS n FROM outbox")
    again = await upload(desk, csv_of(FAMILY))
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (201, list_id, "imported")
    assert await read_next_list(desk.transactions) == 0
    other = await imported(desk, [*FAMILY, person("F-2", Geburtsdatum="kaputt")])
    assert (await shown(desk, other))["done"] == {
        "added": 0, "amended": 0, "cancelled": 0, "unchanged": 1, "refused": 0, "total": 1,
    }  # fmt: skip
    assert await desk.rows("SELECT count(*) AS n FROM outbox") == before


async def test_whoever_saw_an_older_state_is_told(desk: Any) -> None:
    list_id = await uploaded(desk, FAMILY)
    path = f"/arrival-lists/{list_id}/import"
    assert (await desk.post("planner", path, {})).status_code == 428
    assert (await desk.post("planner", path, {}, **{"If-Match": '"1"'})).status_code == 412
    seen = (await desk.get("planner", f"/arrival-lists/{list_id}")).headers["ETag"]
    assert (await desk.post("planner", path, {}, **{"If-Match": seen})).status_code == 200
    assert (await desk.post("second-planner", path, {}, **{"If-Match": seen})).status_code == 412


async def test_a_discarded_list_leaves_neither_file_nor_persons_and_may_come_again(desk: Any) -> None:
    list_id = await uploaded(desk, FAMILY)
    await desk.done("planner", f"/arrival-lists/{list_id}", "discard")
    assert await desk.rows("SELECT 1 FROM arrival_part") == []
    assert await desk.rows("SELECT 1 FROM arrival_entry WHERE content IS NOT NULL") == []
    assert await desk.rows("SELECT 1 FROM person_key") == []
    assert (await upload(desk, csv_of(FAMILY))).json()["id"] != list_id


async def test_the_file_goes_after_its_period(desk: Any) -> None:
    list_id = await imported(desk, FAMILY)
    (due,) = await desk.rows("SELECT subject, due_on FROM deadline WHERE kind = :kind", kind=FILE_GOES)
    assert (str(due.subject), due.due_on) == (list_id, desk.calendar.day + timedelta(days=30))
    deadline = Deadline(uuid4(), FILE_GOES, UUID(list_id), due.due_on, {})
    await desk.run(lambda work: an_uploaded_file_goes(deadline, work))
    assert await desk.rows("SELECT 1 FROM arrival_part") == []
    assert (await shown(desk, list_id))["file_deleted_on"] == desk.calendar.day.isoformat()
    assert len(await items(desk, "/households")) == 1


async def test_nothing_personal_lies_in_the_open(desk: Any) -> None:
    await imported(desk, [person("F-1", Name="Kästner", Straße="Lindenallee", Geburtsdatum="23.02.1987")])
    tables = ("arrival_list", "arrival_part", "arrival_entry", "arrival_mistake", "household", "placement", "audit")
    for table in tables:
        for row in await desk.rows(f"SELECT CAST({table} AS text) AS row FROM {table}"):  # noqa: S608 - names of ours
            plain = json.dumps(row.row, ensure_ascii=False)
            for word in ("Kästner", "Lindenallee", "1987", "Kästner".encode().hex()):
                assert word not in plain, table


async def test_persons_are_shown_to_staff_and_recorded_and_to_a_town_when_it_is_settled(desk: Any) -> None:
    await imported(desk, FAMILY)
    (home,) = await items(desk, "/households")
    path = f"/households/{home['id']}"
    assert [each["first_name"] for each in (await desk.get("planner", path)).json()["members"]] == ["Ada", "Zoë"]
    assert (await desk.get("muenster", path)).status_code == 404
    await desk.rows("UPDATE placement SET state = 'proposed', ags = '05515000' RETURNING id")
    seen = (await desk.get("muenster", path)).json()
    assert (seen["persons"], seen["members"]) == (2, [])
    assert (await desk.get("dortmund", path)).status_code == 404
    await desk.rows("UPDATE placement SET state = 'agreed' RETURNING id")
    assert len((await desk.get("muenster", path)).json()["members"]) == 2
    looks = await desk.rows("SELECT subject FROM audit WHERE action = 'read-household' ORDER BY position")
    assert [row.subject for row in looks] == ["planner", "muenster", "muenster"]


@pytest.mark.parametrize("who", ["muenster", "caseworker", "operator", "auditor", "signatory"])
async def test_only_planners_upload(desk: Any, who: str) -> None:
    assert (await upload(desk, csv_of(FAMILY), who=who)).status_code == 403


async def test_what_was_not_said_is_not_guessed(desk: Any) -> None:
    for said in ({"mapping": "unknown"}, {"mapping": "example-persons"}):
        kind = CSV if said["mapping"] == "unknown" else "application/pdf"
        answer = await upload(desk, csv_of(FAMILY), kind, **said)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/arrival-list-not-read-as-said")
    assert (await upload(desk, b"")).status_code == 422


async def test_an_unreadable_file_says_why_and_can_only_be_discarded(desk: Any) -> None:
    answer = await upload(desk, "Familiennummer;Größe\n".encode("cp1252"))
    await read_next_list(desk.transactions)
    unreadable = await shown(desk, answer.json()["id"])
    assert (unreadable["state"], unreadable["actions"]) == ("unreadable", ["discard"])
    (told,) = await items(desk, f"/arrival-lists/{unreadable['id']}/mistakes")
    assert (told["line"], told["code"]) == (1, "not-decodable")


async def test_layouts_are_listed(desk: Any) -> None:
    named = {each["name"]: each for each in (await desk.get("planner", "/arrival-mappings")).json()}
    assert set(named) == {"example-households", "example-persons"}
    assert named["example-persons"]["columns"]["reference"] == ["Familiennummer"]


async def test_a_core_family_whose_town_takes_nobody_comes_in_and_is_told(desk: Any) -> None:
    stop = {"first_day": "2026-03-09", "last_day": "2026-03-31", "reason": "housing"}
    asked = await desk.post("muenster", "/municipalities/05515000/stops", stop)
    assert asked.status_code == 201, asked.text
    await desk.done("planner", f"/municipalities/05515000/stops/{asked.json()['id']}", "approval")
    joining = {"Kernfamilie": "ja", "Angehörige in": "Münster"}
    rows = [person("F-1", Ankunft="20.03.2026", **joining), person("F-2", Ankunft="02.04.2026", **joining)]
    list_id = await imported(desk, rows)
    (told,) = await items(desk, f"/arrival-lists/{list_id}/mistakes")
    assert (told["line"], told["field"], told["code"], told["severity"]) == (
        2, "relatives_in", "join-into-stopped-town", "warning",
    )  # fmt: skip
    assert (await shown(desk, list_id))["done"]["added"] == 2
