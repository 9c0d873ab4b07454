"""Who may hold, release and recall, and what each is told."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from kfi_contracts.letters import GrantRejectionFacts, LetterContent

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
SIGNATORY, OPERATOR, CASEWORKER = "funding-signatory", "operator", "funding-caseworker"
OF_A_TEMPLATE = {"scope": "template", "target": "grant-rejection", "reason": "court"}


async def place(door: Any, body: dict[str, Any], *, role: str = SIGNATORY) -> Any:
    headers = {"Authorization": f"Bearer {role}", "Idempotency-Key": str(uuid4())}
    return await door.client.post("/notifications/v1/holds", headers=headers, json=body)


@pytest.mark.parametrize("role", [SIGNATORY, OPERATOR])
async def test_a_hold_is_placed_listed_and_released(office: Any, door: Any, role: str) -> None:
    placed = await place(door, OF_A_TEMPLATE, role=role)
    assert (placed.status_code, placed.headers["ETag"]) == (201, '"1"')
    listed = (await door.get("/holds", role=role)).json()["items"]
    assert [(each["target"], each["actions"]) for each in listed] == [("grant-rejection", ["release"])]
    path = f"/holds/{placed.json()['id']}"
    released = await door.post(f"{path}/release", role=role, seen='"1"')
    assert (released.status_code, released.json()["released_on"]) == (200, "2026-03-09")
    assert (await door.get("/holds", role=role)).json()["items"] == []
    again = await door.post(f"{path}/release", role=role, seen='"2"')
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-released")
    assert (await door.get(path, role=role)).json()["actions"] == []


async def test_the_same_is_held_once(office: Any, door: Any) -> None:
    await place(door, OF_A_TEMPLATE)
    again = await place(door, OF_A_TEMPLATE)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-held")


@pytest.mark.parametrize("role", [CASEWORKER, "auditor", "applicant@verein"])
async def test_nobody_else_holds_or_releases(office: Any, door: Any, role: str) -> None:
    assert (await place(door, OF_A_TEMPLATE, role=role)).status_code == 403
    placed = (await place(door, OF_A_TEMPLATE)).json()["id"]
    assert (await door.post(f"/holds/{placed}/release", role=role, seen='"1"')).status_code == 403


@pytest.mark.parametrize(
    "change", [{"target": "no id"}, {"target": "NO-ID"}, {"target": str(uuid4()).upper()}, {"scope": "all"}]
)
async def test_a_hold_of_nothing_is_refused(office: Any, door: Any, change: dict[str, str]) -> None:
    body = {"scope": "notification", "target": str(uuid4()), "reason": "court"} | change
    assert (await place(door, body)).status_code == 422


async def test_a_hold_of_an_unknown_notification_is_not_found(office: Any, door: Any) -> None:
    body = {"scope": "notification", "target": str(uuid4()), "reason": "court"}
    assert (await place(door, body)).status_code == 404


async def test_a_letter_says_that_it_is_held_and_what_may_be_done(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    before = (await door.get(f"/notifications/{one}", role=SIGNATORY)).json()
    assert before["actions"] == ["hold", "recall"]
    assert (await door.get(f"/notifications/{one}", role=CASEWORKER)).json()["actions"] == []
    await place(door, {"scope": "notification", "target": str(one), "reason": "content"})
    await office.deliver()
    held = (await door.get(f"/notifications/{one}", role=SIGNATORY)).json()
    assert (held["state"], held["obstacle"]) == ("prepared", "held")
    assert held["actions"] == ["read-document", "recall"]
    waiting = (await door.get("/deliveries", role=OPERATOR)).json()["items"]
    assert [(each["step"], each["obstacle"], each["count"]) for each in waiting] == [("letter", "held", 1)]


async def test_a_letter_is_recalled_before_it_leaves_and_by_the_signatory_alone(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    path, body = f"/notifications/{one}/recall", {"reason": "wrong_addressee"}
    for role in (CASEWORKER, OPERATOR, "auditor"):
        assert (await door.post(path, body, role=role, seen='"1"')).status_code == 403
    assert (await door.post(path, body, role=SIGNATORY)).status_code == 428
    assert (await door.post(path, body, role=SIGNATORY, seen='"7"')).status_code == 412
    done = await door.post(path, body, role=SIGNATORY, seen='"1"')
    assert (done.status_code, done.json()["state"], done.json()["actions"]) == (200, "recalled", [])
    again = await door.post(path, body, role=SIGNATORY, seen='"2"')
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-handed-over")


async def test_after_the_hand_over_the_answer_says_what_to_do_instead(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    refused = await door.post(f"/notifications/{one}/recall", {"reason": "other"}, role=SIGNATORY, seen='"3"')
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-handed-over")
    assert "correct it by a letter of its own" in refused.json()["remedy"]


async def test_a_letter_that_came_back_is_recorded_by_staff(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    body = {"returned_on": "2026-03-09", "reason": "moved"}
    early = await door.post(f"/notifications/{one}/return", body, role=CASEWORKER, seen='"1"')
    assert (early.status_code, early.json()["type"]) == (409, "/problems/never-posted")
    await office.deliver()
    path = f"/notifications/{one}/return"
    assert (await door.get(f"/notifications/{one}")).json()["actions"] == ["read-document", "record-return"]
    before = await door.post(path, body | {"returned_on": "2026-03-08"}, role=CASEWORKER, seen='"3"')
    assert (before.status_code, before.json()["type"]) == (422, "/problems/returned-before-posting")
    assert (await door.post(path, body, role=OPERATOR, seen='"3"')).status_code == 403
    done = await door.post(path, body, role=CASEWORKER, seen='"3"')
    assert (done.status_code, done.json()["state"]) == (200, "returned")
