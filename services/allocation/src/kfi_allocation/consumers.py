"""Events that come in."""

from kfi_allocation.placement_messages import declare_letters
from kfi_allocation.use_cases.tell_towns import PLACEMENT_EVENTS, tell_of_account, tell_of_placement
from kfi_allocation.work import AllocationWork
from kfi_chassis.consumer import Consumer
from kfi_contracts.allocation import QuotaPublished
from kfi_contracts.event import Event

consumer = Consumer(group="allocation")
declare_letters(consumer)


async def towns_are_told(event: Event, work: AllocationWork) -> None:
    """What happened to a household is told to the towns it concerns, in the order in which it happened."""
    await tell_of_placement(event, work)


for _kind in PLACEMENT_EVENTS:
    consumer.on(_kind, hold_key=True)(towns_are_told)


@consumer.on(QuotaPublished)
async def towns_may_look_at_their_accounts(event: QuotaPublished, work: AllocationWork) -> None:
    """Each town hears that its account was published."""
    await tell_of_account(event, work)
