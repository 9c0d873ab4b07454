"""With a print room that acknowledges, a letter is posted when it says so, and on the day it says."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kfi_chassis.clock import BERLIN
from kfi_contracts.letters import GrantRejectionFacts, LetterContent, MessageWaitsFacts
from kfi_contracts.notifications import RecallReason
from kfi_notifications.channels.print_spool import MANIFEST, SpooledLetter
from kfi_notifications.domain.notification import AlreadyHandedOver, State
from kfi_notifications.domain.print_batch import NotInBatch, PrintBatch
from kfi_notifications.recovery import letters_in_the_spool_have_left
from kfi_notifications.use_cases.deliver import prepare_due
from kfi_notifications.use_cases.print_batches import acknowledge, close_due
from kfi_notifications.use_cases.recall import recall

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
CUT_OFF = time(14)


def to(office: Any, hour: int, minute: int = 0) -> None:
    """Let the clock go on to the next time that it is so late in Germany."""
    now = office.clock.now().astimezone(BERLIN)
    then = datetime.combine(now.date(), time(hour, minute), BERLIN)
    office.clock.advance((then if then > now else then + timedelta(days=1)) - now)


@pytest.fixture
async def office(office_with: Callable[..., Awaitable[Any]], mailbox: Any) -> Any:
    """The office on Monday, 9 March 2026, nine o'clock, with a cut-off at two."""
    opened = await office_with(print_cut_off=CUT_OFF, smtp_port=mailbox.port)
    to(opened, 9)
    return opened


def move(office: Any, day: int, hour: int, minute: int = 0) -> None:
    office.on(date(2026, 3, day))
    to(office, hour, minute)


async def close(office: Any) -> int:
    return int(await office.run(partial(close_due, CUT_OFF)))


async def batches(office: Any) -> list[PrintBatch]:
    return list(await office.run(lambda work: work.batches.page(before=None, limit=9)))


async def say(office: Any, batch: PrintBatch, posted_on: date, *not_posted: UUID) -> None:
    await office.run(
        partial(acknowledge, batch.id, batch.version, str(batch.manifest_sha256), posted_on, list(not_posted))
    )


async def state_of(office: Any, notification_id: UUID) -> State:
    return State((await office.run(lambda work: work.notifications.get(notification_id))).state)


def manifest(office: Any, day: str) -> Path:
    return Path(office.folder / "spool" / day / MANIFEST)


