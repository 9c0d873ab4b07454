"""The desk over HTTP: why a letter was parked, what it was, what a replay did; for operators alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import text

from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_chassis.desk import parked_api
from kfi_chassis.desk.api import MOST_AT_ONCE, dead_letters_router
from kfi_chassis.desk.reasons import Explanation
from kfi_chassis.health import Health
from kfi_chassis.http import create_api
from kfi_chassis.identity import Principal
from kfi_chassis.metrics import Metrics
from kfi_chassis.testkit.delivery import deliver, records_of
from kfi_chassis.testkit.events import Happened

BROKEN = "broken-rule"
REASONS = {BROKEN: Explanation("a rule is broken", "mend the rule, then replay")}
pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Limits:
    max_body_bytes: int = 1_048_576
    request_timeout_seconds: float = 5.0


class TheTokenIsTheRole:
    async def verify(self, token: str) -> Principal:
        return Principal(f"account-{token}", f"person-{token}", frozenset({token}))


@dataclass
class DeskDoor:
    """The routes of the desk over the test's database, asked as a person of one role."""

    http: httpx2.AsyncClient
    consumer: Consumer
    database: Any
    event: type[Happened]
    mended: list[bool] = field(default_factory=list)

    async def parked(self, *numbers: int) -> list[int]:
        """Deliver the numbers for one subject; the numbers of all open letters."""
        subject = uuid4()
        events = [self.event(subject_id=subject, number=number) for number in numbers]
        await deliver(self.consumer, self.database.transactions, records_of(events))
        return [letter.number for letter in await self.database.letters(self.consumer.group)]

    async def get(self, path: str, role: str | None = "operator") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {role}"} if role else {}
        return await self.http.get(f"/demo/v1/{path}", headers=headers)

    async def post(
        self, path: str, body: Any, version: str | None = None, role: str | None = "operator"
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {role}"} if role else {}
        headers |= {"If-Match": version} if version else {}
        return await self.http.post(f"/demo/v1/{path}", json=body, headers=headers)


@pytest.fixture
async def door(database: Any, happened: Any) -> AsyncIterator[DeskDoor]:
    consumer, mended = Consumer(f"group-{uuid4().hex[:8]}"), []  # type: ignore[var-annotated]

    @consumer.on(happened, hold_key=True)
    async def note(event: Happened, work: Any) -> None:
        if event.number < 0 and not mended:
            raise Unprocessable(BROKEN)
        await work.note(event)

    app = create_api(
        "demo", Limits(), [parked_api.router, dead_letters_router(consumer, REASONS)],
        transactions=database.transactions, verifier=TheTokenIsTheRole(), health=Health(), metrics=Metrics(),
    )  # fmt: skip
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://demo") as http:
        yield DeskDoor(http, consumer, database, happened, mended)


async def test_an_operator_reads_why_a_letter_was_parked_and_what_a_replay_did(door: DeskDoor) -> None:
    first, second = await door.parked(-1, 2)
    (line, _) = (await door.get("dead-letters")).json()["items"]
    assert (line["number"], line["reason"], line["meaning"]) == (first, BROKEN, "a rule is broken")
    shown = await door.get(f"dead-letters/{first}")
    letter = shown.json()
    assert (letter["remedy"], letter["actions"]) == ("mend the rule, then replay", ["discard", "replay"])
    assert (letter["waiting_behind"], letter["event_type"]) == (1, door.event.type)
    behind = (await door.get(f"dead-letters/{second}")).json()
    assert (behind["behind"], behind["actions"]) == (first, [])

    again = await door.post(f"dead-letters/{first}/replay", {"reason": "OPS-17"}, shown.headers["ETag"])
    attempt = {"number": first, "outcome": "parked", "reason": BROKEN, "meaning": "a rule is broken"}
    assert again.json() == {"attempts": [attempt], "handled": 0, "parked": 1, "left": 1, "after": None}
    door.mended.append(True)
    stale = await door.post(f"dead-letters/{first}/replay", {"reason": "OPS-17"}, shown.headers["ETag"])
    assert stale.status_code == 412
    etag = (await door.get(f"dead-letters/{first}")).headers["ETag"]
    done = (await door.post(f"dead-letters/{first}/replay", {"reason": "OPS-18"}, etag)).json()
    assert [(one["number"], one["outcome"]) for one in done["attempts"]] == [(first, "handled"), (second, "handled")]
    assert await door.database.effects() == [-1, 2]
    closed = (await door.get(f"dead-letters/{first}")).json()
    resolution = closed["resolution"]
    assert (closed["state"], resolution["by"], resolution["reason"]) == ("replayed", "account-operator", "OPS-18")


async def test_a_discard_is_kept_with_its_reason_and_tells_whose_turn_it_is(door: DeskDoor) -> None:
    first, second = await door.parked(-1, 2)
    refused = await door.post(f"dead-letters/{second}/discard", {"reason": "OPS-17"}, '"1"')
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-its-turn")
    assert str(first) in refused.json()["detail"]
    done = await door.post(f"dead-letters/{first}/discard", {"reason": "OPS-17"}, '"1"')
    assert done.json() == {"number": first, "next_of_key": second}
    twice = await door.post(f"dead-letters/{first}/discard", {"reason": "OPS-17"}, '"2"')
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/letter-resolved")
    assert (await door.post("dead-letters/999/discard", {"reason": "OPS-17"}, '"1"')).status_code == 404
    [row] = await door.database.rows("SELECT subject, reason FROM audit WHERE action = 'discarded'")
    assert (row.subject, row.reason) == ("account-operator", "OPS-17")


async def test_many_are_replayed_by_their_reason_some_at_once(door: DeskDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_AT_ONCE == 50
    monkeypatch.setattr("kfi_chassis.desk.api.MOST_AT_ONCE", 2)
    for number in (-1, -2, -3):
        await door.parked(number)
    door.mended.append(True)
    asked = {"parked_for": BROKEN, "reason": "OPS-17"}
    one = (await door.post("dead-letters/replay", asked)).json()
    assert (one["handled"], one["left"]) == (2, 1)
    rest = (await door.post("dead-letters/replay", asked | {"after": one["after"]})).json()
    assert (rest["handled"], rest["left"], rest["after"]) == (1, 0, None)
    assert await door.database.effects() == [-1, -2, -3]


async def test_the_list_goes_page_by_page_and_by_reason_and_age(door: DeskDoor) -> None:
    letters = await door.parked(-1, 2)
    page = (await door.get("dead-letters?limit=1")).json()
    assert [one["number"] for one in page["items"]] == letters[:1]
    following = (await door.get(f"dead-letters?limit=1&cursor={page['next']}")).json()
    assert [one["number"] for one in following["items"]] == letters[1:]
    for query, found in (
        (f"reason={BROKEN}", 1), ("reason=behind_parked", 1), ("reason=unexpected", 0), ("older_than_seconds=60", 0),
        (f"type={door.event.type}", 2), ("type=de.nrw.kfi.x.y.v1", 0),
    ):  # fmt: skip
        assert len((await door.get(f"dead-letters?{query}")).json()["items"]) == found, query


@pytest.mark.parametrize("role", ["auditor", "funding-caseworker", "applicant", None])
async def test_nobody_but_an_operator_sits_at_the_desk(door: DeskDoor, role: str | None) -> None:
    [number] = await door.parked(-1)
    answers = [
        await door.get("dead-letters", role),
        await door.get(f"dead-letters/{number}", role),
        await door.post(f"dead-letters/{number}/replay", {"reason": "OPS-17"}, '"1"', role),
        await door.post(f"dead-letters/{number}/discard", {"reason": "OPS-17"}, '"1"', role),
        await door.post("dead-letters/replay", {"parked_for": BROKEN, "reason": "OPS-17"}, None, role),
        await door.get("parked-events", role),
    ]
    assert {answer.status_code for answer in answers} == {403 if role else 401}
    assert len(await door.database.letters(door.consumer.group)) == 1


@pytest.mark.parametrize("reason", ["", " ", "Erika Mustermann", "x" * 81, "a\nb"])
async def test_a_reason_is_a_code(door: DeskDoor, reason: str) -> None:
    [number] = await door.parked(-1)
    refused = await door.post(f"dead-letters/{number}/discard", {"reason": reason}, '"1"')
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
    assert "Mustermann" not in refused.text
    assert (await door.post(f"dead-letters/{number}/discard", {"reason": "OPS-17"})).status_code == 428


async def test_a_parked_event_is_explained_released_or_given_up(door: DeskDoor, record_events: Any) -> None:
    subject = uuid4()
    await record_events(*(door.event(subject_id=subject, number=number) for number in range(3)))
    refuse = "UPDATE outbox SET parked_reason = 'too_large' WHERE sequence = 1 RETURNING position"
    async with door.database.transactions.engine.begin() as connection:
        position = await connection.scalar(text(refuse))
    (event,) = (await door.get("parked-events")).json()["items"]
    assert (event["position"], event["waiting_behind"], event["key"]) == (position, 2, str(subject))
    shown = await door.get(f"parked-events/{position}")
    assert "broker" in shown.json()["meaning"]
    assert (await door.post(f"parked-events/{position}/release", {"reason": "OPS-1"}, '"9"')).status_code == 412
    released = await door.post(f"parked-events/{position}/release", {"reason": "OPS-1"}, shown.headers["ETag"])
    assert released.json()["actions"] == []
    assert (await door.get(f"parked-events/{position}")).status_code == 404

    async with door.database.transactions.engine.begin() as connection:
        await connection.scalar(text(refuse))
    gone = await door.post(f"parked-events/{position}/discard", {"reason": "OPS-2"}, '"1"')
    assert gone.status_code == 200
    assert await door.database.scalar("SELECT count(*) FROM outbox") == 2
    rows = await door.database.rows("SELECT * FROM audit WHERE aggregate = 'parked-event' ORDER BY position")
    assert [(row.action, row.reason, row.details["sequence"]) for row in rows] == [
        ("released", "OPS-1", "1"), ("given-up", "OPS-2", "1"),
    ]  # fmt: skip
