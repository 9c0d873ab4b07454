"""Events nobody can read, on both topics that are read: parked or skipped, counted, and nobody waits behind them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest
from aiokafka.errors import MessageSizeTooLargeError
from tests.harness.bus import Bus, Place, Sent, balanced, ended, until
from tests.harness.events import KINDS, Writable, email_order, failure

from kfi_contracts.event import Event
from kfi_contracts.notifications import NotificationFailed, NotificationOrdered
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
PARTITION = 3


@dataclass(frozen=True)
class Stream:
    """A topic, who writes it, the consumer that reads it, a sound event for it, and a field with a closed list."""

    topic: str
    writer: str
    reader: str
    sound: Callable[[Platform], Event]
    coded: str

    @property
    def place(self) -> Place:
        """The partition everything is sent to."""
        return self.topic, PARTITION


STREAMS = {
    "orders": Stream(
        NotificationOrdered.topic, "applications", "notifications",
        lambda platform: email_order(platform, f"{uuid4().hex}@verein.example"), "channel",
    ),
    "notifications": Stream(NotificationFailed.topic, "notifications", "applications", lambda _: failure(), "reason"),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
async def test_every_record_comes_to_its_end_and_none_is_passed_over(name: str, bus: Bus, platform: Platform) -> None:
    stream = STREAMS[name]
    made = {kind: Writable.of(stream.sound(platform)) for kind in (*KINDS, "an unknown code", "sound")}
    records = {kind: change(made[kind]) for kind, (change, _) in KINDS.items()}
    records["an unknown code"] = made["an unknown code"].with_field(stream.coded, "pigeon")
    records["sound"] = made["sound"].record
    expected = {kind: end for kind, (_, end) in KINDS.items()}
    expected |= {"an unknown code": f"parked invalid_data:{stream.coded}:enum", "sound": "handled"}

    offsets = await sent_and_accounted_for(stream, list(records.values()), bus)

    reasons = await bus.parked(stream.reader, stream.place, offsets)
    noted = await bus.rows(stream.reader, "SELECT event_id FROM inbox WHERE event_id = ANY($1)", [
        UUID(one.id) for one in made.values()
    ])  # fmt: skip
    handled = {str(row["event_id"]) for row in noted}
    became = {
        kind: f"parked {reasons[offset]}" if offset in reasons else "handled" if made[kind].id in handled else "skipped"
        for kind, offset in zip(records, offsets, strict=True)
    }
    assert {kind: end for kind, end in became.items() if not end.startswith(expected[kind])} == {}


async def sent_and_accounted_for(stream: Stream, records: list[Sent], bus: Bus) -> list[int]:
    """Sends the records; while they are dealt with, nothing is committed that is not accounted for; their offsets."""
    await bus.caught_up(stream.reader, stream.topic)
    first = (await bus.committed(stream.reader, stream.topic)).get(stream.place, 0)
    before = (await bus.accounts(stream.reader)).get(stream.place, Counter())
    offsets = await bus.send(stream.writer, stream.topic, [replace(one, partition=PARTITION) for one in records])

    async def all_committed() -> bool:
        committed = (await bus.committed(stream.reader, stream.topic)).get(stream.place, 0)
        account = (await bus.accounts(stream.reader)).get(stream.place, Counter())
        assert committed - first <= ended(account) - ended(before)
        return committed > offsets[-1]

    await until(all_committed, f"{stream.reader} has committed offset {offsets[-1]} of {stream.place}")
    await bus.caught_up(stream.reader, stream.topic)
    after = (await bus.accounts(stream.reader))[stream.place]
    counted = after - before
    assert balanced(counted)
    assert ended(counted) == (await bus.committed(stream.reader, stream.topic))[stream.place] - first
    assert counted["skipped"] >= 2
    return offsets


async def test_an_event_over_the_brokers_limit_is_refused_by_the_broker(bus: Bus, platform: Platform) -> None:
    too_large = Writable.of(email_order(platform, "verein@verein.example")).with_field("content", "x" * 1_100_000)
    with pytest.raises(MessageSizeTooLargeError):
        await bus.send("applications", NotificationOrdered.topic, [too_large], max_request_size=5_000_000)
