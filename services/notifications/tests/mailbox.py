"""A mail server for tests."""

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """A mail server that takes mail, or gives the answer it was told."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[Envelope] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"
