"""Notes of the office on a case; the applicant never sees them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, status

from kfi_applications.api.readers import STAFF
from kfi_applications.api.requests import NewNote
from kfi_applications.api.views import View
from kfi_applications.domain.states import Mover
from kfi_applications.note_repository import Note
from kfi_applications.use_cases.add_note import add_note
from kfi_applications.use_cases.read_application import Look, read_application
from kfi_applications.works import ApplicationsWork
from kfi_chassis.edge import Edge, Idempotent, edge
from kfi_chassis.paging import Page, Paged

router = APIRouter(prefix="/applications/{application_id}/notes", tags=["notes"])
Writing = Annotated[Edge[ApplicationsWork], edge(Mover.CASEWORKER, Mover.SIGNATORY, Mover.BUDGET_OFFICER)]
Staff = Annotated[Edge[ApplicationsWork], edge(*STAFF)]

NEVER_CHANGED: Final = 1
"""The version of every note."""


class NoteView(View):
    """What a colleague wrote."""

    id: UUID
    written_by: str
    written_at: datetime
    text: str

    @classmethod
    def of(cls, note: Note) -> "NoteView":
        """The view of a note."""
        return cls(**{name: getattr(note, name) for name in cls.model_fields})


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_note(application_id: UUID, body: NewNote, once: Idempotent, door: Writing) -> NoteView:
    """Write a note; it is never changed, a later one says what has changed."""

    async def show(note_id: UUID, work: ApplicationsWork) -> NoteView:
        door.etag(NEVER_CHANGED)
        return NoteView.of(await work.notes.get(note_id))

    return await door.create(once, lambda work: add_note(application_id, body.text, work), show)


@router.get("")
async def list_notes(application_id: UUID, door: Staff, asked: Paged) -> Page[NoteView]:
    """The notes on a case, the oldest first. That somebody looked at them is recorded."""
    after = asked.after(int)

    async def page(work: ApplicationsWork) -> Page[NoteView]:
        await read_application(application_id, None, Look.NOTES, work)
        found = await work.notes.page(application_id, after=after[0] if after else None, rows=asked.rows)
        return asked.page(found, NoteView.of, lambda note: (note.position,))

    return await door.read(page)
