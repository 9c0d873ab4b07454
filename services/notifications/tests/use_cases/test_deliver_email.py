"""E-mails on their way out: one Message-ID, a refusal for good, a server that is away."""

from collections.abc import Callable
from email import message_from_bytes
from functools import partial
from typing import Any

import pytest

from kfi_contracts.letters import GrantRejectionFacts, LetterContent, MessageWaitsFacts
from kfi_notifications.deliveries import Step
from kfi_notifications.domain.backoff import LONGEST
from kfi_notifications.domain.notification import Notification
from kfi_notifications.use_cases.deliver import hand_over_due, prepare_due

pytestmark = pytest.mark.servers
Contents = Callable[..., LetterContent]
WAITS = MessageWaitsFacts()


class Crash(BaseException):
    """The process ends at this instruction; nothing catches it."""


def crash(*_: object) -> None:
    raise Crash


async def test_an_e_mail_is_sent_and_said_to_be_dispatched(
    office_with: Any, content_of: Contents, mailbox: Any
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    notification_id = await office.accept(office.order(content_of(WAITS)))
    await office.deliver()
    (taken,) = mailbox.taken
    assert taken.rcpt_tos == ["vorstand@koeprue.example"]
    assert message_from_bytes(taken.original_content)["Message-ID"] == f"<{notification_id}@bra.example>"
    ((_, kind, facts),) = await office.events()
    assert (kind, facts["channel"]) == ("notification-dispatched.v1", "email")


async def test_after_a_crash_between_handing_over_and_commit_the_same_mail_is_sent_again(
    office_with: Any, content_of: Contents, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    await office.accept(office.order(content_of(WAITS)))
    await office.run(prepare_due)
    with monkeypatch.context() as patched:
        patched.setattr(Notification, "dispatch", crash)
        with pytest.raises(Crash):
            await office.run(partial(hand_over_due, Step.EMAIL))
    office.clock.advance(LONGEST)
    await office.deliver()
    first, second = mailbox.taken
    assert first.original_content == second.original_content
    assert len(await office.events()) == 1


async def test_a_recipient_refused_for_good_fails_and_a_person_has_to_act(
    office_with: Any, content_of: Contents, mailbox: Any
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    mailbox.answer = "550 5.1.1 no such user"
    await office.accept(office.order(content_of(WAITS)))
    await office.deliver()
    ((_, kind, facts),) = await office.events()
    assert (kind, facts["reason"], facts["final"]) == ("notification-failed.v1", "recipient_refused", True)


async def test_a_mail_server_that_is_away_delays_the_mail_and_no_letter(
    office_with: Any, content_of: Contents, rejection_facts: GrantRejectionFacts, mailbox: Any
) -> None:
    office = await office_with(smtp_port=mailbox.port)
    mailbox.answer = "451 4.3.0 later"
    await office.accept(office.order(content_of(WAITS)))
    await office.accept(office.order(content_of(rejection_facts)))
    await office.deliver()
    assert [facts["channel"] for _, _, facts in await office.events()] == ["letter"]
    mailbox.answer = "250 OK"
    office.clock.advance(LONGEST)
    await office.deliver()
    assert [facts["channel"] for _, _, facts in await office.events()] == ["letter", "email"]
    assert len(mailbox.taken) == 1
