"""When a decision is final: by the end of the remedy period, by a waiver, after an action; on business dates."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from joserfc import jws
from tests.harness.bus import Bus
from tests.harness.door import Door
from tests.harness.office import Case, Office

from kfi_contracts.applications import ApplicationFiled, FinalityBasis
from kfi_contracts.notifications import RemedyPeriodEnded
from kfi_law.announcement import Channel
from kfi_law.remedies import remedy_period
from kfi_stack.demo.story import NOTIFICATIONS

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]


async def test_a_decision_is_final_on_the_day_after_the_last_day_for_an_action(office: Office) -> None:
    case = await office.sent()
    announced = await office.announced(case)
    posted_on = await dispatched_on(office, case)
    by_law = remedy_period(Channel.LETTER, posted_on)
    assert (announced.announced_on, announced.remedy_ends_on) == (
        posted_on + timedelta(days=4), by_law.latest_last_day.value,
    )  # fmt: skip
    office.calendar.move_to(by_law.final_from.value)
    final = await office.final(case)
    assert (final.final_on, final.basis) == (by_law.final_from.value, FinalityBasis.REMEDY_PERIOD_ENDED)
    assert (await office.in_state(case, "final"))["payment_blocked_because"] == "no-bank-account"


async def test_a_waiver_makes_an_announced_decision_final_at_once(office: Office) -> None:
    case = await office.sent()
    await office.announced(case)
    await office.act(office.people.applicant, case, "waiver")
    final = await office.final(case)
    assert (final.final_on, final.basis) == (office.calendar.today(), FinalityBasis.WAIVER)
    assert [seen.envelope.sequence for seen in office.events_of(case)] == [1, 2, 3]


async def test_a_pending_action_holds_finality_until_it_is_dismissed(office: Office, bus: Bus) -> None:
    case = await office.sent()
    announced = await office.announced(case)
    await office.act(office.people.caseworker, case, "court-action", {"filed_on": f"{office.calendar.today()}"})
    assert announced.remedy_ends_on is not None
    office.calendar.move_to(announced.remedy_ends_on + timedelta(days=1))
    await office.event(RemedyPeriodEnded, notification_id=case.letter_id)
    await bus.caught_up("applications", RemedyPeriodEnded.topic)
    held = (await office.people.caseworker.get(case.path)).document
    assert (held["state"], held["payment_blocked_because"]) == ("action-pending", "action-pending")
    await office.in_state(case, "action-pending")
    dismissed = {"end": "dismissed", "concluded_on": f"{office.calendar.today()}"}
    await office.act(office.people.caseworker, case, "court-action-conclusion", dismissed)
    final = await office.final(case)
    assert (final.final_on, final.basis) == (office.calendar.today(), FinalityBasis.ACTION_CONCLUDED)


async def test_the_business_date_moves_and_tokens_and_event_times_do_not(office: Office, door: Door) -> None:
    office.calendar.move_to(max(office.calendar.today(), datetime.now(UTC).date()) + timedelta(days=10))
    case = await office.filed()
    filed = await office.seen(ApplicationFiled, application_id=case.id)
    assert isinstance(filed.event, ApplicationFiled)
    assert filed.event.filed_on == office.calendar.today()
    assert abs(filed.envelope.time - datetime.now(UTC)) < timedelta(minutes=1)
    token = await door.token("auditor")
    claims = json.loads(jws.extract_compact(token.encode()).payload)
    assert abs(datetime.fromtimestamp(claims["iat"], UTC) - datetime.now(UTC)) < timedelta(minutes=3)
    assert claims["exp"] - claims["iat"] == 300
    assert (await door.ask("GET", case.path, token=token)).status_code == 200


async def dispatched_on(office: Office, case: Case) -> date:
    letter = await office.people.caseworker.get(f"{NOTIFICATIONS}/{case.letter_id}")
    return date.fromisoformat(letter.document["dispatched_on"])
