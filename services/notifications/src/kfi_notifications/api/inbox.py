"""`/inbox`: the letters that wait for an organisation, and those it has retrieved; of others' it learns nothing."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from kfi_chassis.edge import Edge, IfMatch, edge
from kfi_chassis.paging import Page, Paged
from kfi_chassis.problem import documents
from kfi_chassis.problems import Conflict
from kfi_contracts.notifications import LegalEffect
from kfi_notifications.api.documents import file_of
from kfi_notifications.api.problems import NOT_RETRIEVED, PROVISION_ENDED
from kfi_notifications.api.readers import APPLICANT, own_organisation
from kfi_notifications.domain.notification import Notification, State
from kfi_notifications.use_cases.retrieve import read_again, retrieve
from kfi_notifications.work import NotificationsWork
from kfi_notifications.writing import PDF

router = APIRouter(prefix="/inbox", tags=["inbox"])
OwnEdge = Annotated[Edge[NotificationsWork], edge(APPLICANT)]
_PDF: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The letter as PDF/A",
        "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Waits(StrEnum):
    """Whether a message is still to be retrieved."""

    WAITING = "waiting"
    RETRIEVED = "retrieved"
    POSTED = "posted"


class MessageView(BaseModel):
    """A letter in the inbox. What it says, even whether it grants, is learned by retrieving it and not before."""

    id: UUID
    concerns: UUID
    legal_effect: LegalEffect
    """Whether it announces an administrative act: retrieving that has consequences in law."""
    state: Waits
    provided_on: date | None
    retrieve_by: date | None
    """The last day on which it can be retrieved; after that it goes by post."""
    retrieved_on: date | None
    announced_on: date | None
    remedy_ends_on: date | None
    version: int
    actions: list[str]

    @classmethod
    def of(cls, notification: Notification, today: date) -> "MessageView":
        """The view of a letter on a day."""
        state = _state(notification, today)
        shown = {name: getattr(notification, name) for name in cls.model_fields if name not in {"state", "actions"}}
        actions = {Waits.WAITING: ["retrieval"], Waits.RETRIEVED: ["document"], Waits.POSTED: []}
        return cls(**shown, state=state, actions=actions[state])


def _state(notification: Notification, today: date) -> Waits:
    if notification.retrieved_on is not None:
        return Waits.RETRIEVED
    last_day, there = notification.retrieve_by, notification.state is State.PROVIDED
    return Waits.WAITING if there and last_day is not None and today <= last_day else Waits.POSTED


@router.get("")
async def list_messages(edge: OwnEdge, paged: Paged) -> Page[MessageView]:
    """List the letters of the own organisation, the newest first."""
    organisation, after = own_organisation(edge.principal), paged.after(UUID)

    async def read(work: NotificationsWork) -> Page[MessageView]:
        today = work.calendar.today()
        found = await work.inbox(organisation).page(after=after[0] if after else None, limit=paged.rows)
        return paged.page(found, lambda letter: MessageView.of(letter, today), lambda letter: (letter.id,))

    return await edge.read(read)


@router.get("/{message_id}")
async def read_message(message_id: UUID, edge: OwnEdge) -> MessageView:
    """See that a letter waits, without retrieving it; its ETag is the version."""
    organisation = own_organisation(edge.principal)

    async def read(work: NotificationsWork) -> MessageView:
        return MessageView.of(await work.inbox(organisation).get(message_id), work.calendar.today())

    view = await edge.read(read)
    edge.etag(view.version)
    return view


@router.post("/{message_id}/retrieval", response_class=Response, responses=_PDF)
@documents(Conflict, PROVISION_ENDED)
async def post_retrieval(message_id: UUID, seen: IfMatch, edge: OwnEdge) -> Response:
    """Retrieve a letter; an act counts as announced on the next day (§ 41 (2a) VwVfG). Its ETag is its SHA-256."""
    organisation = own_organisation(edge.principal)
    return file_of(await edge.command(lambda work: retrieve(message_id, organisation, seen, work)), message_id)


@router.get("/{message_id}/document", response_class=Response, responses=_PDF)
@documents(NOT_RETRIEVED)
async def read_retrieved(message_id: UUID, edge: OwnEdge) -> Response:
    """Read a letter that was retrieved before, as often as wanted."""
    organisation = own_organisation(edge.principal)
    return file_of(await edge.read(lambda work: read_again(message_id, organisation, work)), message_id)
