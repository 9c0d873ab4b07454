"""Which sealing keys are still needed: the orders in the database that are sealed, by the key that opens them."""

import json
from collections import Counter
from typing import Final

from sqlalchemy import Text, cast, func, select

from kfi_chassis.sealing import kid_of
from kfi_contracts.notifications import NotificationOrdered
from kfi_notifications import tables
from kfi_notifications.work import NotificationsWork

UNREADABLE: Final = "unreadable"
_CONTENT: Final = tables.notification.c.content
_WAITING: Final = select(cast(func.split_part(_CONTENT, ".", 1), Text)).where(_CONTENT.is_not(None))
_LETTER: Final = tables.chassis.dead_letter.c
_PARKED: Final = select(_LETTER.value).where(_LETTER.topic == NotificationOrdered.topic, _LETTER.value.is_not(None))


async def sealed_orders(work: NotificationsWork) -> Counter[str]:
    """How many orders that wait or are parked are sealed for which key."""
    waiting = await work.connection.scalars(_WAITING)
    parked = await work.connection.scalars(_PARKED)
    return Counter([*(kid_of(header) or UNREADABLE for header in waiting), *(_kid_of(value) for value in parked)])


def _kid_of(value: bytes) -> str:
    try:
        return kid_of(json.loads(value)["content"]) or UNREADABLE
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return UNREADABLE
