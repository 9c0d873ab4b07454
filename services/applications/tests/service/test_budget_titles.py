"""Budget titles over HTTP: what a year may hold is proposed by one person, approved by another, never too little."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.servers


def year(number: int, appropriation: str, authorisation: str = "0.00") -> dict[str, Any]:
    return {"year": number, "appropriation": appropriation, "commitment_authorisation": authorisation}


def plan(*years: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Zuweisungen", "source": "Haushaltsplan 2026", "years": list(years)}


async def entered(desk: Any, *years: dict[str, Any], key: str = "NEW", who: str = "budget") -> Any:
    return await desk.post(who, "/budget-titles", {"key": key, **plan(*years)}, **{"Idempotency-Key": str(uuid4())})


async def step(desk: Any, who: str, action: str, body: Any = None, key: str = "NEW") -> Any:
    seen = (await desk.get("auditor", f"/budget-titles/{key}")).headers["ETag"]
    return await desk.post(who, f"/budget-titles/{key}/{action}", body, **{"If-Match": seen})


def told(answer: Any, status: int, kind: str) -> str:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    return str(answer.json()["detail"])


async def test_two_persons_enter_a_title_with_appropriation_and_commitment_authorisation_per_year(desk: Any) -> None:
    answer = await entered(desk, year(2027, "0.00", "300.00"), year(2026, "1000.00"))
    assert (answer.status_code, answer.json()["years"]) == (201, [])
    assert [one["key"] for one in (await desk.get("budget", "/budget-titles")).json()] == ["NARROW", "WIDE"]
    told(await step(desk, "budget", "approval"), 409, "four-eyes-violated")
    approved = (await step(desk, "caseworker", "approval")).json()
    nothing = {"reserved": "0.00", "committed": "0.00"}
    assert approved["years"] == [
        {**year(2026, "1000.00"), **nothing, "free": "1000.00"},
        {**year(2027, "0.00", "300.00"), **nothing, "free": "300.00"},
    ]
    lines = (await desk.get("auditor", "/budget-titles")).json()
    assert [one["name"] for one in lines if one["key"] == "NEW"] == ["Zuweisungen"]


async def test_one_person_with_two_accounts_cannot_enter_money(desk: Any) -> None:
    await entered(desk, year(2026, "1000.00"), who="caseworker")
    told(await step(desk, "second-account-of-caseworker", "approval"), 409, "four-eyes-violated")


@pytest.mark.parametrize("who", ["association", "signatory", "auditor", "operator"])
async def test_who_has_no_duty_for_it_proposes_no_money(desk: Any, who: str) -> None:
    told(await entered(desk, year(2026, "1.00"), who=who), 403, "forbidden")


async def test_a_year_cannot_be_planned_below_what_is_booked_and_the_numbers_are_told(desk: Any) -> None:
    case = await desk.proposed()
    await desk.done("budget", case, "reservation")
    low = plan(year(2026, "9000.00", "999.99"))
    detail = told(await step(desk, "budget", "correction", low, key="WIDE"), 409, "budget-exceeded")
    assert "10000.00 EUR booked in 2026" in detail
    assert "10000.00 reserved, 0.00 committed" in detail
    assert "the plan has 9999.99 EUR" in detail
    just = plan(year(2026, "9000.00", "1000.00"))
    assert (await step(desk, "budget", "correction", just, key="WIDE")).status_code == 200
    held = (await step(desk, "signatory", "approval", key="WIDE")).json()["years"]
    assert [(one["year"], one["free"]) for one in held] == [(2026, "0.00"), (2027, "195600.00")]


async def test_what_was_booked_after_the_proposal_counts_at_the_approval(desk: Any) -> None:
    low = plan(year(2026, "0.00"), year(2027, "0.00"))
    assert (await step(desk, "budget", "correction", low, key="WIDE")).status_code == 200
    case = await desk.proposed()
    await desk.done("budget", case, "reservation")
    told(await step(desk, "signatory", "approval", key="WIDE"), 409, "budget-exceeded")
    shown = (await desk.get("budget", "/budget-titles/WIDE")).json()
    assert (shown["in_force"], shown["pending"], shown["years"][0]["free"]) == (1, 2, "490000.00")


async def test_a_correction_leaves_the_years_it_does_not_name_and_the_history(desk: Any) -> None:
    await step(desk, "budget", "correction", plan(year(2028, "7.00")), key="WIDE")
    shown = (await step(desk, "signatory", "approval", key="WIDE")).json()
    assert [(one["year"], one["free"]) for one in shown["years"]] == [
        (2026, "500000.00"), (2027, "200000.00"), (2028, "7.00"),
    ]  # fmt: skip
    assert [(one["number"], one["standing"]) for one in shown["versions"]] == [(1, "approved"), (2, "approved")]


async def test_a_plan_that_waits_is_not_overtaken_and_may_be_returned(desk: Any) -> None:
    await step(desk, "budget", "correction", plan(year(2028, "7.00")), key="WIDE")
    told(await step(desk, "caseworker", "correction", plan(year(2028, "8.00")), key="WIDE"), 409, "wrong-state")
    returned = (await step(desk, "signatory", "return", {"reason": "amounts"}, key="WIDE")).json()
    assert (returned["pending"], returned["versions"][1]["returned_because"]) == (None, "amounts")
    assert [one["year"] for one in returned["years"]] == [2026, 2027]
    told(await desk.post("budget", "/budget-titles/WIDE/correction", plan(year(2028, "7.00"))), 428,
         "precondition-required")  # fmt: skip


async def test_a_title_that_waits_holds_nothing(desk: Any) -> None:
    await entered(desk, year(2026, "500000.00"))
    body = {
        "key": "new", "programme": "mso-anschub", "title": "Anschub", "opens_on": "2026-03-01", "source": "ein Test",
        "last_day": "2026-03-31", "deadline_kind": "ordnungsfrist", "budget_title": "NEW",
    }  # fmt: skip
    told(await desk.post("budget", "/calls", body, **{"Idempotency-Key": str(uuid4())}), 409, "not-in-budget")


@pytest.mark.parametrize(
    ("years", "field"),
    [
        ([], "/years"),
        ([year(2026, "-1.00")], "/years/0/appropriation"),
        ([year(2026, "1.001")], "/years/0/appropriation"),
        ([year(1999, "1.00")], "/years/0/year"),
        ([year(2026, "9999999999999.99", "0.01")], "/years/0"),
        ([year(2026, "1.00"), year(2026, "2.00")], ""),
    ],
)
async def test_an_amount_that_is_none_is_told_by_its_field(desk: Any, years: list[Any], field: str) -> None:
    answer = await entered(desk, *years)
    told(answer, 422, "invalid-input")
    assert field in [error["field"] for error in answer.json()["errors"]], answer.text


async def test_of_a_reservation_and_a_smaller_plan_at_once_only_one_comes_through(desk: Any) -> None:
    low = plan(year(2026, "9999.99"))
    assert (await step(desk, "budget", "correction", low, key="WIDE")).status_code == 200
    case = await desk.proposed()
    answers = await asyncio.gather(
        desk.act("budget", case, "reservation"), step(desk, "signatory", "approval", key="WIDE")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (held,) = await desk.rows(
        "SELECT appropriation - reserved AS free FROM budget_year WHERE (title, year) = ('WIDE', 2026)"
    )
    assert held.free >= 0
