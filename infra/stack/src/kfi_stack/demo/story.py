"""The story of the demo: one decision final by time, one by waiver, one after an action in court."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import monotonic
from uuid import uuid4

from kfi_contracts.applications import ApplicationFiled, DecisionFinal, DecisionMade
from kfi_contracts.event import Event
from kfi_contracts.notifications import Channel, NotificationAnnounced, NotificationDispatched
from kfi_stack.demo.cases import application_body, proposal_body
from kfi_stack.demo.observer import Observer, Seen
from kfi_stack.demo.people import People
from kfi_stack.demo.person import Answer, Json, Person, Refused
from kfi_stack.demo.screen import Screen
from kfi_stack.errors import StackError
from kfi_stack.moved_calendar import MovedCalendar

APPLICATIONS = "/applications/v1/applications"
NOTIFICATIONS = "/notifications/v1/notifications"


@dataclass
class Case:
    """One application as the story knows it."""

    id: str
    file_number: str
    etag: str
    title: str
    letter_id: str = ""
    posted: bool = True
    """Whether its letter goes by post; otherwise it lies in the inbox of the association."""
    last_day: date = date.min


@dataclass
class Story:
    """Plays the path with the people of the demo. `calendar` moves the business date of all services."""

    people: People
    observer: Observer
    screen: Screen
    calendar: MovedCalendar
    announcement_of_letter: Callable[[str], date]
    """The day on which the law takes a letter posted that day as received."""
    cases: list[Case] = field(default_factory=list)
    click_to_letter: list[float] = field(default_factory=list)
    first_letter_at: float = 0.0

    async def granted_and_final_by_time(self) -> Case:
        """From the application to finality, at the pace of the law."""
        self.screen.chapter("An association applies; two people decide; a letter goes out; a month passes")
        case = await self.filed("Sprachcafé im Quartier")
        await self.proposed(case)
        await self.refused_by_four_eyes(case)
        await self.signed(case)
        await self.announced(case)
        self.calendar.move_to(case.last_day + timedelta(days=1))
        self.screen.step("The month for an action ends", today=self.today)
        await self.final(case)
        return case

    async def waived(self) -> Case:
        """A decision that is final at once because remedies are waived."""
        self.screen.chapter("Another project: the association waives remedies")
        case = await self.decided("Nachbarschaftswerkstatt")
        await self.announced(case)
        await self.act(self.people.applicant, case, "waiver", "The association waives remedies")
        await self.final(case)
        return case

    async def taken_to_court(self) -> Case:
        """A decision that waits while an action is pending."""
        self.screen.chapter("A third project: an action is filed and dismissed")
        case = await self.decided("Begegnung der Generationen")
        await self.announced(case)
        filed_on = self.calendar.today() + timedelta(days=3)
        self.calendar.move_to(filed_on)
        await self.act(
            self.people.caseworker, case, "court-action", "An action is recorded", {"filed_on": f"{filed_on}"}
        )
        self.calendar.move_to(case.last_day + timedelta(days=5))
        await self.still(case, "action-pending", "The remedy period is over; the action holds finality")
        concluded = {"end": "dismissed", "concluded_on": self.today}
        await self.act(self.people.caseworker, case, "court-action-conclusion", "The action is dismissed", concluded)
        await self.final(case)
        return case

    @property
    def today(self) -> str:
        """The business date, ISO 8601."""
        return self.calendar.today().isoformat()

    async def decided(self, title: str) -> Case:
        """A case up to its signature."""
        case = await self.filed(title)
        await self.proposed(case)
        await self.signed(case)
        return case

    async def filed(self, title: str) -> Case:
        """The association files; the same request again changes nothing; a stranger sees nothing."""
        start = monotonic()
        body, key = application_body(title), str(uuid4())
        answer = await self.people.applicant.create(APPLICATIONS, body, key=key)
        document = answer.document
        case = Case(str(document["id"]), str(document["file_number"]), answer.etag, title)
        self.cases.append(case)
        seen = await self.observer.wait_for("application-filed", about(ApplicationFiled, application_id=case.id))
        self.shown(f"{case.file_number}: the association applies", answer, seen, start)
        again = await self.people.applicant.create(APPLICATIONS, body, key=key)
        if again.document["id"] != case.id:
            raise StackError("The same request created a second application: the idempotency key was not honoured.")
        await self.refused(
            self.people.stranger.get(f"{APPLICATIONS}/{case.id}"), "not-found", "Another association looks for it"
        )
        return case

    async def proposed(self, case: Case) -> None:
        """Formal check, substance check, proposal, money set aside."""
        await self.act(self.people.caseworker, case, "formal-check", "The caseworker opens the formal check")
        await self.act(self.people.caseworker, case, "substance-check", "The file is complete: substance check")
        stale = case.etag
        await self.act(self.people.caseworker, case, "proposal", "The caseworker proposes the grant", proposal_body())
        repeated = self.people.caseworker.act(f"{APPLICATIONS}/{case.id}/proposal", stale, proposal_body())
        await self.refused(repeated, "version-mismatch", "The same proposal on a stale version")
        await self.act(self.people.budget_officer, case, "reservation", "The budget officer sets the money aside")

    async def refused_by_four_eyes(self, case: Case) -> None:
        """The proposer's second account is refused: the person counts, not the account."""
        attempt = self.people.same_person.act(f"{APPLICATIONS}/{case.id}/second-check", case.etag)
        await self.refused(attempt, "four-eyes-violated", "The proposer opens the second check by another account")

    async def signed(self, case: Case) -> None:
        """Another person reads the letter and signs its digest; the letter and the e-mail leave the house."""
        await self.act(self.people.signatory, case, "second-check", "Another person opens the second check")
        letter = (await self.people.signatory.get(f"{APPLICATIONS}/{case.id}/letter-content")).document
        start = monotonic()
        answer = await self.people.signatory.act(
            f"{APPLICATIONS}/{case.id}/signature", case.etag, {"digest": letter["digest"]}
        )
        case.etag = answer.etag
        decided = await self.observer.wait_for("decision-made", about(DecisionMade, application_id=case.id))
        assert isinstance(decided.event, DecisionMade)  # noqa: S101 - the observer found this kind
        case.letter_id = str(decided.event.letter_id)
        self.shown("The signatory signs the digest of the letter", answer, decided, start)
        dispatched = await self.observer.wait_for(
            "notification-dispatched", about(NotificationDispatched, notification_id=case.letter_id)
        )
        self.click_to_letter.append(dispatched.at - start)
        self.first_letter_at = self.first_letter_at or dispatched.at
        self.seen("The letter lies in the print spool", dispatched, start)
        await self.told_by_email(case, start)

    async def told_by_email(self, case: Case, start: float) -> None:
        """The e-mail that says that a message waits has left as well."""
        by_email = about(NotificationDispatched, concerns=case.id, channel=Channel.EMAIL)
        found = await self.observer.wait_for("notification-dispatched by e-mail", by_email)
        self.seen("An e-mail says that a message waits", found, start)

    async def announced(self, case: Case) -> None:
        """The day comes on which the law takes the letter as received."""
        notification = (await self.people.caseworker.get(f"{NOTIFICATIONS}/{case.letter_id}")).document
        self.calendar.move_to(self.announcement_of_letter(str(notification["dispatched_on"])))
        start = monotonic()
        seen = await self.observer.wait_for(
            "notification-announced", about(NotificationAnnounced, notification_id=case.letter_id)
        )
        assert isinstance(seen.event, NotificationAnnounced)  # noqa: S101 - the observer found this kind
        case.last_day = seen.event.remedy_ends_on or date.min
        self.seen(f"Announced; an action is possible until {case.last_day:%d.%m.%Y}", seen, start)
        await self.still(case, "announced", "")

    async def final(self, case: Case) -> None:
        """The decision is final: no remedy is left, money may flow."""
        start = monotonic()
        seen = await self.observer.wait_for("decision-final", about(DecisionFinal, application_id=case.id))
        self.seen("The decision is final", seen, start)

    async def still(self, case: Case, state: str, what: str) -> None:
        """Waits until the case is in this state and takes its version."""
        answer = await self.people.caseworker.until(
            f"{APPLICATIONS}/{case.id}", lambda document: document["state"] == state
        )
        case.etag = answer.etag
        if what:
            self.screen.step(what, today=self.today)

    async def act(self, person: Person, case: Case, action: str, what: str, body: Json | None = None) -> None:
        """One action on the version last seen."""
        answer = await person.act(f"{APPLICATIONS}/{case.id}/{action}", case.etag, body)
        case.etag = answer.etag
        self.screen.step(what, seconds=answer.seconds, today=self.today)

    async def refused(self, attempt: Awaitable[object], kind: str, what: str) -> None:
        """The attempt must be answered with this kind of problem."""
        try:
            await attempt
        except Refused as problem:
            if problem.kind != kind:
                raise
            self.screen.step(what, today=self.today, event=f"refused: {problem.status} {problem.kind}")
            return
        raise StackError(f"{what}: the platform let it pass, though it must answer with {kind}.")

    def shown(self, what: str, answer: Answer, seen: Seen, start: float) -> None:
        """Prints a step with the event it caused and the time until that event was on Kafka."""
        self.screen.step(what, seconds=answer.seconds, today=self.today, event=_named(seen, seen.at - start))

    def seen(self, what: str, seen: Seen, start: float) -> None:
        """Prints an event and when it came, counted from what caused it."""
        self.screen.step(what, seconds=max(seen.at - start, 0), today=self.today, event=_named(seen, None))


def about(kind: type[Event], **fields: str) -> Callable[[Seen], bool]:
    """What recognises an event of this kind with these values, compared as text."""

    def matches(seen: Seen) -> bool:
        event = seen.event
        return isinstance(event, kind) and all(str(getattr(event, name)) == value for name, value in fields.items())

    return matches


def _named(seen: Seen, after: float | None) -> str:
    name = seen.envelope.type.removeprefix("de.nrw.kfi.")
    later = "" if after is None else f" after {after * 1000:.0f} ms"
    return f"{name} no. {seen.envelope.sequence}{later}"
