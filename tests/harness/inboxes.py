"""The inbox of an organisation: a letter that lies in it, and afterwards letters by post again, for other tests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import httpx2

from kfi_contracts.notifications import Channel, NotificationDispatched
from kfi_stack.demo.person import Answer, Person, Refused

from .bus import LOOK_EVERY_SECONDS
from .office import Case, Office

CONSENT = "/notifications/v1/consent"
INBOX = "/notifications/v1/inbox"
PATIENCE_SECONDS = 180.0
Stubborn = Callable[[Callable[[], Awaitable[Answer]]], Awaitable[Answer]]


async def once(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask as anybody would."""
    return await attempt()


async def say(person: Person, ask: Stubborn = once, *, given: bool) -> None:
    """What the person's organisation wants from now on."""
    seen = await ask(lambda: person.get(CONSENT))
    if seen.document["given"] is not given:
        await ask(lambda: person.act(CONSENT, seen.etag, {"given": given}))


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


async def retrieved(case: Case, person: Person, stubborn: Stubborn) -> None:
    """Take the letter of a decided case out of the inbox once it is there, whatever breaks meanwhile.

    After its ten days it is left to the post. Raises AssertionError when it never comes.
    """
    decision = (await stubborn(lambda: person.get(case.path))).document
    deadline = monotonic() + PATIENCE_SECONDS
    while monotonic() < deadline:
        found = [one for one in (await stubborn(lambda: person.get(INBOX))).document["items"] if _is_of(one, case)]
        if found and found[0]["state"] != "waiting":
            return
        for message in found:
            try:
                await person.take(f"{INBOX}/{message['id']}/retrieval", f'"{message["version"]}"')
            except (Refused, httpx2.TransportError):
                break  # it may have been taken all the same: look again
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    raise AssertionError(f"no letter came into the inbox about {case.id}, which is {decision['state']}")


def _is_of(message: dict[str, object], case: Case) -> bool:
    return message["concerns"] == case.id


def has_lapsed(row: Mapping[str, object]) -> bool:
    """Whether a notification was provided in an inbox and nobody came in time, because days passed too fast."""
    return row["provided_on"] is not None and row["retrieved_on"] is None
