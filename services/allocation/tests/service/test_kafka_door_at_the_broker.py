"""A town's door on a real broker: opened with the doorkeeper's rights, read with the town's, and by it alone."""

import asyncio
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError
from services.allocation.tests.doors.told import DORTMUND, MUENSTER, hear, proposed, revised

from kfi_allocation.doors.doorkeeper import Doorkeeper
from kfi_allocation.doors.steps import position_and_hand_on
from kfi_chassis.broker_users import Broker
from kfi_chassis.publisher import OutboxRow, Publisher
from kfi_chassis.sealing import Opener
from kfi_chassis.work import Transactions, Work

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[4] / "examples" / "municipality"
_DUE = """SELECT position, topic, key, headers::text, payload, occurred_at FROM outbox_due JOIN outbox USING (position)
          WHERE topic LIKE 'municipality.%' ORDER BY position"""


def settings_of(kafka: Any, user: str) -> Any:
    credentials = kafka.user(user)
    return SimpleNamespace(
        kafka_bootstrap=kafka.bootstrap, kafka_security=kafka.security, kafka_username=credentials.username,
        kafka_password=credentials.password, kafka_ca_file=None, kafka_request_timeout_ms=10_000, instance=user,
    )  # fmt: skip


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return SimpleNamespace(
        topic=import_module("municipality_client.topic"), town=import_module("municipality_client.town")
    )


@pytest.fixture
def keeper(desk: Any, kafka: Any, doorkeeper_key: dict[str, Any]) -> Doorkeeper:
    transactions = Transactions(
        desk.transactions.engine, Work, clock=desk.transactions.clock, calendar=desk.transactions.calendar
    )
    return Doorkeeper(transactions, Broker(settings_of(kafka, "doorkeeper")), Opener([doorkeeper_key]), days=1)


async def published(desk: Any, kafka: Any) -> None:
    """The relay's turn, as the user of the service."""
    publisher = Publisher(settings_of(kafka, "allocation"))
    rows = [OutboxRow(*row) for row in await desk.rows(_DUE)]
    acked: set[int] = set()
    async with asyncio.timeout(30):
        while len(acked) < len(rows):
            this_round = await publisher.publish([row for row in rows if row.position not in acked])
            acked |= {row.position for row in this_round.acked}
    await publisher.abandon()


async def test_a_town_reads_its_topic_with_its_own_user_and_no_other_topic(
    desk: Any, kafka: Any, keeper: Doorkeeper, example: Any
) -> None:
    one = uuid4()
    issued = {}
    for who, ags in (("muenster", MUENSTER), ("dortmund", DORTMUND)):
        issued[ags] = (await desk.post(who, f"/municipalities/{ags}/kafka-door")).json()
    assert await keeper.turn() == 2
    await hear(desk, proposed(MUENSTER, one), proposed(DORTMUND), revised(one, MUENSTER, DORTMUND))
    await desk.run(position_and_hand_on)
    await published(desk, kafka)

    def reader(topic_of: str, user_of: str, **options: Any) -> Any:
        user = issued[user_of]
        options = {"security_protocol": kafka.security, "retry_backoff_ms": 50, **options}
        return example.topic.consumer(topic_of, kafka.bootstrap, user["username"], user["password"], **options)

    for ags, expected in ((MUENSTER, 2), (DORTMUND, 2)):
        town = example.town.Town(ags)
        async with reader(ags, ags) as consumer, asyncio.timeout(30):
            while town.position < expected:
                await example.topic.read_on(consumer, town, 500)
        shown = (await desk.get("auditor", f"/municipalities/{ags}/feed/snapshot")).json()["households"]
        assert sorted(town.households) == sorted(each["household_id"] for each in shown)
    own_group = f"municipality.{DORTMUND}.example"
    with pytest.raises(TopicAuthorizationFailedError):
        async with reader(MUENSTER, DORTMUND, group_id=own_group) as consumer, asyncio.timeout(15):
            await consumer.getone()
    with pytest.raises(GroupAuthorizationFailedError):
        async with reader(DORTMUND, DORTMUND, group_id=f"municipality.{MUENSTER}.x") as consumer, asyncio.timeout(15):
            await consumer.getone()
    await ended(desk, keeper)
    with pytest.raises(KafkaConnectionError):
        await _until_refused(lambda: reader(MUENSTER, MUENSTER))


async def ended(desk: Any, keeper: Doorkeeper) -> None:
    """Münster closes its door, and the doorkeeper does so."""
    path = f"/municipalities/{MUENSTER}/kafka-door"
    seen = (await desk.get("auditor", path)).headers["ETag"]
    headers = {"Authorization": "Bearer muenster", "If-Match": seen}
    assert (await desk.client.delete(f"/allocation/v1{path}", headers=headers)).status_code == 200
    await keeper.turn()


async def _until_refused(make: Any) -> None:
    """Brokers learn a moment later that a user has gone."""
    async with asyncio.timeout(15):
        while True:
            async with make():
                await asyncio.sleep(0.1)
