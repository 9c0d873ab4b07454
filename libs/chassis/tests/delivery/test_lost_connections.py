"""A server that dies in the middle of an answer leaves a connection in no known state: an outage like any other."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from kfi_chassis.relay import Relay
from kfi_chassis.testkit.events import happened_on
from kfi_chassis.testkit.polling import eventually
from kfi_chassis.transient import is_outage

NO_KNOWN_STATE = "cannot switch to state 10; another operation (2) is in progress"
"""asyncpg's words on the connection of a PostgreSQL that was killed."""


def test_a_connection_in_no_known_state_is_an_outage_and_parks_nothing() -> None:
    assert is_outage(asyncpg.InternalClientError(NO_KNOWN_STATE))


@pytest.mark.servers
async def test_a_relay_whose_connection_is_in_no_known_state_begins_anew(
    topic: Any, relays: Any, record_events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, met = Relay._measure, []

    async def fail_once(relay: Relay, connection: Any) -> None:
        if not met:
            met.append(connection)
            raise asyncpg.InternalClientError(NO_KNOWN_STATE)
        await measure(relay, connection)

    monkeypatch.setattr(Relay, "_measure", fail_once)
    event = happened_on(topic(1))
    run = relays()
    await eventually(lambda: met and met[0].is_closed())
    await record_events(event(subject_id=uuid4()))
    await eventually(lambda: run.value("outbox_published_total", topic=event.topic) == 1)
