"""One working day: a missing paper, the very PDF, the inbox, a letter held back, a parked event replayed."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import monotonic

from aiokafka import AIOKafkaProducer

from kfi_contracts.applications import DecisionMade, InformationRequested
from kfi_contracts.notifications import NotificationAnnounced
from kfi_contracts.topics import NOTIFICATIONS as TOPIC
from kfi_stack.demo.cases import proposal_body
from kfi_stack.demo.papers import RIGHT_ADDRESS, statutes
from kfi_stack.demo.person import Json
from kfi_stack.demo.story import APPLICATIONS, NOTIFICATIONS, Case, Story, about
from kfi_stack.errors import StackError
from kfi_stack.running_platform import Platform

WORK_LIST = "/applications/v1/work-list?assignee=nobody&limit=1"
DESK = "/applications/v1/dead-letters"
CONSENT, INBOX, HOLDS, PREVIEWS = (f"/notifications/v1/{name}" for name in ("consent", "inbox", "holds", "previews"))
LETTER_OF_A_GRANT = "grant-decision"
PREPARED_AND_HELD = ("prepared", "held")
PDF = "application/pdf"


@dataclass
class WorkingDay:
    """Plays the day with the people of the story. Raises StackError when the platform does not do its part."""

    story: Story
    platform: Platform

    async def play(self) -> None:
        """All of it, in the order of a day."""
        self.story.screen.chapter("One working day: what waits, what is missing, what must not leave")
        await self.consented()
        older = await self.story.filed("Erzählcafé am Kanal")
        older.posted = False
        self.tomorrow()
        younger = await self.story.filed("Werkstatt der Kulturen")
        younger.posted = False
        await self.taken_from_the_list(older)
        await self.asked_for_a_paper(older)
        await self.signed_as_seen(older)
        await self.taken_from_the_list(younger)
        await self.held_back_and_corrected(younger)
        await self.explained_and_replayed(older)

    async def consented(self) -> None:
        """The association wants to be told by its inbox (§ 41 (2a) VwVfG)."""
        applicant = self.story.people.applicant
        answer = await applicant.act(CONSENT, (await applicant.get(CONSENT)).etag, {"given": True})
        self.step("The association consents to be told by its inbox", answer.seconds)

    async def taken_from_the_list(self, case: Case) -> None:
        """The caseworker finds the oldest due case that is nobody's, and takes it."""
        answer = await self.story.people.caseworker.get(WORK_LIST)
        (first,) = answer.document["items"]
        if first["id"] != case.id:
            raise StackError(f"The work list begins with {first['file_number']}, though {case.file_number} is older.")
        self.step(f"The work list begins with {case.file_number}, due {first['due_on']}", answer.seconds)
        await self.act(case, "assignment", "The caseworker takes it", {"assignee": "me"})
        await self.act(case, "formal-check", "The formal check begins")

    async def asked_for_a_paper(self, case: Case) -> None:
        """The statutes are missing; the association reads the letter in its inbox, sends them and answers."""
        asked = {"items": ["statutes"], "text": "Bitte senden Sie die Fassung, die heute gilt."}
        await self.act(case, "information-request", "The statutes are missing: the association is asked", asked)
        seen = await self.story.observer.wait_for(
            "information-requested", about(InformationRequested, application_id=case.id)
        )
        assert isinstance(seen.event, InformationRequested)  # noqa: S101 - the observer found this kind
        await self.retrieved(str(seen.event.letter_id), "The association retrieves the letter from its inbox")
        applicant, path = self.story.people.applicant, f"{APPLICATIONS}/{case.id}"
        sent = await applicant.send_file(f"{path}/attachments", "satzung.pdf", PDF, statutes())
        self.step(f"It sends the statutes ({sent.document['size']} bytes, hash on record)", sent.seconds)
        case.etag = (await applicant.get(path)).etag
        answer = await applicant.act(f"{path}/answer", case.etag, {"text": "Die Satzung liegt bei."})
        case.etag = answer.etag
        self.step("It answers; the check goes on", answer.seconds)

    async def signed_as_seen(self, case: Case) -> None:
        """The signatory sees the very PDF that the association then reads."""
        await self.proposed(case)
        signatory = self.story.people.signatory
        case.etag = (await signatory.act(f"{APPLICATIONS}/{case.id}/second-check", case.etag)).etag
        letter = (await signatory.get(f"{APPLICATIONS}/{case.id}/letter-content")).document
        asked = {"content": letter["content"], "digest": letter["digest"]}
        seen = await signatory.send_for_file(PREVIEWS, asked)
        self.step(f"The signatory looks at the very PDF ({len(seen)} bytes)")
        await self.signed(case, str(letter["digest"]))
        read = await self.retrieved(case.letter_id, "The association retrieves its grant from the inbox")
        if sha256(read).digest() != sha256(seen).digest():
            raise StackError("What the association reads is not the file that the signatory saw.")
        self.step("It is the file that was signed, byte for byte")

    async def held_back_and_corrected(self, case: Case) -> None:
        """An address turns out wrong: the letter is held back in time, recalled, and ordered again."""
        await self.proposed(case)
        signatory = self.story.people.signatory
        held = {"scope": "template", "target": LETTER_OF_A_GRANT, "reason": "addressee"}
        hold = await signatory.create(HOLDS, held)
        self.step("The signatory holds grants back: an address is doubtful", hold.seconds)
        case.etag = (await signatory.act(f"{APPLICATIONS}/{case.id}/second-check", case.etag)).etag
        letter = (await signatory.get(f"{APPLICATIONS}/{case.id}/letter-content")).document
        await self.signed(case, str(letter["digest"]))
        path = f"{NOTIFICATIONS}/{case.letter_id}"
        stopped = await signatory.until(path, lambda shown: (shown["state"], shown["obstacle"]) == PREPARED_AND_HELD)
        answer = await signatory.act(f"{path}/recall", stopped.etag, {"reason": "wrong_addressee"})
        self.step("The letter is held, and recalled for good", answer.seconds)
        await self.ordered_again(case)
        await signatory.act(f"{HOLDS}/{hold.document['id']}/release", hold.etag)
        self.step("The hold is released")
        await self.retrieved(case.letter_id, "The right letter lies in the inbox, and is retrieved")

    async def ordered_again(self, case: Case) -> None:
        """The case knows that its letter was recalled; the same letter goes to the right address."""
        signatory, path = self.story.people.signatory, f"{APPLICATIONS}/{case.id}"
        known = await signatory.until(path, lambda shown: bool(shown["failed_notifications"]))
        answer = await signatory.act(f"{path}/letter-order", known.etag, {"addressee": RIGHT_ADDRESS})
        case.etag, case.letter_id = answer.etag, str(answer.document["decision"]["letter_id"])
        self.step("The same letter is ordered again, to the right address", answer.seconds)

    async def explained_and_replayed(self, case: Case) -> None:
        """An unreadable record holds up the news about a letter; the operator finds out and lets it go on."""
        operator = self.story.people.operator
        async with AIOKafkaProducer(**self.platform.servers.kafka.client_settings("notifications")) as producer:
            await producer.send_and_wait(TOPIC.name, b"{not json", key=case.letter_id.encode())
        self.tomorrow()
        announced = about(NotificationAnnounced, notification_id=case.letter_id)
        await self.story.observer.wait_for("notification-announced", announced)
        first, behind = await self.parked(2)
        explained = (await operator.get(f"{DESK}/{first['number']}")).document
        self.step(f"An event is parked: {explained['reason']}; the announcement waits behind it")
        await self.resolved(first, "discard")
        seconds = await self.resolved(behind, "replay")
        self.step("The operator discards it and replays the announcement", seconds)
        await self.story.still(case, "announced", "The case knows that its decision is announced")

    async def parked(self, count: int) -> list[Json]:
        """The open letters at the desk, once there are so many."""
        operator = self.story.people.operator
        answer = await operator.until(DESK, lambda shown: len(shown["items"]) >= count)
        return list(answer.document["items"])

    async def resolved(self, letter: Json, action: str) -> float:
        """The operator decides about a letter as it is now; the seconds that took."""
        operator, path = self.story.people.operator, f"{DESK}/{letter['number']}"
        seen = await operator.get(path)
        return (await operator.act(f"{path}/{action}", seen.etag, {"reason": "DEMO-1"})).seconds

    async def proposed(self, case: Case) -> None:
        """Substance check, proposal, money set aside."""
        await self.act(case, "substance-check", "The file is complete: substance check")
        await self.act(case, "proposal", "The caseworker proposes the grant", proposal_body())
        await self.story.act(self.story.people.budget_officer, case, "reservation", "The money is set aside")

    async def signed(self, case: Case, digest: str) -> None:
        """Sign and learn the letter's id from the event."""
        start = monotonic()
        answer = await self.story.people.signatory.act(
            f"{APPLICATIONS}/{case.id}/signature", case.etag, {"digest": digest}
        )
        decided = await self.story.observer.wait_for("decision-made", about(DecisionMade, application_id=case.id))
        assert isinstance(decided.event, DecisionMade)  # noqa: S101 - the observer found this kind
        case.etag, case.letter_id = answer.etag, str(decided.event.letter_id)
        self.story.shown("The signatory signs", answer, decided, start)

    async def retrieved(self, letter_id: str, what: str) -> bytes:
        """The applicant retrieves a message as soon as it is provided."""
        applicant, start, path = self.story.people.applicant, monotonic(), f"{INBOX}/{letter_id}"
        message = await applicant.until(path, lambda shown: shown["state"] == "waiting")
        content = await applicant.take(f"{path}/retrieval", message.etag)
        self.step(what, monotonic() - start)
        return content

    async def act(self, case: Case, action: str, what: str, body: Json | None = None) -> None:
        """An action of the caseworker."""
        await self.story.act(self.story.people.caseworker, case, action, what, body)

    def tomorrow(self) -> None:
        """The business date moves to the next day, for all services."""
        self.story.calendar.move_to(self.story.calendar.today() + timedelta(days=1))

    def step(self, what: str, seconds: float | None = None) -> None:
        """Print a step."""
        self.story.screen.step(what, seconds=seconds, today=self.story.today)
