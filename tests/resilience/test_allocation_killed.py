"""The allocation service is killed while it reads, imports, plans, proposes and decides: nothing is lost or doubled.

Each kill comes at a random moment of one step; `KFI_SEED` has the same moments again. Whoever asked asks again.
"""

import asyncio
import logging
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import TypeVar

import pytest
from httpx2 import TransportError
from tests.harness.allocation import Home, list_of
from tests.harness.bus import Bus, until
from tests.harness.office import Office
from tests.harness.size import size

from kfi_contracts.allocation import AllocationDecided, AllocationProposed, HouseholdAnnounced
from kfi_contracts.event import Event
from kfi_contracts.notifications import NotificationDispatched
from kfi_stack.demo.allocating import Allocating, list_path, run_path
from kfi_stack.demo.people import MUENSTER
from kfi_stack.demo.person import Answer, Refused
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
ROUNDS = size(short=1, nightly=12)
HOMES = size(short=30, nightly=600)
PATIENCE_SECONDS = 90.0
NOBODY_THERE = {502, 503, 504}
PLACED = "SELECT persons FROM booking WHERE household_id = ANY($1::uuid[])"
T = TypeVar("T")
log = logging.getLogger(__name__)


class Chance:
    """When the service dies, from one seed."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        number = int(os.environ.get("KFI_SEED", random.randrange(2**32)))  # noqa: S311 - moments are no secret
        log.warning("KFI_SEED=%d", number)
        self._random = random.Random(number)  # noqa: S311

    async def dies_during(self, asking: Awaitable[object], within: float) -> None:
        """Somebody asks, and meanwhile the service is killed and comes back; what was answered, if at all, is lost."""
        asked = asyncio.ensure_future(asking)
        await asyncio.sleep(self._random.uniform(0, within))
        await asyncio.to_thread(self._platform.running["allocation"].kill)
        self._platform.supervisor.forget(self._platform.running["allocation"])
        self._platform.running["allocation"] = await asyncio.to_thread(self._platform.start_service, "allocation")
        with suppress(Refused, TransportError):  # also in the middle of an answer
            await asked


async def insistently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, however often it takes to get one."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except Refused as problem:
            if problem.status not in NOBODY_THERE or monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


async def test_killed_while_it_imports_plans_and_decides_nothing_is_lost_or_doubled(
    steps: Allocating, office: Office, bus: Bus, platform: Platform
) -> None:
    chance = Chance(platform)
    for _ in range(ROUNDS):
        await _round(steps, chance, office, bus)


async def _round(steps: Allocating, chance: Chance, office: Office, bus: Bus) -> None:
    homes = [Home(2, joins="Münster"), *(Home(1 + number % 3) for number in range(HOMES))]
    listed = await _imported(steps, chance, homes)
    ids = await insistently(lambda: steps.households(listed))
    assert sorted(ids) == sorted(home.reference for home in homes)
    await _once_each(office, HouseholdAnnounced, ids.values())
    run = await _proved(steps, chance, listed)
    assert await _states(bus, listed) == {"announced": len(homes)}
    await _proposed(steps, chance, run)
    await _once_each(office, AllocationProposed, ids.values())
    booked = await bus.rows("allocation", PLACED, list(ids.values()))
    assert sum(row["persons"] for row in booked) == sum(home.persons for home in homes)
    await _decided(steps, chance, office, bus, ids[homes[0].reference])


async def _imported(steps: Allocating, chance: Chance, homes: list[Home]) -> Answer:
    content = list_of(homes)
    await chance.dies_during(steps.listed(content), 0.5)
    read = await insistently(lambda: steps.listed(content))
    assert read.document["state"] == "read"
    await chance.dies_during(steps.imported(read), 0.5)
    again = await insistently(lambda: steps.people.planner.get(list_path(read)))
    if again.document["state"] == "read":
        return await insistently(lambda: steps.imported(again))
    return await insistently(lambda: _until(steps, list_path(read), {"imported"}))


async def _proved(steps: Allocating, chance: Chance, listed: Answer) -> Answer:
    """A run whose worker is gone is marked, leaves nothing, and is started again."""
    run = await steps.frozen(listed)
    await chance.dies_during(steps.started(run), 1.5)
    ended = await insistently(lambda: _until(steps, run_path(run), {"frozen", "failed", "proved"}))
    while ended.document["state"] != "proved":
        now = ended
        if now.document["state"] == "failed":
            assert now.document["outcome"] is None
        await steps.started(now)
        ended = await insistently(lambda: _until(steps, run_path(run), {"failed", "proved"}))
    return ended


async def _proposed(steps: Allocating, chance: Chance, run: Answer) -> None:
    await chance.dies_during(steps.accepted(run), 0.3)
    now = await insistently(lambda: steps.people.planner.get(run_path(run)))
    if now.document["state"] == "proved":
        now = await steps.accepted(now)
    assert now.document["state"] == "accepted"


async def _decided(steps: Allocating, chance: Chance, office: Office, bus: Bus, household: str) -> None:
    planner, signatory = steps.people.planner, steps.people.allocation_signatory
    await chance.dies_during(steps.act(planner, household, "hearing"), 0.1)
    if not (await insistently(lambda: steps.placement(household))).document["hearings"]:
        await steps.act(planner, household, "hearing")
    await steps.act(planner, household, "hearing-answer", {"said": "Wir sind einverstanden."})
    await steps.act_as_town(MUENSTER, household, "agreement")
    await steps.act(
        planner, household, "draft", {"weighing": ["Der Ort passt."], "reply_to_family": "Dem Wunsch wird entsprochen."}
    )
    await chance.dies_during(steps.signed(signatory, household), 0.2)
    if (await insistently(lambda: steps.placement(household))).document["state"] != "decided":
        await steps.signed(signatory, household)
    decided = (await steps.placement(household)).document
    assert len(decided["hearings"]) == len(decided["decisions"]) == 1
    assert [one["kind"] for one in decided["letters"]] == ["hearing", "decision"]
    await _once_each(office, AllocationDecided, [household])
    for letter in decided["letters"]:
        await office.event(NotificationDispatched, notification_id=str(letter["id"]))
    ordered = await bus.rows("notifications", "SELECT id FROM notification WHERE concerns = $1", household)
    assert {str(row["id"]) for row in ordered} >= {one["id"] for one in decided["letters"]}


async def _until(steps: Allocating, path: str, states: set[str]) -> Answer:
    """What is at the path, once it is in one of these states; a run is failed when its worker's lease has ended."""
    deadline = monotonic() + PATIENCE_SECONDS
    while True:
        answer = await steps.people.planner.get(path)
        if answer.document["state"] in states:
            return answer
        assert monotonic() < deadline, answer.document["state"]
        await asyncio.sleep(0.1)


async def _states(bus: Bus, listed: Answer) -> dict[str, int]:
    query = "SELECT state, count(*) AS many FROM placement WHERE list_id = $1 GROUP BY state"
    return {row["state"]: row["many"] for row in await bus.rows("allocation", query, listed.document["id"])}


async def _once_each(office: Office, kind: type[Event], households: Iterable[str]) -> None:
    """Each has told it, by one event; the same event may lie on Kafka twice, and is one all the same."""
    wanted = set(households)

    def told() -> Counter[str]:
        copies = {one.envelope.id: one.envelope.subject for one in office.observer.seen if isinstance(one.event, kind)}
        return Counter(subject for subject in copies.values() if subject in wanted)

    async def all_have() -> bool:
        return len(told()) == len(wanted)

    await until(all_have, f"{len(wanted)} households have told it by {kind.__name__}")
    assert told() == Counter(wanted)
