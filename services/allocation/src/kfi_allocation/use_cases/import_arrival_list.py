"""What a list says comes into force, portion by portion: each household with its placement, whole, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from kfi_allocation import households
from kfi_allocation.arrival_entries import ArrivalEntries, Entry
from kfi_allocation.arrival_lists import AGGREGATE
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList
from kfi_allocation.domain.arrivals.difference import Outcome
from kfi_allocation.use_cases.arrival_portion import Compared, Portion
from kfi_allocation.use_cases.cancel_household import keep_cancelled
from kfi_allocation.use_cases.correct_placements import keep_corrected
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


async def _deal_with(importing: ArrivalList, entries: Sequence[Entry], work: AllocationWork) -> list[Entry]:
    """What a list says is compared again: something else may have come in since it was read."""
    references = [each.reference for each in entries]
    known = await work.households.live(importing.source, references, locked=True)
    compared = [Compared(importing, each, known.get(each.reference)) for each in entries]
    touched = await work.placements.many_to_change([home for one in compared for home in one.placements])
    portion = Portion(importing, work.calendar.today(), {placement.id: placement for placement in touched})
    dealt = [portion.taken(one) for one in compared]
    await _keep(portion, work)
    return dealt


async def _keep(portion: Portion, work: AllocationWork) -> None:
    await work.households.add_all([household for household, _ in portion.added])
    await work.placements.add_all([placement for _, placement in portion.added])
    await keep_corrected(portion.corrected, portion.resized, work)
    await keep_cancelled(portion.cancelled, "list", work)
    await work.households.save_all([household for household, _ in portion.amended])
    for household, changed in portion.amended:
        work.audit.add(
            aggregate=households.AGGREGATE, aggregate_id=household.id, version=household.version, action="amend",
            details={"fields": " ".join(changed)},
        )  # fmt: skip


def _record(step: ArrivalList, action: str, work: AllocationWork) -> None:
    details = {"state": step.state, "cancelled": str(step.found.cancelled), "whole": str(step.whole).lower()}
    work.audit.add(aggregate=AGGREGATE, aggregate_id=step.id, version=step.version, action=action, details=details)
