"""Personal data of a case: only under its key in the database, gone with the key, and nothing else goes with it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kfi_applications.domain.retention import RetentionRuns
from kfi_applications.use_cases.erase_person import ErasureReason, erase_person
from kfi_chassis.audit_verification import verify_all
from kfi_chassis.identity import SYSTEM
from kfi_chassis.privacy.keys import ERASED

pytestmark = pytest.mark.servers
AFTER_THE_RETENTION = date(2039, 1, 1)
NAMES = {"addressee": {"attention": "Zehra Unverkennbar", "street": "Geheimweg"}}


async def ended(desk: Any, application_body: Any, case: str | None = None) -> str:
    """A case that is rejected and final."""
    addressee = application_body["addressee"] | NAMES["addressee"]
    case = case or await desk.proposed(REJECTION, addressee=addressee)
    await desk.done("signatory", case, "second-check")
    await desk.done("signatory", case, "signature", {"digest": await desk.digest(case)})
    await desk.rows(FINAL, id=UUID(case))
    return case


REJECTION = {"amount": "0.00", "reasons": ["Frau Unverkennbar hat keinen Anspruch."]}
FINAL = """UPDATE application SET state = 'final', remedies = remedies || '{"final_on": "2026-04-14"}' WHERE id = :id
           RETURNING id"""


async def erased(desk: Any, case: str, on: date = AFTER_THE_RETENTION) -> None:
    desk.calendar.day = on
    await desk.transactions.run(
        lambda work: erase_person(UUID(case), ErasureReason.RETENTION_OVER, work), actor=SYSTEM("applications")
    )


async def everything(desk: Any) -> str:
    """Every row of every table, as text and with its bytes."""
    tables = await desk.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = [row for table in tables for row in await desk.rows(f"SELECT * FROM {table.tablename}")]  # noqa: S608
    return "\n".join(str(tuple(row)) for row in rows)


async def test_no_row_names_the_person_and_the_case_does(desk: Any, application_body: Any) -> None:
    case = await ended(desk, application_body)
    stored, read = await everything(desk), (await desk.get("auditor", f"/applications/{case}")).text
    for name in ("Unverkennbar", "Geheimweg", application_body["applicant"]["name"]):
        assert name not in stored
        assert name in read


async def test_while_the_retention_runs_nothing_is_erased(desk: Any, application_body: Any) -> None:
    case = await ended(desk, application_body)
    with pytest.raises(RetentionRuns, match="2036-12-31"):
        await erased(desk, case, date(2036, 12, 31))
    open_case = await desk.filed()
    with pytest.raises(RetentionRuns, match="not closed"):
        await erased(desk, open_case)
    assert ERASED not in (await desk.get("auditor", f"/applications/{case}")).text


async def test_after_the_erasure_every_text_reads_as_erased_and_lists_go_on(desk: Any, application_body: Any) -> None:
    case, other = await ended(desk, application_body), await desk.filed()
    await erased(desk, case)
    view = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (view["erased_on"], view["state"]) == ("2039-01-01", "final")
    assert {view["applicant"]["name"], view["addressee"]["street"], view["proposal"]["reasons"][0]} == {ERASED}
    assert view["finance_plan"]["requested_grant"] == application_body["finance_plan"]["requested_grant"]
    for who in ("auditor", "association"):
        lines = {line["id"]: line for line in (await desk.get(who, "/applications")).json()["items"]}
        assert lines[case]["applicant_name"] == ERASED
        assert lines[other]["applicant_name"] == application_body["applicant"]["name"]
    assert (await desk.get("caseworker", "/work-list")).status_code == 200


async def test_the_erasure_is_on_record_by_id_and_told_to_all_services(desk: Any, application_body: Any) -> None:
    case = await ended(desk, application_body)
    await erased(desk, case)
    await erased(desk, case)
    rows = await desk.rows(
        "SELECT reason, details FROM audit WHERE aggregate_id = :id AND action = 'erased'", id=UUID(case)
    )
    assert [(row.reason, row.details) for row in rows] == [("retention-over", {"retained_until": "2036-12-31"})] * 2
    events = await desk.rows("SELECT payload FROM outbox WHERE type LIKE '%person-erased%' AND key = :id", id=case)
    assert [bytes(row.payload) for row in events] == [
        b'{"application_id":"%s","erased_on":"2039-01-01"}' % case.encode()
    ]
    await desk.transactions.run(lambda work: verify_all(work.connection), actor=SYSTEM("applications"))


async def test_the_key_of_another_case_reads_nothing_of_this_one(desk: Any, application_body: Any) -> None:
    case, other = await desk.filed(), await desk.filed()
    await desk.rows(
        "UPDATE application SET texts = (SELECT texts FROM application WHERE id = :other) WHERE id = :id RETURNING id",
        id=UUID(case), other=UUID(other),
    )  # fmt: skip
    assert (await desk.get("auditor", f"/applications/{case}")).status_code == 500
    assert (await desk.get("auditor", f"/applications/{other}")).status_code == 200


async def test_what_an_older_release_stored_in_the_open_is_read_and_encrypted_while_people_work(
    desk: Any, settings: Any, application_body: Any
) -> None:
    work_class = desk.transactions._work_class
    work_class.settings = settings.model_copy(update={"encrypt_personal_data": False})
    cases = [await desk.filed() for _ in range(3)]
    work_class.settings = settings
    before = [(await desk.get("auditor", f"/applications/{case}")) for case in cases]
    assert application_body["addressee"]["street"] in await everything(desk)
    await desk.done("caseworker", cases[0], "formal-check")
    portions = [await desk.transactions.run(lambda w: w.applications.encrypt(2), actor=SYSTEM("a")) for _ in range(3)]
    assert portions == [2, 0, 0]
    after = [(await desk.get("auditor", f"/applications/{case}")) for case in cases]
    assert [read.json() for read in after[1:]] == [read.json() for read in before[1:]]
    assert [read.headers["ETag"] for read in after[1:]] == [read.headers["ETag"] for read in before[1:]]
    assert application_body["addressee"]["street"] not in await everything(desk)


async def test_a_key_left_out_of_a_backup_reads_as_erased_and_the_rest_stands(desk: Any) -> None:
    case = await desk.filed()
    await desk.rows("DELETE FROM person_key RETURNING person")
    view = (await desk.get("auditor", f"/applications/{case}")).json()
    assert (view["applicant"]["name"], view["erased_on"]) == (ERASED, None)
