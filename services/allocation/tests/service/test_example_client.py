"""The client in `examples/municipality` reads all three doors of the running service, and comes to the same state."""

import json
from collections.abc import AsyncIterator
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from services.allocation.tests.doors.endpoint import Came, Town, listening
from services.allocation.tests.doors.told import DAY, DORTMUND, MUENSTER, hear, proposed, revised
from sqlalchemy import text

from kfi_allocation.doors.sending import WebhookSender
from kfi_allocation.doors.steps import position_and_hand_on
from kfi_allocation.doors.webhook_rounds import WebhookRounds
from kfi_contracts import allocation as said

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[4] / "examples" / "municipality"
OWN = f"/municipalities/{MUENSTER}"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in ("answers", "feed", "following", "topic", "town", "webhook"):
        import_module(f"municipality_client.{name}")
    return import_module("municipality_client")


@pytest.fixture
async def client(desk: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport, signed_in = desk.client._transport, {"Authorization": "Bearer muenster"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway", headers=signed_in) as town:
        yield town


async def lived_through(desk: Any) -> None:
    """What happens to some households of the town and of another one."""
    one, two, three = uuid4(), uuid4(), uuid4()
    await hear(
        desk,
        *(proposed(MUENSTER, each) for each in (one, two, three)),
        proposed(DORTMUND),
        revised(one, MUENSTER, DORTMUND),
        said.PlacementAgreed(household_id=two, ags=MUENSTER, agreed_on=DAY),
        said.ArrivalConfirmed(household_id=two, ags=MUENSTER, persons=5, arrived_on=DAY),
        said.HouseholdMoved(household_id=two, from_ags=MUENSTER, persons=2, moved_on=DAY),
        said.HouseholdAmended(household_id=three, persons=3, arrival_on=DAY),
    )
    await desk.run(position_and_hand_on)


def facts(households: Any) -> dict[str, tuple[str, int]]:
    return {key: (each["state"], each["persons"]) for key, each in households.items()}


async def truth(desk: Any) -> dict[str, tuple[str, int]]:
    shown = (await desk.get("muenster", f"{OWN}/feed/snapshot")).json()["households"]
    return facts({each["household_id"]: each for each in shown})


async def test_the_feed_brings_the_example_to_the_towns_state(
    desk: Any, example: Any, client: Any, tmp_path: Path
) -> None:
    town = example.town.Town(MUENSTER)
    await example.feed.begin(client, town)
    await lived_through(desk)
    assert await example.feed.read_on(client, town, wait=0) == 8
    assert facts(town.households) == await truth(desk)
    town.save(tmp_path / "town.json")
    again = example.town.Town.load(tmp_path / "town.json", MUENSTER)
    assert again == town
    assert await example.feed.read_on(client, again, wait=0) == 0


async def test_after_a_restore_the_example_begins_anew(desk: Any, example: Any, client: Any) -> None:
    town = example.town.Town(MUENSTER)
    await example.feed.read_on(client, town, wait=0)
    await lived_through(desk)
    await desk.run(lambda work: work.feeds.renew())
    assert await example.feed.read_on(client, town, wait=0) == 0
    assert facts(town.households) == await truth(desk)


@pytest.mark.parametrize("scheme", ["v1", "v1a"])
async def test_the_example_takes_webhooks_that_are_signed_and_no_others(desk: Any, example: Any, scheme: str) -> None:
    async with listening() as endpoint:
        body = {"url": endpoint.url, "contact": "it@stadt.example", "signature": scheme}
        webhook = (await desk.post("muenster", f"{OWN}/webhooks", body)).json()
        keys = [each["key"] for each in (await desk.get("muenster", f"{OWN}/webhooks/{webhook['id']}/keys")).json()]
        await lived_through(desk)
        came = await _sent(desk, endpoint)
    now = desk.transactions.clock.now().timestamp()
    town = example.town.Town(MUENSTER)
    for each in came:
        assert town.take(example.webhook.checked(each.headers, each.body, keys, now))
    assert facts(town.households) == await truth(desk)
    for wrong in (
        Came(came[0].headers, came[0].body + b" "),
        Came({**came[0].headers, "webhook-id": "x"}, came[0].body),
    ):
        with pytest.raises(example.webhook.NotFromThem):
            example.webhook.checked(wrong.headers, wrong.body, keys, now)
    with pytest.raises(example.webhook.NotFromThem):
        example.webhook.checked(came[0].headers, came[0].body, keys, now + 301)


async def test_what_an_endpoint_missed_the_example_reads_in_the_feed(
    desk: Any, example: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = example.town.Town(MUENSTER)
    await example.feed.begin(client, town)
    await lived_through(desk)
    *missed, last = (await client.get(f"/allocation/v1{OWN}/feed")).json()
    for event in missed[:3]:
        assert await example.following.taken(None, town, event) == 1
    settings = SimpleNamespace(client=lambda: nullcontext(client))
    monkeypatch.setattr(client, "params", {"limit": 2})  # the first page holds nothing new
    assert await example.following.taken(settings, town, last) == len(missed) - 3 + 1
    assert facts(town.households) == await truth(desk)


async def _sent(desk: Any, endpoint: Town) -> list[Came]:
    async def nobody(*_: Any) -> None: ...

    rounds = WebhookRounds(lambda _: WebhookSender(seconds=5, inside=True), nobody, lambda: 0.5)
    while len(endpoint.came) < 8:
        await rounds.turn(desk.transactions)
    return endpoint.came


async def test_the_example_reads_the_records_of_its_topic(desk: Any, example: Any) -> None:
    await desk.post("muenster", f"{OWN}/kafka-door")
    opened = "UPDATE kafka_door SET state = 'open', opened_after = 0"
    await desk.run(lambda work: work.connection.execute(text(opened)))
    await lived_through(desk)
    town = example.town.Town(MUENSTER)
    rows = await desk.rows(
        "SELECT headers, payload FROM outbox WHERE topic = :topic ORDER BY position",
        topic=f"municipality.{MUENSTER}.v1",
    )
    records = [([(name, value.encode()) for name, value in row.headers.items()], bytes(row.payload)) for row in rows]
    assert sum(town.take(example.topic.event_of(*each)) for each in [*records, records[-1]]) == 8
    assert facts(town.households) == await truth(desk)


async def test_the_example_notices_what_is_missing(example: Any) -> None:
    town = example.town.Town(MUENSTER)
    event = {"sequence": "0000000002", "type": "de.nrw.kfi.municipality.test-event.v1", "data": {"test_id": "x"}}
    with pytest.raises(LookupError):
        town.take(event)
    assert town.take({**event, "sequence": "0000000001"})
    assert json.loads(json.dumps(town.skipped)) == ["test-event"]
