"""The account of a case over HTTP: checked, kept under the case's key, shown to who may see it, and nowhere else."""

from typing import Any

import pytest

pytestmark = pytest.mark.servers
GERMAN, AUSTRIAN = "DE89 3704 0044 0532 0130 00", "AT61 1904 3002 3457 3201"
OWN = {"iban": GERMAN, "owner": "Verein Beispiel e. V."}


async def test_an_applicant_states_its_account_and_another_one_later(desk: Any) -> None:
    case = await desk.filed()
    stated = await desk.done("association", case, "bank-account", OWN)
    assert (stated["bank_account_on"], "bank-account" in stated["actions"]) == ("2026-03-09", True)
    await desk.done("association", case, "bank-account", {**OWN, "iban": "DE02120300000000202051"})
    shown = (await desk.get("association", f"/applications/{case}/bank-account")).json()
    assert shown == {"iban": "DE02120300000000202051", "owner": OWN["owner"]}
    (row,) = await desk.rows("SELECT iban, owner FROM bank_account")
    assert b"DE02" not in row.iban
    assert b"Verein" not in row.owner


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"iban": AUSTRIAN}, "account-not-possible", "/iban"),
        ({"owner": "Karla Kassenwart"}, "account-not-possible", "/owner"),
        ({"iban": "DE89 3704 0044 0532 0130 01"}, "invalid-input", "/iban"),
        ({"iban": "GEHEIM"}, "invalid-input", "/iban"),
        ({"owner": ""}, "invalid-input", "/owner"),
    ],
)
async def test_f17_an_account_that_cannot_be_paid_to_is_refused_with_the_reason_and_not_kept(
    desk: Any, changes: dict[str, str], kind: str, field: str
) -> None:
    case = await desk.filed()
    answer = await desk.act("association", case, "bank-account", {**OWN, **changes})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{kind}"), answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert not any(value in answer.text for value in changes.values() if value)
    assert await desk.rows("SELECT 1 FROM bank_account") == []
    assert (await desk.get("association", f"/applications/{case}/bank-account")).status_code == 404


async def test_the_account_of_another_organisation_is_not_found_and_staff_states_none(desk: Any) -> None:
    case = await desk.filed()
    await desk.done("association", case, "bank-account", OWN)
    assert (await desk.get("stranger", f"/applications/{case}/bank-account")).status_code == 404
    assert (await desk.act("stranger", case, "bank-account", OWN)).status_code == 404
    assert (await desk.act("caseworker", case, "bank-account", OWN)).status_code == 403
    assert (await desk.get("operator", f"/applications/{case}/bank-account")).status_code == 403


async def test_that_staff_looked_at_the_account_is_on_record(desk: Any) -> None:
    case = await desk.filed()
    await desk.done("association", case, "bank-account", OWN)
    assert (await desk.get("budget", f"/applications/{case}/bank-account")).json()["iban"] == GERMAN.replace(" ", "")
    sql = (
        "SELECT action, person, details FROM audit WHERE aggregate_id = :id AND action LIKE '%account%' ORDER BY number"
    )
    rows = await desk.rows(sql, id=case)
    assert [(row.action, row.person) for row in rows] == [
        ("state-bank-account", "association"), ("read-bank-account", "person-d"),
    ]  # fmt: skip
    assert GERMAN.replace(" ", "") not in str([row.details for row in rows])
