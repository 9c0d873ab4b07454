"""The people at their work: files an application, brings it to its decision, waits for what follows from it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from kfi_contracts.applications import ApplicationFiled, DecisionFinal, DecisionMade
from kfi_contracts.event import Event
from kfi_contracts.notifications import Channel, NotificationAnnounced, NotificationDispatched
from kfi_stack.demo.observer import Observer, Seen
from kfi_stack.demo.people import People
from kfi_stack.demo.person import Answer, Json, Person
from kfi_stack.demo.story import APPLICATIONS, NOTIFICATIONS, about
from kfi_stack.moved_calendar import MovedCalendar

from .cases import application, grant

E = TypeVar("E", bound=Event)


@dataclass
class Case:
    """An application as its people know it: the version last seen, what was filed, what was signed."""

    id: str
    file_number: str
    etag: str
    body: Json
    digest: str = ""
    letter_id: str = ""

    @property
    def path(self) -> str:
        """Its address at the gateway."""
        return f"{APPLICATIONS}/{self.id}"


@dataclass(frozen=True)
class Office:
    """All steps of the path; each acts on the version last seen. Raises Refused where the platform does."""

    people: People
    observer: Observer
    calendar: MovedCalendar

    async def filed(self, body: Json | None = None) -> Case:
        """The association files."""
        body = body or application()
        answer = await self.people.applicant.create(APPLICATIONS, body)
        return Case(str(answer.document["id"]), str(answer.document["file_number"]), answer.etag, body)

    async def proposed(self, body: Json | None = None, proposal: Json | None = None) -> Case:
        """Filed, checked, proposed by the caseworker."""
        case = await self.filed(body)
        for action, sent in (("formal-check", None), ("substance-check", None), ("proposal", proposal or grant())):
            await self.act(self.people.caseworker, case, action, sent)
        return case

    async def checked(self, body: Json | None = None, proposal: Json | None = None) -> Case:
        """Proposed, its money set aside (a rejection needs none), taken by the second person."""
        case = await self.proposed(body, proposal)
        if (proposal or grant())["years"]:
            await self.act(self.people.budget_officer, case, "reservation")
        await self.act(self.people.signatory, case, "second-check")
        return case

    async def decided(self, body: Json | None = None, proposal: Json | None = None) -> Case:
        """Signed by the second person, who read the letter; its decision is on Kafka."""
        case = await self.checked(body, proposal)
        await self.sign(case)
        return case

    async def sign(self, case: Case) -> None:
        """The second person reads the letter and signs its digest."""
        case.digest = str((await self.people.signatory.get(f"{case.path}/letter-content")).document["digest"])
        await self.act(self.people.signatory, case, "signature", {"digest": case.digest})
        case.letter_id = str((await self.event(DecisionMade, application_id=case.id)).letter_id)

    async def sent(self, body: Json | None = None, proposal: Json | None = None) -> Case:
        """Decided, its letter in the print spool, its e-mail gone."""
        case = await self.decided(body, proposal)
        for channel in Channel:
            await self.event(NotificationDispatched, concerns=case.id, channel=channel)
        return case

    async def announced(self, case: Case) -> NotificationAnnounced:
        """The fourth day after posting has come (§ 41 (2) VwVfG NRW) and both services know."""
        letter = (await self.people.caseworker.get(f"{NOTIFICATIONS}/{case.letter_id}")).document
        self.calendar.move_to(date.fromisoformat(letter["dispatched_on"]) + timedelta(days=4))
        event = await self.event(NotificationAnnounced, notification_id=case.letter_id)
        await self.in_state(case, "announced")
        return event

    async def final(self, case: Case) -> DecisionFinal:
        """The decision is final."""
        return await self.event(DecisionFinal, application_id=case.id)

    async def in_state(self, case: Case, state: str) -> Json:
        """The case, once it is in that state; its version is taken."""
        answer = await self.people.caseworker.until(case.path, lambda document: document["state"] == state)
        case.etag = answer.etag
        return answer.document

    async def act(self, person: Person, case: Case, action: str, body: Json | None = None) -> Answer:
        """One action on the version last seen."""
        answer = await person.act(f"{case.path}/{action}", case.etag, body)
        case.etag = answer.etag
        return answer

    async def event(self, kind: type[E], **fields: str) -> E:
        """The event of that kind with these values, once it is on Kafka."""
        event = (await self.seen(kind, **fields)).event
        assert isinstance(event, kind)
        return event

    async def seen(self, kind: type[Event], **fields: str) -> Seen:
        """The same with its envelope."""
        return await self.observer.wait_for(kind.__name__, about(kind, **fields))

    async def notifications(self, case: Case) -> list[Json]:
        """All letters and e-mails about a case, as the notifications service shows them."""
        answer = await self.people.caseworker.get(f"{NOTIFICATIONS}?concerns={case.id}")
        return list(answer.document["items"])

    def events_of(self, case: Case) -> list[Seen]:
        """All events of the case itself so far, in the order of Kafka."""
        kinds = (ApplicationFiled, DecisionMade, DecisionFinal)
        return [one for one in self.observer.seen if isinstance(one.event, kinds) and one.envelope.subject == case.id]
