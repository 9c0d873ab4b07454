"""After the decision, over HTTP and by the events of the notifications service."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.consumers import (
    a_failed_notification_is_left_to_a_person,
    an_announcement_starts_the_remedy_period,
    the_end_of_the_remedy_period_makes_a_decision_final,
)
from kfi_chassis.consumer import Unprocessable
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    NotificationAnnounced,
    NotificationFailed,
    RemedyPeriodEnded,
)

pytestmark = pytest.mark.servers


async def letter_of(desk: Any, case: str) -> dict[str, Any]:
    decision = (await desk.get("auditor", f"/applications/{case}")).json()["decision"]
    return {
        "notification_id": UUID(decision["letter_id"]), "ordered_by": "applications",
        "concerns": UUID(case), "act_id": UUID(decision["id"]),
    }  # fmt: skip


async def announce(desk: Any, case: str, **changes: Any) -> None:
    event = NotificationAnnounced(
        **{**await letter_of(desk, case), **changes},
        channel=Channel.LETTER,
        announced_on=date(2026, 3, 13),
        remedy_ends_on=date(2026, 4, 13),
    )
    await desk.consume(an_announcement_starts_the_remedy_period, event)


async def end_period(desk: Any, case: str) -> None:
    event = RemedyPeriodEnded(
        **await letter_of(desk, case), announced_on=date(2026, 3, 13), last_day=date(2026, 4, 13),
        ended_on=date(2026, 4, 14),
    )  # fmt: skip
    await desk.consume(the_end_of_the_remedy_period_makes_a_decision_final, event)


async def finality(desk: Any, case: str) -> list[tuple[int, str]]:
    rows = await desk.rows(
        "SELECT sequence, convert_from(payload, 'UTF8')::json ->> 'basis' AS basis FROM outbox"
        " WHERE key = :key AND type LIKE '%decision-final.v1'",
        key=case,
    )
    return [(row.sequence, row.basis) for row in rows]


async def test_f24b_a_waiver_after_the_announcement_is_final_at_once(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case)
    desk.calendar.day = date(2026, 3, 18)
    waived = await desk.done("association", case, "waiver", {})
    assert (waived["state"], waived["remedies"]["final_on"]) == ("final", "2026-03-18")
    assert waived["payment_blocked_because"] == "no-bank-account"
    assert await finality(desk, case) == [(3, "waiver")]
    await end_period(desk, case)
    assert await finality(desk, case) == [(3, "waiver")]


async def test_a_waiver_before_the_announcement_is_final_with_it(desk: Any) -> None:
    case = await desk.granted()
    assert (await desk.done("caseworker", case, "waiver", {"received_on": "2026-03-09"}))["state"] == "granted"
    await announce(desk, case)
    seen = (await desk.get("association", f"/applications/{case}")).json()
    assert (seen["state"], seen["remedies"]["final_on"]) == ("final", "2026-03-13")
    assert await finality(desk, case) == [(3, "waiver")]


async def test_f24c_an_action_holds_finality_until_it_is_concluded(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case)
    desk.calendar.day = date(2026, 4, 14)
    await desk.done("caseworker", case, "court-action", {"filed_on": "2026-04-10"})
    await end_period(desk, case)
    held = (await desk.get("caseworker", f"/applications/{case}")).json()
    assert (held["state"], held["payment_blocked_because"]) == ("action-pending", "action-pending")
    assert await finality(desk, case) == []
    desk.calendar.day = date(2026, 11, 2)
    body = {"end": "dismissed", "concluded_on": "2026-11-02"}
    assert (await desk.done("caseworker", case, "court-action-conclusion", body))["state"] == "final"
    assert await finality(desk, case) == [(3, "action_concluded")]


async def test_a_day_that_is_not_possible_is_told_with_its_field(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case)
    for action, body in (("waiver", {"received_on": "2026-03-08"}), ("court-action", {"filed_on": "2026-03-10"})):
        answer = await desk.act("caseworker", case, action, body)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/date-not-possible")
        assert answer.json()["errors"][0]["field"] == f"/{next(iter(body))}"


async def test_a_failed_letter_is_shown_to_staff(desk: Any) -> None:
    case = await desk.granted()
    failed = NotificationFailed(
        **await letter_of(desk, case), channel=Channel.LETTER, reason=FailureReason.RENDERING_FAILED, final=True
    )
    await desk.consume(a_failed_notification_is_left_to_a_person, failed)
    seen = (await desk.get("caseworker", f"/applications/{case}")).json()
    failure = {"channel": "letter", "reason": "rendering_failed", "final": True, "of_decision": True}
    assert seen["failed_notifications"] == [failure]
    assert seen["state"] == "granted"
    assert (await desk.get("association", f"/applications/{case}")).json()["failed_notifications"] == []


async def test_what_another_service_ordered_changes_nothing(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case, ordered_by="pensions")
    await announce(desk, case, act_id=None)
    assert await desk.state(case) == "granted"


@pytest.mark.parametrize(
    ("changes", "code"), [({"act_id": uuid4()}, "unknown-act"), ({"concerns": uuid4()}, "unknown-application")]
)
async def test_an_event_that_fits_no_case_is_parked_with_its_reason(
    desk: Any, changes: dict[str, Any], code: str
) -> None:
    case = await desk.granted()
    with pytest.raises(Unprocessable) as parked:
        await announce(desk, case, **changes)
    assert parked.value.code == code


async def test_a_second_announcement_of_the_same_act_is_parked(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case)
    with pytest.raises(Unprocessable) as parked:
        await announce(desk, case)
    assert parked.value.code == "wrong-state"
    assert (await desk.get("association", f"/applications/{case}")).json()["remedies"]["announced_on"] == "2026-03-13"
