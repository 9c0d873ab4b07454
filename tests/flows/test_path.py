"""From the application to the letter: what leaves the house is exactly what was decided, once."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
import pytest_asyncio
from tests.harness.cases import application, grant, rejection
from tests.harness.office import Case, Office

from kfi_contracts.applications import DecisionMade
from kfi_stack.demo.person import Json
from kfi_stack.demo.story import NOTIFICATIONS
from kfi_stack.mail_folder import KeptMail
from kfi_stack.running_platform import Platform

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
OUTCOMES = ["granted", "granted_in_part", "rejected"]
FILED = {
    "granted": (application("Sprachcafé Lippe", applicant__seat_ags="05766020"), grant()),
    "granted_in_part": (application("Nähstube Hamm", applicant__seat_ags="05915000"), grant("10000.00")),
    "rejected": (application("Lesekreis Münster", applicant__seat_ags="05515000"), rejection()),
}
COURTS = {
    "granted": "Verwaltungsgericht Minden, Musterplatz 6, 32999 Musterstadt",
    "granted_in_part": "Verwaltungsgericht Arnsberg, Musterplatz 2, 59999 Musterstadt",
    "rejected": "Verwaltungsgericht Münster, Musterplatz 7, 48999 Musterstadt",
}
FIRST_LINES = {
    "granted": "Zuwendungsbescheid Zuwendungen",
    "granted_in_part": "Zuwendungsbescheid (Teilbewilligung) Zuwendungen",
    "rejected": "Ablehnungsbescheid Zuwendungen",
}
SIGNATORY = "Jonas Weidmann"
PERIOD = "für die Zeit vom 1. Februar 2027 bis zum 31. Dezember 2027 (Bewilligungszeitraum)"
AMOUNTS = {
    "granted": ["eine Zuwendung in Höhe von 14.400,00 Euro", "2027 14.400,00 Euro", PERIOD],
    "granted_in_part": ["10.000,00 Euro", "Beantragt hatten Sie 14.400,00 Euro. Im Übrigen lehne ich", PERIOD],
    "rejected": ["Gewährung einer Zuwendung in Höhe von 14.400,00 Euro", "lehne ich ab", "Mittel des Landes sind"],
}
MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A decided case and everything that left the house for it."""

    case: Case
    decision: DecisionMade
    letter: Json
    spooled: list[Path]
    mails: list[KeptMail]
    pdf: bytes

    @property
    def text(self) -> str:
        """The letter's text with plain spaces."""
        pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(self.pdf))
        return " ".join(unicodedata.normalize("NFKC", " ".join(pages)).split())


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=OUTCOMES)
async def sent(request: pytest.FixtureRequest, office: Office, platform: Platform) -> tuple[str, Sent]:
    case = await office.sent(*FILED[request.param])
    address = f"{NOTIFICATIONS}/{case.letter_id}"
    to = case.body["addressee"]["email"]
    return request.param, Sent(
        case=case,
        decision=await office.event(DecisionMade, application_id=case.id),
        letter=(await office.people.caseworker.get(address)).document,
        spooled=sorted(platform.spool.glob(f"*/{case.letter_id}.pdf")),
        mails=[mail for mail in platform.mails.messages() if to in mail.recipients],
        pdf=await office.people.caseworker.fetch(f"{address}/document"),
    )


async def test_a_decision_is_one_event_one_letter_and_one_email(sent: tuple[str, Sent], office: Office) -> None:
    outcome, one = sent
    assert one.decision.outcome == outcome
    assert [seen.envelope.sequence for seen in office.events_of(one.case)] == [1, 2]
    ordered = await office.notifications(one.case)
    assert sorted((each["channel"], each["state"]) for each in ordered) == [
        ("email", "dispatched"), ("letter", "dispatched"),
    ]  # fmt: skip
    assert len(one.spooled) == 1
    (email,) = [each["id"] for each in ordered if each["channel"] == "email"]
    assert [mail.message_id for mail in one.mails] == [f"<{email}@bra.example>"]


async def test_the_email_says_nothing_of_the_decision(sent: tuple[str, Sent]) -> None:
    (mail,) = sent[1].mails
    said = f"{mail.message['Subject']} {mail.message.get_content()}"
    assert "im Portal liegt eine neue Nachricht für Sie bereit" in said
    told = [sent[1].case.file_number, sent[1].case.body["project"]["title"], "14.400", "10.000", "Euro", "EUR"]
    about = ["bewillig", "bescheid", "ablehn", "zuwend", "förder", "antrag", "projekt", "entscheid"]
    assert [word for word in (*told, *about) if word.lower() in said.lower()] == []


async def test_the_document_served_is_byte_for_byte_the_spooled_file(sent: tuple[str, Sent]) -> None:
    (file,) = sent[1].spooled
    entry = json.loads(file.with_suffix(".json").read_bytes())
    digest = hashlib.sha256(sent[1].pdf).hexdigest()
    assert file.read_bytes() == sent[1].pdf
    assert (entry["sha256"], sent[1].letter["document_sha256"]) == (digest, digest)


async def test_the_letter_names_the_decision_the_amounts_and_the_dates(sent: tuple[str, Sent]) -> None:
    outcome, one = sent
    decided_on = in_german(one.decision.decided_on)
    expected = [FIRST_LINES[outcome], *AMOUNTS[outcome], one.case.file_number, decided_on, SIGNATORY]
    assert [words for words in expected if words not in one.text] == []


async def test_the_letter_names_the_court_of_the_seat_and_no_other(sent: tuple[str, Sent]) -> None:
    outcome, one = sent
    notice = f"innerhalb eines Monats nach Bekanntgabe Klage bei dem {COURTS[outcome]}"
    assert notice in one.text
    assert one.text.count("Verwaltungsgericht ") == 1


async def test_what_was_signed_is_what_was_ordered_and_sent(sent: tuple[str, Sent], bus: Any) -> None:
    _, one = sent
    (order,) = await bus.rows(
        "notifications", "SELECT content_digest FROM notification WHERE id = $1", one.case.letter_id
    )
    (kept,) = await bus.rows("applications", "SELECT decision FROM application WHERE id = $1", one.case.id)
    digests = {one.case.digest, order["content_digest"], json.loads(kept["decision"])["letter_digest"]}
    assert digests == {one.letter["content_digest"]}


async def test_no_published_event_knows_a_person(sent: tuple[str, Sent], office: Office) -> None:
    _, one = sent
    published = b"".join(seen.envelope.data for seen in office.observer.seen)
    address = one.case.body["addressee"]
    assert [word for word in (address["email"], address["street"], SIGNATORY) if word.encode() in published] == []


def in_german(day: date) -> str:
    return f"{day.day}. {MONTHS[day.month - 1]} {day.year}"
