"""Towns are told what concerns them, in the transaction in which the service hears its own events."""

from datetime import timedelta

from kfi_allocation.domain.doors.translation import NotFollowing, translate
from kfi_allocation.domain.towns.stop import Stop
from kfi_allocation.work import AllocationWork
from kfi_chassis.consumer import Unprocessable
from kfi_contracts import allocation as said
from kfi_contracts.event import Event
from kfi_contracts.municipality import StopOutcome, TownAccountPublished, TownStopDecided, account_dataref
from kfi_law.municipalities import register

PLACEMENT_EVENTS = (
    said.AllocationProposed,
    said.AllocationRevised,
    said.AllocationObjected,
    said.PlacementAgreed,
    said.AllocationDecided,
    said.HouseholdAmended,
    said.HouseholdCancelled,
    said.ArrivalConfirmed,
    said.HouseholdMoved,
    said.HouseholdChanged,
    said.HouseholdErased,
)
"""What of a placement concerns towns."""


async def tell_of_placement(event: Event, work: AllocationWork) -> None:
    """Each town the event concerns is told in its own words. Raises Unprocessable for what follows from nothing."""
    household_id = event.household_id  # type: ignore[attr-defined]
    known = await work.feeds.known(household_id)
    try:
        translation = translate(event, known)
    except NotFollowing as missing:
        raise Unprocessable("town_was_never_told") from missing
    await work.feeds.know(household_id, translation.known)
    await work.feeds.tell(*translation.events)


async def tell_of_account(event: said.QuotaPublished, work: AllocationWork) -> None:
    """Every town of the state is told that it may look at its account."""
    towns = sorted(town.ags for town in register())
    published = (
        TownAccountPublished(
            ags=ags,
            publication_id=event.publication_id,
            as_of=event.as_of,
            policy_version=event.policy_version,
            digest=event.digest,
            dataref=account_dataref(ags),
        )
        for ags in towns
    )
    await work.feeds.tell(*published)


async def tell_of_stop(stop: Stop, work: AllocationWork) -> None:
    """The town is told what became of its stop, in the transaction in which it is decided or ended."""
    told = TownStopDecided(
        ags=stop.ags,
        stop_id=stop.id,
        outcome=StopOutcome(stop.state.value),
        begins_on=stop.first_day,
        ends_on=stop.last_day if stop.ended_on is None else min(stop.last_day, stop.ended_on - timedelta(days=1)),
        decided_on=work.calendar.today(),
    )
    await work.feeds.tell(told)
