"""Households that were proposed to towns by an accepted run, without a solver: the plan is what a test says."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.allocation.tests.planning import announced, policy_in_force

from kfi_allocation.domain.freezing import freeze
from kfi_allocation.domain.groups import Group
from kfi_allocation.domain.household import Contact
from kfi_allocation.domain.run import Frozen, Lease, Outcome, Run
from kfi_allocation.runs import Document
from kfi_allocation.use_cases.circumstances import circumstances_of
from kfi_allocation.use_cases.propose_placements import propose
from kfi_allocation.work import AllocationWork
from kfi_chassis.identity import Principal

RUN = UUID("00000000-0000-4000-8000-0000000000b1")
ROOT = "5e" * 32
CONTACT = Contact("Heimkehrerstraße", "18", "37133", "Friedland")
_PLANNER = Principal("planner", "person-a", frozenset({"allocation-planner"}))
_OUTCOME = Outcome("test 1", "optimal", Decimal(1), Decimal(1), Decimal(0), "proof", reproducible=True)
_CERTIFICATE = {"statement": {"input_root": ROOT, "plan_root": ROOT}, "signature": "0" * 128}


async def proposed(desk: Any, town: str, group: Group = Group.RESETTLEMENT, run_id: UUID = RUN, **facts: Any) -> str:
    """One household that an accepted run proposed to a town; its id."""
    await policy_in_force(desk)
    (household,) = await announced(desk, {"group": group, "contact": CONTACT, "persons": 4, **facts})
    await proposed_as(desk, {household: town}, run_id)
    return household


async def proposed_as(desk: Any, places: Mapping[str, str], run_id: UUID = RUN) -> None:
    """An accepted run whose plan says this."""

    async def use(work: AllocationWork) -> None:
        households = await work.households.many([UUID(home) for home in places])
        given = await circumstances_of(households, {}, 1, work)
        frozen = freeze(given)
        homes = frozen.instance.households
        of = Frozen(frozen.digest, given.on, given.policy_version, 1, len(homes), frozen.instance.persons)
        run = Run.freeze(run_id, of, "person-a")
        await work.runs.add(run, frozen.content, [UUID(home) for home in places])
        plan = json.dumps({"assignments": dict(places)}).encode()
        await work.runs.keep(run_id, Document.PLAN, plan)
        now = work.clock.now()
        run.start(now)
        run.claim(Lease(run_id, now), now)
        run.prove(_OUTCOME, _CERTIFICATE, now)
        run.accept("person-a", work.calendar.today())
        await work.runs.assign(run_id, places)
        await work.runs.save(run)
        await propose(run, {UUID(home): ags for home, ags in places.items()}, work)
        today = work.calendar.today()
        await work.ledger.placed({home.id: (places[str(home.id)], home.persons) for home in households}, today)

    await desk.transactions.run(use, actor=_PLANNER)


async def orders(desk: Any) -> list[dict[str, Any]]:
    """What was ordered of the notifications service, opened."""
    rows = await desk.rows("SELECT payload FROM outbox WHERE topic = 'notifications.order.v1' ORDER BY position")
    found = [json.loads(bytes(row.payload)) for row in rows]
    for order in found:
        order["content"] = json.loads(desk.opener.open(order["content"], bound_to=order["notification_id"]))
    return found


async def told(desk: Any) -> list[str]:
    """The placement events so far, by their last word."""
    rows = await desk.rows("SELECT type FROM outbox WHERE topic = 'allocation.placement.v1' ORDER BY position")
    return [row.type.split(".")[-2] for row in rows]


async def ready(desk: Any, household: str) -> None:
    """The family was heard, the town agrees, and a decision is drafted."""
    path = f"/placements/{household}"
    await desk.done("planner", path, "hearing")
    await desk.done("planner", path, "hearing-answer", {"said": "Lieber nach Köln.", "wishes": ["05315000"]})
    await desk.done("planner", path, "town-agreement")
    reply = {"weighing": ["Die Schule nimmt auf."], "reply_to_family": "In Köln ist kein Wohnraum frei."}
    await desk.done("planner", path, "draft", reply)


async def digest(desk: Any, household: str, who: str = "signatory") -> str:
    """What this person's signature would sign."""
    answer = await desk.get(who, f"/placements/{household}/letter-content")
    assert answer.is_success, answer.text
    return str(answer.json()["digest"])
