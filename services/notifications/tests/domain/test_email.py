from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import pytest

from kfi_notifications.domain.email import AddressUnusable, message_waits, written
from kfi_notifications.domain.letterhead import Letterhead

ID = UUID(int=7)
WRITTEN_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def write(letterhead: Letterhead, recipient: str = "vorstand@koeprue.example") -> bytes:
    said = message_waits(letterhead)
    return written(ID, recipient, said, sender="kfi@bra.example", letterhead=letterhead, written_at=WRITTEN_AT)


def test_the_same_notification_is_the_same_mail(letterhead: Letterhead) -> None:
    assert write(letterhead) == write(letterhead)
    assert message_from_bytes(write(letterhead), policy=SMTP)["Message-ID"] == f"<{ID}@bra.example>"


def test_it_calls_itself_automatic_so_that_no_absence_note_answers(letterhead: Letterhead) -> None:
    message = message_from_bytes(write(letterhead), policy=SMTP)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Content-Language"] == "de"


def test_it_says_that_a_message_waits_and_nothing_else(letterhead: Letterhead) -> None:
    message = message_from_bytes(write(letterhead), policy=SMTP)
    text = message.get_content()
    assert "im Portal liegt eine neue Nachricht für Sie bereit" in text
    assert letterhead.portal_url in text
    assert "Bescheid" not in text
    assert "Antrag" not in text
    assert "Vorführung" in text


def test_an_international_domain_becomes_ascii(letterhead: Letterhead) -> None:
    message = message_from_bytes(write(letterhead, "vorstand@köprü.example"), policy=SMTP)
    assert message["To"].addresses[0].addr_spec == "vorstand@xn--kpr-sna6a.example"


@pytest.mark.parametrize("address", ["şükran@koeprue.example", "a@" + "x" * 70 + ".example", "a@.", "a@"])
def test_an_address_no_mail_server_takes_is_refused(letterhead: Letterhead, address: str) -> None:
    with pytest.raises(AddressUnusable):
        write(letterhead, address)


def test_an_address_cannot_bring_headers_along(letterhead: Letterhead) -> None:
    with pytest.raises(AddressUnusable):
        write(letterhead, "a@koeprue.example\r\nBcc: all@koeprue.example")
