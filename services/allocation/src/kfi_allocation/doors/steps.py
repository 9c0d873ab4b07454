"""What the worker does for the doors: gives positions, lets go of what is old, and tells how the doors stand."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from kfi_allocation.domain.doors.webhook import Endpoint
from kfi_allocation.doors.feed import WRITER
from kfi_allocation.doors.feed_writer import give_positions
from kfi_allocation.doors.kafka_doors import hand_to_topics
from kfi_allocation.doors.sending import WebhookSender
from kfi_allocation.doors.webhook_rounds import WebhookRounds
from kfi_allocation.doors.webhooks import SENDER, Standing
from kfi_allocation.metrics import AllocationMetrics
from kfi_allocation.town_mails import endpoint_disabled
from kfi_allocation.work import AllocationWork
from kfi_chassis.clock import BERLIN
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_chassis.worker import Worker

_SELF: Final = SYSTEM("allocation")
_LOOK: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)


async def entries_get_their_positions(transactions: Transactions[AllocationWork]) -> int:
    """Whatever was told by committed transactions becomes readable at every door, in an order that stays."""
    return await transactions.run(position_and_hand_on, actor=_SELF)


async def position_and_hand_on(work: AllocationWork) -> int:
    """Give positions, and hand what got one to the towns' topics and endpoints; how many entries got one."""
    entries = await give_positions(work)
    if entries:
        await hand_to_topics(entries, work)
        work.wake(SENDER)
    return len(entries)


async def old_events_are_dropped(transactions: Transactions[AllocationWork]) -> int:
    """Feeds and delivery logs keep so many days; who comes later begins with the snapshot."""

    async def drop(work: AllocationWork) -> None:
        moment = work.clock.now() - timedelta(days=work.settings.feed_days)
        await work.feeds.drop_before(moment)
        await work.webhooks.drop_attempts_before(moment)

    await transactions.run(drop, actor=_SELF)
    return 0


def webhook_sender(work: AllocationWork) -> WebhookSender:
    """What sends, as this process is set."""
    return WebhookSender(seconds=work.settings.webhook_seconds, inside=work.settings.webhooks_inside)


async def the_town_is_told(endpoint: Endpoint, work: AllocationWork) -> None:
    """An e-mail goes to the contact of an endpoint that ended by itself."""
    contact = await work.webhooks.contact(endpoint.id)
    if contact is None:
        return
    since = endpoint.failing_since or work.clock.now()
    content = endpoint_disabled(
        endpoint.ags,
        contact,
        endpoint_id=endpoint.id,
        host=urlsplit(endpoint.url).hostname or "",
        failing_since=since.astimezone(BERLIN).date(),
        disabled_on=work.calendar.today(),
    )
    work.letters.mail(content, concerns=endpoint.id, notification_id=uuid4())


async def doors_stand(transactions: Transactions[AllocationWork], metrics: AllocationMetrics) -> None:
    """For how long something waits at each door."""

    async def read(work: AllocationWork) -> tuple[datetime, datetime | None, Standing, datetime | None]:
        return (
            work.clock.now(),
            await work.feeds.oldest_without_position(),
            await work.webhooks.standing(),
            await work.kafka_doors.waiting_since(),
        )

    now, told, webhooks, asked = await transactions.run(read, actor=_SELF)
    metrics.feed_oldest_age_seconds.set(_age(told, now))
    metrics.webhook_oldest_age_seconds.set(_age(webhooks.oldest_waiting, now))
    metrics.webhook_disabled.set(webhooks.disabled)
    metrics.kafka_door_oldest_age_seconds.set(_age(asked, now))


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def declare_doors(worker: Worker) -> None:
    """Add the steps of the doors to the service's worker."""
    worker.each(WRITER, every=_LOOK)(entries_get_their_positions)
    worker.each(SENDER, every=_LOOK)(WebhookRounds(webhook_sender, the_town_is_told).turn)
    worker.each("feed-retention", every=_HOUR)(old_events_are_dropped)
    worker.measure("doors")(doors_stand)
