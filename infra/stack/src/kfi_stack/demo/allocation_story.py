"""A charter of 120 people comes: plan, proposals, an objection, a repair, two persons' decision, the towns know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from kfi_contracts.allocation import (
    AllocationDecided,
    AllocationObjected,
    AllocationProposed,
    AllocationRevised,
    HouseholdAnnounced,
    PlacementAgreed,
    PlanProved,
)
from kfi_contracts.notifications import NotificationDispatched
from kfi_stack.demo.allocating import LISTS, RUNS, TOWNS, Allocating, run_path
from kfi_stack.demo.allocation_case import AGREED, DECIDED, HOUSEHOLDS, charter
from kfi_stack.demo.observer import Seen
from kfi_stack.demo.people import DORTMUND
from kfi_stack.demo.person import Answer, Program
from kfi_stack.demo.story import Story, about
from kfi_stack.errors import StackError

WEEKS_AHEAD = timedelta(weeks=10)


@dataclass
class AllocationStory:
    """Plays the allocation at the date of the story. Raises StackError when the platform does not do its part."""

    story: Story
    towns: Mapping[str, Program]
    ids: dict[str, str] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    """The letters that must lie in the print spool in the end."""

    def __post_init__(self) -> None:
        self.steps = Allocating(self.story.people, self.towns)

    async def play(self) -> Answer:
        """All of it, in the order of the law; the run that was accepted first."""
        self.story.screen.chapter("A charter is announced: who comes, what the towns have, a plan that is proven")
        await self.prepared()
        listed = await self.imported()
        run = await self.planned(listed)
        self.story.screen.chapter("A town objects; as few as possible move; families are heard; two persons decide")
        await self.objected_and_repaired(run)
        await self.agreed(AGREED)
        await self.decided(DECIDED)
        return run

    async def prepared(self) -> None:
        """The policy is in force by two persons; towns have said what they have."""
        drafted = self.story.people.planner.create(RUNS, {})
        await self.story.refused(drafted, "no-policy-in-force", "Without a policy nobody plans")
        answer = await self.steps.policy_in_force()
        self.step("A planner drafts the policy, another person puts it into force", answer.seconds)
        said = await self.steps.towns_offer(self.story.today)
        self.step(f"Towns offer flats and care by their own software ({said})")

    async def imported(self) -> Answer:
        """The file comes in; a bad row is told with line and field, and keeps nobody else out."""
        arrival_on = f"{self.story.calendar.today() + WEEKS_AHEAD}"
        read = await self.steps.listed(charter(), arrival_on=arrival_on, charter="HAP-27")
        found = read.document["found"]
        self.step(f"The file is read: {found['households']} households, {found['rows']} people", read.seconds)
        mistakes = await self.steps.all_of(self.story.people.planner, f"{LISTS}/{read.document['id']}/mistakes")
        for one in mistakes:
            self.step(f"  line {one['line']}, {one['field']}: {one['code']}, perhaps {', '.join(one['suggestions'])}")
        listed = await self.steps.imported(read)
        self.ids = await self.steps.households(listed)
        for household_id in self.ids.values():
            await self.story.observer.wait_for(
                "household-announced", about(HouseholdAnnounced, household_id=household_id)
            )
        if len(self.ids) != HOUSEHOLDS or len(mistakes) != 1:
            raise StackError(f"{len(self.ids)} households came in, and {len(mistakes)} mistakes were told.")
        self.step(f"{HOUSEHOLDS} households are announced", event="allocation.household-announced.v1")
        again = await self.steps.listed(charter(), arrival_on=arrival_on, charter="HAP-27")
        if again.document["id"] != listed.document["id"]:
            raise StackError("The same file came in twice.")
        self.step("The same file again is the same list: nothing changes", again.seconds)
        return listed

    async def planned(self, listed: Answer) -> Answer:
        """Frozen, watched, proven, accepted: the households are proposed."""
        frozen = await self.steps.frozen(listed)
        self.step(f"The input of a run is frozen: {frozen.document['digest'][:16]}…", frozen.seconds)
        start = monotonic()
        await self.steps.started(frozen)
        path = f"{run_path(frozen)}/progress"
        await self.story.people.planner.until(path, lambda shown: bool(shown["preview"]) or bool(shown["ended"]))
        self.step("A first complete plan can be looked at", monotonic() - start)
        run = await self.proven(frozen)
        outcome, proof = run.document["outcome"], await self.proof(run)
        self.story.seen(
            f"Proven: it costs {outcome['objective']}, no plan costs less than {outcome['bound']}", proof, start
        )
        stale = self.story.people.planner.act(f"{run_path(run)}/acceptance", frozen.etag)
        await self.story.refused(stale, "version-mismatch", "A second planner accepts what has changed meanwhile")
        accepted = await self.steps.accepted(run)
        for household_id in self.ids.values():
            await self.story.observer.wait_for(
                "allocation-proposed", about(AllocationProposed, household_id=household_id)
            )
        self.step("The planner accepts it: each town has its proposals", accepted.seconds,
                  event="allocation.allocation-proposed.v1")  # fmt: skip
        return accepted

    async def proven(self, run: Answer) -> Answer:
        """The run with its proof. Raises StackError when it has none."""
        ended = await self.steps.ended(run)
        if ended.document["state"] != "proved":
            raise StackError(f"The run is {ended.document['state']}, {ended.document['failure']}: look at its plan.")
        return ended

    async def proof(self, run: Answer) -> Seen:
        """The event that tells the proof."""
        return await self.story.observer.wait_for("plan-proved", about(PlanProved, run_id=str(run.document["id"])))

    async def objected_and_repaired(self, run: Answer) -> None:
        """Dortmund has no flat for one of them; the planner agrees with it, and a proven plan moves the fewest."""
        proposed = await self.towns[DORTMUND].get(f"{TOWNS}/{DORTMUND}/placements")
        household = str(proposed.document["items"][0]["household_id"])
        said = {"reason": "no-suitable-housing", "explanation": "Die angebotene Wohnung ist durch Wasser beschädigt."}
        start = monotonic()
        answer = await self.steps.act_as_town(DORTMUND, household, "objection", said)
        seen = await self.story.observer.wait_for(
            "allocation-objected", about(AllocationObjected, household_id=household)
        )
        self.story.shown("Dortmund objects to one of its proposals", answer, seen, start)
        ruling = {"upheld": True, "explanation": "Die Wohnung ist nachweislich nicht beziehbar."}
        await self.steps.act(self.story.people.planner, household, "objection-ruling", ruling)
        self.step("The planner upholds the objection")
        start = monotonic()
        repair = await self.steps.started(await self.steps.repairing(run, "objection-upheld"))
        proven = await self.proven(repair)
        self.story.seen(
            "A repair is proven: no other moves fewer, and of these it costs least", await self.proof(proven), start
        )
        moves = (await self.story.people.planner.get(f"{run_path(proven)}/plan")).document["moves"]
        await self.steps.accepted(proven)
        if [move["household_id"] for move in moves] != [household]:
            raise StackError(f"The repair moves {len(moves)} households where one is enough.")
        revised = await self.story.observer.wait_for(
            "allocation-revised", about(AllocationRevised, household_id=household)
        )
        self.story.seen(f"One household moves, to {moves[0]['to_ags']}; {HOUSEHOLDS - 1} stay", revised, start)

    async def agreed(self, reference: str) -> None:
        """Late repatriates are placed by agreement, without an act (§ 16 (2) TIntG)."""
        household = self.ids[reference]
        await self.steps.act(self.story.people.planner, household, "family-answer", {"agrees": True})
        ags, start = (await self.steps.placement(household)).document["ags"], monotonic()
        await self.steps.act_as_town(ags, household, "agreement")
        seen = await self.story.observer.wait_for("placement-agreed", about(PlacementAgreed, household_id=household))
        self.story.seen("Late repatriates: family and town agree, no act is needed", seen, start)
        await self.posted(household)

    async def decided(self, reference: str) -> None:
        """Heard by letter, drafted with individual reasons, signed by another person."""
        household, people = self.ids[reference], self.story.people
        await self.steps.act(people.planner, household, "hearing")
        self.step("The family is heard by letter")
        await self.posted(household)
        answer = {"said": "Wir möchten zu meiner Schwester nach Münster.", "wishes": []}
        await self.steps.act(people.planner, household, "hearing-answer", answer)
        ags = (await self.steps.placement(household)).document["ags"]
        await self.steps.act_as_town(ags, household, "agreement")
        reply = {"weighing": [], "reply_to_family": "Dem Wunsch wird entsprochen: Die Schwester lebt in Münster."}
        await self.steps.act(people.planner, household, "draft", reply)
        self.step("It answers, the town agrees; the planner drafts: this town against the three best others")
        await self.story.refused(
            self.steps.signed(people.planner_as_signatory, household), "drafter-cannot-sign",
            "The planner signs by another account",
        )  # fmt: skip
        start = monotonic()
        signed = await self.steps.signed(people.allocation_signatory, household)
        seen = await self.story.observer.wait_for(
            "allocation-decided", about(AllocationDecided, household_id=household)
        )
        self.story.shown("Another person signs the very letter", signed, seen, start)
        await self.posted(household)

    async def posted(self, household: str) -> None:
        """The last letter to the family lies in the print spool."""
        letter = str((await self.steps.placement(household)).document["letters"][-1]["id"])
        self.letters.append(letter)
        start = monotonic()
        seen = await self.story.observer.wait_for(
            "notification-dispatched", about(NotificationDispatched, notification_id=letter)
        )
        self.story.seen("  The letter lies in the print spool", seen, start)

    def step(self, what: str, seconds: float | None = None, *, event: str = "") -> None:
        """Print a step."""
        self.story.screen.step(what, seconds=seconds, today=self.story.today, event=event)
