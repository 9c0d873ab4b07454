"""What a town does by its own software: hears by three doors, checks its part of the plan, confirms an arrival."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from time import monotonic

from kfi_contracts.allocation import ArrivalConfirmed
from kfi_stack.demo.allocating import ROOT, TOWNS, run_path
from kfi_stack.demo.allocation_story import AllocationStory
from kfi_stack.demo.person import LOOK_EVERY_SECONDS, PATIENCE_SECONDS, Answer, Json, Program
from kfi_stack.demo.story import about
from kfi_stack.demo.town_client import DOORS, FEED, TownClient, kind_of
from kfi_stack.errors import StackError
from kfi_stack.running_platform import Platform


@dataclass
class TownsDay:
    """The part of one town. Raises StackError when the platform does not do its part."""

    allocation: AllocationStory
    platform: Platform
    client: TownClient
    """What its IT runs."""

    @property
    def ags(self) -> str:
        """Which town it is."""
        return self.client.ags

    @property
    def town(self) -> Program:
        """Its caseworkers' program."""
        return self.allocation.towns[self.ags]

    async def subscribes(self) -> None:
        """Its IT opens the three doors, before anything is planned, and tries them."""
        self.allocation.story.screen.chapter("Münster's IT opens its three doors: feed, webhook, a topic of its own")
        start = monotonic()
        await self.client.begin()
        self.allocation.step("Its client follows all three, each from a snapshot", monotonic() - start)
        start = monotonic()
        await self._heard(lambda event: event["data"].get("test_id") == self.client.test_id, "the test event")
        self.allocation.step("A test event comes through each of them", monotonic() - start)

    async def play(self, run: Answer, household: str) -> None:
        """What was proven, what it was told, who has come."""
        self.allocation.story.screen.chapter("Münster, by its own software: proof, events, arrival")
        await self.checked_offline(run)
        await self.arrived(household)
        await self.told(household)

    async def checked_offline(self, run: Answer) -> None:
        """Its figures and placements are those of the signed plan: it needs no service to know."""
        key = (await self.town.get(f"{ROOT}/certificate-key")).document["public_key"]
        part = (await self.town.get(f"{TOWNS}/{self.ags}{run_path(run).removeprefix(ROOT)}/part")).document
        file = self.platform.folder / f"part-{self.ags}.json"
        file.write_text(json.dumps(part), "utf-8")
        said = self.platform.command("kfi-allocation", "certificate", "verify", str(file), "--public-key", str(key))
        self.allocation.step("It checks signature, bound and its own placements offline")
        for line in said.strip().splitlines()[:3]:
            self.allocation.story.screen.say(f"    {line[:110]}")

    async def arrived(self, household: str) -> None:
        """The day has come; the town says who is there."""
        path = f"{TOWNS}/{self.ags}/placements/{household}"
        seen = await self.town.get(path)
        self.allocation.story.calendar.move_to(date.fromisoformat(str(seen.document["arrival_on"])))
        start = monotonic()
        await self.client.ask("arrived", household, str(seen.document["persons"]), self.allocation.story.today)
        event = await self.allocation.story.observer.wait_for(
            "arrival-confirmed", about(ArrivalConfirmed, household_id=household)
        )
        self.allocation.story.seen("The family is there: the town's client confirms it", event, start)

    async def told(self, household: str) -> None:
        """Each door has told all of that; the endpoint has taken all, and nobody had to be written to about it."""
        start = monotonic()
        await self._heard(
            lambda event: event["data"].get("household_id") == household and kind_of(event) == "arrival-confirmed",
            f"the arrival of {household}",
        )
        self.allocation.step("Its client hears of it by feed, webhook and topic", monotonic() - start)
        kinds = [kind_of(one) for one in self.client.heard(FEED) if one["data"].get("household_id") == household]
        self.allocation.step(f"  of this family: {', '.join(kinds)}")
        endpoint = (await self.town.get(f"{TOWNS}/{self.ags}/webhooks/{self.client.webhook}")).document
        if (endpoint["state"], endpoint["failures"]) != ("active", 0):
            raise StackError(f"The endpoint is {endpoint['state']} after {endpoint['failures']} failures.")

    async def _heard(self, awaited: Callable[[Json], bool], what: str) -> None:
        """Wait until every door has told it. Raises StackError."""
        deadline = monotonic() + PATIENCE_SECONDS
        while missing := [door for door in DOORS if not any(map(awaited, self.client.heard(door)))]:
            if monotonic() > deadline:
                raise StackError(f"The client of {self.ags} did not hear of {what} by {' and '.join(missing)}.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)
