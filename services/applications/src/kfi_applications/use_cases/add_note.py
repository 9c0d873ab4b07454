"""A colleague writes a note on a case."""

from uuid import UUID, uuid4

from kfi_applications.note_repository import Note
from kfi_applications.repository import AGGREGATE
from kfi_applications.works import ApplicationsWork


async def add_note(application_id: UUID, text: str, work: ApplicationsWork) -> UUID:
    """Keep the note with the case; the case itself stays as it is. Raises UnknownApplication."""
    application = await work.applications.get(application_id)
    note = Note(uuid4(), application.id, work.actor.person, work.clock.now(), text)
    await work.notes.add(note)
    work.audit.add(
        aggregate=AGGREGATE, aggregate_id=application.id, version=application.version, action="add-note",
        details={"note_id": str(note.id)},
    )  # fmt: skip
    return note.id
