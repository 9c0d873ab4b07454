"""What a run needs before it can be made: a policy of two persons, households that wait, what towns say."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert

from kfi_allocation.arrival_tables import ARRIVAL_LIST
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Announcement, Household, Member
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.policy_document import policy_from
from kfi_allocation.domain.policy_record import PolicyRecord
from kfi_allocation.domain.towns.flat import Flat, Size
from kfi_allocation.domain.towns.stop import Stop, StopReason
from kfi_allocation.use_cases.solve_run import solve_next
from kfi_allocation.work import AllocationWork

POLICY = json.loads((Path(__file__).parents[1] / "examples" / "policy.json").read_text("utf-8"))
LIST = UUID("00000000-0000-4000-8000-0000000000a1")


async def policy_in_force(desk: Any, **changes: Any) -> None:
    """Two persons put the example's policy into force."""
    document = POLICY | changes

    async def put(work: AllocationWork) -> None:
        today = work.calendar.today()
        record = PolicyRecord.draft(uuid4(), policy_from(document), document, by="person-x", on=today)
        await work.policies.add(record)
        record.put_into_force(by="person-y", on=today, another_holds=False)
        await work.policies.save(record)

    await desk.run(put)


async def announced(desk: Any, *homes: dict[str, Any]) -> list[str]:
    """Households of a list, each with its placement; their ids in this order."""
    ids = [uuid4() for _ in homes]

    async def add(work: AllocationWork) -> None:
        today = work.calendar.today()
        await work.connection.execute(insert(ARRIVAL_LIST).on_conflict_do_nothing(), _imported(today))
        for number, (household_id, facts) in enumerate(zip(ids, homes, strict=True)):
            household = Household.announced(
                household_id, announcement(number, **facts), list_id=LIST, source="example", on=today
            )
            await work.households.add(household)
            await work.placements.add(
                Placement.announce(
                    household_id,
                    list_id=LIST,
                    group=household.group,
                    persons=household.persons,
                    arrival_on=household.arrival_on,
                    on=today,
                )
            )

    await desk.run(add)
    return [str(household_id) for household_id in ids]


def _imported(on: date) -> dict[str, Any]:
    codes = {"source": "example", "mapping": "example", "kind": "text/csv", "encoding": "utf-8", "separator": ";"}
    counts = {"size": 1, "version": 1, "mapping_document": {}, "said": {}, "found": {}, "done": {}}
    return codes | counts | {
        "id": LIST, "root_id": LIST, "sha256": "0" * 64, "asked": "0" * 64, "uploaded_by": "person-a",
        "uploaded_on": on, "state": "imported", "whole": True,
    }  # fmt: skip


def announcement(number: int, persons: int = 2, **facts: Any) -> Announcement:
    """What a list says of a household."""
    said: dict[str, Any] = {
        "reference": f"H-{uuid4()}", "group": Group.RESETTLEMENT, "persons": persons, "adults": persons, "children": 0,
        "school_children": 0, "members": (Member("Muster", f"Ada {number}"),),
    }  # fmt: skip
    return Announcement(**(said | facts))


async def stopped(desk: Any, ags: str) -> None:
    """An approved stop of reception."""

    async def stop(work: AllocationWork) -> None:
        today = work.calendar.today()
        asked = Stop.ask(
            uuid4(), ags, first_day=today, last_day=today + timedelta(days=90), reason=StopReason.HOUSING, on=today
        )
        asked.approve(by="person-y", on=today)
        await work.towns.stops.add(asked, "ask")

    await desk.run(stop)


async def flat(desk: Any, ags: str, persons: int = 4, *, barrier_free: bool = True) -> str:
    """A flat that a town offers; its id."""
    offered = uuid4()

    async def offer(work: AllocationWork) -> None:
        today = work.calendar.today()
        size = Size(persons, 20 * persons, barrier_free=barrier_free, free_from=today)
        await work.towns.flats.add(Flat.offer(offered, ags, size, today), "offer")

    await desk.run(offer)
    return str(offered)


async def frozen(desk: Any, who: str = "planner", **body: Any) -> dict[str, Any]:
    """A run about all who wait."""
    answer = await desk.post(who, "/runs", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def solved(desk: Any, run: dict[str, Any]) -> dict[str, Any]:
    """The run after a worker solved it."""
    await desk.done("planner", f"/runs/{run['id']}", "start")
    await solve_next(desk.transactions)
    return dict((await desk.get("auditor", f"/runs/{run['id']}")).json())


async def accepted(desk: Any, run: dict[str, Any]) -> dict[str, Any]:
    """The run after a planner took its plan."""
    return dict(await desk.done("planner", f"/runs/{run['id']}", "acceptance"))


async def towns_of(desk: Any, run: dict[str, Any]) -> dict[str, str]:
    """The town of each household of a proven plan."""
    page = (await desk.get("planner", f"/runs/{run['id']}/placements", limit=100)).json()
    return {line["household_id"]: line["ags"] for line in page["items"]}
