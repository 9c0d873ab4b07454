"""The webhooks of a town: its endpoints, their keys, the delivery log, replays.

Events go to an endpoint as in the feed, one after the other, signed by Standard Webhooks; `webhook-id` is the id of the
event. Planners, auditors and operators see how an endpoint stands, and neither its whole address nor its keys.
"""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Response, status

from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_doors import LOOKERS, TOWN, Ags, at_own_door
from kfi_allocation.api.webhook_views import (
    LATEST,
    DeliveryAttemptView,
    KeyView,
    NewKey,
    NewWebhook,
    Range,
    WebhookView,
)
from kfi_allocation.domain.doors.addresses import AddressRefused
from kfi_allocation.domain.doors.webhook import Endpoint, ReplayRunning, TooManyWebhooks, WebhookDisabled
from kfi_allocation.doors.signatures import Scheme
from kfi_allocation.use_cases import keep_webhooks
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents

router = APIRouter(prefix="/municipalities/{ags}/webhooks", tags=["webhooks"])
Own = Annotated[Edge[AllocationWork], edge(TOWN)]
Reading = Annotated[Edge[AllocationWork], edge(TOWN, *LOOKERS)]


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(KINDS[AddressRefused], KINDS[TooManyWebhooks])
async def post_webhook(ags: Ags, body: NewWebhook, once: Idempotent, door: Own) -> WebhookView:
    """Add an endpoint. It gets what happens from now on; its key is read at `keys`."""
    at_own_door(door, ags)
    new = keep_webhooks.NewEndpoint(uuid4(), ags, body.url, body.contact, Scheme(body.signature))

    async def show(webhook_id: UUID, work: AllocationWork) -> WebhookView:
        door.located(f"/allocation/v1/municipalities/{ags}/webhooks/{webhook_id}")
        return _shown(await work.webhooks.get(webhook_id, ags), door)

    return await door.create(once, lambda work: keep_webhooks.add(new, work), show)


@router.get("")
async def list_webhooks(ags: Ags, door: Reading, asked: Paged) -> Page[WebhookView]:
    """The town's endpoints, the oldest first."""
    at_own_door(door, ags)
    after = asked.after(int)

    async def page(work: AllocationWork) -> Page[WebhookView]:
        found = await work.webhooks.page(ags, after=after[0] if after else 0, rows=asked.rows)
        return asked.page(found, lambda row: WebhookView.of(row[1], door.principal), lambda row: (row[0],))

    return await door.read(page)


@router.get("/{webhook_id}")
async def get_webhook(ags: Ags, webhook_id: UUID, door: Reading) -> WebhookView:
    """How one endpoint stands."""
    at_own_door(door, ags)
    return _shown(await door.read(lambda work: work.webhooks.get(webhook_id, ags)), door)


@router.delete("/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_webhook(ags: Ags, webhook_id: UUID, seen: IfMatch, door: Own) -> Response:
    """Delete an endpoint with its keys and its log."""
    at_own_door(door, ags)
    await door.command(lambda work: keep_webhooks.remove(webhook_id, ags, seen, work))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{webhook_id}/activation")
async def post_activation(ags: Ags, webhook_id: UUID, seen: IfMatch, door: Own) -> WebhookView:
    """Send again, at once and from where it stands; also when it only waits for its next attempt."""
    at_own_door(door, ags)
    return _shown(await door.command(lambda work: keep_webhooks.activate(webhook_id, ags, seen, work)), door)


@router.post("/{webhook_id}/deactivation")
async def post_deactivation(ags: Ags, webhook_id: UUID, seen: IfMatch, door: Own) -> WebhookView:
    """Send nothing any more, until it is activated."""
    at_own_door(door, ags)
    return _shown(await door.command(lambda work: keep_webhooks.deactivate(webhook_id, ags, seen, work)), door)


@router.post("/{webhook_id}/replay", status_code=status.HTTP_202_ACCEPTED)
@documents(KINDS[WebhookDisabled], KINDS[ReplayRunning])
async def post_replay(ags: Ags, webhook_id: UUID, body: Range, seen: IfMatch, door: Own) -> WebhookView:
    """Send a range of events once more, with the same ids, before what is new; what is not kept is left out."""
    at_own_door(door, ags)
    wanted = (body.first, body.last)
    return _shown(await door.command(lambda work: keep_webhooks.replay(webhook_id, ags, seen, wanted, work)), door)


@router.get("/{webhook_id}/keys")
async def list_keys(ags: Ags, webhook_id: UUID, door: Own) -> list[KeyView]:
    """The keys that sign now, the newest first. That somebody looked at them is recorded."""
    at_own_door(door, ags)
    keys = await door.read(lambda work: keep_webhooks.read_keys(webhook_id, ags, work))
    return [KeyView.of(each) for each in keys]


@router.post("/{webhook_id}/keys", status_code=status.HTTP_201_CREATED)
async def post_key(ags: Ags, webhook_id: UUID, body: NewKey, once: Idempotent, door: Own) -> KeyView:
    """Change the key: requests bear a signature of the old one as well for a day."""
    at_own_door(door, ags)

    async def show(key_id: UUID, work: AllocationWork) -> KeyView:
        return KeyView.of(await keep_webhooks.one_key(webhook_id, ags, key_id, work))

    scheme = Scheme(body.signature)
    return await door.create(once, lambda work: keep_webhooks.change_key(webhook_id, ags, scheme, work), show)


@router.get("/{webhook_id}/attempts")
async def list_attempts(ags: Ags, webhook_id: UUID, door: Reading, asked: Paged) -> Page[DeliveryAttemptView]:
    """The delivery log, the latest first."""
    at_own_door(door, ags)
    before = asked.after(int)

    async def page(work: AllocationWork) -> Page[DeliveryAttemptView]:
        await work.webhooks.get(webhook_id, ags)
        found = await work.webhooks.attempts(webhook_id, before=before[0] if before else LATEST, rows=asked.rows)
        return asked.page(found, DeliveryAttemptView.of, lambda logged: (logged.number,))

    return await door.read(page)


def _shown(endpoint: Endpoint, door: Edge[AllocationWork]) -> WebhookView:
    door.etag(endpoint.version)
    return WebhookView.of(endpoint, door.principal)
