"""Sends what is due to the towns' endpoints: in order to each, side by side to all, and a slow one holds up no other.

A process takes an endpoint by a lease, so that two never send to it at once; no transaction is open while a request is
on its way. When the process dies, the lease ends and another goes on; the event goes again with the same id.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from kfi_allocation.domain.doors.webhook import Endpoint, EndpointState, Next
from kfi_allocation.doors.feed import Entry
from kfi_allocation.doors.sending import Attempt, WebhookSender
from kfi_allocation.doors.signatures import SigningKey, signed_headers
from kfi_allocation.work import AllocationWork
from kfi_chassis import logs
from kfi_chassis.identity import SYSTEM
from kfi_chassis.work import Transactions
from kfi_contracts.cloudevents import STRUCTURED_CONTENT_TYPE

MOST_AT_ONCE: Final = 50
_MOST_IN_A_ROW: Final = 20
_LOOK_SECONDS: Final = 0.5
_SELF: Final = SYSTEM("webhooks")


@dataclass(frozen=True, repr=False)
class _Request:
    """All that is needed to send one event once."""

    endpoint: Endpoint
    entry: Entry
    keys: Sequence[SigningKey]


@dataclass(frozen=True, repr=False)
class _Done:
    """A request that was sent, and whether the next one may follow at once."""

    request: _Request
    attempt: Attempt
    chance: float
    go_on: bool


Tell = Callable[[Endpoint, AllocationWork], Awaitable[None]]
"""Tells a town, in the transaction in which its endpoint ends by itself."""


class WebhookRounds:
    """The requests that are on their way from this process; they outlive the turn of the step that began them."""

    def __init__(
        self,
        make_sender: Callable[[AllocationWork], WebhookSender],
        tell: Tell,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._make_sender, self._tell, self._chance = make_sender, tell, chance
        self._on_the_way: set[asyncio.Task[int]] = set()

    async def turn(self, transactions: Transactions[AllocationWork]) -> int:
        """Begin to send to whoever is due, look after what is on its way; how many events were dealt with."""
        room = MOST_AT_ONCE - len(self._on_the_way)

        async def claim(work: AllocationWork) -> tuple[Sequence[tuple[UUID, UUID]], WebhookSender]:
            return await work.webhooks.claim(room), self._make_sender(work)

        if room > 0:
            claimed, sender = await transactions.run(claim, actor=_SELF)
            self._on_the_way |= {asyncio.create_task(self._serve(transactions, sender, *each)) for each in claimed}
        if not self._on_the_way:
            return 0
        ended, self._on_the_way = await asyncio.wait(
            self._on_the_way, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        return sum(_dealt_with(task) for task in ended)

    async def _serve(
        self, transactions: Transactions[AllocationWork], sender: WebhookSender, webhook_id: UUID, lease: UUID
    ) -> int:
        """Send one event after the other, until one fails or there is none; how many were dealt with."""
        for number in range(_MOST_IN_A_ROW):
            request = await transactions.run(partial(_prepare, webhook_id, lease), actor=_SELF)
            if request is None:
                return number
            attempt = await _send(sender, request, transactions)
            done = _Done(request, attempt, self._chance(), go_on=number + 1 < _MOST_IN_A_ROW)
            step = await transactions.run(partial(_note, done, lease, self._tell), actor=_SELF)
            if step not in (Next.ONWARD, Next.GIVEN_UP):
                return number + 1
        return _MOST_IN_A_ROW


def _dealt_with(task: "asyncio.Task[int]") -> int:
    if task.cancelled():
        return 0
    error = task.exception()
    if error is not None:
        logs.event("webhook_interrupted", error=error)  # its lease ends by itself, and it goes again
        return 0
    return task.result()


async def _prepare(webhook_id: UUID, lease: UUID, work: AllocationWork) -> _Request | None:
    endpoint = await work.webhooks.held(webhook_id, lease)
    if endpoint is None:
        return None
    feed = await work.feeds.of(endpoint.ags)
    endpoint.skip_to(feed.first_position)
    found = await work.feeds.after(endpoint.ags, endpoint.next_position - 1, rows=1)
    if not found or not endpoint.is_due(feed.last_position, work.clock.now()):
        await work.webhooks.progressed(endpoint, go_on=False)
        return None
    await work.webhooks.progressed(endpoint, go_on=True)
    return _Request(endpoint, found[0], [each.key for each in await work.webhooks.keys(webhook_id)])


async def _send(sender: WebhookSender, request: _Request, transactions: Transactions[AllocationWork]) -> Attempt:
    body = request.entry.envelope().to_structured()
    headers = signed_headers(str(request.entry.event_id), transactions.clock.now(), body, request.keys)
    return await sender.send(request.endpoint.url, {"Content-Type": STRUCTURED_CONTENT_TYPE, **headers}, body)


async def _note(done: _Done, lease: UUID, tell: Tell, work: AllocationWork) -> Next | None:
    """Record what became of a request; nothing when the endpoint was deleted or taken over meanwhile."""
    sent = done.request
    endpoint = await work.webhooks.held(sent.endpoint.id, lease)
    if endpoint is None:
        return None
    if endpoint.state is EndpointState.DISABLED or endpoint.next_position != sent.entry.position:
        await work.webhooks.progressed(endpoint, go_on=False)  # a person changed it: it begins anew from there
        return None
    step = endpoint.note(done.attempt.outcome, work.clock.now(), done.chance)
    await work.webhooks.log(sent.endpoint, sent.entry.event_id, done.attempt, step)
    await work.webhooks.progressed(endpoint, go_on=done.go_on and step in (Next.ONWARD, Next.GIVEN_UP))
    if step is Next.DISABLED:
        await work.webhooks.changed(endpoint, "end-webhook")
        await tell(endpoint, work)
    return step
