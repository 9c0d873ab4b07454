"""A letter that reached nobody: known to the case, and ordered again as it was signed, perhaps to another address."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from kfi_applications.consumers import (
    a_failed_notification_is_left_to_a_person,
    a_letter_that_came_back_announced_nothing,
    a_recalled_notification_is_left_to_a_person,
    an_announcement_starts_the_remedy_period,
    the_end_of_the_remedy_period_makes_a_decision_final,
)
from kfi_contracts.letters import LetterContent, content_digest, read_content
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    NotificationAnnounced,
    NotificationFailed,
    NotificationRecalled,
    NotificationReturned,
    RecallReason,
    RemedyPeriodEnded,
    ReturnReason,
)

pytestmark = pytest.mark.servers
ELSEWHERE = {
    "attention": None, "street": "Neue Straße", "house_number": "7", "postcode": "58095", "city": "Hagen",
    "email": "neu@verein-beispiel.example",
}  # fmt: skip


async def of_letter(desk: Any, case: str) -> dict[str, Any]:
    decision = (await desk.get("auditor", f"/applications/{case}")).json()["decision"]
    return {
        "notification_id": UUID(decision["letter_id"]), "ordered_by": "applications",
        "concerns": UUID(case), "act_id": UUID(decision["id"]),
    }  # fmt: skip


async def announce(desk: Any, case: str, on: date, ends: date) -> None:
    facts = await of_letter(desk, case)
    event = NotificationAnnounced(**facts, channel=Channel.LETTER, announced_on=on, remedy_ends_on=ends)
    await desk.consume(an_announcement_starts_the_remedy_period, event)


async def end_period(desk: Any, case: str, last_day: date, ended_on: date) -> None:
    facts = await of_letter(desk, case)
    event = RemedyPeriodEnded(**facts, announced_on=date(2026, 3, 13), last_day=last_day, ended_on=ended_on)
    await desk.consume(the_end_of_the_remedy_period_makes_a_decision_final, event)


async def come_back(desk: Any, case: str, *, act: bool = True) -> None:
    facts = await of_letter(desk, case) | ({} if act else {"act_id": None})
    event = NotificationReturned(
        **facts, channel=Channel.LETTER, dispatched_on=date(2026, 3, 9), returned_on=date(2026, 3, 18),
        reason=ReturnReason.MOVED,
    )  # fmt: skip
    await desk.consume(a_letter_that_came_back_announced_nothing, event)


async def fail(desk: Any, case: str) -> None:
    facts = await of_letter(desk, case)
    event = NotificationFailed(**facts, channel=Channel.LETTER, reason=FailureReason.TEMPLATE_UNKNOWN, final=True)
    await desk.consume(a_failed_notification_is_left_to_a_person, event)


async def recall(desk: Any, case: str) -> None:
    facts = await of_letter(desk, case)
    event = NotificationRecalled(
        **facts, channel=Channel.LETTER, recalled_on=date(2026, 3, 9), reason=RecallReason.WRONG_ADDRESSEE
    )
    await desk.consume(a_recalled_notification_is_left_to_a_person, event)


async def letters(desk: Any) -> list[tuple[dict[str, Any], LetterContent]]:
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    orders = [order for order in (json.loads(row.payload) for row in rows) if order["channel"] == "letter"]
    opened = [desk.opener.open(order["content"], bound_to=order["notification_id"]) for order in orders]
    assert [content_digest(each) for each in opened] == [order["content_digest"] for order in orders]
    return [(order, read_content(content)) for order, content in zip(orders, opened, strict=True)]


async def shown(desk: Any, case: str, who: str = "signatory") -> dict[str, Any]:
    return dict((await desk.get(who, f"/applications/{case}")).json())


@pytest.mark.parametrize(
    ("told", "reason"),
    [(fail, "template_unknown"), (recall, "recalled_wrong_addressee"), (come_back, "returned_moved")],
)
async def test_a_letter_that_reached_nobody_is_ordered_again_as_it_was_signed(
    desk: Any, told: Any, reason: str
) -> None:
    case = await desk.granted()
    assert "letter-order" not in (await shown(desk, case))["actions"]
    await told(desk, case)
    seen = await shown(desk, case)
    assert seen["state"] == "granted"
    assert [(each["reason"], each["final"]) for each in seen["failed_notifications"]] == [(reason, True)]
    assert "letter-order" in seen["actions"]
    again = await desk.done("signatory", case, "letter-order", {})
    (first, signed), (second, sent) = await letters(desk)
    assert sent == signed
    assert (second["act_id"], second["legal_effect"]) == (first["act_id"], "act")
    assert second["notification_id"] != first["notification_id"]
    assert again["decision"]["letter_id"] == second["notification_id"]
    assert "letter-order" not in again["actions"]


async def test_only_the_address_differs_when_another_is_given(desk: Any) -> None:
    case = await desk.granted()
    await come_back(desk, case)
    await desk.done("signatory", case, "letter-order", {"addressee": ELSEWHERE})
    (_, signed), (_, sent) = await letters(desk)
    assert (sent.addressee.street, sent.addressee.city) == ("Neue Straße", "Hagen")
    assert sent.model_copy(update={"addressee": signed.addressee}) == signed
    await come_back(desk, case)
    await desk.done("signatory", case, "letter-order", {})
    assert (await letters(desk))[-1][1] == sent


async def test_a_letter_on_its_way_is_not_ordered_again(desk: Any) -> None:
    case = await desk.granted()
    refused = [await desk.act("signatory", case, "letter-order", {})]
    await announce(desk, case, date(2026, 3, 13), date(2026, 4, 13))
    refused.append(await desk.act("signatory", case, "letter-order", {}))
    assert {(each.status_code, each.json()["type"]) for each in refused} == {(409, "/problems/wrong-state")}
    assert len(await letters(desk)) == 1


async def test_only_a_signatory_orders_a_letter_again(desk: Any) -> None:
    case = await desk.granted()
    await fail(desk, case)
    for who in ("caseworker-only", "association", "auditor", "budget"):
        assert (await desk.act(who, case, "letter-order", {})).status_code == 403


async def test_what_came_back_was_never_announced_and_the_period_begins_with_the_next_letter(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case, date(2026, 3, 13), date(2026, 4, 13))
    await come_back(desk, case)
    seen = await shown(desk, case)
    assert seen["state"] == "granted"
    assert (seen["remedies"]["announced_on"], seen["remedies"]["remedy_ends_on"]) == (None, None)
    await desk.done("signatory", case, "letter-order", {"addressee": ELSEWHERE})
    await announce(desk, case, date(2026, 3, 27), date(2026, 4, 27))
    seen = await shown(desk, case)
    assert (seen["state"], seen["remedies"]["remedy_ends_on"]) == ("announced", "2026-04-27")
    assert seen["failed_notifications"] == []


async def test_a_letter_that_comes_back_after_finality_stops_the_money(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case, date(2026, 3, 13), date(2026, 4, 13))
    await end_period(desk, case, date(2026, 4, 13), date(2026, 4, 14))
    await come_back(desk, case)
    seen = await shown(desk, case)
    assert (seen["state"], seen["payment_blocked_because"]) == ("final", "letter-came-back")
    await desk.done("signatory", case, "letter-order", {"addressee": ELSEWHERE})
    await announce(desk, case, date(2026, 5, 8), date(2026, 6, 8))
    seen = await shown(desk, case)
    assert (seen["state"], seen["failed_notifications"]) == ("final", [])
    assert seen["payment_blocked_because"] == "not-final", "until the period of the letter that arrived is over"


async def test_a_letter_that_is_no_act_comes_back_and_the_decision_stands(desk: Any) -> None:
    case = await desk.granted()
    await announce(desk, case, date(2026, 3, 13), date(2026, 4, 13))
    await come_back(desk, case, act=False)
    seen = await shown(desk, case)
    assert (seen["state"], seen["remedies"]["announced_on"]) == ("announced", "2026-03-13")
    assert [each["of_decision"] for each in seen["failed_notifications"]] == [False]
    assert "letter-order" not in seen["actions"]


async def test_how_the_signatory_is_named_is_kept_encrypted(desk: Any) -> None:
    case = await desk.granted()
    rows = await desk.rows("SELECT decision::text AS decision FROM application WHERE id = :id", id=UUID(case))
    (_, signed), *_ = await letters(desk)
    assert signed.facts.decided_by_name is not None  # type: ignore[union-attr]
    assert signed.facts.decided_by_name not in rows[0].decision  # type: ignore[union-attr]
