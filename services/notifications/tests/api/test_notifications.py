from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfi_contracts.letters import GrantRejectionFacts, LetterContent

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
CONCERNS = str(UUID(int=2))


async def test_staff_read_what_became_of_a_notification(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    for role in ("funding-caseworker", "funding-signatory", "auditor"):
        answer = await door.get(f"/notifications/{notification_id}", role=role)
        shown = answer.json()
        assert answer.status_code == 200
        assert answer.headers["ETag"] == f'"{shown["version"]}"' == '"3"'
        assert (shown["state"], shown["dispatched_on"], shown["failure"]) == ("dispatched", "2026-03-09", None)
        assert shown["actions"] == ["read-document", *([] if role == "auditor" else ["record-return"])]


async def test_nothing_of_the_addressee_or_the_content_is_shown(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    text = (await door.get(f"/notifications/{notification_id}")).text
    assert "Köprü" not in text
    assert '"content"' not in text


async def test_a_notification_that_waits_says_what_stops_it(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    (office.folder / "spool").write_text("a file where the folder should be")
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    shown = (await door.get(f"/notifications/{notification_id}")).json()
    assert (shown["state"], shown["obstacle"]) == ("prepared", "print_spool_unavailable")


async def test_an_applicant_is_told_that_nothing_is_there(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    notification_id = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    for path in (f"/notifications/{notification_id}", f"/notifications/{notification_id}/document"):
        assert (await door.get(path, role="applicant")).status_code == 404
    assert (await door.get("/notifications", role="applicant", concerns=CONCERNS)).status_code == 404


async def test_whoever_has_no_duty_here_is_refused(door: Any) -> None:
    for role in ("operator", "budget-officer", "municipality"):
        assert (await door.get(f"/notifications/{uuid4()}", role=role)).status_code == 403


async def test_an_unknown_notification_is_a_problem_with_a_page(door: Any) -> None:
    answer = await door.get(f"/notifications/{uuid4()}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"


async def test_the_list_pages_through_all_in_order_of_arrival(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    ids = [str(await office.accept(office.order(content_of(rejection_facts)))) for _ in range(5)]
    await office.accept(office.order(content_of(rejection_facts), concerns=uuid4()))
    found: list[str] = []
    query: dict[str, Any] = {"concerns": CONCERNS, "limit": 2}
    while True:
        page = (await door.get("/notifications", **query)).json()
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == ids


async def test_a_query_that_makes_no_sense_is_told_by_field(door: Any) -> None:
    queries: list[dict[str, str]] = [{}, {"concerns": "x"}, {"concerns": CONCERNS, "cursor": "x"}]
    for query in queries:
        answer = await door.get("/notifications", **query)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith("query:")


async def test_operators_see_what_waits_since_when_and_why(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    (office.folder / "spool").write_text("a file where the folder should be")
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    (waiting,) = (await door.get("/deliveries", role="operator")).json()["items"]
    assert (waiting["step"], waiting["obstacle"], waiting["count"]) == ("letter", "print_spool_unavailable", 1)
    assert waiting["waiting_since"].startswith("20")
