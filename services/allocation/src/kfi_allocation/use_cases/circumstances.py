"""What a run depends on, as it stands today: policy, account, towns, households, and what people decided."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from kfi_allocation.domain.account.statement import statement
from kfi_allocation.domain.freezing import Circumstances, TownFacts, Waiting
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.orders import Orders
from kfi_allocation.work import AllocationWork


def waiting(household: Household) -> Waiting:
    """The household as a run sees it: nothing that names anybody."""
    return Waiting(
        id=str(household.id),
        persons=household.persons,
        needs=household.needs,
        languages=household.languages,
        wishes=household.wishes,
        relatives_in=household.relatives_in,
        must_join=household.must_join,
    )


async def circumstances_of(
    households: Sequence[Household], fixed: Mapping[UUID, str], seed: int, work: AllocationWork
) -> Circumstances:
    """The circumstances of a run about these households; `fixed` are towns that planners named for this run.

    Raises NoPolicyInForce.
    """
    today = work.calendar.today()
    policy = await work.policies.in_force(today)
    homes = [waiting(household) for household in households]
    persons = sum(home.persons for home in homes)
    lines = statement(await work.ledger.account(today, policy, announced=persons)).lines
    situation = await work.towns.situation(today)
    return Circumstances(
        on=today,
        policy_version=policy.version,
        weights=policy.weights,
        fit=policy.fit,
        towns=[
            TownFacts(ags, line.target_hundredths, now.capacity_left, now.offers, now.stopped, line.closed)
            for ags, line in lines.items()
            if (now := situation.get(ags)) is not None
        ],
        households=homes,
        orders=await orders_of({household.id for household in households}, fixed, work),
        seed=seed,
    )


async def orders_of(households: Collection[UUID], fixed: Mapping[UUID, str], work: AllocationWork) -> Orders:
    """Upheld objections and towns that planners named, those of this run before earlier ones."""
    known = await work.placements.orders(households)
    return Orders({**known.fixed, **{str(home): ags for home, ags in fixed.items()}}, known.excluded)
