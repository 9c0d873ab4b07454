"""The steps of an allocation at the gateway: a list, its plan, what towns and families say, who decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kfi_stack.demo.allocation_case import care, flats, policy
from kfi_stack.demo.people import People
from kfi_stack.demo.person import Answer, Json, Person, Program

ROOT = "/allocation/v1"
POLICIES, LISTS, RUNS, PLACEMENTS, HOUSEHOLDS, TOWNS = (
    f"{ROOT}/{name}" for name in ("policies", "arrival-lists", "runs", "placements", "households", "municipalities")
)
MAPPING = "example-persons"
READING, SOLVING = {"received"}, {"queued", "running"}


@dataclass(frozen=True)
class Allocating:
    """Each step acts on the version last seen. Raises Refused where the platform does."""

    people: People
    towns: Mapping[str, Program]

    async def policy_in_force(self, stated: Json | None = None) -> Answer:
        """One person drafts the policy (without one, the example's), another puts it into force."""
        drafted = await self.people.planner.create(POLICIES, stated or policy())
        path = f"{POLICIES}/{drafted.document['version']}/approval"
        return await self.people.allocation_signatory.act(path, drafted.etag)

    async def towns_offer(self, today: str) -> int:
        """Towns state their flats and their care; how many statements."""
        offered = [(ags, "flats", body) for ags, body in flats(today)]
        offered += [(ags, "care-offers", body) for ags, body in care(today)]
        for ags, what, body in offered:
            await self.towns[ags].create(f"{TOWNS}/{ags}/{what}", body)
        return len(offered)

    async def listed(self, content: bytes, **said: str) -> Answer:
        """The list as it was read: what it would change, and what is wrong with it."""
        query = urlencode({"source": "bundesamt", "mapping": MAPPING, **said})
        sent = await self.people.planner.send_file(f"{LISTS}?{query}", "charter.csv", "text/csv", content)
        return await self.people.planner.until(list_path(sent), lambda shown: shown["state"] not in READING)

    async def imported(self, read: Answer) -> Answer:
        """The list in force."""
        await self.people.planner.act(f"{list_path(read)}/import", read.etag)
        return await self.people.planner.until(list_path(read), lambda shown: shown["state"] == "imported")

    async def frozen(self, listed: Answer) -> Answer:
        """A run about the households of the list."""
        return await self.people.planner.create(RUNS, {"lists": [listed.document["id"]]})

    async def repairing(self, run: Answer, cause: str) -> Answer:
        """A run that moves as few households of the accepted one as possible."""
        return await self.people.planner.create(f"{run_path(run)}/repair", {"causes": [cause]})

    async def started(self, run: Answer) -> Answer:
        """The run, waiting for a solver."""
        return await self.people.planner.act(f"{run_path(run)}/start", run.etag)

    async def ended(self, run: Answer) -> Answer:
        """The run once its solver is done, or has failed."""
        return await self.people.planner.until(run_path(run), lambda shown: shown["state"] not in SOLVING)

    async def accepted(self, run: Answer) -> Answer:
        """The plan is taken: its households are proposed to their towns."""
        return await self.people.planner.act(f"{run_path(run)}/acceptance", run.etag)

    async def households(self, listed: Answer) -> dict[str, str]:
        """The ids of the list's households, by their reference."""
        found = await self.all_of(self.people.planner, f"{HOUSEHOLDS}?list_id={listed.document['id']}")
        return {str(one["reference"]): str(one["id"]) for one in found}

    async def placement(self, household_id: str) -> Answer:
        """The placement of a household as it is now."""
        return await self.people.planner.get(f"{PLACEMENTS}/{household_id}")

    async def act(self, person: Person, household_id: str, action: str, body: Json | None = None) -> Answer:
        """An action of the office on the placement as it is now."""
        seen = await self.placement(household_id)
        return await person.act(f"{PLACEMENTS}/{household_id}/{action}", seen.etag, body)

    async def act_as_town(self, ags: str, household_id: str, action: str, body: Json | None = None) -> Answer:
        """An action of a town on the placement as it sees it now."""
        path, town = f"{TOWNS}/{ags}/placements/{household_id}", self.towns[ags]
        return await town.act(f"{path}/{action}", (await town.get(path)).etag, body)

    async def signed(self, person: Person, household_id: str) -> Answer:
        """The person reads the letter and signs it."""
        letter = await person.get(f"{PLACEMENTS}/{household_id}/letter-content")
        path = f"{PLACEMENTS}/{household_id}/signature"
        return await person.act(path, letter.etag, {"digest": letter.document["digest"]})

    async def all_of(self, person: Person, path: str) -> list[Json]:
        """The items of all pages."""
        found: list[Json] = []
        page = (await person.get(path)).document
        while True:
            found += page["items"]
            if page.get("next") is None:
                return found
            page = (await person.get(f"{path}{'&' if '?' in path else '?'}cursor={page['next']}")).document


def list_path(listed: Answer) -> str:
    """Where a list is."""
    return f"{LISTS}/{listed.document['id']}"


def run_path(run: Answer) -> str:
    """Where a run is."""
    return f"{RUNS}/{run.document['id']}"
