"""What a list says comes into force, portion by portion: each household with its placement, whole, once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from kfi_allocation import households
from kfi_allocation.arrival_entries import ArrivalEntries, Entry
from kfi_allocation.arrival_lists import AGGREGATE
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList
from kfi_allocation.domain.arrivals.difference import Difference, Outcome, change_of
from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.domain.household import Announcement, Household
from kfi_allocation.domain.placement import Placement
from kfi_allocation.use_cases.cancel_household import take_back
from kfi_allocation.use_cases.correct_placement import amend_placement
from kfi_allocation.use_cases.read_arrival_list import READER
from kfi_allocation.work import AllocationWork
from kfi_chassis.work import Transactions

IMPORTING: Final = "import-arrival-lists"
"""The step of the worker that imports what a planner ordered."""
FILE_GOES: Final = "arrival-file-goes"
"""The deadline at which an uploaded file is deleted."""
PORTION: Final = 250


async def order_import(
    list_id: UUID, seen: int, *, cancellations: int, although_not_whole: bool, work: AllocationWork
) -> ArrivalList:
    """A planner saw the difference and wants it in force.

    Raises UnknownArrivalList, VersionConflict, NotInThisState, CancellationsNotConfirmed, ListNotWhole.
    """
    found = await work.arrival_lists.get_to_change(list_id, seen)
    ordered = found.ordered(cancellations=cancellations, although_not_whole=although_not_whole)
    await work.arrival_lists.save(ordered)
    _record(ordered, "import", work)
    work.wake(IMPORTING)
    return ordered


async def discard(list_id: UUID, seen: int, work: AllocationWork) -> ArrivalList:
    """Nothing of the list comes in, and its file goes at once. Raises as ``order_import`` does."""
    found = await work.arrival_lists.get_to_change(list_id, seen)
    discarded = found.discarded(work.calendar.today())
    await work.arrival_lists.save(discarded)
    await work.arrival_lists.forget_file(list_id)
    _record(discarded, "discard", work)
    return discarded


async def import_next_portion(transactions: Transactions[AllocationWork]) -> int:
    """Import some households of the oldest list, all in one transaction with their placements; 0 when none waits.

    What a portion did is noted with it: killed between two, the next process goes on with the next one.
    """

    async def use(work: AllocationWork) -> int:
        importing = await work.arrival_lists.to_be_imported()
        if importing is None:
            return 0
        entries = ArrivalEntries(work, importing.id)
        portion = await entries.open(PORTION)
        if not portion:
            await _finish(importing, work)
            return 1
        dealt = await _deal_with(importing, portion, work)
        await entries.deal_with(dealt)
        done = importing.done
        for each in dealt:
            done = done.counting(each.outcome or Outcome.UNCHANGED)
        await work.arrival_lists.note_progress(replace(importing, done=done))
        return len(portion)

    return await transactions.run(use, actor=READER)


async def forget_file(list_id: UUID, work: AllocationWork) -> None:
    """The period after the import is over: the uploaded file goes with its key."""
    found = await work.arrival_lists.get_to_change(list_id)
    if found.file_deleted_on is None:
        gone = found.without_file(work.calendar.today())
        await work.arrival_lists.save(gone)
        await work.arrival_lists.forget_file(list_id)
        _record(gone, "delete-file", work)


async def _finish(importing: ArrivalList, work: AllocationWork) -> None:
    today = work.calendar.today()
    imported = importing.imported(today)
    await work.arrival_lists.save(imported)
    work.deadlines.schedule(FILE_GOES, imported.id, today + timedelta(days=work.settings.arrival_file_days))
    _record(imported, "imported", work)


async def _deal_with(importing: ArrivalList, portion: Sequence[Entry], work: AllocationWork) -> list[Entry]:
    references = [each.reference for each in portion]
    known = await work.households.live(importing.source, references, locked=True)
    new: list[tuple[Household, Placement]] = []
    dealt = [await _one(importing, each, known, new, work) for each in portion]
    await work.households.add_all([household for household, _ in new])
    await work.placements.add_all([placement for _, placement in new])
    return dealt


async def _one(
    importing: ArrivalList,
    entry: Entry,
    known: Mapping[str, Household],
    new: list[tuple[Household, Placement]],
    work: AllocationWork,
) -> Entry:
    """What a list says is compared again: something else may have come in since it was read."""
    household = known.get(entry.reference)
    by_absence = entry.difference is Difference.CANCELLED and entry.line == 0
    if by_absence and household is not None and household.list_id != importing.root_id:
        return replace(entry, outcome=Outcome.UNCHANGED, household_id=household.id)
    change = change_of(household, entry.said, cancelled=entry.said is None)
    try:
        if change.difference is Difference.ADDED and entry.said is not None:
            household = _announce(importing, entry.said, new, work)
        elif change.difference is Difference.AMENDED and household is not None and entry.said is not None:
            await _amend(household, entry.said, tuple(change.fields), work)
        elif change.difference is Difference.CANCELLED and household is not None:
            await take_back(household, work)
    except RuleBroken as refused:
        return replace(
            entry, outcome=Outcome.REFUSED, refusal=refused.code, household_id=household.id if household else None
        )
    known_as = None if household is None else household.id
    return replace(entry, outcome=Outcome(change.difference.value), household_id=known_as)


def _announce(
    importing: ArrivalList, said: Announcement, new: list[tuple[Household, Placement]], work: AllocationWork
) -> Household:
    today = work.calendar.today()
    household = Household.announced(uuid4(), said, list_id=importing.root_id, source=importing.source, on=today)
    placement = Placement.announce(
        household.id, list_id=importing.root_id, group=said.group, persons=said.persons, arrival_on=said.arrival_on,
        on=today,
    )  # fmt: skip
    new.append((household, placement))
    return household


async def _amend(household: Household, said: Announcement, fields: tuple[str, ...], work: AllocationWork) -> None:
    """The placement says first whether it can bear it. Raises RuleBroken before anything is stored.

    Where the household can be reached says nothing about where it is placed.
    """
    if set(fields) != {"contact"}:
        await amend_placement(household.id, persons=said.persons, arrival_on=said.arrival_on, work=work)
    amended = household.amended(said)
    await work.households.save(amended)
    work.audit.add(
        aggregate=households.AGGREGATE, aggregate_id=household.id, version=amended.version, action="amend",
        details={"fields": " ".join(fields)},
    )  # fmt: skip


def _record(step: ArrivalList, action: str, work: AllocationWork) -> None:
    details = {"state": step.state, "cancelled": str(step.found.cancelled), "whole": str(step.whole).lower()}
    work.audit.add(aggregate=AGGREGATE, aggregate_id=step.id, version=step.version, action=action, details=details)
