"""A letter through the inbox, from the consent to the announcement, and by post where nobody comes."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select

from kfi_chassis.audit_verification import verify_chain
from kfi_chassis.deadlines import claim, meet
from kfi_chassis.identity import Principal
from kfi_chassis.transient import VersionConflict
from kfi_contracts.letters import GrantDecisionFacts, LetterContent, MessageWaitsFacts
from kfi_law.errors import NotRetrievedInTime
from kfi_notifications import tables
from kfi_notifications.repository import AGGREGATE, NotificationUnknown
from kfi_notifications.use_cases.announce import announce, end_remedy_period
from kfi_notifications.use_cases.change_consent import change_consent
from kfi_notifications.use_cases.provide import end_provision
from kfi_notifications.use_cases.retrieve import NotRetrieved, read_again, retrieve
from kfi_notifications.work import NotificationsWork

pytestmark = pytest.mark.servers
OWN, OTHER = "organisation-1", "organisation-2"
MEMBER = Principal("account-7", "person-7", frozenset({"applicant"}), OWN)
STEPS = {"announcement": announce, "remedy-period-end": end_remedy_period, "retrieval": end_provision}


@pytest_asyncio.fixture
async def office(office_with: Any, mailbox: Any) -> Any:
    """An office that reaches a mail server, on Monday, 2 March 2026."""
    opened = await office_with(smtp_port=mailbox.port)
    opened.on(date(2026, 3, 2))
    return opened


async def act_on_what_is_due(office: Any) -> list[str]:
    async def next_due(work: NotificationsWork) -> str | None:
        for kind, act in STEPS.items():
            deadline = await claim(work.connection, kind, work.calendar.today())
            if deadline is not None:
                await act(deadline.subject, work)
                await meet(work.connection, deadline)
                return kind
        return None

    done = []
    while kind := await office.run(next_due):
        done.append(kind)
    return done


async def as_member(office: Any, use: Callable[[NotificationsWork], Awaitable[Any]]) -> Any:
    return await office.transactions.run(use, actor=MEMBER)


async def consent(office: Any, given: bool = True, *, seen: int = 0) -> Any:
    return await as_member(office, lambda work: change_consent(OWN, seen, given, work))


async def row_of(office: Any, notification_id: UUID) -> Any:
    table = tables.notification
    found = select(table).where(table.c.id == notification_id)
    return (await office.run(lambda work: work.connection.execute(found))).one()


async def retrieved(office: Any, notification_id: UUID, organisation: str = OWN) -> Any:
    seen = (await row_of(office, notification_id)).version
    return await as_member(office, lambda work: retrieve(notification_id, organisation, seen, work))


@pytest.fixture
def letter(office: Any, grant_facts: GrantDecisionFacts, content_of: Callable[..., LetterContent]) -> Any:
    async def ordered(**changes: Any) -> UUID:
        order = office.order(content_of(grant_facts), organisation=OWN, **changes)
        notification_id: UUID = await office.accept(order)
        await office.deliver()
        return notification_id

    return ordered


async def test_f22_c_from_the_consent_to_the_announcement(office: Any, letter: Any, mailbox: Any) -> None:
    await consent(office)
    notification_id = await letter()
    assert office.spooled() == []
    (notice,) = mailbox.taken
    assert b"Eine Nachricht wartet auf Sie" in notice.original_content
    for said in ("Köprü", "36-2026-0042", "Zuwendung", "Bescheid"):
        assert said.encode() not in notice.original_content
    office.on(date(2026, 3, 5))
    document = await retrieved(office, notification_id)
    assert document.content.startswith(b"%PDF")
    assert await act_on_what_is_due(office) == []
    office.on(date(2026, 3, 6))
    assert await act_on_what_is_due(office) == ["announcement"]
    office.on(date(2026, 4, 7))
    assert await act_on_what_is_due(office) == []
    office.on(date(2026, 4, 8))
    assert await act_on_what_is_due(office) == ["remedy-period-end"]
    events = await office.events()
    assert [(number, kind) for number, kind, _ in events] == [
        (1, "notification-dispatched.v1"),
        (2, "notification-announced.v1"),
        (3, "remedy-period-ended.v1"),
    ]
    assert (events[1][2]["announced_on"], events[1][2]["remedy_ends_on"]) == ("2026-03-06", "2026-04-07")
    assert events[0][2]["through_inbox"]
    assert office.spooled() == []


async def test_f22_d_not_retrieved_it_goes_by_post_with_the_very_same_bytes(office: Any, letter: Any) -> None:
    await consent(office)
    notification_id = await letter()
    office.on(date(2026, 3, 12))
    assert await act_on_what_is_due(office) == []
    office.on(date(2026, 3, 13))
    assert await act_on_what_is_due(office) == ["retrieval"]
    await office.deliver()
    entry, pdf = office.spooled()
    assert (entry.suffix, pdf.suffix, pdf.parent.name) == (".json", ".pdf", "2026-03-13")
    kept = await office.run(lambda work: work.documents.get(notification_id))
    assert pdf.read_bytes() == kept.content
    office.on(date(2026, 3, 17))
    assert await act_on_what_is_due(office) == ["announcement"]
    events = await office.events()
    assert [kind for _, kind, _ in events] == [
        "notification-dispatched.v1",
        "notification-not-announced.v1",
        "notification-dispatched.v1",
        "notification-announced.v1",
    ]
    assert events[1][2]["last_day"] == "2026-03-12"
    assert (events[3][2]["announced_on"], events[3][2]["through_inbox"]) == ("2026-03-17", False)


async def test_after_the_ten_days_it_cannot_be_retrieved_even_before_the_worker_noticed(
    office: Any, letter: Any
) -> None:
    await consent(office)
    notification_id = await letter()
    office.on(date(2026, 3, 13))
    with pytest.raises(NotRetrievedInTime):
        await retrieved(office, notification_id)
    assert await act_on_what_is_due(office) == ["retrieval"]
    with pytest.raises(NotRetrievedInTime):
        await retrieved(office, notification_id)
    with pytest.raises(NotRetrieved):
        await as_member(office, lambda work: read_again(notification_id, OWN, work))


async def test_a_retrieval_is_on_record_with_person_and_time_and_every_later_look_too(office: Any, letter: Any) -> None:
    await consent(office)
    notification_id = await letter()
    with pytest.raises(NotRetrieved):
        await as_member(office, lambda work: read_again(notification_id, OWN, work))
    first = await retrieved(office, notification_id)
    again = await as_member(office, lambda work: read_again(notification_id, OWN, work))
    assert again == first
    (kept,) = await office.run(lambda work: work.connection.execute(select(tables.retrieval)))
    assert (kept.notification_id, kept.account, kept.person) == (notification_id, "account-7", "person-7")
    audit = tables.chassis.audit
    found = select(audit.c.action, audit.c.person).where(audit.c.aggregate_id == notification_id)
    rows = await office.run(lambda work: work.connection.execute(found.order_by(audit.c.position)))
    actions = [(row.action, row.person) for row in rows]
    assert actions[-2:] == [("retrieved", "person-7"), ("document-read", "person-7")]
    assert await office.run(lambda work: verify_chain(work.connection, AGGREGATE, notification_id)) == len(actions)


async def test_of_two_retrievals_at_once_the_first_counts(office: Any, letter: Any) -> None:
    await consent(office)
    notification_id = await letter()
    seen = (await row_of(office, notification_id)).version
    await retrieved(office, notification_id)
    with pytest.raises(VersionConflict):
        await as_member(office, lambda work: retrieve(notification_id, OWN, seen, work))


async def test_what_an_organisation_says_holds_for_later_letters_only(office: Any, letter: Any) -> None:
    before = await letter()
    await consent(office)
    between = await letter()
    await consent(office, given=False, seen=1)
    after = await letter()
    assert [(await row_of(office, each)).state for each in (before, between, after)] == [
        "dispatched", "provided", "dispatched",
    ]  # fmt: skip
    assert await retrieved(office, between)


async def test_every_word_of_an_organisation_is_kept_with_who_and_when(office: Any) -> None:
    await consent(office)
    same = await consent(office, seen=1)
    assert same.version == 1
    office.on(date(2026, 4, 1))
    changed = await consent(office, given=False, seen=1)
    history = await office.run(lambda work: work.consents.history(changed.id))
    assert [(each.given, each.changed_on, each.account, each.person) for each in history] == [
        (True, date(2026, 3, 2), "account-7", "person-7"),
        (False, date(2026, 4, 1), "account-7", "person-7"),
    ]
    with pytest.raises(VersionConflict):
        await consent(office, seen=1)
    assert await office.run(lambda work: verify_chain(work.connection, "consent", changed.id)) == 2


async def test_another_organisation_finds_nothing(office: Any, letter: Any) -> None:
    await consent(office)
    notification_id = await letter()
    with pytest.raises(NotificationUnknown):
        await retrieved(office, notification_id, OTHER)
    assert await office.run(lambda work: work.inbox(OTHER).page(after=None, limit=10)) == []


async def test_who_cannot_be_told_gets_the_letter_by_post_at_once(office: Any, letter: Any, mailbox: Any) -> None:
    await consent(office)
    mailbox.answer = "550 no such mailbox"
    notification_id = await letter()
    assert (await row_of(office, notification_id)).state == "dispatched"
    assert len(office.spooled()) == 2
    assert [kind for _, kind, _ in await office.events()] == ["notification-dispatched.v1"]


async def test_a_mail_server_that_is_away_is_waited_for(office: Any, letter: Any, mailbox: Any) -> None:
    await consent(office)
    mailbox.answer = "450 not now"
    notification_id = await letter()
    assert (await row_of(office, notification_id)).state == "prepared"
    waiting = await office.run(lambda work: work.deliveries.waiting(today=date(2026, 3, 2)))
    assert [(each.step, each.obstacle) for each in waiting] == [("inbox", "mail_server_delays")]


async def test_nobody_is_told_twice_of_the_same_letter(
    office: Any, letter: Any, mailbox: Any, content_of: Callable[..., LetterContent]
) -> None:
    await consent(office)
    notification_id = await letter()
    pointing = office.order(content_of(MessageWaitsFacts()), organisation=OWN, accompanies=notification_id)
    await office.accept(pointing)
    await office.deliver()
    assert len(mailbox.taken) == 1
    assert (await row_of(office, pointing.notification_id)).state == "covered"
    alone = office.order(content_of(MessageWaitsFacts()), organisation=OWN, concerns=uuid4())
    await office.accept(alone)
    await office.deliver()
    assert len(mailbox.taken) == 2


async def test_a_crash_after_the_notice_sends_it_again_under_the_same_message_id(
    office: Any, letter: Any, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consent(office)
    with monkeypatch.context() as broken:
        broken.setattr("kfi_notifications.use_cases.deliver.provide", _crash)
        with pytest.raises(RuntimeError):
            await letter()
    await office.deliver()
    ids = [line for taken in mailbox.taken for line in taken.original_content.split(b"\r\n") if b"Message-ID" in line]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert [kind for _, kind, _ in await office.events()] == ["notification-dispatched.v1"]


def _crash(*_: object) -> None:
    raise RuntimeError
