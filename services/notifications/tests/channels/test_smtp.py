"""Against a mail server of its own (aiosmtpd), which answers as each test tells it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from kfi_contracts.notifications import FailureReason
from kfi_notifications.channels.outcome import Delayed, Undeliverable
from kfi_notifications.channels.smtp import MailServer, SmtpSecurity

MESSAGE = b"Message-ID: <1@bra.example>\r\nSubject: x\r\n\r\nText\r\n"
RECIPIENT = "vorstand@koeprue.example"


class Mailbox:
    """Takes mail, or answers RCPT and DATA as told."""

    def __init__(self, *, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        self.rcpt, self.data = rcpt, data
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def mail_server(port: int, **changes: object) -> MailServer:
    settings = {"security": SmtpSecurity.NONE, "answer_seconds": 1.0} | changes
    return MailServer("127.0.0.1", port, "kfi@bra.example", **settings)  # type: ignore[arg-type]


async def test_the_server_gets_the_very_bytes_and_the_envelope() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        await mail_server(port).hand_over(MESSAGE, RECIPIENT)
    (taken,) = mailbox.taken
    assert (taken.mail_from, taken.rcpt_tos, taken.original_content) == ("kfi@bra.example", [RECIPIENT], MESSAGE)


@pytest.mark.parametrize(
    ("mailbox", "reason"),
    [
        (Mailbox(rcpt="550 5.1.1 no such user"), FailureReason.RECIPIENT_REFUSED),
        (Mailbox(data="554 5.7.1 refused"), FailureReason.CHANNEL_REFUSED),
    ],
)
async def test_a_permanent_refusal_is_final(mailbox: Mailbox, reason: FailureReason) -> None:
    with serving(mailbox) as port, pytest.raises(Undeliverable) as failure:
        await mail_server(port).hand_over(MESSAGE, RECIPIENT)
    assert failure.value.reason is reason


@pytest.mark.parametrize("mailbox", [Mailbox(rcpt="450 4.2.1 busy"), Mailbox(data="451 4.3.0 later")])
async def test_a_passing_refusal_is_tried_later(mailbox: Mailbox) -> None:
    with serving(mailbox) as port, pytest.raises(Delayed) as delay:
        await mail_server(port).hand_over(MESSAGE, RECIPIENT)
    assert delay.value.obstacle == "mail_server_delays"


async def test_a_server_that_is_away_is_tried_later() -> None:
    with pytest.raises(Delayed) as delay:
        await mail_server(free_port()).hand_over(MESSAGE, RECIPIENT)
    assert delay.value.obstacle == "mail_server_unavailable"


async def test_a_server_that_never_answers_is_left_after_its_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Delayed) as delay:
        await mail_server(silent.getsockname()[1], answer_seconds=0.2).hand_over(MESSAGE, RECIPIENT)
    assert delay.value.obstacle == "mail_server_unavailable"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_wrong_credentials_are_our_fault_and_not_the_end_of_the_mail() -> None:
    refuse = {"auth_required": True, "auth_require_tls": False}
    with serving(Mailbox(), authenticator=lambda *_: AuthResult(success=False, handled=False), **refuse) as port:
        server = mail_server(port, username="kfi", password="wrong")
        with pytest.raises(Delayed) as delay:
            await server.hand_over(MESSAGE, RECIPIENT)
    assert delay.value.obstacle == "mail_server_refuses_credentials"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
async def test_right_credentials_are_taken() -> None:
    mailbox = Mailbox()
    accept = {"auth_required": True, "auth_require_tls": False}
    with serving(mailbox, authenticator=lambda *_: AuthResult(success=True), **accept) as port:
        await mail_server(port, username="kfi", password="right").hand_over(MESSAGE, RECIPIENT)
    assert len(mailbox.taken) == 1


async def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port, pytest.raises(Delayed):
        await mail_server(port, security=SmtpSecurity.STARTTLS).hand_over(MESSAGE, RECIPIENT)
    assert mailbox.taken == []


async def test_the_password_is_in_no_representation() -> None:
    assert "secret" not in repr(mail_server(25, username="kfi", password="secret"))
