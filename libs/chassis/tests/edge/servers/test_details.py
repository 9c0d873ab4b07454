"""What operators are told at /health/details: of the database, the relay, the desk; and honestly when one is down."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy.engine import make_url

from kfi_chassis.database import connect
from kfi_chassis.declaration import Role
from kfi_chassis.migrate import upgrade
from kfi_chassis.process import Process, api_of, assembled, role_parts
from kfi_chassis.relay import LOCK

pytestmark = pytest.mark.servers


@pytest.fixture
async def process(database: Any, wire: Any, demo_service: Any) -> AsyncIterator[Process]:
    """The demo service with all its roles, none of them started; Kafka is nowhere."""
    await upgrade(demo_service.SERVICE.migrations, database.owner_url)
    url = make_url(database.runtime_url).set(host="127.0.0.1", port=wire.listening)
    settings = demo_service.DemoSettings(
        database_url=url.render_as_string(hide_password=False), database_timeout_seconds=1.0, instance="demo-7",
        kafka_bootstrap="127.0.0.1:9", issuer="i", jwks_url="http://127.0.0.1:9", http_port=0, profile="test",
    )  # fmt: skip
    made = assembled(demo_service.SERVICE, settings)
    role_parts(made, demo_service.SERVICE.roles)
    yield made
    await made.database.close()


async def details(process: Process) -> dict[str, Any]:
    transport = httpx2.ASGITransport(app=api_of(process, process.service.roles), client=("127.0.0.1", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo") as client:
        answer = await client.get("/health/details")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_every_part_is_told(process: Process, database: Any) -> None:
    connection = await connect(database.runtime_url, name="kfi-relay demo-8")
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    await connection.execute(
        "INSERT INTO deadline (kind, subject, due_on) VALUES ('reminder', gen_random_uuid(), '2020-01-01')"
    )
    told = await details(process)
    await connection.close()
    assert told["ok"] is True
    assert (told["process"]["service"], told["process"]["instance"]) == ("demo", "demo-7")
    assert told["process"]["version"]
    assert told["roles"] == {"here": [role.value for role in Role]}
    assert told["database"]["schema_revision"] == told["database"]["newest_revision_known_here"]
    assert told["database"]["works_with_this_release"] is True
    assert told["outbox"]["lock_holder"]["connection"] == "kfi-relay demo-8"
    assert told["outbox"]["lock_held_since"]
    assert (told["outbox"]["pending"], told["outbox"]["parked"]) == (0, 0)
    assert told["relay"] == {"active": False, "progressing": True}
    assert told["dead_letters"] == {"open": 0, "oldest_age_seconds": 0.0, "reasons": {}}
    assert told["deadlines"]["reminder"] == {"open": 1, "due": 1, "earliest": "2020-01-01", "failing": 0}
    assert (told["consumer"]["group"], told["consumer"]["polling"], told["consumer"]["assigned"]) == ("demo", False, 0)
    assert told["worker"]["count-things"] == {
        "ended_seconds_ago": None, "busy_for_seconds": None, "failures_in_a_row": 0,
    }  # fmt: skip


@pytest.mark.parametrize("outage", ["break_off", "freeze"])
async def test_a_database_that_is_away_hides_no_other_part_and_is_told_in_time(
    process: Process, wire: Any, outage: str
) -> None:
    getattr(wire, outage)()
    told = await details(process)
    assert told["ok"] is False
    assert told["ready"]["database"] is False
    for name in ("database", "outbox", "deadlines", "dead_letters"):
        assert list(told[name]) == ["cannot_be_read"], name
    assert told["process"]["instance"] == "demo-7"
    assert told["relay"]["active"] is False
    assert told["consumer"]["assigned"] == 0
    wire.mend()
    assert (await details(process))["ok"] is True


async def test_a_part_that_fails_does_not_turn_the_process_unready(process: Process) -> None:
    async def broken() -> dict[str, Any]:
        raise RuntimeError("Erika Mustermann")

    process.health.describe("letters", broken)
    told = await details(process)
    assert (told["ok"], told["letters"]) == (True, {"cannot_be_read": "RuntimeError"})
    assert (await process.health.ready()).ok
