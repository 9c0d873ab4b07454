"""What operators see of this service at `/health/details` beside what every service tells: letters that wait, keys."""

from collections.abc import Mapping
from typing import Any

from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.work import NotificationsWork


async def sealing_keys(_: Transactions[NotificationsWork], settings: NotificationsSettings) -> Mapping[str, Any]:
    """The keys whose orders this process opens; only a worker has any."""
    return {"opens": settings.opener.kids if settings.opener_keys_file is not None else []}


async def letters(transactions: Transactions[NotificationsWork], _: NotificationsSettings) -> Mapping[str, Any]:
    """The letters and e-mails that may leave today, by step and by what stops them: how many, since when."""

    async def read(work: NotificationsWork) -> Mapping[str, Any]:
        waiting, now = await work.deliveries.waiting(today=work.calendar.today()), work.clock.now()
        return {
            f"{each.step.value} {each.obstacle or 'none'}": {
                "waiting": each.count,
                "oldest_age_seconds": round((now - each.since).total_seconds(), 1),
            }
            for each in waiting
        }

    return await transactions.run(read, actor=SYSTEM("health"))


DETAILS = {"sealing_keys": sealing_keys, "letters": letters}
