"""`/holds`: letters that stay in the house until somebody releases them; without a person or a content."""

from datetime import date
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, model_validator

from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_chassis.problems import Forbidden
from kfi_contracts.codes import Code
from kfi_notifications.api.problems import ALREADY_HANDED_OVER, ALREADY_HELD, ALREADY_RELEASED
from kfi_notifications.api.readers import theirs
from kfi_notifications.domain.duties import AUDITOR, CASEWORKERS, SIGNATORIES, may_sign, service_of
from kfi_notifications.domain.hold import Hold, HoldReason, HoldScope
from kfi_notifications.use_cases.hold import place_hold, release_hold
from kfi_notifications.work import NotificationsWork

router = APIRouter(prefix="/holds", tags=["holds"])
OPERATOR: Final = "operator"
HOLDERS: Final = (*SIGNATORIES, OPERATOR)
Holder = Annotated[Edge[NotificationsWork], edge(*HOLDERS)]
Looker = Annotated[Edge[NotificationsWork], edge(*HOLDERS, *CASEWORKERS, AUDITOR)]


class NewHold(BaseModel):
    """What is to stay in the house: one notification, whatever a template writes, or whatever a service orders."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    scope: HoldScope
    target: Code
    """The id of the notification, the name of the template, or the name of the service."""
    reason: HoldReason

    @model_validator(mode="after")
    def _a_notification_is_named_by_its_id(self) -> Self:
        if self.scope is HoldScope.NOTIFICATION:
            try:
                same = str(UUID(self.target)) == self.target
            except ValueError:
                same = False
            if not same:
                raise ValueError("a notification is named by its id")
        return self


class HoldView(BaseModel):
    """A hold: what stays in the house, why, and since when."""

    id: UUID
    scope: HoldScope
    target: str
    reason: HoldReason
    placed_on: date
    released_on: date | None
    version: int
    actions: list[str]


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(ALREADY_HELD, ALREADY_HANDED_OVER)
async def post_hold(body: NewHold, once: Idempotent, edge: Holder) -> HoldView:
    """Hold letters back before they are handed over; what a worker has in hand at this moment may still leave, unless
    the hold is of that one notification."""

    async def show(hold_id: UUID, work: NotificationsWork) -> HoldView:
        return await _shown(await work.holds.get(hold_id), edge, work)

    async def place(work: NotificationsWork) -> UUID:
        await _must_be_theirs(body.scope, body.target, edge, work)
        return await place_hold(body.scope, body.target, body.reason, work)

    view = await edge.create(once, place, show)
    edge.located(f"/notifications/v1/holds/{view.id}")
    return view


@router.get("")
async def list_holds(edge: Looker, paged: Paged) -> Page[HoldView]:
    """All holds in force."""
    after = paged.after(UUID)

    async def read(work: NotificationsWork) -> Page[HoldView]:
        found = await work.holds.in_force(after=after[0] if after else None, limit=paged.rows)
        orderers = await work.holds.orderers(found)
        return paged.page(found, lambda hold: _view(hold, orderers.get(hold.id), edge), lambda hold: [hold.id])

    return await edge.read(read)


@router.get("/{hold_id}")
async def read_hold(hold_id: UUID, edge: Looker) -> HoldView:
    """One hold, also one that is over; its ETag is the version."""

    async def read(work: NotificationsWork) -> HoldView:
        return await _shown(await work.holds.get(hold_id), edge, work)

    return await edge.read(read)


@router.post("/{hold_id}/release")
@documents(ALREADY_RELEASED)
async def post_release(hold_id: UUID, seen: IfMatch, edge: Holder) -> HoldView:
    """Let what was held leave."""

    async def release(work: NotificationsWork) -> HoldView:
        hold = await work.holds.get(hold_id)
        await _must_be_theirs(hold.scope, hold.target, edge, work)
        return await _shown(await release_hold(hold_id, seen, work), edge, work)

    return await edge.command(release)


async def _must_be_theirs(
    scope: HoldScope, target: str, edge: Edge[NotificationsWork], work: NotificationsWork
) -> None:
    """An operator holds whatever there is; a signatory what the own office signs. Raises NotFound, Forbidden."""
    roles = edge.principal.roles
    if OPERATOR in roles:
        return
    if scope is HoldScope.NOTIFICATION:
        theirs(await work.notifications.get(UUID(target)), edge.principal)
    elif not may_sign(roles, target if scope is HoldScope.SERVICE else service_of(target)):
        raise Forbidden("These letters are those of another office.")


async def _shown(hold: Hold, edge: Edge[NotificationsWork], work: NotificationsWork) -> HoldView:
    edge.etag(hold.version)
    return _view(hold, (await work.holds.orderers([hold])).get(hold.id), edge)


def _view(hold: Hold, orderer: str | None, edge: Edge[NotificationsWork]) -> HoldView:
    roles = edge.principal.roles
    own = OPERATOR in roles or (orderer is not None and may_sign(roles, orderer))
    return HoldView(**vars(hold), actions=["release"] if hold.released_on is None and own else [])
