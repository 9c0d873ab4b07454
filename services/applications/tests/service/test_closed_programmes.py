"""ZWAR and Zusammenkommen und Verstehen are history: no new application, and an archive that stays readable."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kfi_applications.domain.application import Application
from kfi_applications.domain.case import Case
from kfi_applications.domain.states import State
from kfi_applications.works import ApplicationsWork
from kfi_chassis.identity import SYSTEM

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    ("programme", "reason"),
    [
        ("zwar", "The programme is closed: the funding ended on 31 December 2019."),
        ("zusammenkommen-und-verstehen", "The programme is closed: the programme ran in 2015 only."),
    ],
)
async def test_f15_a_closed_programme_refuses_a_filing_with_the_reason(desk: Any, programme: str, reason: str) -> None:
    answer = await desk.file(call=programme)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/call-not-accepting")
    assert answer.json()["detail"] == reason
    assert (await desk.rows("SELECT count(*) AS n FROM application"))[0].n == 0


async def test_closed_programmes_are_listed_as_closed(desk: Any) -> None:
    listed = {one["key"]: one for one in (await desk.get("association", "/programmes")).json()}
    assert {key: one["last_year"] for key, one in listed.items() if not one["open"]} == {
        "zwar": 2019, "zusammenkommen-und-verstehen": 2015,
    }  # fmt: skip
    assert listed["zwar"]["closed_because"] == "the funding ended on 31 December 2019"
    assert listed["komm-an-ii"]["a_call_must_say"] == ["partial_month"]


@pytest.fixture
async def archived(
    desk: Any, case_of: Callable[..., Case], application_of: Callable[[Case], Application]
) -> Application:
    """A case of ZWAR as it was brought over: received, and never assessed here."""
    case = case_of()
    call = replace(case.call, key="zwar-2019", programme="zwar")
    application = application_of(replace(case, call=call))
    application.happened.clear()

    async def brought_over(work: ApplicationsWork) -> None:
        await work.applications.add(application)

    await desk.transactions.run(brought_over, actor=SYSTEM("applications"))
    return application


async def test_the_archive_of_a_closed_programme_stays_readable(desk: Any, archived: Application) -> None:
    case = (await desk.get("caseworker", f"/applications/{archived.id}")).json()
    assert (case["programme"], case["call"], case["applicant"]["name"]) == ("zwar", "zwar-2019", "Verein Beispiel e.V.")
    assert str(archived.id) in [line["id"] for line in (await desk.get("auditor", "/applications")).json()["items"]]


async def test_a_case_of_the_archive_is_not_assessed(desk: Any, archived: Application) -> None:
    await desk.done("caseworker", str(archived.id), "formal-check")
    answer = await desk.act("caseworker", str(archived.id), "substance-check")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/wrong-state")
    assert await desk.state(str(archived.id)) == State.FORMAL_CHECK
