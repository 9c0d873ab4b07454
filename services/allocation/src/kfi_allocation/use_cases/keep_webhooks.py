"""What a town does with its webhooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kfi_allocation.domain.doors.addresses import target_of
from kfi_allocation.domain.doors.webhook import Ending, Endpoint, EndpointState
from kfi_allocation.doors.signatures import Scheme
from kfi_allocation.doors.webhooks import AGGREGATE, StoredKey, UnknownWebhook
from kfi_allocation.work import AllocationWork


@dataclass(frozen=True, repr=False)
class NewEndpoint:
    """An endpoint as the town states it."""

    id: UUID
    ags: str
    url: str
    contact: str
    scheme: Scheme


async def add(new: NewEndpoint, work: AllocationWork) -> UUID:
    """Add an endpoint that gets what happens from now on. Raises AddressRefused, TooManyWebhooks."""
    target_of(new.url, inside=work.settings.webhooks_inside)
    feed = await work.feeds.of(new.ags)
    endpoint = Endpoint(
        id=new.id,
        ags=new.ags,
        version=1,
        url=new.url,
        state=EndpointState.ACTIVE,
        ending=None,
        position=feed.last_position,
        failures=0,
        due_at=None,
        failing_since=None,
    )
    await work.webhooks.add(endpoint, new.contact, new.scheme)
    return endpoint.id


async def remove(webhook_id: UUID, ags: str, seen: int, work: AllocationWork) -> None:
    """Delete an endpoint."""
    await work.webhooks.remove(await work.webhooks.get_to_change(webhook_id, ags, seen))


async def activate(webhook_id: UUID, ags: str, seen: int, work: AllocationWork) -> Endpoint:
    """Send again from where it stands."""
    endpoint = await work.webhooks.get_to_change(webhook_id, ags, seen)
    endpoint.activate()
    await work.webhooks.changed(endpoint, "activate-webhook")
    return endpoint


async def deactivate(webhook_id: UUID, ags: str, seen: int, work: AllocationWork) -> Endpoint:
    """Send nothing any more."""
    endpoint = await work.webhooks.get_to_change(webhook_id, ags, seen)
    endpoint.disable(Ending.BY_HAND)
    await work.webhooks.changed(endpoint, "deactivate-webhook")
    return endpoint


async def replay(webhook_id: UUID, ags: str, seen: int, wanted: tuple[int, int], work: AllocationWork) -> Endpoint:
    """Send a range once more. Raises WebhookDisabled, ReplayRunning."""
    endpoint = await work.webhooks.get_to_change(webhook_id, ags, seen)
    feed = await work.feeds.of(ags)
    endpoint.replay(max(wanted[0], feed.first_position), wanted[1])
    await work.webhooks.changed(endpoint, "replay-webhook")
    return endpoint


async def read_keys(webhook_id: UUID, ags: str, work: AllocationWork) -> Sequence[StoredKey]:
    """The keys that sign now; the look is recorded."""
    endpoint = await work.webhooks.get(webhook_id, ags)
    work.audit.add(aggregate=AGGREGATE, aggregate_id=webhook_id, version=endpoint.version, action="read-webhook-keys")
    return await work.webhooks.keys(webhook_id)


async def change_key(webhook_id: UUID, ags: str, scheme: Scheme, work: AllocationWork) -> UUID:
    """A new key; the old one signs beside it for a day."""
    endpoint = await work.webhooks.get(webhook_id, ags)
    work.audit.add(aggregate=AGGREGATE, aggregate_id=webhook_id, version=endpoint.version, action="change-webhook-key")
    return await work.webhooks.add_key(webhook_id, scheme)


async def one_key(webhook_id: UUID, ags: str, key_id: UUID, work: AllocationWork) -> StoredKey:
    """One of the keys that sign now. Raises UnknownWebhook for one that has ended."""
    await work.webhooks.get(webhook_id, ags)
    found = [each for each in await work.webhooks.keys(webhook_id) if each.id == key_id]
    if not found:
        raise UnknownWebhook
    return found[0]
