"""After the arrival: moves, births, deaths, corrections; each is an entry of its own and nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.errors import DateNotPossible
from kfi_allocation.domain.placement import Placement
from kfi_allocation.domain.presence import entries as presence
from kfi_allocation.domain.presence.entries import Change, Happened, PresenceEntry, present
from kfi_allocation.domain.refusals import PresenceNotPossible
from kfi_allocation.placements import UnknownPlacement
from kfi_allocation.work import AllocationWork
from kfi_law.municipalities import register


@dataclass(frozen=True, slots=True)
class Report:
    """What a town, or a planner, reports of a household that lives or lived there."""

    household_id: UUID
    ags: str
    seen_version: int


async def record_move(
    report: Report, to_ags: str | None, persons: int, on: date, cohort: int | None, work: AllocationWork
) -> Placement:
    """So many persons live in another town from that day on, or left the Land. Raises as the others."""
    if to_ags is not None and to_ags not in register():
        raise PresenceNotPossible("There is no such municipality.", fix="Correct its key.", field="to_ags")
    history, placement = await _loaded(report, on, work)
    changes = presence.move(history, report.household_id, report.ags, to_ags, persons, on, cohort=cohort)
    after = [*history, *await work.presence.add(changes)]
    whole = placement.ags == report.ags and not any(one.ags == report.ags for one in present(after))
    placement.record_move(to_ags, persons=persons, on=on, from_ags=report.ags, whole=whole)
    if (await work.policies.in_force(work.calendar.today())).intake_follows_moves:
        await work.ledger.moved(report.household_id, report.ags, to_ags, persons, on)
    await work.placements.save(placement)
    return placement


async def record_birth(report: Report, children: int, born_on: date, work: AllocationWork) -> Placement:
    """Children of the household. The day of birth is used and not kept; others hear of the day of the report."""
    history, placement = await _loaded(report, born_on, work)
    change = presence.birth(history, report.household_id, report.ags, children, born_on)
    return await _changed(report, placement, history, [change], "birth", work.calendar.today(), work)


async def record_death(
    report: Report, persons: int, died_on: date, cohort: int | None, work: AllocationWork
) -> Placement:
    """So many persons of the household died."""
    history, placement = await _loaded(report, died_on, work)
    changes = presence.leaving(history, report.household_id, report.ags, persons, died_on, Happened.DIED, cohort=cohort)
    return await _changed(report, placement, history, changes, "death", died_on, work)


async def correct_presence(report: Report, number: int, persons: int, work: AllocationWork) -> Placement:
    """So many persons more or fewer in an earlier entry of this town; of an arrival the account is corrected too."""
    history, placement = await _loaded(report, work.calendar.today(), work)
    own = [entry for entry in history if entry.change.ags == report.ags]
    change = presence.correction(history, number if any(e.number == number for e in own) else 0, persons)
    corrected = next(entry.change for entry in own if entry.number == number)
    placement = await _changed(report, placement, history, [change], "correction", change.on, work)
    if corrected.happened is Happened.ARRIVED:
        await work.ledger.another_figure(report.household_id, report.ags, persons, work.calendar.today())
    return placement


async def _loaded(report: Report, on: date, work: AllocationWork) -> tuple[Sequence[PresenceEntry], Placement]:
    """What is known of the household, when it lives or lived in the town; else it is none of its business.

    Raises UnknownPlacement, VersionConflict, DateNotPossible for a day to come.
    """
    if on > work.calendar.today():
        raise DateNotPossible("The day is still to come.", fix="Report what has happened.", field="on")
    history = await work.presence.to_change(report.household_id)
    if not any(entry.change.ags == report.ags for entry in history):
        raise UnknownPlacement
    return history, await work.placements.get_to_change(report.household_id, report.seen_version)


async def _changed(
    report: Report, placement: Placement, history: Sequence[PresenceEntry], changes: Sequence[Change], change: str,
    on: date, work: AllocationWork,
) -> Placement:  # fmt: skip
    after = [*history, *await work.presence.add(changes)]
    placement.record_change(change, persons=sum(one.persons for one in present(after)), on=on, ags=report.ags)
    await work.placements.save(placement)
    return placement
