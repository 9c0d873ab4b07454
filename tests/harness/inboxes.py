"""The inbox of an organisation: a letter that lies in it, and afterwards letters by post again, for other tests."""

from dataclasses import dataclass

from kfi_contracts.notifications import Channel, NotificationDispatched
from kfi_stack.demo.person import Answer, Person

from .office import Case, Office

CONSENT = "/notifications/v1/consent"
INBOX = "/notifications/v1/inbox"


async def say(person: Person, *, given: bool) -> None:
    """What the person's organisation wants from now on."""
    seen = await person.get(CONSENT)
    if seen.document["given"] is not given:
        await person.act(CONSENT, seen.etag, {"given": given})


async def nobody_consents(office: Office) -> None:
    """All letters go by post."""
    for person in (office.people.applicant, office.people.stranger):
        await say(person, given=False)


@dataclass(frozen=True)
class Waiting:
    """A case whose letter waits in the inbox of the applicant's organisation."""

    case: Case
    message: Answer

    @property
    def address(self) -> str:
        """Of the message."""
        return f"{INBOX}/{self.case.letter_id}"


async def provided(office: Office) -> Waiting:
    """A decision whose letter is provided; letters that are ordered later go by post."""
    await say(office.people.applicant, given=True)
    try:
        case = await office.decided()
        await office.event(NotificationDispatched, notification_id=case.letter_id, channel=Channel.LETTER)
    finally:
        await nobody_consents(office)
    message = await office.people.applicant.until(
        f"{INBOX}/{case.letter_id}", lambda document: document["state"] == "waiting"
    )
    return Waiting(case, message)
