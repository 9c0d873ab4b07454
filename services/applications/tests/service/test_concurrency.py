"""Many at once, in real transactions: no title is overdrawn, nobody overwrites anybody, nothing happens twice."""

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.servers


async def test_f20d_of_two_requests_for_the_same_money_exactly_one_is_accepted(
    desk: Any, proposal_body: dict[str, Any]
) -> None:
    """NARROW has 30,000.00 in 2026: enough for two of 14,400.00, not for three."""
    proposal = {**proposal_body, "years": [{"year": 2026, "amount": "14400.00"}]}
    first = await desk.proposed(proposal, call="strict")
    await desk.done("budget", first, "reservation")
    rivals = [await desk.proposed(proposal, call="strict") for _ in range(2)]
    answers = await asyncio.gather(*(desk.act("budget", case, "reservation") for case in rivals))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    row = (await desk.rows("SELECT reserved FROM budget_year WHERE title = 'NARROW' AND year = 2026"))[0]
    assert str(row.reserved) == "28800.00"


async def test_a_title_is_never_overdrawn_by_many(desk: Any, proposal_body: dict[str, Any]) -> None:
    proposal = {**proposal_body, "amount": "3000.00", "years": [{"year": 2026, "amount": "3000.00"}]}
    cases = [await desk.proposed(proposal, call="strict") for _ in range(12)]
    answers = await asyncio.gather(*(desk.act("caseworker", case, "reservation") for case in cases))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 2
    row = (await desk.rows("SELECT reserved FROM budget_year WHERE title = 'NARROW' AND year = 2026"))[0]
    assert str(row.reserved) == "30000.00"
    booked = (await desk.rows("SELECT sum(amount) AS n FROM budget_booking"))[0].n
    assert str(booked) == "30000.00"


async def test_of_two_signatures_at_once_one_decides_and_one_is_told(desk: Any) -> None:
    case = await desk.in_second_check()
    body = {"digest": await desk.digest(case, "third")}  # a letter without a name is the same of both
    seen = (await desk.get("signatory", f"/applications/{case}")).headers["ETag"]
    address = f"/applications/{case}/signature"
    answers = await asyncio.gather(
        *(desk.post(who, address, body, **{"If-Match": seen}) for who in ("colleague", "third"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    counted = await desk.rows("SELECT type, count(*) AS n FROM outbox GROUP BY type")
    assert {row.type.removeprefix("de.nrw.kfi."): row.n for row in counted} == {
        "applications.application-filed.v1": 1,
        "applications.decision-made.v1": 1,
        "notifications.notification-ordered.v1": 2,
    }


async def test_the_same_filing_many_times_at_once_creates_one_case(desk: Any) -> None:
    answers = await asyncio.gather(*(desk.file(key="the-same-key") for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert any(answer.status_code == 201 for answer in answers)
    assert (await desk.rows("SELECT count(*) AS n FROM application"))[0].n == 1


async def test_filing_at_once_gives_every_case_its_own_number(desk: Any) -> None:
    answers = await asyncio.gather(*(desk.file() for _ in range(8)))
    numbers = sorted(answer.json()["file_number"] for answer in answers)
    assert numbers == [f"36-2026-{number:04d}" for number in range(1, 9)]
