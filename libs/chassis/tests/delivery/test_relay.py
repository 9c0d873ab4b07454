"""What the relay promises beyond the fourteen properties: it stops with its lock, and a large backlog costs no more."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import pytest

from kfi_chassis import database as databases
from kfi_chassis import publisher, relay, retention
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.polling import eventually

END = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name LIKE 'kfi-relay%' AND datname = current_database()
"""


async def end_the_relays(database: Any) -> None:
    """End the connections of all relays, as a failover does."""
    assert await database.rows(END)


def test_a_round_is_over_before_the_server_gives_a_silent_relays_lock_away() -> None:
    probes = databases._DETECT_DEAD_PEERS
    idle, interval, count = (int(probes[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * count > publisher.ROUND_SECONDS


def test_topics_that_carry_a_person_are_known() -> None:
    assert retention.sealed_topics() == {"notifications.order.v1"}


@pytest.mark.servers
async def test_when_the_locks_connection_ends_publishing_stops_before_anybody_publishes_again(
    database: Any, topic: Any, relays: Any, record_events: Any
) -> None:
    """The relay is inside a round when its connection is killed; the round must be gone when the next one begins."""
    event = happened_on(topic(1))
    run = relays()
    await eventually(lambda: run.relay.active)
    publish, inside, cancelled = run.relay._publisher.publish, asyncio.Event(), asyncio.Event()

    async def never_acknowledged(_rows: Any) -> Any:
        run.relay._publisher.publish = publish_again
        inside.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def publish_again(rows: Any) -> Any:
        assert cancelled.is_set()
        return await publish(rows)

    run.relay._publisher.publish = never_acknowledged
    other = relays()
    await record_events(event(subject_id=uuid4()))
    await inside.wait()
    await end_the_relays(database)
    await eventually(lambda: run.relay.active or other.relay.active)
    published = "outbox_published_total"
    await eventually(lambda: sum(each.value(published, topic=event.topic) for each in (run, other)) == 1)


@pytest.mark.servers
async def test_a_relay_whose_connection_was_killed_comes_back_by_itself(
    database: Any, topic: Any, relays: Any, record_events: Any
) -> None:
    event = happened_on(topic(1))
    run = relays()
    await eventually(lambda: run.relay.active)
    await end_the_relays(database)
    await eventually(lambda: not run.relay.active)
    await record_events(event(subject_id=uuid4()))
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 1)
    assert run.relay.progressing()


@pytest.mark.servers
async def test_reading_the_next_round_does_not_sort_the_whole_backlog(database: Any, happened: Any) -> None:
    many = """
        WITH added AS (
            INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload)
            SELECT gen_random_uuid(), 't', n::text, 1, 't', '{}', 'x' FROM generate_series(1, 5000) AS n
            RETURNING position
        ) INSERT INTO outbox_due SELECT position FROM added
    """
    await database.execute(many)
    connection = await databases.connect(database.url, name="plan", **relay._WALK_THE_INDEX)
    statement = re.sub(r"\$1::text\[\]", "'{}'::text[]", relay._DUE).replace("$2", "500")
    statement = statement.replace("$3::bigint[]", "'{}'::bigint[]")
    plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}"))
    await connection.close()
    assert "Sort" not in plan
    assert "outbox_due_pkey" in plan


@pytest.mark.servers
@pytest.mark.parametrize("statement", [relay._DUE, relay.MEASURE], ids=["next round", "measure"])
async def test_what_was_published_long_ago_is_not_walked_through_for_what_is_due(
    database: Any, happened: Any, statement: str
) -> None:
    """The outbox keeps its rows for fourteen days, and what is due is looked for many times a second."""
    many = """
        INSERT INTO outbox (event_id, topic, key, sequence, type, headers, payload)
        SELECT gen_random_uuid(), 't', n::text, 1, 't', '{}', 'x' FROM generate_series(1, 3000) AS n
    """
    await database.execute(many)
    await database.execute("INSERT INTO outbox_due SELECT max(position) FROM outbox")
    connection = await databases.connect(database.url, name="plan", **relay._WALK_THE_INDEX)
    async with connection.transaction():
        found = await connection.fetch(statement, *([[], 500, []] if statement == relay._DUE else []))
        read = await connection.fetchval(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'outbox'"
        )
    await connection.close()
    assert (len(found), read) == (1, 1)


@pytest.mark.servers
async def test_a_poison_key_does_not_stop_the_read_ahead_of_other_keys(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 7)
    event = happened_on(topic(3))
    subjects = [uuid4() for _ in range(5)]
    await record_events(*(event(subject_id=subject, number=n) for n in range(10) for subject in subjects))
    await database.execute("UPDATE outbox SET parked_reason = 'too_large' WHERE position = 3")
    relays()
    records = await records_in(event.topic, 40)
    assert {record.key for record in records} == {str(s).encode() for s in subjects if s != subjects[2]}
    assert len(records) == 40


@pytest.mark.servers
async def test_what_was_read_ahead_of_a_refusal_does_not_overtake_it(
    database: Any, topic: Any, relays: Any, record_events: Any, records_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounds of three: the refused event is in the first, the next one of its key in the second, read meanwhile."""
    monkeypatch.setattr(relay, "BATCH", 3)
    event = happened_on(topic(1, **{"max.message.bytes": "20000"}))
    held, free = uuid4(), uuid4()
    noise = "".join(str(uuid4()) for _ in range(2500))
    await record_events(
        event(subject_id=free, number=1),
        event(subject_id=held, number=1, text=noise),
        event(subject_id=free, number=2),
        event(subject_id=held, number=2),
        event(subject_id=free, number=3),
        event(subject_id=free, number=4),
    )
    relays()
    records = await records_in(event.topic, 4)
    assert {record.key for record in records} == {str(free).encode()}
