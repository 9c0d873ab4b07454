"""Events that come in."""

from kfi_chassis.consumer import Consumer, Unprocessable
from kfi_contracts.allocation import HouseholdErased
from kfi_contracts.applications import PersonErased
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications.domain.orders import OrderRefused
from kfi_notifications.use_cases.accept_order import accept_order
from kfi_notifications.use_cases.erase_person import erase_person
from kfi_notifications.work import NotificationsWork

consumer = Consumer(group="notifications")


@consumer.on(NotificationOrdered)
async def an_order_is_kept_until_it_is_delivered(event: NotificationOrdered, work: NotificationsWork) -> None:
    """Keep the order; one that cannot be carried out is parked with its code."""
    try:
        await accept_order(event, work)
    except OrderRefused as refusal:
        raise Unprocessable(refusal.code) from refusal


@consumer.on(PersonErased)
async def personal_data_goes_with_its_key(event: PersonErased, work: NotificationsWork) -> None:
    """Letters about the application name the person as well."""
    await erase_person(event.application_id, work)


@consumer.on(HouseholdErased)
async def what_names_a_household_goes_with_its_key(event: HouseholdErased, work: NotificationsWork) -> None:
    """Letters to the family name it, its persons and its needs."""
    await erase_person(event.household_id, work)
