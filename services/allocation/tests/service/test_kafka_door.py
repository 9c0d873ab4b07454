"""The door at the broker: asked for by a town, opened by the doorkeeper alone; it tells what the feed tells."""

import json
from datetime import timedelta
from typing import Any

import pytest
from services.allocation.tests.doors.told import BIELEFELD, DORTMUND, MUENSTER, Reader, hear, proposed

from kfi_allocation.doors.doorkeeper import Doorkeeper
from kfi_allocation.doors.steps import position_and_hand_on
from kfi_chassis.broker_users import BrokerRefused
from kfi_chassis.sealing import Opener
from kfi_chassis.work import Transactions, Work

pytestmark = pytest.mark.servers
PATH = f"/municipalities/{MUENSTER}/kafka-door"
TOPIC = f"municipality.{MUENSTER}.v1"


def told(answer: Any, status: int, slug: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), problem


class Broker:
    """Remembers topics, users and rights."""

    def __init__(self) -> None:
        self.topics: dict[str, int] = {}
        self.users: dict[str, str] = {}
        self.rights: dict[str, tuple[str, str]] = {}
        self.away = False

    def make_topic(self, name: str, *, days: int) -> None:
        if self.away:
            raise BrokerRefused("no_answer")
        self.topics[name] = days

    def make_user(self, name: str, password: str) -> None:
        self.users[name] = password

    def let_read(self, name: str, topic: str, group_prefix: str) -> None:
        self.rights[name] = (topic, group_prefix)

    def end_user(self, name: str) -> None:
        self.users.pop(name, None)
        self.rights.pop(name, None)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def keeper(desk: Any, broker: Broker, doorkeeper_key: dict[str, Any]) -> Doorkeeper:
    transactions = Transactions(
        desk.transactions.engine, Work, clock=desk.transactions.clock, calendar=desk.transactions.calendar
    )
    return Doorkeeper(transactions, broker, Opener([doorkeeper_key]), days=30)


async def delete(desk: Any, path: str, who: str = "muenster") -> Any:
    seen = (await desk.get("auditor", PATH)).headers["ETag"]
    return await desk.client.delete(
        f"/allocation/v1{path}", headers={"Authorization": f"Bearer {who}", "If-Match": seen}
    )


async def published(desk: Any) -> list[tuple[str, int, str]]:
    rows = await desk.rows(
        "SELECT topic, sequence, event_id FROM outbox WHERE topic LIKE 'municipality.%' ORDER BY position"
    )
    return [(row.topic, row.sequence, str(row.event_id)) for row in rows]


async def test_a_town_gets_a_topic_a_user_and_rights_and_its_password_is_told_once(
    desk: Any, keeper: Doorkeeper, broker: Broker
) -> None:
    key = {"Idempotency-Key": "the-same-key"}
    first, again = [await desk.post("muenster", PATH, **key) for _ in range(2)]
    issued = first.json()
    assert (first.status_code, issued["door"]["state"], again.json()["password"]) == (201, "requested", None)
    (row,) = await desk.rows("SELECT sealed FROM kafka_credential")
    assert issued["password"] not in row.sealed
    await keeper.turn()
    name = f"municipality-{MUENSTER}-a"
    assert (broker.topics, broker.users) == ({TOPIC: 30}, {name: issued["password"]})
    assert broker.rights == {name: (TOPIC, f"municipality.{MUENSTER}.")}
    door = (await desk.get("muenster", PATH)).json()
    assert (door["state"], [each["state"] for each in door["users"]]) == ("open", ["active"])
    (row,) = await desk.rows("SELECT sealed FROM kafka_credential")
    assert row.sealed is None
    assert await keeper.turn() == 0


