"""A correction is an act of its own: four eyes, its own letter, its own announcement and remedy period."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_applications.consumers import (
    a_failed_notification_is_left_to_a_person,
    a_letter_that_came_back_announced_nothing,
    an_announcement_starts_the_remedy_period,
    the_end_of_the_remedy_period_makes_a_decision_final,
)
from kfi_contracts.letters import read_content
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    NotificationAnnounced,
    NotificationFailed,
    NotificationReturned,
    RemedyPeriodEnded,
    ReturnReason,
)
from kfi_contracts.procedural_letters import GrantCorrectionFacts

pytestmark = pytest.mark.servers
BODY = {
    "points": [{"subject": "Bewilligungszeitraum", "was": "bis 31. März 2027", "becomes": "bis 30. April 2027"}],
    "reasons": ["Das Projekt beginnt einen Monat später."],
    "legal_basis": ["§ 49 VwVfG NRW"],
}


async def propose(desk: Any, case: str, who: str = "caseworker", **changes: Any) -> Any:
    path = f"/applications/{case}/corrections"
    return await desk.post(who, path, BODY | changes, **{"Idempotency-Key": str(uuid4())})


async def signed(desk: Any, case: str) -> dict[str, Any]:
    path = f"/applications/{case}/corrections/{(await propose(desk, case)).json()['id']}"
    letter = (await desk.get("signatory", f"{path}/letter-content")).json()
    answer = await desk.post("signatory", f"{path}/signature", {"digest": letter["digest"]}, **{"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def read(desk: Any, case: str) -> list[dict[str, Any]]:
    return list((await desk.get("signatory", f"/applications/{case}/corrections")).json()["items"])


def of_letter(case: str, correction: dict[str, Any]) -> dict[str, Any]:
    return {
        "notification_id": UUID(correction["letter_id"]), "ordered_by": "applications", "concerns": UUID(case),
        "act_id": UUID(correction["id"]),
    }  # fmt: skip


async def announce(desk: Any, case: str, correction: dict[str, Any]) -> None:
    event = NotificationAnnounced(
        **of_letter(case, correction), channel=Channel.LETTER, announced_on=date(2026, 4, 5),
        remedy_ends_on=date(2026, 5, 7),
    )  # fmt: skip
    await desk.consume(an_announcement_starts_the_remedy_period, event)


async def test_a_correction_is_signed_by_another_person_and_sent_by_a_letter_that_names_the_decision(
    desk: Any,
) -> None:
    case = await desk.granted()
    correction = await signed(desk, case)
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    order, email = (json.loads(row.payload) for row in rows[-2:])
    content = read_content(desk.opener.open(order["content"], bound_to=order["notification_id"]))
    assert isinstance(content.facts, GrantCorrectionFacts)
    assert (content.facts.number, content.facts.corrected_on) == (1, date(2026, 3, 9))
    assert (content.facts.points[0].becomes, content.facts.decided_by_name) == ("bis 30. April 2027", "Elif Sander")
    assert (order["act_id"], order["legal_effect"]) == (correction["id"], "act")
    assert email["accompanies"] == order["notification_id"] == correction["letter_id"]


async def test_it_has_an_announcement_and_a_remedy_period_of_its_own(desk: Any) -> None:
    case = await desk.granted()
    correction = await signed(desk, case)
    await announce(desk, case, correction)
    (seen,) = await read(desk, case)
    assert (seen["state"], seen["announced_on"], seen["remedy_ends_on"]) == ("announced", "2026-04-05", "2026-05-07")
    assert await desk.state(case) == "granted", "the decision's own letter is not announced by that"
    event = RemedyPeriodEnded(
        **of_letter(case, correction), announced_on=date(2026, 4, 5), last_day=date(2026, 5, 7),
        ended_on=date(2026, 5, 8),
    )  # fmt: skip
    await desk.consume(the_end_of_the_remedy_period_makes_a_decision_final, event)
    (seen,) = await read(desk, case)
    assert (seen["state"], seen["final_on"]) == ("final", "2026-05-08")
    assert await desk.state(case) == "granted"


async def test_whoever_proposed_it_does_not_sign_it_and_the_digest_is_the_one_that_was_read(desk: Any) -> None:
    case = await desk.granted()
    path = f"/applications/{case}/corrections/{(await propose(desk, case)).json()['id']}"
    letter = (await desk.get("caseworker", f"{path}/letter-content")).json()
    own = await desk.post("caseworker", f"{path}/signature", {"digest": letter["digest"]}, **{"If-Match": '"1"'})
    assert (own.status_code, own.json()["type"]) == (409, "/problems/four-eyes-violated")
    other = await desk.post("signatory", f"{path}/signature", {"digest": "0" * 64}, **{"If-Match": '"1"'})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/proposal-changed")
    stale = await desk.post("signatory", f"{path}/signature", {"digest": "0" * 64}, **{"If-Match": '"9"'})
    assert stale.status_code == 412
    (seen,) = await read(desk, case)
    assert (seen["state"], seen["actions"]) == ("proposed", ["signature"])


async def test_a_letter_that_reached_nobody_is_ordered_again_and_only_then(desk: Any) -> None:
    case = await desk.granted()
    correction = await signed(desk, case)
    path = f"/applications/{case}/corrections/{correction['id']}/letter-order"
    early = await desk.post("signatory", path, **{"If-Match": '"2"'})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/wrong-state")
    await announce(desk, case, correction)
    back = NotificationReturned(
        **of_letter(case, correction), channel=Channel.LETTER, dispatched_on=date(2026, 4, 1),
        returned_on=date(2026, 4, 8), reason=ReturnReason.MOVED,
    )  # fmt: skip
    await desk.consume(a_letter_that_came_back_announced_nothing, back)
    (seen,) = await read(desk, case)
    assert (seen["state"], seen["announced_on"], seen["failure"]) == ("signed", None, "returned_moved")
    assert seen["actions"] == ["letter-order"]
    again = await desk.post("signatory", path, **{"If-Match": f'"{seen["version"]}"'})
    assert (again.status_code, again.json()["failure"]) == (200, None)
    assert again.json()["letter_id"] != correction["letter_id"]
    failed = NotificationFailed(
        **of_letter(case, again.json()), channel=Channel.LETTER, reason=FailureReason.TEMPLATE_UNKNOWN, final=True
    )
    await desk.consume(a_failed_notification_is_left_to_a_person, failed)
    assert (await read(desk, case))[0]["failure"] == "template_unknown"
    assert (await desk.get("signatory", f"/applications/{case}")).json()["failed_notifications"] == []


async def test_corrections_are_numbered_and_nothing_undecided_is_corrected(desk: Any) -> None:
    undecided = await desk.filed()
    refused = await propose(desk, undecided)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")
    case = await desk.granted()
    await propose(desk, case)
    await propose(desk, case)
    assert [each["number"] for each in await read(desk, case)] == [1, 2]


@pytest.mark.parametrize("change", [{"points": []}, {"reasons": []}, {"legal_basis": []}, {"surplus": 1}])
async def test_a_correction_of_nothing_or_without_reasons_is_refused(desk: Any, change: dict[str, Any]) -> None:
    case = await desk.granted()
    assert (await propose(desk, case, **change)).status_code == 422


async def test_the_association_and_the_wrong_roles_are_refused(desk: Any) -> None:
    case = await desk.granted()
    assert (await propose(desk, case, "association")).status_code == 403
    assert (await propose(desk, case, "auditor")).status_code == 403
    assert (await desk.get("association", f"/applications/{case}/corrections")).status_code == 403


async def test_a_correction_of_another_case_is_not_found(desk: Any) -> None:
    case, other = await desk.granted(), await desk.granted()
    correction = (await propose(desk, case)).json()["id"]
    answer = await desk.get("signatory", f"/applications/{other}/corrections/{correction}/letter-content")
    assert answer.status_code == 404


async def test_what_a_correction_says_is_kept_encrypted_and_every_step_is_on_record(desk: Any) -> None:
    case = await desk.granted()
    await signed(desk, case)
    (row,) = await desk.rows("SELECT text FROM correction")
    assert b"April 2027" not in bytes(row.text)
    rows = await desk.rows("SELECT action, person FROM audit WHERE aggregate = 'correction' ORDER BY position")
    assert [(each.action, each.person) for each in rows] == [("propose", "person-a"), ("sign", "person-b")]
