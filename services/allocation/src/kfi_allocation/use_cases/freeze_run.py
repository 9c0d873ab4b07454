"""A planner makes a run: its input is frozen and can be looked at before it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from kfi_allocation.domain.freezing import Circumstances, FrozenInput, freeze
from kfi_allocation.domain.household import Household
from kfi_allocation.domain.obstacles import obstacles
from kfi_allocation.domain.run import Cause, Frozen, Run
from kfi_allocation.domain.run_errors import InputNotPlannable
from kfi_allocation.use_cases.circumstances import circumstances_of
from kfi_allocation.work import AllocationWork


@dataclass(frozen=True)
class FreezeRun:
    """Which households that wait are planned: those of these lists (None: of all), without those left out."""

    list_ids: frozenset[UUID] | None
    without: frozenset[UUID]
    seed: int


@dataclass(frozen=True)
class Origin:
    """What a run follows from."""

    repairs: UUID | None = None
    replans: UUID | None = None
    causes: tuple[Cause, ...] = ()


async def freeze_run(command: FreezeRun, work: AllocationWork) -> UUID:
    """Freeze a run about all who wait. Raises InputNotPlannable, NoPolicyInForce."""
    found = await work.households.waiting(None if command.list_ids is None else list(command.list_ids))
    chosen = [household for household in found if household.id not in command.without]
    return await freeze_run_of(chosen, {}, command.seed, Origin(), work)


async def freeze_run_of(
    households: Sequence[Household], fixed: Mapping[UUID, str], seed: int, origin: Origin, work: AllocationWork
) -> UUID:
    """Freeze a run about these households. Raises as freeze_run."""
    return await store_run(await circumstances_of(households, fixed, seed, work), origin, work)


async def store_run(given: Circumstances, origin: Origin, work: AllocationWork) -> UUID:
    """Store the run of these circumstances. Raises InputNotPlannable with every obstacle."""
    found = obstacles(given)
    if found:
        raise InputNotPlannable(found)
    frozen = freeze(given)
    run = Run.freeze(
        uuid4(), _frozen(frozen, given), work.actor.person, repairs=origin.repairs, replans=origin.replans,
        causes=origin.causes,
    )  # fmt: skip
    await work.runs.add(run, frozen.content, [UUID(home.id) for home in given.households])
    return run.id


def _frozen(frozen: FrozenInput, given: Circumstances) -> Frozen:
    homes = frozen.instance.households
    return Frozen(frozen.digest, given.on, given.policy_version, given.seed, len(homes), frozen.instance.persons)
