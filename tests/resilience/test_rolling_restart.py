"""A new version comes in while people work: one replica after the other is restarted, and nobody notices."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

import pytest
from tests.harness.aftermath import everything_happened_once
from tests.harness.bus import Bus, until
from tests.harness.evidence import Evidence
from tests.harness.load import Load
from tests.harness.office import Case, Office
from tests.harness.replicas import Replica, Replicas, replicated
from tests.harness.size import size
from tests.harness.witness import Witness, counted

from kfi_stack import ports
from kfi_stack.databases import connection_to
from kfi_stack.demo.person import Person
from kfi_stack.running_platform import SERVICES, Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
RESTARTED = size(short=("applications",), nightly=SERVICES)
ROUNDS = size(short=1, nightly=3)
REST_SECONDS = 0.3
WAITS_FOR_US = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
)
PROCESSED = "SELECT event_id, processed_at FROM inbox WHERE event_id = ANY($1)"
log = logging.getLogger(__name__)


async def test_replicas_restarted_one_after_the_other_while_people_work(
    office: Office, bus: Bus, platform: Platform
) -> None:
    witness = Witness()
    async with replicated(platform, RESTARTED, bus._admin) as replicas, witness.people_at(replicas) as people:
        heard = Office(people, office.observer, office.calendar)
        case = await heard.filed()
        async with Load(heard, rest_seconds=REST_SECONDS) as load:
            first, *others = sorted(replicas.all, key=lambda replica: replica.process.name != "applications")
            await restarted_with_a_request_in_flight(case, first, replicas)
            for replica in [*others, *replicas.all * (ROUNDS - 1)]:
                platform.calendar.move_to(platform.calendar.today() + timedelta(days=4))  # so there is much to tell
                await replicas.restart(replica)
        evidence = await everything_happened_once(load, office, bus, platform)
        redelivered, rebalances = await replicas.redelivered(), await replicas.rebalances()
    log.warning(
        "%d rounds of %s: people were told %s, at longest after %.1f s; records delivered again %s, rebalances %s, "
        "the event that waited longest waited %.1f s", ROUNDS, RESTARTED, dict(counted(witness.told)),
        max(one.seconds for one in witness.told), redelivered, rebalances, await longest_wait(evidence, bus),
    )  # fmt: skip
    assert witness.improper == {}
    assert counted(witness.told)["503"] == 0  # allowed, but no replica stops before the gateway knows it
    assert set(redelivered.values()) == {0}
    assert set(rebalances.values()) == {0}


async def restarted_with_a_request_in_flight(case: Case, replica: Replica, replicas: Replicas) -> None:
    """What the replica took on before it was asked to stop it answers, even after it has closed its doors."""
    platform = replicas.platform
    async with (
        Person("caseworker", replica.process.url, platform.tokens) as person,
        connection_to(platform.databases[replica.process.name].runtime_url) as connection,
    ):
        async with connection.transaction():
            await connection.execute("SELECT FROM application WHERE id = $1 FOR UPDATE", UUID(case.id))
            asking = asyncio.create_task(person.act(f"{case.path}/formal-check", case.etag))
            await until(lambda: connection.fetchval(WAITS_FOR_US), "the request waits for the row")
            restarting = asyncio.create_task(replicas.restart(replica))
            await until(lambda: closed(replica), "the replica takes no connections any more")
        assert (await asking).document["state"] == "formal-check"
        await restarting


async def closed(replica: Replica) -> bool:
    """Whether nobody can connect to it."""
    return not ports.is_open(replica.process.port)


async def longest_wait(evidence: Evidence, bus: Bus) -> float:
    """Seconds from what happened until the last of its readers had acted on it."""
    happened = {copy.id: copy.envelope.time for copy in evidence.copies}
    waits = [
        (row["processed_at"] - happened[row["event_id"]]).total_seconds()
        for name in SERVICES
        for row in await bus.rows(name, PROCESSED, list(happened))
    ]
    return max(waits)
