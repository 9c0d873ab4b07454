"""Whatever happens to households, no town ever sees another town's, through any of its doors."""

import asyncio
import json
from collections import defaultdict
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.allocation.tests.doors.endpoint import Town, listening
from services.allocation.tests.doors.told import BIELEFELD, DAY, DORTMUND, MUENSTER, hear, proposed, revised
from sqlalchemy import text

from kfi_allocation.doors.sending import WebhookSender
from kfi_allocation.doors.steps import position_and_hand_on
from kfi_allocation.doors.webhook_rounds import WebhookRounds
from kfi_contracts import allocation as said
from kfi_contracts.event import Event

pytestmark = pytest.mark.servers
TOWNS: Final = {"muenster": MUENSTER, "dortmund": DORTMUND}
STEPS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["revise", "object", "arrive", "move", "cancel"])))


def happened(household: UUID, here: str, step: str) -> tuple[Event, str]:
    """An event of the household, and the town it is meant for after it."""
    there = {MUENSTER: DORTMUND, DORTMUND: BIELEFELD, BIELEFELD: MUENSTER}[here]
    if step == "revise":
        return revised(household, here, there), there
    if step == "object":
        reason = said.ObjectionReason.OTHER
        return said.AllocationObjected(household_id=household, ags=here, reason=reason, objected_on=DAY), here
    if step == "arrive":
        return said.ArrivalConfirmed(household_id=household, ags=here, persons=4, arrived_on=DAY), here
    if step == "move":
        moved = said.HouseholdMoved(household_id=household, from_ags=here, to_ags=there, persons=4, moved_on=DAY)
        return moved, there
    return said.HouseholdCancelled(household_id=household, cancelled_on=DAY, ags=here), here


async def through_all_doors(desk: Any, ends: dict[str, Town]) -> dict[str, str]:
    """All that each town gets to see, as one text."""
    rounds = WebhookRounds(lambda _: WebhookSender(seconds=5, inside=True), _nobody, lambda: 0.5)
    while await desk.run(position_and_hand_on):
        pass
    while await rounds.turn(desk.transactions) or rounds._on_the_way:
        pass
    seen = {}
    for who, ags in TOWNS.items():
        feed = await desk.get(who, f"/municipalities/{ags}/feed", limit=500)
        snapshot = await desk.get(who, f"/municipalities/{ags}/feed/snapshot")
        rows = await desk.rows(
            "SELECT headers, payload FROM outbox WHERE topic = :topic ORDER BY sequence",
            topic=f"municipality.{ags}.v1",
        )
        topic = "".join(json.dumps(row.headers) + bytes(row.payload).decode() for row in rows)
        hooks = [json.loads(came.body) for came in ends[ags].came]
        assert [each["id"] for each in feed.json()] == [each["id"] for each in hooks]
        assert [each["id"] for each in feed.json()] == [row.headers["ce_id"] for row in rows]
        seen[ags] = feed.text + snapshot.text + topic + json.dumps(hooks)
    return seen


async def _nobody(*_: Any) -> None:
    """No endpoint ends in this test."""


async def subscribed(desk: Any, doors: AsyncExitStack) -> dict[str, Town]:
    """Both towns have all three doors, from the beginning of their feeds."""
    ends = {}
    for who, ags in TOWNS.items():
        ends[ags] = await doors.enter_async_context(listening())
        body = {"url": ends[ags].url, "contact": "it@stadt.example"}
        assert (await desk.post(who, f"/municipalities/{ags}/webhooks", body)).status_code == 201
        assert (await desk.post(who, f"/municipalities/{ags}/kafka-door")).status_code == 201
    opened = "UPDATE kafka_door SET state = 'open', opened_after = 0"
    await desk.run(lambda work: work.connection.execute(text(opened)))
    return ends


async def _empty(work: Any) -> None:
    tables = ("webhook_attempt", "webhook_key", "webhook", "kafka_credential", "kafka_door", "outbox_due", "outbox",
              "feed_entry", "feed", "told_town", "town_household")  # fmt: skip
    for table in tables:
        await work.connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours


async def test_no_town_ever_sees_another_towns_household_or_event(desk: Any) -> None:
    loop = asyncio.get_running_loop()

    async def once(steps: list[tuple[int, str]]) -> None:
        await desk.run(_empty)
        async with AsyncExitStack() as doors:
            ends = await subscribed(desk, doors)
            meant: dict[str, set[UUID]] = defaultdict(set)
            here = {UUID(int=number): (MUENSTER, DORTMUND, BIELEFELD)[number % 3] for number in range(1, 5)}
            for household, ags in here.items():
                meant[ags].add(household)
                await hear(desk, proposed(ags, household))
            for number, step in steps:
                household = UUID(int=number)
                event, here[household] = happened(household, here[household], step)
                meant[here[household]].add(household)
                await hear(desk, event)
            for ags, seen in (await through_all_doors(desk, ends)).items():
                assert not any(other in seen for other in {MUENSTER, DORTMUND, BIELEFELD} - {ags})
                assert not any(str(household) in seen for household in set(here) - meant[ags])

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS.filter(lambda steps: len(steps) < 12))
    def every_history(steps: list[tuple[int, str]]) -> None:
        asyncio.run_coroutine_threadsafe(once(steps), loop).result(60)

    await asyncio.to_thread(every_history)
