"""Names planted through the whole platform lie nowhere in the open, and after the erasure nobody reads them any more.

Searched are every topic, every table of every database, logs, metrics, and whatever files the platform keeps; but for
the print spool, which is the letter itself until it is printed, and the mailbox, which is the world outside.
"""

import asyncio
import base64
import json
import os
import subprocess
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.harness.bus import Bus, Sent, until
from tests.harness.cases import grant
from tests.harness.door import Door
from tests.harness.office import Case, Office

from kfi_applications.tables import APPLICATION
from kfi_chassis.privacy.keys import ERASED, KeyRing, NotDecrypted, WrappedKey
from kfi_contracts.applications import PersonErased
from kfi_contracts.notifications import Channel, NotificationDispatched, NotificationOrdered
from kfi_stack.demo.story import NOTIFICATIONS
from kfi_stack.running_platform import SERVICES, Platform
from kfi_stack.services import installed
from kfi_stack.session_servers import SessionServers

from .places import Places
from .planted import (
    ANSWER,
    ATTENTION,
    BANK_ACCOUNT,
    EMAIL,
    FILE_NAME,
    IN_THE_FILE,
    NAMES,
    NOTE,
    QUESTION,
    REASON,
    found_in,
    planted_application,
)

pytestmark = [pytest.mark.stack, pytest.mark.servers, pytest.mark.asyncio(loop_scope="session")]
AFTER_THE_RETENTION = "2060-01-01"
PDF = b"%%PDF-1.7\n%% %s\n%%%%EOF\n" % IN_THE_FILE.encode()


