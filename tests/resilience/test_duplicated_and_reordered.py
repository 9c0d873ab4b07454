"""Whatever Kafka delivers again, or mixed, changes nothing; without an inbox it would, and the checker says so."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import pytest
from tests.harness.aftermath import nothing_waits
from tests.harness.bus import Bus, Place, Sent
from tests.harness.databases import COMPUTED, ITS_OWN, State, differences, same_as, state_of
from tests.harness.day import Day
from tests.harness.evidence import CONSUMERS
from tests.harness.size import size

from kfi_applications.settings import ApplicationsSettings
from kfi_applications.works import ApplicationsWork
from kfi_chassis import inbox
from kfi_chassis.accounts import Accounts, Outcome
from kfi_chassis.broker import Record
from kfi_chassis.dead_letters import BEHIND_ANOTHER
from kfi_chassis.testkit.delivery import deliver, every_record_twice, keys_mixed
from kfi_chassis.testkit.transactions import transactions_on
from kfi_stack.databases import DatabaseUrls
from kfi_stack.postgres_server import PostgresServer
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.topics import load_plan

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
ORDERS = size(short=2, nightly=20)
"""So many ways to mix what a consumer is told."""
BATCH = 7
REASONS = ("wrong-state", BEHIND_ANOTHER)
NOT_RELAYED = "everything_recorded_is_published"
"""What the copy of a database cannot keep: no relay belongs to it."""


async def test_every_record_of_every_topic_delivered_again_and_mixed_changes_nothing(
    day: Day, bus: Bus, platform: Platform
) -> None:
    states = await states_of(platform)
    counted = {name: await bus.accounts(name) for name in SERVICES}
    sent = await sent_again(day, bus)
    for name, after in (await states_of(platform)).items():
        assert differences(states[name], after) == {}
        now = await bus.accounts(name)
        ended = sum((now[place] - counted[name].get(place, Counter()) for place in now), Counter[str]())
        wanted = sum(count for (topic, _), count in sent.items() if topic in CONSUMERS[name].topics())
        assert (ended["polled"], ended["duplicate"] + ended["skipped"]) == (wanted, wanted)
    assert await day.checked() == {}


@pytest.mark.parametrize("seed", range(ORDERS))
async def test_a_consumer_that_gets_all_twice_and_the_keys_mixed_does_the_same(
    day: Day, postgres: PostgresServer, seed: int
) -> None:
    async with applications_before(day, postgres) as one, applications_before(day, postgres) as two:
        straight = await handled(day, one, day.told)
        mixed = await handled(day, two, every_record_twice(keys_mixed(day.told, seed)))
        states = [await state_of(urls.owner_url, without=ITS_OWN) for urls in (one, two)]
        assert differences(*states) == {}
        assert set(await day.checked(two)) == {NOT_RELAYED}
    assert (
        straight.total(Outcome.HANDLED)
        == mixed.total(Outcome.HANDLED)
        == 2 * sum(case.way.decided for case in day.load.cases)
    )
    assert straight.total(Outcome.PARKED) == mixed.total(Outcome.PARKED) == 0


async def test_what_comes_before_its_time_is_parked_and_holds_what_follows_of_its_key(
    day: Day, postgres: PostgresServer
) -> None:
    of_letter = [record for record in day.told if record.key == day.letter.encode()]
    assert len(of_letter) == 3
    async with applications_before(day, postgres) as urls:
        before = await state_of(urls.owner_url)
        accounts = await handled(day, urls, of_letter[::-1])
        changed = differences(before, await state_of(urls.owner_url))
    assert (accounts.total(Outcome.PARKED), accounts.total(Outcome.HANDLED)) == (2, 0)
    assert changed.keys() == {"dead_letter", "inbox"}
    assert [sum(f"'reason': '{reason}'" in row for row in changed["dead_letter"]) for reason in REASONS] == [1, 1]


async def test_without_the_inbox_things_happen_twice_and_the_checker_says_so(
    day: Day, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def everything_is_new(_connection: Any, _consumer: str, ids: Sequence[UUID]) -> set[UUID]:
        return set(ids)

    async with applications_before(day, postgres) as urls:
        with monkeypatch.context() as switched_off:
            switched_off.setattr(inbox, "record", everything_is_new)
            await handled(day, urls, day.told)
            await handled(day, urls, day.told)
        found = await day.checked(urls)
    assert found.keys() >= {"every_case_went_its_way", "nothing_is_parked", "every_record_is_accounted_for"}
    assert any("too many: {'record-failed-notification': " in told for told in found["every_case_went_its_way"])


async def states_of(platform: Platform) -> dict[str, State]:
    """What stands in the database of each service."""
    return {name: await state_of(platform.databases[name].owner_url, without=COMPUTED) for name in SERVICES}


def applications_before(day: Day, postgres: PostgresServer) -> AbstractAsyncContextManager[DatabaseUrls]:
    """The applications' database as it was before the days of the law passed."""
    return same_as(day.before, postgres, "applications")


async def handled(day: Day, urls: DatabaseUrls, records: Sequence[Record]) -> Accounts:
    """The records handed to the real handlers of the applications service, on that database, in small batches."""
    transactions = transactions_on(urls.runtime_url, with_the_settings_of(day.platform))
    try:
        return await deliver(CONSUMERS["applications"], transactions, records, batch=BATCH)
    finally:
        await transactions.engine.dispose()


def with_the_settings_of(platform: Platform) -> type[ApplicationsWork]:
    """The service's transaction as its own process has it: with the keys that open what is kept of persons."""
    told = platform.services["applications"].environment()
    given: dict[str, Any] = {name.removeprefix("KFI_").lower(): told[name] for name in told if name.startswith("KFI_")}

    class AsInTheService(ApplicationsWork):
        settings = ApplicationsSettings(**given)

    return AsInTheService


async def sent_again(day: Day, bus: Bus) -> Counter[Place]:
    """Every record twice more, the keys mixed, by the service whose topic it is; how many came to which partition."""
    sent: Counter[Place] = Counter()
    for user, rights in load_plan().users.items():
        for topic in rights.writes:
            records = [copy.record for copy in day.evidence.copies if copy.place[0] == topic]
            again = keys_mixed([*records, *records], seed=len(records))
            await bus.send(user, topic, [Sent(one.value, one.headers, one.key, one.partition) for one in again])
            sent.update((topic, one.partition) for one in again)
    await nothing_waits(bus)
    return sent