async def test_a_letter_is_posted_when_the_print_room_says_so_and_on_that_day(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert await state_of(office, one) is State.HANDED_OVER
    assert await office.events() == [], "nothing is counted yet"
    move(office, 9, 14)
    assert await close(office) == 1
    (batch,) = await batches(office)
    written = manifest(office, "2026-03-09").read_bytes()
    assert hashlib.sha256(written).hexdigest() == batch.manifest_sha256
    assert [letter["notification_id"] for letter in json.loads(written)["letters"]] == [str(one)]
    move(office, 10, 8)
    await say(office, batch, date(2026, 3, 10))
    ((number, kind, facts),) = await office.events()
    assert (number, kind, facts["dispatched_on"]) == (1, "notification-dispatched.v1", "2026-03-10")
    due = await office.run(lambda work: work.connection.exec_driver_sql("SELECT kind, due_on FROM deadline"))
    assert [(row.kind, row.due_on) for row in due] == [("announcement", date(2026, 3, 14))]


async def test_after_the_cut_off_a_letter_joins_the_next_working_day(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    move(office, 13, 14)
    assert await close(office) == 1
    late = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    newest, _ = await batches(office)
    assert (newest.day, newest.closed_at) == (date(2026, 3, 16), None), "Friday at two: Monday"
    assert await close(office) == 0
    move(office, 16, 14)
    assert await close(office) == 1
    assert str(late) in manifest(office, "2026-03-16").read_text("utf-8")


async def test_a_letter_never_joins_a_batch_that_is_closed(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    """The clock of another machine goes after: its worker still believes that it is before the cut-off."""
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    move(office, 9, 14)
    await close(office)
    to(office, 13, 59)
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert [each.day for each in await batches(office)] == [date(2026, 3, 10), date(2026, 3, 9)]


async def test_what_was_spoiled_joins_the_next_batch_and_the_rest_is_posted(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    good, spoiled = [await office.accept(office.order(content_of(rejection_facts))) for _ in range(2)]
    await office.deliver()
    move(office, 9, 15)
    await close(office)
    (batch,) = await batches(office)
    with pytest.raises(NotInBatch):
        await say(office, batch, date(2026, 3, 9), UUID(int=1))
    await say(office, batch, date(2026, 3, 9), spoiled)
    await office.deliver()
    assert [await state_of(office, each) for each in (good, spoiled)] == [State.DISPATCHED, State.HANDED_OVER]
    move(office, 10, 14)
    await close(office)
    newest, _ = await batches(office)
    await say(office, newest, date(2026, 3, 10))
    assert [facts["dispatched_on"] for _, _, facts in await office.events()] == ["2026-03-09", "2026-03-10"]


async def test_a_worker_killed_before_it_said_so_leaves_no_letter_that_is_printed_and_not_counted(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    other = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.run(prepare_due)

    async def killed_after_the_folder(work: Any) -> None:
        document = await work.documents.get(one)
        letter = SpooledLetter(one, document.content, document.sha256, document.pages)
        await work.print_spool.place(letter, work.calendar.today())

    await office.run(killed_after_the_folder)
    move(office, 9, 14)
    await close(office)
    named = [letter["notification_id"] for letter in json.loads(manifest(office, "2026-03-09").read_bytes())["letters"]]
    assert named == [str(other)]
    assert {path.stem for path in office.spooled()} == {str(other), "manifest"}
    await office.deliver()
    move(office, 10, 14)
    await close(office)
    assert str(one) in manifest(office, "2026-03-10").read_text("utf-8")
    assert len([path for path in office.spooled() if path.name == f"{one}.pdf"]) == 1


async def test_what_lies_in_a_batch_is_not_recalled(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    version = (await office.run(lambda work: work.notifications.get(one))).version
    with pytest.raises(AlreadyHandedOver):
        await office.run(partial(recall, one, version, RecallReason.WRONG_CONTENT))


async def test_emails_wait_for_no_print_room(office: Any, content_of: Contents) -> None:
    email = await office.accept(office.order(content_of(MessageWaitsFacts())))
    await office.deliver()
    assert await state_of(office, email) is State.DISPATCHED


async def test_a_batch_nobody_acknowledges_is_counted_from_its_closing(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    assert (await office.run(lambda work: work.batches.unacknowledged())).count == 0
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    move(office, 9, 14)
    await close(office)
    waiting = await office.run(lambda work: work.batches.unacknowledged())
    assert (waiting.count, waiting.since) == (1, office.clock.now())
    (batch,) = await batches(office)
    await say(office, batch, date(2026, 3, 9))
    assert (await office.run(lambda work: work.batches.unacknowledged())).count == 0


async def test_after_a_restore_a_letter_in_a_folder_waits_for_the_print_room_again(
    office: Any, rejection_facts: GrantRejectionFacts, content_of: Contents
) -> None:
    one = await office.accept(office.order(content_of(rejection_facts)))
    await office.run(prepare_due)

    async def lost(work: Any) -> None:
        document = await work.documents.get(one)
        letter = SpooledLetter(one, document.content, document.sha256, document.pages)
        await work.print_spool.place(letter, work.calendar.today())

    await office.run(lost)
    await office.run(letters_in_the_spool_have_left)
    assert await state_of(office, one) is State.HANDED_OVER
    assert await office.events() == []
    move(office, 9, 14)
    await close(office)
    (batch,) = await batches(office)
    await say(office, batch, date(2026, 3, 9))
    assert await state_of(office, one) is State.DISPATCHED
