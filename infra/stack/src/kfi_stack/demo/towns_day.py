"""What a town does by its own software: checks its part of the plan, reads its events, confirms an arrival."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date
from time import monotonic

from kfi_contracts.allocation import ArrivalConfirmed
from kfi_stack.demo.allocating import ROOT, TOWNS, run_path
from kfi_stack.demo.allocation_story import AllocationStory
from kfi_stack.demo.person import LOOK_EVERY_SECONDS, PATIENCE_SECONDS, Answer, Json, Program
from kfi_stack.demo.story import about
from kfi_stack.errors import StackError
from kfi_stack.running_platform import Platform


@dataclass
class TownsDay:
    """The part of one town. Raises StackError when the platform does not do its part."""

    allocation: AllocationStory
    platform: Platform
    ags: str

    @property
    def town(self) -> Program:
        """Its program."""
        return self.allocation.towns[self.ags]

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
        said = {"persons": seen.document["persons"], "arrived_on": self.allocation.story.today}
        start = monotonic()
        answer = await self.allocation.steps.act_as_town(self.ags, household, "arrival", said)
        event = await self.allocation.story.observer.wait_for(
            "arrival-confirmed", about(ArrivalConfirmed, household_id=household)
        )
        self.allocation.story.shown("The family is there: the town confirms it", answer, event, start)

    async def told(self, household: str) -> None:
        """Its feed has told it all of that, in order; of other towns' households it has told nothing."""
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            told = await self.town.told(f"{TOWNS}/{self.ags}/feed")
            kinds = [kind_of(one) for one in told if one["data"].get("household_id") == household]
            if kinds[:1] + kinds[-1:] == ["placement-proposed", "arrival-confirmed"]:
                break
            if monotonic() > deadline:
                raise StackError(f"The feed of {self.ags} told of the family: {', '.join(kinds) or 'nothing'}.")
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        self.allocation.step(f"Its feed has told it {len(told)} events; of this family: {', '.join(kinds)}")


def kind_of(event: Json) -> str:
    """What a municipal event tells, without the names around it."""
    return str(event["type"]).removeprefix("de.nrw.kfi.municipality.").removesuffix(".v1")
