"""Two persons decide, on the version they saw, and no budget is overdrawn however many act at once."""

import asyncio
from decimal import Decimal

import pytest
from tests.harness.bus import Bus
from tests.harness.cases import GRANT, NARROW_AMOUNT, NARROW_YEAR, TITLE, application, grant
from tests.harness.door import Door
from tests.harness.office import Case, Office

from kfi_stack.demo.person import Person, Refused

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_the_proposer_neither_checks_nor_signs_by_another_account(office: Office) -> None:
    case = await office.proposed()
    await office.act(office.people.budget_officer, case, "reservation")
    assert await refusal(office.people.same_person, case, "second-check") == (409, "four-eyes-violated")
    await office.act(office.people.signatory, case, "second-check")
    digest = (await office.people.same_person.get(f"{case.path}/letter-content")).document["digest"]
    signed = await refusal(office.people.same_person, case, "signature", {"digest": digest})
    assert signed == (409, "four-eyes-violated")
    assert (await office.people.caseworker.get(case.path)).document["decision"] is None
    await office.sign(case)


async def test_a_letter_that_was_not_read_cannot_be_signed(office: Office) -> None:
    case = await office.checked()
    told = await refusal(office.people.signatory, case, "signature", {"digest": "0" * 64})
    assert told == (409, "proposal-changed")


async def test_a_stale_version_is_told(office: Office, door: Door) -> None:
    case = await office.filed()
    stale = case.etag
    await office.act(office.people.caseworker, case, "formal-check")
    answer = await door.ask("POST", f"{case.path}/substance-check", login="caseworker", body={}, If_Match=stale)
    await door.problem(answer, 412, "version-mismatch")
    await office.in_state(case, "formal-check")


async def test_a_missing_version_is_told(office: Office, door: Door) -> None:
    case = await office.filed()
    answer = await door.ask("POST", f"{case.path}/formal-check", login="caseworker", body={})
    await door.problem(answer, 428, "precondition-required")
    await office.in_state(case, "received")


async def test_of_two_who_act_at_once_one_is_told_that_the_other_was_faster(office: Office) -> None:
    case = await office.filed()
    attempts = [refusal(office.people.caseworker, case, "formal-check") for _ in range(4)]
    answers = await asyncio.gather(*attempts)
    assert sorted(answers, key=str) == [(412, "version-mismatch")] * 3 + [None]


async def test_a_budget_is_never_overdrawn_by_reservations_made_at_once(office: Office, bus: Bus) -> None:
    body, proposal = application(year=NARROW_YEAR), grant(year=NARROW_YEAR)
    cases = await asyncio.gather(*(office.proposed(body, proposal) for _ in range(6)))
    officers = [office.people.budget_officer, office.people.caseworker] * 3
    answers = await asyncio.gather(
        *(refusal(officer, case, "reservation") for officer, case in zip(officers, cases, strict=True))
    )
    assert answers.count(None) == int(Decimal(NARROW_AMOUNT) / Decimal(GRANT)) == 3
    assert answers.count((409, "budget-exceeded")) == 3
    query = "SELECT reserved + committed AS booked FROM budget_year WHERE title = $1 AND year = $2"
    (year,) = await bus.rows("applications", query, TITLE, NARROW_YEAR)
    assert year["booked"] == Decimal(NARROW_AMOUNT)


async def refusal(
    person: Person, case: Case, action: str, body: dict[str, str] | None = None
) -> tuple[int, str] | None:
    """Status and kind of the problem the attempt is answered with; None when it is let through."""
    try:
        await person.act(f"{case.path}/{action}", case.etag, body)
    except Refused as problem:
        return problem.status, problem.kind
    return None
