"""The work list: open cases, the oldest due first, by state, age, assignee and due date, page by page."""

from datetime import date, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.servers
FILED = date(2026, 3, 9)


async def listed(desk: Any, who: str = "caseworker", **query: Any) -> list[str]:
    answer = await desk.get(who, "/work-list", **query)
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["items"]]


async def filed_on(desk: Any, *days: int) -> list[str]:
    """Cases filed so many days after the first day each."""
    cases = []
    for day in days:
        desk.calendar.day = FILED + timedelta(day)
        cases.append(await desk.filed())
    return cases


async def test_the_oldest_due_case_comes_first(desk: Any) -> None:
    later, first, last = await filed_on(desk, 7, 0, 14)
    assert await listed(desk) == [first, later, last]
    line = (await desk.get("caseworker", "/work-list")).json()["items"][0]
    assert (line["waits_for"], line["due_on"], line["overdue_days"]) == ("caseworker", "2026-03-23", 0)
    desk.calendar.day = date(2026, 3, 25)
    assert (await desk.get("caseworker", "/work-list")).json()["items"][0]["overdue_days"] == 2


async def test_cases_of_one_day_come_in_the_order_of_their_receipt(desk: Any) -> None:
    cases = [await desk.filed() for _ in range(4)]
    assert await listed(desk) == cases


async def test_pages_go_on_where_the_one_before_ended(desk: Any) -> None:
    cases = await filed_on(desk, 0, 0, 0, 7, 7)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await desk.get("caseworker", "/work-list", limit=2, **cursor)).json()
        seen += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == cases


async def test_by_state_age_and_due_date(desk: Any) -> None:
    old, new = await filed_on(desk, 0, 14)
    await desk.done("caseworker", new, "formal-check")
    assert await listed(desk, state="formal-check") == [new]
    assert await listed(desk, older_than_days=1) == [old]
    assert await listed(desk, older_than_days=15) == []
    assert await listed(desk, due_until="2026-03-23") == [old]
    assert await listed(desk, due_until="2026-03-22") == []


async def test_whose_case_it_is(desk: Any) -> None:
    mine, of_another, of_nobody = await filed_on(desk, 0, 0, 0)
    for case, person in ((mine, "person-a"), (of_another, "person-b")):
        await desk.rows("UPDATE application SET assignee = :who WHERE id = :id RETURNING 1", who=person, id=case)
    assert await listed(desk, assignee="me") == [mine]
    assert await listed(desk, assignee="nobody") == [of_nobody]
    assert await listed(desk, assignee="person-b") == [of_another]
    assert await listed(desk, assignee="nobody", state="final") == []


async def test_what_has_ended_is_on_no_list(desk: Any) -> None:
    case = await desk.granted()
    assert await listed(desk) == [case]
    await desk.rows("UPDATE application SET state = 'final' RETURNING 1")  # as an older release leaves it
    assert await listed(desk) == []


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "GEHEIM"}, {"cursor": "WyJuZXZlciIsIjEiXQ"}, {"state": "GEHEIM"}, {"assignee": "Frau Muster"},
        {"due_until": "2026-02-30"}, {"older_than_days": "-1"}, {"limit": "101"},
    ],
)  # fmt: skip
async def test_what_is_asked_wrongly_is_told(desk: Any, query: dict[str, str]) -> None:
    answer = await desk.get("caseworker", "/work-list", **query)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
    assert "GEHEIM" not in answer.text


@pytest.mark.parametrize(("who", "status"), [("association", 403), ("operator", 403), ("auditor", 200), ("", 401)])
async def test_the_office_alone_sees_the_work_list(desk: Any, who: str, status: int) -> None:
    assert (await desk.get(who, "/work-list")).status_code == status