async def test_the_topic_tells_what_the_feed_tells_with_the_same_ids_and_from_the_cursor_on(
    desk: Any, keeper: Doorkeeper
) -> None:
    await hear(desk, proposed(), proposed(DORTMUND))
    await desk.run(position_and_hand_on)
    await desk.post("muenster", PATH)
    await hear(desk, proposed())
    await desk.run(position_and_hand_on)  # asked for, but not open yet
    await keeper.turn()
    begins = (await desk.get("muenster", PATH)).json()["begins_after"]
    await hear(desk, proposed(), proposed(DORTMUND), proposed(BIELEFELD), proposed())
    await desk.run(position_and_hand_on)
    town = Reader(desk, "muenster", MUENSTER)
    town.cursor = begins
    told_there = [(TOPIC, int(each["sequence"]), each["id"]) for each in await town.read()]
    assert await published(desk) == told_there
    assert [sequence for _, sequence, _ in told_there] == [3, 4]
    rows = await desk.rows("SELECT key, headers, payload FROM outbox WHERE topic = :topic", topic=TOPIC)
    assert {row.key for row in rows} == {MUENSTER}
    assert {row.headers["ce_subject"] for row in rows} == {MUENSTER}
    assert not any(DORTMUND in json.dumps(row.headers) + bytes(row.payload).decode() for row in rows)


async def test_while_users_change_both_may_read_and_a_week_later_the_new_one_alone(
    desk: Any, keeper: Doorkeeper, broker: Broker
) -> None:
    await desk.post("muenster", PATH)
    await keeper.turn()
    second = (await desk.post("muenster", f"{PATH}/users")).json()
    await keeper.turn()
    assert set(broker.users) == {f"municipality-{MUENSTER}-a", f"municipality-{MUENSTER}-b"}
    told(await desk.post("muenster", f"{PATH}/users"), 409, "kafka-users-in-use")
    desk.transactions.clock.advance(timedelta(days=7))
    await keeper.turn()
    assert broker.users == {f"municipality-{MUENSTER}-b": second["password"]}
    assert set(broker.rights) == {f"municipality-{MUENSTER}-b"}


async def test_a_user_can_be_ended_at_once_and_a_door_closed(desk: Any, keeper: Doorkeeper, broker: Broker) -> None:
    await desk.post("muenster", PATH)
    await keeper.turn()
    await desk.post("muenster", f"{PATH}/users")
    await keeper.turn()
    assert (await delete(desk, f"{PATH}/users/a")).status_code == 200
    await keeper.turn()
    assert set(broker.users) == {f"municipality-{MUENSTER}-b"}
    assert (await delete(desk, PATH)).json()["state"] == "closing"
    await hear(desk, proposed())
    await desk.run(position_and_hand_on)
    await keeper.turn()
    assert (broker.users, broker.rights) == ({}, {})
    assert (await desk.get("muenster", PATH)).json()["state"] == "closed"
    assert await published(desk) == []
    assert (await desk.post("muenster", PATH)).status_code == 201
    await keeper.turn()
    assert (await desk.get("muenster", PATH)).json()["state"] == "open"


async def test_a_broker_that_is_away_leaves_the_request_to_be_done_later(
    desk: Any, keeper: Doorkeeper, broker: Broker
) -> None:
    issued = (await desk.post("muenster", PATH)).json()
    broker.away = True
    with pytest.raises(BrokerRefused):
        await keeper.turn()
    assert (await desk.get("muenster", PATH)).json()["state"] == "requested"
    broker.away = False
    await keeper.turn()
    assert broker.users == {f"municipality-{MUENSTER}-a": issued["password"]}


async def test_a_door_is_of_its_town_alone_and_there_is_one(desk: Any, keeper: Doorkeeper) -> None:
    told(await desk.get("muenster", PATH), 404, "not-found")
    await desk.post("muenster", PATH)
    told(await desk.post("muenster", PATH), 409, "kafka-door-there")
    for method in (desk.get, desk.post):
        told(await method("dortmund", PATH), 404, "not-found")
    told(await desk.post("planner", PATH), 403, "forbidden")
    assert (await desk.get("planner", PATH)).json()["actions"] == []
    told(await delete(desk, PATH, "dortmund"), 404, "not-found")
    told(await delete(desk, f"{PATH}/users/b"), 409, "kafka-door-not-open")
