"""The inbox by HTTP: consent, list, retrieval; and what another organisation learns, which is nothing."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from kfi_contracts.letters import GrantRejectionFacts, LetterContent

pytestmark = pytest.mark.servers
OWN, OTHER = "applicant@organisation-1", "applicant@organisation-2"


@pytest_asyncio.fixture
async def office(office_with: Any, mailbox: Any) -> Any:
    return await office_with(smtp_port=mailbox.port)


@pytest.fixture
def letter(
    office: Any, door: Any, rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent]
) -> Any:
    async def provided() -> UUID:
        seen = (await door.get("/consent", role=OWN)).headers["ETag"]
        assert (await door.post("/consent", {"given": True}, role=OWN, seen=seen)).status_code == 200
        order = office.order(content_of(rejection_facts), organisation="organisation-1")
        notification_id: UUID = await office.accept(order)
        await office.deliver()
        return notification_id

    return provided


async def test_an_organisation_consents_and_takes_it_back(door: Any) -> None:
    nothing = await door.get("/consent", role=OWN)
    assert (nothing.headers["ETag"], nothing.json()["given"], nothing.json()["id"]) == ('"0"', False, None)
    given = await door.post("/consent", {"given": True}, role=OWN, seen='"0"')
    assert (given.status_code, given.headers["ETag"], given.json()["since"]) == (200, '"1"', "2026-03-09")
    assert (await door.post("/consent", {"given": False}, role=OWN, seen='"0"')).status_code == 412
    assert (await door.post("/consent", {"given": False}, role=OWN)).status_code == 428
    back = (await door.post("/consent", {"given": False}, role=OWN, seen='"1"')).json()
    assert [each["given"] for each in back["history"]] == [True, False]
    assert (await door.get("/consent", role=OTHER)).json()["history"] == []
    proof = (await door.get("/consents", role="auditor", organisation="organisation-1")).json()
    assert proof["history"] == back["history"]


@pytest.mark.parametrize("body", [None, {}, {"given": "yes"}, {"given": 1}, {"given": True, "since": "2020-01-01"}])
async def test_what_is_no_consent_is_refused(door: Any, body: Any) -> None:
    assert (await door.post("/consent", body, role=OWN, seen='"0"')).status_code == 422


async def test_the_list_leads_to_the_letter_and_the_letter_to_its_announcement(
    office: Any, door: Any, letter: Any
) -> None:
    notification_id = await letter()
    (message,) = (await door.get("/inbox", role=OWN)).json()["items"]
    assert (message["id"], message["state"], message["retrieve_by"]) == (str(notification_id), "waiting", "2026-03-19")
    assert message["actions"] == ["retrieval"]
    read = await door.get(f"/inbox/{notification_id}", role=OWN)
    assert read.json() == message
    early = await door.get(f"/inbox/{notification_id}/document", role=OWN)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-retrieved")
    address, seen = f"/inbox/{notification_id}/retrieval", read.headers["ETag"]
    assert (await door.post(address, role=OWN)).status_code == 428
    taken = await door.post(address, role=OWN, seen=seen)
    assert (taken.status_code, taken.headers["Content-Type"]) == (200, "application/pdf")
    assert taken.headers["Cache-Control"] == "private, no-store"
    assert (await door.post(address, role=OWN, seen=seen)).status_code == 412
    after = await door.get(f"/inbox/{notification_id}", role=OWN)
    assert (after.json()["state"], after.json()["actions"]) == ("retrieved", ["document"])
    assert (await door.post(address, role=OWN, seen=after.headers["ETag"])).json()["type"] == "/problems/conflict"
    again = await door.get(f"/inbox/{notification_id}/document", role=OWN)
    assert again.content == taken.content
    staff = (await door.get(f"/notifications/{notification_id}")).json()
    assert (staff["through_inbox"], staff["retrieved_on"]) == (True, "2026-03-09")


async def test_the_message_does_not_say_what_the_letter_says(door: Any, letter: Any) -> None:
    notification_id = await letter()
    for path in ("/inbox", f"/inbox/{notification_id}"):
        text = (await door.get(path, role=OWN)).text
        assert "rejection" not in text
        assert "Köprü" not in text


async def test_after_ten_days_it_waits_no_longer(office: Any, door: Any, letter: Any) -> None:
    notification_id = await letter()
    office.on(date(2026, 3, 20))
    message = await door.get(f"/inbox/{notification_id}", role=OWN)
    assert (message.json()["state"], message.json()["actions"]) == ("posted", [])
    late = await door.post(f"/inbox/{notification_id}/retrieval", role=OWN, seen=message.headers["ETag"])
    assert (late.status_code, late.json()["type"]) == (409, "/problems/provision-ended")


async def test_another_organisation_is_told_what_it_is_told_of_nothing(door: Any, letter: Any) -> None:
    notification_id = await letter()
    for ending in ("", "/document"):
        foreign = await door.get(f"/inbox/{notification_id}{ending}", role=OTHER)
        nothing = await door.get(f"/inbox/{uuid4()}{ending}", role=OTHER)
        assert foreign.status_code == 404
        assert _said(foreign) == _said(nothing)
    for seen in ('"0"', '"4"'):
        foreign = await door.post(f"/inbox/{notification_id}/retrieval", role=OTHER, seen=seen)
        assert foreign.status_code == 404
    assert (await door.get("/inbox", role=OTHER)).json() == {"items": [], "next": None}


async def test_the_list_pages_the_newest_first(door: Any, letter: Any) -> None:
    ids = [str(await letter()) for _ in range(3)]
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await door.get("/inbox", role=OWN, **query)).json()
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert found == ids[::-1]


async def test_a_page_tells_nothing_of_how_many_letters_others_get(door: Any, letter: Any) -> None:
    for _ in range(2):
        await letter()
    page = (await door.get("/inbox", role=OWN, limit=1)).json()
    assert json.loads(urlsafe_b64decode(page["next"] + "==")) == [page["items"][0]["id"]]
    foreign = (await door.get("/inbox", role=OTHER, cursor=page["next"])).json()
    assert foreign == {"items": [], "next": None}


async def test_the_inbox_is_for_those_who_act_for_an_organisation(door: Any) -> None:
    for path in ("/inbox", f"/inbox/{uuid4()}", "/consent"):
        for role in ("funding-caseworker", "auditor", "operator", "applicant"):
            assert (await door.get(path, role=role)).status_code == 403


def _said(answer: Any) -> dict[str, Any]:
    document = dict(answer.json())
    document.pop("correlation_id")
    return document
