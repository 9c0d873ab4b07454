"""Webhooks: in order, signed, tried again, ended, replayed; a slow endpoint holds up no other."""

import asyncio
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from services.allocation.tests.doors.endpoint import Came, Town, listening
from services.allocation.tests.doors.told import DORTMUND, MUENSTER, hear, proposed

from kfi_allocation.domain.doors.webhook import Endpoint
from kfi_allocation.doors.sending import WebhookSender
from kfi_allocation.doors.steps import position_and_hand_on
from kfi_allocation.doors.webhook_rounds import WebhookRounds

pytestmark = pytest.mark.servers
PATH = f"/municipalities/{MUENSTER}/webhooks"


def told(answer: Any, status: int, slug: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem


class Rounds:
    """The worker's step, turned until nothing is left to do."""

    def __init__(self, desk: Any, seconds: float = 5) -> None:
        self.desk = desk
        self.ended: list[Endpoint] = []
        self.rounds = WebhookRounds(lambda _: WebhookSender(seconds=seconds, inside=True), self._tell, lambda: 0.5)

    async def _tell(self, endpoint: Endpoint, _work: Any) -> None:
        self.ended.append(endpoint)

    async def turn(self) -> int:
        await self.desk.run(position_and_hand_on)
        return await self.rounds.turn(self.desk.transactions)

    async def all(self) -> None:
        while await self.turn() or self.rounds._on_the_way:
            pass

    async def later(self, by: timedelta) -> None:
        self.desk.transactions.clock.advance(by)
        await self.all()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with listening() as endpoint:
        yield endpoint


async def added(desk: Any, town: Town, who: str = "muenster", path: str = PATH, **changes: Any) -> dict[str, Any]:
    body = {"url": town.url, "contact": "it@stadt.example", **changes}
    answer = await desk.post(who, path, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def keys(desk: Any, webhook: dict[str, Any]) -> list[str]:
    return [each["key"] for each in (await desk.get("muenster", f"{PATH}/{webhook['id']}/keys")).json()]


def is_signed(came: Came, secret: str) -> bool:
    signed = ".".join((came.headers["webhook-id"], came.headers["webhook-timestamp"])).encode() + b"." + came.body
    key = b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + b64encode(hmac.digest(key, signed, sha256)).decode()
    return wanted in came.headers["webhook-signature"].split(" ")


async def act(desk: Any, webhook: dict[str, Any], action: str, body: Any = None) -> Any:
    seen = (await desk.get("muenster", f"{PATH}/{webhook['id']}")).headers["ETag"]
    return await desk.post("muenster", f"{PATH}/{webhook['id']}/{action}", body, **{"If-Match": seen})


async def test_events_come_signed_in_the_order_of_the_feed_each_with_its_id(desk: Any, town: Town) -> None:
    await hear(desk, proposed())  # before the town subscribed: the snapshot tells it
    await desk.run(position_and_hand_on)
    webhook = await added(desk, town)
    (secret,) = await keys(desk, webhook)
    await hear(desk, proposed(), proposed(DORTMUND), proposed())
    await Rounds(desk).all()
    bodies = [json.loads(each.body) for each in town.came]
    assert [int(each["sequence"]) for each in bodies] == [2, 3]
    assert [each["id"] for each in bodies] == [each.headers["webhook-id"] for each in town.came]
    assert all(is_signed(each, secret) for each in town.came)
    assert {each.headers["content-type"] for each in town.came} == {"application/cloudevents+json"}
    assert not any(is_signed(Came(each.headers, each.body + b" "), secret) for each in town.came)


async def test_while_a_key_is_changed_both_sign_and_after_a_day_the_new_one_alone(desk: Any, town: Town) -> None:
    webhook, rounds = await added(desk, town), Rounds(desk)
    (old,) = await keys(desk, webhook)
    answer = await desk.post("muenster", f"{PATH}/{webhook['id']}/keys", {"signature": "v1"})
    new = answer.json()["key"]
    await hear(desk, proposed())
    await rounds.all()
    assert (is_signed(town.came[0], old), is_signed(town.came[0], new)) == (True, True)
    await hear(desk, proposed())
    await rounds.later(timedelta(hours=25))
    assert (is_signed(town.came[1], old), is_signed(town.came[1], new)) == (False, True)


async def test_an_event_that_failed_is_tried_again_before_the_next_one(desk: Any, town: Town) -> None:
    webhook, rounds = await added(desk, town), Rounds(desk)
    await hear(desk, proposed(), proposed())
    town.answer(500)
    await rounds.all()
    assert len(town.came) == 1
    await rounds.later(timedelta(seconds=6))
    assert [int(json.loads(each.body)["sequence"]) for each in town.came] == [1, 1, 2]
    assert len({each.headers["webhook-id"] for each in town.came}) == 2
    attempts = (await desk.get("operator", f"{PATH}/{webhook['id']}/attempts")).json()["items"]
    assert [(each["position"], each["outcome"], each["status"], each["what_follows"]) for each in attempts] == [
        (2, "delivered", 204, "onward"), (1, "delivered", 204, "onward"), (1, "refused", 500, "retry"),
    ]  # fmt: skip


async def test_a_slow_endpoint_holds_up_no_other(desk: Any, town: Town) -> None:
    async with listening() as slow:
        slow.silent = True
        await added(desk, slow)
        await added(desk, town)
        rounds = Rounds(desk)
        await hear(desk, *(proposed() for _ in range(3)))
        while len(town.came) < 3:
            await rounds.turn()
        assert len(slow.came) == 1
        slow.silent = False
        slow.held.set()
        await rounds.all()
        assert len(slow.came) == 3


async def test_two_workers_never_send_to_one_endpoint_at_once(desk: Any, town: Town) -> None:
    await added(desk, town)
    await hear(desk, *(proposed() for _ in range(5)))
    await asyncio.gather(Rounds(desk).all(), Rounds(desk).all())
    assert [int(json.loads(each.body)["sequence"]) for each in town.came] == [1, 2, 3, 4, 5]


async def test_what_a_killed_worker_had_taken_goes_again_when_its_lease_ends(desk: Any, town: Town) -> None:
    await added(desk, town)
    await hear(desk, proposed())
    await desk.run(position_and_hand_on)
    assert len(await desk.run(lambda work: work.webhooks.claim(5))) == 1  # and dies
    await Rounds(desk).all()
    assert town.came == []
    await Rounds(desk).later(timedelta(seconds=91))
    assert len(town.came) == 1


async def test_gone_ends_the_endpoint_at_once_and_the_town_is_told(desk: Any, town: Town) -> None:
    webhook, rounds = await added(desk, town), Rounds(desk)
    await hear(desk, proposed(), proposed())
    town.answer(410)
    await rounds.all()
    view = (await desk.get("muenster", f"{PATH}/{webhook['id']}")).json()
    assert (view["state"], view["ending"], view["actions"]) == ("disabled", "gone", ["activation"])
    assert (len(town.came), len(rounds.ended)) == (1, 1)
    assert (await act(desk, webhook, "activation")).status_code == 200
    await rounds.all()
    assert [int(json.loads(each.body)["sequence"]) for each in town.came] == [1, 1, 2]


async def test_five_days_of_failures_end_the_endpoint_and_nothing_is_lost(desk: Any, town: Town) -> None:
    webhook, rounds = await added(desk, town), Rounds(desk)
    await hear(desk, *(proposed() for _ in range(3)))
    town.answers = [b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"] * 40
    while not rounds.ended:
        await rounds.later(timedelta(hours=3))
    attempts = (await desk.get("muenster", f"{PATH}/{webhook['id']}/attempts", limit=100)).json()["items"]
    follows = [each["what_follows"] for each in reversed(attempts)]
    assert (follows[-1], follows.count("given_up"), follows.count("retry") > 9) == ("disabled", 1, True)
    town.answers = []
    await act(desk, webhook, "activation")
    await rounds.all()
    await act(desk, webhook, "replay", {"first": 1, "last": 1})
    await rounds.all()
    sequences = [int(json.loads(each.body)["sequence"]) for each in town.came]
    assert sequences[-3:] == [2, 3, 1]


async def test_a_replay_sends_a_range_once_more_with_the_same_ids(desk: Any, town: Town) -> None:
    webhook, rounds = await added(desk, town), Rounds(desk)
    await hear(desk, *(proposed() for _ in range(4)))
    await rounds.all()
    answer = await act(desk, webhook, "replay", {"first": 2, "last": 3})
    assert (answer.status_code, answer.json()["replaying"]) == (202, {"first": 2, "last": 3})
    told(await act(desk, webhook, "replay", {"first": 1, "last": 1}), 409, "webhook-replay-running")
    await rounds.all()
    ids = [each.headers["webhook-id"] for each in town.came]
    assert ids[4:] == ids[1:3]
    assert (await desk.get("muenster", f"{PATH}/{webhook['id']}")).json()["position"] == 4


async def test_an_address_that_is_none_is_refused_when_it_is_named(desk: Any) -> None:
    for url in ("ftp://stadt.example/", "https://u:geheim@stadt.example/", "https:///x", "nonsense"):
        answer = await desk.post("muenster", PATH, {"url": url, "contact": "it@stadt.example"})
        told(answer, 422, "webhook-address-refused")
        assert "geheim" not in answer.text


async def test_address_contact_and_key_lie_encrypted_and_go_with_the_endpoint(desk: Any, town: Town) -> None:
    webhook = await added(desk, town)
    (row,) = await desk.rows("SELECT url, contact FROM webhook")
    assert b"127.0.0.1" not in bytes(row.url)
    assert b"stadt.example" not in bytes(row.contact)
    (secret,) = await keys(desk, webhook)
    (stored,) = await desk.rows("SELECT secret FROM webhook_key")
    assert b64decode(secret.removeprefix("whsec_")) not in bytes(stored.secret)
    seen = (await desk.get("muenster", f"{PATH}/{webhook['id']}")).headers["ETag"]
    gone = await desk.client.delete(
        f"/allocation/v1{PATH}/{webhook['id']}", headers={"Authorization": "Bearer muenster", "If-Match": seen}
    )
    assert gone.status_code == 204
    for table in ("webhook", "webhook_key", "webhook_attempt"):
        assert (await desk.rows(f"SELECT count(*) AS n FROM {table}"))[0].n == 0  # noqa: S608 - names of ours
    actions = await desk.rows("SELECT action FROM audit WHERE aggregate = 'webhook' ORDER BY number")
    assert [each.action for each in actions] == ["add-webhook", "read-webhook-keys", "delete-webhook"]


async def test_an_endpoint_is_of_its_town_alone(desk: Any, town: Town) -> None:
    webhook = await added(desk, town)
    one = f"{PATH}/{webhook['id']}"
    for path in (PATH, one, f"{one}/keys", f"{one}/attempts"):
        told(await desk.get("dortmund", path), 404, "not-found")
    told(await desk.get("dortmund", f"/municipalities/{DORTMUND}/webhooks/{webhook['id']}"), 404, "not-found")
    told(await desk.get("planner", f"{one}/keys"), 403, "forbidden")
    told(await desk.post("dortmund", f"{one}/activation", **{"If-Match": '"1"'}), 404, "not-found")
    seen = (await desk.get("planner", one)).json()
    assert (seen["url"], seen["host"], seen["actions"]) == (None, "127.0.0.1", [])


async def test_of_two_changes_at_once_the_second_is_told(desk: Any, town: Town) -> None:
    webhook = await added(desk, town)
    path = f"{PATH}/{webhook['id']}/deactivation"
    assert (await desk.post("muenster", path, **{"If-Match": '"1"'})).status_code == 200
    told(await desk.post("muenster", path, **{"If-Match": '"1"'}), 412, "version-mismatch")
    told(await desk.post("muenster", path), 428, "precondition-required")
    told(await act(desk, webhook, "replay", {"first": 1, "last": 1}), 409, "webhook-disabled")


async def test_the_same_request_adds_one_endpoint_and_an_eleventh_is_refused(desk: Any, town: Town) -> None:
    body, key = {"url": town.url, "contact": "it@stadt.example"}, {"Idempotency-Key": "the-same-key"}
    first, again = [await desk.post("muenster", PATH, body, **key) for _ in range(2)]
    assert first.json() == again.json()
    for _ in range(9):
        await added(desk, town)
    told(await desk.post("muenster", PATH, body, **{"Idempotency-Key": str(uuid4())}), 409, "too-many-webhooks")
