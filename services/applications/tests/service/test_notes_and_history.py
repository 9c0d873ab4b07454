"""Notes of the office, and the history of a case: who, when, why; both for the office alone, and looks are recorded."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_chassis.audit_verification import verify_chain
from kfi_chassis.identity import SYSTEM

pytestmark = pytest.mark.servers
SECRET = "Frau Muster rief an: die Satzung kommt."


def told(answer: Any, status: int, slug: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem


async def noted(desk: Any, who: str, case: str, text: str = SECRET, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key or str(uuid4())}
    return await desk.post(who, f"/applications/{case}/notes", {"text": text}, **headers)


async def actions(desk: Any, case: str, **query: Any) -> list[str]:
    lines = (await desk.get("auditor", f"/applications/{case}/history", **query)).json()["items"]
    return [line["action"] for line in lines]


async def test_colleagues_read_each_others_notes_in_their_order(desk: Any) -> None:
    case = await desk.filed()
    for who, text in (("caseworker", "eins"), ("signatory", "zwei"), ("budget", "drei")):
        assert (await noted(desk, who, case, text)).status_code == 201
    first = (await desk.get("auditor", f"/applications/{case}/notes", limit=2)).json()
    rest = (await desk.get("auditor", f"/applications/{case}/notes", limit=2, cursor=first["next"])).json()
    found = [(note["written_by"], note["text"]) for note in first["items"] + rest["items"]]
    assert found == [("person-a", "eins"), ("person-b", "zwei"), ("person-d", "drei")]
    assert (await desk.get("auditor", f"/applications/{await desk.filed()}/notes")).json()["items"] == []


async def test_the_applicant_never_sees_a_note(desk: Any) -> None:
    case = await desk.filed()
    await noted(desk, "caseworker", case)
    for path in ("notes", "history"):
        told(await desk.get("association", f"/applications/{case}/{path}"), 403, "forbidden")
    told(await noted(desk, "association", case), 403, "forbidden")
    assert "Satzung" not in (await desk.get("association", f"/applications/{case}")).text


async def test_a_note_changes_nothing_of_the_case_and_is_on_record_without_its_text(desk: Any) -> None:
    case = await desk.filed()
    note = (await noted(desk, "caseworker", case)).json()["id"]
    assert (await desk.get("auditor", f"/applications/{case}")).headers["ETag"] == '"1"'
    (row,) = await desk.rows("SELECT person, details, version FROM audit WHERE action = 'add-note'")
    assert (row.person, row.details, row.version) == ("person-a", {"note_id": note}, 1)


async def test_a_note_lies_under_the_key_of_its_case(desk: Any) -> None:
    case = await desk.filed()
    await noted(desk, "caseworker", case)
    ((stored,),) = await desk.rows("SELECT text FROM note")
    assert b"Muster" not in bytes(stored)


async def test_a_note_is_written_once_however_often_it_is_sent(desk: Any) -> None:
    case = await desk.filed()
    first, again = [await noted(desk, "caseworker", case, key="the-same-key") for _ in range(2)]
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert (await desk.rows("SELECT count(*) AS n FROM note"))[0].n == 1
    told(await noted(desk, "caseworker", case, "anders", key="the-same-key"), 422, "idempotency-key-reused")


@pytest.mark.parametrize("text", ["", "x" * 10_001, "\x00", None])
async def test_a_note_that_cannot_be_is_told(desk: Any, text: Any) -> None:
    case = await desk.filed()
    told(await noted(desk, "caseworker", case, text), 422, "invalid-input")
    told(await noted(desk, "caseworker", str(uuid4())), 404, "not-found")
    told(await noted(desk, "auditor", case), 403, "forbidden")
    told(await desk.post("caseworker", f"/applications/{case}/notes", {"text": "x"}), 400, "idempotency-key-missing")


async def test_the_history_says_who_did_what_when_and_why_with_the_version(desk: Any) -> None:
    case = await desk.in_second_check()
    await desk.done("signatory", case, "return", {"reason": "facts"})
    lines = (await desk.get("auditor", f"/applications/{case}/history")).json()["items"]
    assert [(line["version"], line["action"], line["person"]) for line in lines] == [
        (1, "file", "association"), (2, "open-formal-check", "person-a"), (3, "open-substance-check", "person-a"),
        (4, "propose", "person-a"), (5, "reserve-funds", "person-d"), (6, "open-second-check", "person-b"),
        (7, "return", "person-b"),
    ]  # fmt: skip
    assert (lines[-1]["reason"], lines[-1]["details"]) == ("facts", {"from": "second-check", "to": "substance-check"})
    assert all(line["recorded_at"].startswith("2026-03-09T09:00") for line in lines)


async def test_looks_are_recorded_and_shown_where_asked_for(desk: Any) -> None:
    case = await desk.filed()
    await desk.get("signatory", f"/applications/{case}/notes")
    assert await actions(desk, case) == ["file"]
    assert await actions(desk, case, looks=True) == ["file", "read-notes", "read-history"]
    rows = await desk.rows("SELECT action, person FROM audit WHERE action LIKE 'read%' ORDER BY number")
    assert [(row.action, row.person) for row in rows] == [
        ("read-notes", "person-b"), ("read-history", "auditor"), ("read-history", "auditor"),
    ]  # fmt: skip


async def test_the_history_comes_page_by_page_and_its_chain_is_whole(desk: Any) -> None:
    case = await desk.in_second_check()
    await noted(desk, "caseworker", case)
    first = (await desk.get("auditor", f"/applications/{case}/history", limit=4)).json()
    rest = (await desk.get("auditor", f"/applications/{case}/history", limit=4, cursor=first["next"])).json()
    assert [line["action"] for line in rest["items"]] == ["reserve-funds", "open-second-check", "add-note"]
    assert rest["next"] is None
    await desk.transactions.run(
        lambda work: verify_chain(work.connection, "application", UUID(case)), actor=SYSTEM("applications")
    )


@pytest.mark.parametrize("path", ["notes", "history"])
async def test_a_case_nobody_knows_and_a_cursor_of_another_list_are_told(desk: Any, path: str) -> None:
    case = await desk.filed()
    told(await desk.get("auditor", f"/applications/{uuid4()}/{path}"), 404, "not-found")
    told(await desk.get("auditor", f"/applications/{case}/{path}", cursor="GEHEIM"), 422, "invalid-input")
    told(await desk.get("operator", f"/applications/{case}/{path}"), 403, "forbidden")
