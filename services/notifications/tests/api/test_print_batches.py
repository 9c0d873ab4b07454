"""The print room reads its batches and says what was posted; nobody else does."""

from collections.abc import Awaitable, Callable
from datetime import date, time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from kfi_contracts.letters import GrantRejectionFacts, LetterContent
from kfi_notifications.use_cases.print_batches import close_due

pytestmark = pytest.mark.servers
OPERATOR = "operator"
CUT_OFF = time(23, 59, 59)


@pytest.fixture
async def office(office_with: Callable[..., Awaitable[Any]]) -> Any:
    return await office_with(print_cut_off=CUT_OFF)


@pytest.fixture
async def closed(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent]
) -> dict[str, Any]:
    """A batch of 9 March 2026 with one letter, closed on the 10th."""
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    office.on(date(2026, 3, 10))
    await office.run(partial(close_due, CUT_OFF))
    (batch,) = await office.run(lambda work: work.batches.page(before=None, limit=9))
    return {"id": str(batch.id), "manifest_sha256": batch.manifest_sha256, "letter": str(one)}


async def test_the_print_room_says_when_a_batch_was_posted(office: Any, door: Any, closed: dict[str, Any]) -> None:
    (listed,) = (await door.get("/print-batches", role=OPERATOR)).json()["items"]
    assert (listed["day"], listed["letters"], listed["actions"]) == ("2026-03-09", 1, ["acknowledge"])
    path = f"/print-batches/{closed['id']}"
    read = await door.get(path, role=OPERATOR)
    body = {"manifest_sha256": closed["manifest_sha256"], "posted_on": "2026-03-10"}
    done = await door.post(f"{path}/acknowledgement", body, role=OPERATOR, seen=read.headers["ETag"])
    assert (done.status_code, done.json()["posted_on"], done.json()["actions"]) == (200, "2026-03-10", [])
    again = await door.post(f"{path}/acknowledgement", body, role=OPERATOR, seen=done.headers["ETag"])
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-acknowledged")
    letter = (await door.get(f"/notifications/{closed['letter']}")).json()
    assert (letter["state"], letter["dispatched_on"]) == ("dispatched", "2026-03-10")


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"manifest_sha256": "0" * 64}, 409, "another-manifest"),
        ({"posted_on": "2026-03-08"}, 422, "posted-on-impossible"),
        ({"posted_on": "2026-03-11"}, 422, "posted-on-impossible"),
        ({"not_posted": [str(uuid4())]}, 422, "not-in-batch"),
        ({"not_posted": ["x"]}, 422, "invalid-input"),
        ({"surplus": 1}, 422, "invalid-input"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_counted(
    office: Any, door: Any, closed: dict[str, Any], change: dict[str, Any], status: int, kind: str
) -> None:
    body = {"manifest_sha256": closed["manifest_sha256"], "posted_on": "2026-03-10"} | change
    told = await door.post(f"/print-batches/{closed['id']}/acknowledgement", body, role=OPERATOR, seen='"2"')
    assert (told.status_code, told.json()["type"]) == (status, f"/problems/{kind}")
    assert (await door.get(f"/notifications/{closed['letter']}")).json()["state"] == "handed-over"


@pytest.mark.parametrize("role", ["funding-signatory", "funding-caseworker", "auditor", "applicant@verein"])
async def test_nobody_else_says_so(office: Any, door: Any, closed: dict[str, Any], role: str) -> None:
    body = {"manifest_sha256": closed["manifest_sha256"], "posted_on": "2026-03-10"}
    path = f"/print-batches/{closed['id']}/acknowledgement"
    assert (await door.post(path, body, role=role, seen='"2"')).status_code == 403


async def test_an_unknown_batch_is_not_found_and_a_stale_view_is_told(
    office: Any, door: Any, closed: dict[str, Any]
) -> None:
    assert (await door.get(f"/print-batches/{uuid4()}", role=OPERATOR)).status_code == 404
    body = {"manifest_sha256": closed["manifest_sha256"], "posted_on": str(date(2026, 3, 9) + timedelta(days=1))}
    path = f"/print-batches/{closed['id']}/acknowledgement"
    assert (await door.post(path, body, role=OPERATOR, seen='"1"')).status_code == 412
    assert (await door.post(path, body, role=OPERATOR)).status_code == 428