@pytest.fixture(scope="session")
def places(platform: Platform, bus: Bus, session_servers: SessionServers) -> Places:
    return Places(platform, bus, session_servers.folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def case(office: Office, door: Door, bus: Bus, platform: Platform) -> Case:
    """A final case with a name wherever people write one: in every letter about it, in a parked order."""
    case = await office.filed(planted_application())
    await attach(case, door)
    await office.in_state(case, "received")
    await office.act(office.people.applicant, case, "bank-account", BANK_ACCOUNT)
    await office.people.caseworker.create(f"{case.path}/notes", {"text": NOTE})
    await office.act(office.people.caseworker, case, "formal-check")
    await office.act(office.people.caseworker, case, "information-request", {"text": QUESTION})
    await office.act(office.people.applicant, case, "answer", {"text": ANSWER})
    await office.act(office.people.caseworker, case, "substance-check")
    await office.act(office.people.caseworker, case, "proposal", grant() | {"reasons": [REASON]})
    await office.act(office.people.budget_officer, case, "reservation")
    await office.act(office.people.signatory, case, "second-check")
    await office.sign(case)
    for channel in Channel:
        await office.event(NotificationDispatched, concerns=case.id, channel=channel)
    await parked(case, bus, platform)
    await office.announced(case)
    await office.act(office.people.applicant, case, "waiver")
    await office.final(case)
    return case


async def attach(case: Case, door: Door) -> None:
    named = {"Content_Type": "application/pdf", "Content_Disposition": f'attachment; filename="{FILE_NAME}"'}
    attached = await door.ask("POST", f"{case.path}/attachments", raw=PDF, **named)
    assert attached.status_code == 201, attached.text


async def parked(case: Case, bus: Bus, platform: Platform) -> None:
    """The order of the letter once more, with a fault: it lies among the dead letters, as sealed as it came."""
    (record,) = await bus.records(NotificationOrdered.topic, case.letter_id)
    again = str(uuid4())
    changed = json.loads(record.value or b"") | {"notification_id": again, "act_id": None}
    headers = [(name, again.encode() if name in ("ce_id", "ce_subject") else value) for name, value in record.headers]
    sent = Sent(json.dumps(changed).encode(), [*headers], key=again.encode())
    await bus.send("applications", NotificationOrdered.topic, [sent])

    asked = "SELECT number, reason FROM dead_letter WHERE key = $1"
    [row] = await until(lambda: bus.rows("notifications", asked, again.encode()), "the order with a fault is parked")
    assert row["reason"] == "act_missing"
    words = ("dead-letters", "discard", "--service", "notifications", str(row["number"]), "--reason", "OPS-17")
    await asyncio.to_thread(platform.command, "kfi", *words, service="notifications")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def before(case: Case, places: Places) -> dict[str, set[str]]:
    return await places.everywhere()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def erased(case: Case, before: object, office: Office, platform: Platform, bus: Bus) -> Case:
    """The same after the operator's command, once notifications have heard of it; others stay."""
    await office.filed()
    await asyncio.to_thread(
        privacy, platform, "erase", case.id, "--by", "privacy-officer", "--reason", "retention-over"
    )
    await office.event(PersonErased, application_id=case.id)

    async def keys_are_gone() -> bool:
        counted = "SELECT count(*) AS keys FROM person_key WHERE person = $1"
        found = [await bus.rows(service, counted, UUID(case.id)) for service in SERVICES]
        return sum(rows[0]["keys"] for rows in found) == 0

    await until(keys_are_gone, "no service has a key of the person")
    return case


def privacy(platform: Platform, *words: str) -> str:
    """The command, on a day after the retention, in the environment of the service."""
    later = platform.folder / "later"
    later.write_text(AFTER_THE_RETENTION)
    own = platform.services["applications"].environment() | {"KFI_BUSINESS_DATE_FILE": str(later)}
    command = [str(installed("kfi-applications")), "privacy", *words]
    return subprocess.run(command, env=os.environ | own, check=True, capture_output=True, text=True).stdout


async def test_the_search_finds_names_in_every_form_a_place_may_hold_them(platform: Platform, case: Case) -> None:
    letter = (await asyncio.to_thread(lambda: next(platform.spool.glob(f"*/{case.letter_id}.pdf")))).read_bytes()
    hidden = base64.b64encode(b'{"to": "' + base64.b64encode(ATTENTION.encode()) + b'"}')
    for form in (ATTENTION.upper(), ATTENTION.encode().hex(), {"a": [hidden.decode()]}, letter, hidden):
        assert found_in(form) >= {"zwyrthild", "qoxamander"}, form


async def test_before_the_erasure_no_place_names_anybody(before: dict[str, set[str]]) -> None:
    assert before == {}


async def test_whoever_has_the_right_reads_every_name(case: Case, before: object, office: Office, door: Door) -> None:
    read = (await office.people.caseworker.get(case.path)).document
    files = (await office.people.caseworker.get(f"{case.path}/attachments")).document
    content = await office.people.caseworker.fetch(f"{case.path}/attachments/{files['items'][0]['id']}/content")
    letter = await office.people.caseworker.fetch(f"{NOTIFICATIONS}/{case.letter_id}/document")
    notes, account = [
        (await office.people.caseworker.get(f"{case.path}/{part}")).document for part in ("notes", "bank-account")
    ]
    told = [*map(json.dumps, (read, files, notes, account)), content]
    assert set().union(*map(found_in, told)) == set(NAMES)
    assert found_in(letter) >= {"qoxamander", "vraxholtz", "drumpfelia"}
    assert await searched(door, EMAIL) == await searched(door, "Qoxamander Zwyrthild") == [case.id]


async def test_after_the_erasure_nobody_reads_or_finds_a_name(erased: Case, office: Office, door: Door) -> None:
    answer = await door.ask("GET", erased.path, login="auditor")
    assert (answer.status_code, found_in(answer.content)) == (200, set())
    assert {answer.json()["applicant"]["name"], *answer.json()["addressee"].values()} == {ERASED}
    listed = await door.ask("GET", "/applications/v1/applications?limit=100", login="auditor")
    assert (listed.status_code, found_in(listed.content)) == (200, set())
    files = await door.ask("GET", f"{erased.path}/attachments", login="auditor")
    assert (files.status_code, found_in(files.content)) == (200, set())
    notes = await door.ask("GET", f"{erased.path}/notes", login="auditor")
    assert (notes.status_code, [note["text"] for note in notes.json()["items"]]) == (200, [ERASED])
    for path in (
        f"{erased.path}/attachments/{files.json()['items'][0]['id']}/content",
        f"{erased.path}/bank-account",
        f"{NOTIFICATIONS}/{erased.letter_id}/document",
    ):
        gone = await door.ask("GET", path, login="auditor")
        assert (gone.status_code, gone.json()["type"].rpartition("/")[2]) == (410, "person-erased")
    assert await searched(door, EMAIL) == await searched(door, "Qoxamander") == []


async def test_after_the_erasure_no_place_names_anybody(erased: Case, places: Places) -> None:
    assert await places.everywhere() == {}


async def test_after_the_erasure_no_key_that_is_left_opens_what_is_left(
    erased: Case, platform: Platform, bus: Bus
) -> None:
    ring = KeyRing(platform.person_keys("applications"))
    case = UUID(erased.id)
    [row] = await bus.rows("applications", "SELECT applicant_name FROM application WHERE id = $1", case)
    left = await bus.rows("applications", "SELECT person, kid, wrapped FROM person_key")
    assert left
    for each in left:
        key = ring.open(each["person"], WrappedKey(each["kid"], each["wrapped"]))
        with pytest.raises(NotDecrypted):
            key.decrypt(APPLICATION.c.applicant_name, case, row["applicant_name"])


async def test_the_erasure_is_on_record_by_id_in_both_services(erased: Case, bus: Bus) -> None:
    asked = "SELECT subject, reason FROM audit WHERE aggregate_id = $1 AND action = 'erased'"
    [applications] = await bus.rows("applications", asked, UUID(erased.id))
    [notifications] = await bus.rows("notifications", asked, UUID(erased.id))
    assert (applications["subject"], applications["reason"]) == ("privacy-officer", "retention-over")
    assert notifications["subject"] == "system:notifications"


async def searched(door: Door, text: str) -> list[str]:
    answer = await door.ask("POST", "/applications/v1/applications/search", login="auditor", body={"text": text})
    assert answer.status_code == 200, answer.text
    return [line["id"] for line in answer.json()["items"]]
