"""How an e-mail is written; and the one that says that a message waits, and nothing of what it says."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from uuid import UUID

from kfi_notifications.domain.letterhead import Letterhead

SUBJECT: Final = "Eine Nachricht wartet auf Sie"
_FRAME: Final = """\
Sehr geehrte Damen und Herren,

{text}

Diese E-Mail wurde automatisch verschickt; bitte antworten Sie nicht darauf.

{authority}
{unit}
"""
_DEMONSTRATION: Final = "\nVorführung: Absender und Portal sind erfunden.\n"


@dataclass(frozen=True)
class Email:
    """What an e-mail says, without greeting and sender."""

    subject: str
    text: str


class AddressUnusable(ValueError):
    """No mail server would take this address."""


def message_waits(letterhead: Letterhead) -> Email:
    """A message waits in the portal; nothing of what it says."""
    text = "im Portal liegt eine neue Nachricht für Sie bereit. Bitte melden Sie sich an, um sie zu lesen:"
    return Email(SUBJECT, f"{text}\n\n{letterhead.portal_url}")


def written(
    notification_id: UUID, recipient: str, said: Email, *, sender: str, letterhead: Letterhead, written_at: datetime
) -> bytes:
    """Write an e-mail as it goes over the wire (RFC 5322); its Message-ID is the same for the same notification.

    It calls itself automatic (RFC 3834), so that no absence note answers it. Raises AddressUnusable.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=letterhead.authority, addr_spec=sender)
    message["To"] = _address(recipient)
    message["Subject"] = said.subject
    message["Date"] = written_at
    message["Message-ID"] = message_id(notification_id, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    text = _FRAME.format(text=said.text, authority=letterhead.authority, unit=letterhead.unit)
    message.set_content(text + (_DEMONSTRATION if letterhead.fictitious else ""), cte="quoted-printable")
    message["Content-Language"] = "de"  # setting the text clears all headers about content
    return message.as_bytes()


def message_id(notification_id: UUID, sender: str) -> str:
    """The Message-ID: a mail that is handed over twice is known by it as one."""
    return f"<{notification_id}@{sender.rpartition('@')[2]}>"


def _address(recipient: str) -> Address:
    local_part, _, domain = recipient.rpartition("@")
    if not (local_part and domain and local_part.isascii()):
        raise AddressUnusable
    try:
        return Address(username=local_part, domain=domain.encode("idna").decode("ascii"))
    except (HeaderParseError, ValueError, IndexError):
        raise AddressUnusable from None
