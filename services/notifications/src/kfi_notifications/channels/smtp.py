"""E-mail by SMTP: one message a connection, every wait bounded, answers of the server told apart by what follows."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import aiosmtplib

from kfi_contracts.notifications import FailureReason
from kfi_notifications.channels.outcome import Delayed, Undeliverable

_PERMANENT: Final = range(500, 600)


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class MailServer:
    """The mail server that takes our e-mails; certificates are checked wherever TLS is used."""

    host: str
    port: int
    sender: str
    """The envelope's sender: what cannot be delivered comes back to it."""
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    answer_seconds: float = 10.0
    """How long one answer of the server is waited for; a whole message may take three times as long."""

    async def hand_over(self, message: bytes, recipient: str) -> None:
        """Send one message; returns when the server has taken it.

        A second call sends it again: it carries the same Message-ID, by which mailboxes know it as one. Raises
        Undeliverable when the server refuses recipient or message for good (5xx), Delayed for everything that may pass,
        our own credentials and address included: they are no fault of the letter.
        """
        try:
            async with asyncio.timeout(3 * self.answer_seconds):
                await self._send(message, recipient)
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            codes = [refused.code for refused in refusal.recipients]
            raise _outcome(codes[0], FailureReason.RECIPIENT_REFUSED) from None
        except aiosmtplib.SMTPDataError as refusal:
            raise _outcome(refusal.code, FailureReason.CHANNEL_REFUSED) from None
        except aiosmtplib.SMTPAuthenticationError:
            raise Delayed("mail_server_refuses_credentials") from None
        except aiosmtplib.SMTPSenderRefused:
            raise Delayed("mail_server_refuses_sender") from None
        except (aiosmtplib.SMTPException, OSError):
            raise Delayed("mail_server_unavailable") from None
        except ValueError:  # no address in the sense of RFC 5321, found before anything was sent
            raise Undeliverable(FailureReason.RECIPIENT_REFUSED) from None

    async def _send(self, message: bytes, recipient: str) -> None:
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            local_hostname=socket.gethostname(),
            timeout=self.answer_seconds,
            use_tls=self.security is SmtpSecurity.TLS,
            start_tls=self.security is SmtpSecurity.STARTTLS,
        )
        try:
            await client.connect()
            await client.sendmail(self.sender, [recipient], message)
        finally:
            with contextlib.suppress(
                aiosmtplib.SMTPException, OSError
            ):  # the message is taken or not, whatever follows
                await client.quit()
            client.close()


def _outcome(code: int, reason: FailureReason) -> Exception:
    return Undeliverable(reason) if code in _PERMANENT else Delayed("mail_server_delays")
