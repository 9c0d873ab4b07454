"""A letter is stored under the key of the person it names; without the key nobody reads it and nothing is sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from kfi_chassis.audit_verification import verify_all
from kfi_chassis.privacy.persons import PersonErased as Gone
from kfi_contracts.applications import PersonErased
from kfi_contracts.letters import GrantRejectionFacts, LetterContent
from kfi_notifications import tables
from kfi_notifications.consumers import personal_data_goes_with_its_key
from kfi_notifications.domain.notification import State
from kfi_notifications.use_cases.change_consent import change_consent
from kfi_notifications.use_cases.deliver import prepare_due
from kfi_notifications.use_cases.provide import end_provision

pytestmark = pytest.mark.servers
PERSON = UUID(int=2)


@pytest.fixture
def content(rejection_facts: GrantRejectionFacts, content_of: Callable[..., LetterContent]) -> LetterContent:
    return content_of(rejection_facts)


async def stored(office: Any, notification_id: UUID) -> Any:
    found = select(tables.document).where(tables.document.c.notification_id == notification_id)
    return (await office.run(lambda work: work.connection.execute(found))).one()


async def erased(office: Any) -> None:
    event = PersonErased(application_id=PERSON, erased_on=office.clock.now().date())
    await office.run(lambda work: personal_data_goes_with_its_key(event, work))


async def test_the_letter_lies_in_the_database_under_the_persons_key(office: Any, content: LetterContent) -> None:
    letter = await office.accept(office.order(content))
    await office.deliver()
    row, document = await stored(office, letter), await office.run(lambda work: work.documents.get(letter))
    assert row.content is None
    assert b"PDF" not in row.encrypted
    assert document.content.startswith(b"%PDF")


async def test_after_the_erasure_the_letter_is_gone_and_the_record_stays(office: Any, content: LetterContent) -> None:
    letter = await office.accept(office.order(content))
    await office.deliver()
    await erased(office)
    await erased(office)
    with pytest.raises(Gone):
        await office.run(lambda work: work.documents.get(letter))
    notification = await office.run(lambda work: work.notifications.get(letter))
    assert notification.state is State.DISPATCHED
    [row] = (await office.run(lambda work: work.connection.execute(text(AUDITED)))).all()
    assert (row.aggregate_id, row.times) == (PERSON, 2)
    await office.run(lambda work: verify_all(work.connection))


AUDITED = "SELECT aggregate_id, count(*) AS times FROM audit WHERE aggregate = 'person' GROUP BY aggregate_id"


@pytest.mark.parametrize("written", [False, True], ids=["ordered", "written"])
async def test_what_has_not_left_will_not_leave_any_more(office: Any, content: LetterContent, written: bool) -> None:
    letter = await office.accept(office.order(content))
    if written:
        await office.run(prepare_due)
    await erased(office)
    await office.deliver()
    notification = await office.run(lambda work: work.notifications.get(letter))
    assert (notification.state, notification.failure) == (State.FAILED, "content_not_openable")
    assert office.spooled() == []


async def test_an_order_that_comes_after_the_erasure_fails_and_holds_up_no_other(
    office: Any, content: LetterContent
) -> None:
    await erased(office)
    late = await office.accept(office.order(content))
    other = await office.accept(office.order(content, concerns=UUID(int=4)))
    await office.deliver()
    found = await office.run(lambda work: work.notifications.get_all([late, other]))
    assert (found[late].state, found[other].state) == (State.FAILED, State.DISPATCHED)


async def test_what_an_older_release_stored_in_the_open_is_read_and_encrypted_portion_by_portion(
    office_with: Any, content: LetterContent
) -> None:
    office = await office_with(encrypt_personal_data=False)
    letters = [await office.accept(office.order(content)) for _ in range(3)]
    await office.deliver()
    before = [await office.run(lambda work, one=one: work.documents.get(one)) for one in letters]
    assert (await stored(office, letters[0])).content.startswith(b"%PDF")
    assert [await office.run(lambda work: work.documents.encrypt(2)) for _ in range(3)] == [2, 1, 0]
    assert (await stored(office, letters[0])).content is None
    assert [await office.run(lambda work, one=one: work.documents.get(one)) for one in letters] == before


@pytest.mark.parametrize("posted", [False, True], ids=["waits", "goes by post"])
async def test_what_waits_in_an_inbox_is_gone_too_and_holds_up_no_other_letter(
    office_with: Any, mailbox: Any, content: LetterContent, *, posted: bool
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    await office.run(lambda work: change_consent("organisation-1", 0, True, work))
    letter = await office.accept(office.order(content, organisation="organisation-1"))
    await office.deliver()
    if posted:
        await office.run(lambda work: end_provision(letter, work))
    await erased(office)
    notification = await office.run(lambda work: work.notifications.get(letter))
    assert notification.state is State.FAILED
    due = text("SELECT kind FROM deadline WHERE closed_at IS NULL")
    assert list(await office.run(lambda work: work.connection.execute(due))) == []
    other = await office.accept(office.order(content, concerns=UUID(int=77)))
    await office.deliver()
    assert (await office.run(lambda work: work.notifications.get(other))).state is State.DISPATCHED
