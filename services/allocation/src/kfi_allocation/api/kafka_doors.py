"""The door of a town at the broker: a topic of its own, read by users of its own."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from kfi_allocation.api.problems import KINDS
from kfi_allocation.api.town_doors import LOOKERS, TOWN, Ags, at_own_door
from kfi_allocation.domain.doors.cursor import Cursor
from kfi_allocation.domain.doors.kafka_door import (
    BothUsersInUse,
    CredentialState,
    DoorNotOpen,
    DoorState,
    DoorThere,
    KafkaDoor,
    Slot,
)
from kfi_allocation.use_cases import keep_kafka_door
from kfi_allocation.use_cases.keep_kafka_door import Issued, Issuing, NotOffered
from kfi_allocation.work import AllocationWork
from kfi_chassis.edge import Edge, Idempotent, IfMatch, edge
from kfi_chassis.problems import NotFound, documents

router = APIRouter(prefix="/municipalities/{ags}/kafka-door", tags=["kafka door"])
Own = Annotated[Edge[AllocationWork], edge(TOWN)]
Reading = Annotated[Edge[AllocationWork], edge(TOWN, *LOOKERS)]


class UserView(BaseModel):
    """A user of the town at the broker (SCRAM-SHA-512)."""

    model_config = ConfigDict(frozen=True)

    slot: Slot
    username: str
    state: CredentialState
    ends_at: Annotated[datetime | None, Field(description="It may read until then.")]


class DoorView(BaseModel):
    """How the door stands."""

    model_config = ConfigDict(frozen=True)

    state: DoorState
    topic: str
    group_prefix: Annotated[str, Field(description="Every consumer group must begin so.")]
    begins_after: Annotated[
        str | None, Field(description="The feed's cursor after which the topic begins; none while it is asked for.")
    ]
    users: list[UserView]
    actions: list[str]


class IssuedView(BaseModel):
    """A user that was asked for. The password is told in the first answer alone, and stored nowhere in the clear."""

    model_config = ConfigDict(frozen=True)

    username: str
    password: Annotated[
        str | None, Field(description="None in a repeated answer: ask for another user if it was lost.")
    ]
    door: DoorView


@router.post("", status_code=status.HTTP_201_CREATED)
@documents(NotOffered, KINDS[DoorThere])
async def post_kafka_door(ags: Ags, once: Idempotent, door: Own) -> IssuedView:
    """Ask for a topic of the town's own and for its first user; the doorkeeper opens it a moment later."""
    at_own_door(door, ags)
    issuing = Issuing(ags)
    return await door.create(once, issuing.open_door, _show(issuing, door))


@router.post("/users", status_code=status.HTTP_201_CREATED)
@documents(NotOffered, KINDS[DoorNotOpen], KINDS[BothUsersInUse])
async def post_kafka_user(ags: Ags, once: Idempotent, door: Own) -> IssuedView:
    """Ask for another user; the one before it may read for a week."""
    at_own_door(door, ags)
    issuing = Issuing(ags)
    return await door.create(once, issuing.change_user, _show(issuing, door))


@router.get("")
async def get_kafka_door(ags: Ags, door: Reading) -> DoorView:
    """How the door stands, and which users may read."""
    at_own_door(door, ags)

    async def read(work: AllocationWork) -> DoorView:
        found = await work.kafka_doors.of(ags)
        if found is None:
            raise NotFound
        return await _view(found, door, work)

    return await door.read(read)


@router.delete("/users/{slot}")
@documents(KINDS[DoorNotOpen])
async def delete_kafka_user(ags: Ags, slot: Slot, seen: IfMatch, door: Own) -> DoorView:
    """End a user at once."""
    at_own_door(door, ags)

    async def end(work: AllocationWork) -> DoorView:
        return await _view(await keep_kafka_door.revoke(ags, slot, seen, work), door, work)

    return await door.command(end)


@router.delete("")
@documents(KINDS[DoorNotOpen])
async def delete_kafka_door(ags: Ags, seen: IfMatch, door: Own) -> DoorView:
    """Close the door: all users end at once."""
    at_own_door(door, ags)

    async def close(work: AllocationWork) -> DoorView:
        return await _view(await keep_kafka_door.close(ags, seen, work), door, work)

    return await door.command(close)


def _show(issuing: Issuing, door: Edge[AllocationWork]) -> "_Show":
    return _Show(issuing, door)


class _Show:
    """Shows the door with a user; with its password when it was made by this very request."""

    def __init__(self, issuing: Issuing, door: Edge[AllocationWork]) -> None:
        self._issuing, self._door = issuing, door

    async def __call__(self, credential_id: UUID, work: AllocationWork) -> IssuedView:
        found = await work.kafka_doors.of(self._issuing.ags)
        named = [each for each in found.credentials if each.id == credential_id] if found else []
        if found is None or not named:
            raise NotFound
        issued: Issued | None = self._issuing.issued
        mine = issued if issued is not None and issued.credential.id == credential_id else None
        return IssuedView(
            username=found.username(named[0].slot),
            password=None if mine is None else mine.password,
            door=await _view(found, self._door, work),
        )


async def _view(found: KafkaDoor, door: Edge[AllocationWork], work: AllocationWork) -> DoorView:
    door.etag(found.version)
    feed = await work.feeds.of(found.ags)
    begins = None if found.opened_after is None else str(Cursor(found.ags, feed.generation, found.opened_after))
    users = [
        UserView(slot=each.slot, username=found.username(each.slot), state=each.state, ends_at=each.ends_at)
        for each in found.credentials
    ]
    is_open = found.state in (DoorState.REQUESTED, DoorState.OPEN)
    return DoorView(
        state=found.state,
        topic=found.topic,
        group_prefix=found.group_prefix,
        begins_after=begins,
        users=users,
        actions=["change-user", "end-user", "close"] if is_open and TOWN in door.principal.roles else [],
    )
