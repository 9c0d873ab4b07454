"""From a sealed order to the finished document: opened, checked against what was signed, written."""

from dataclasses import dataclass
from datetime import date, datetime
from email.parser import BytesHeaderParser
from email.policy import SMTP
from typing import Final

from pydantic import ValidationError

from kfi_chassis.sealing import Opener, SealingError
from kfi_contracts.addressees import FamilyAddressee
from kfi_contracts.allocation_letters import MunicipalityNoticeFacts, WebhookDisabledFacts
from kfi_contracts.letters import EMAIL_KINDS, LetterContent, content_digest, read_content
from kfi_contracts.notifications import Channel, FailureReason
from kfi_notifications.channels.outcome import Delayed, Undeliverable
from kfi_notifications.domain.court_addresses import CourtUnconfirmed
from kfi_notifications.domain.document import StoredDocument
from kfi_notifications.domain.email import AddressUnusable, Email, message_waits, written
from kfi_notifications.domain.notification import Notification
from kfi_notifications.domain.summaries import SummaryUnknown
from kfi_notifications.domain.town_email import municipality_notice, webhook_disabled
from kfi_notifications.press import Press
from kfi_notifications.typesetting import LANGUAGES, LanguageUnknown, TemplateUnknown, TypesettingFailed

PDF: Final = "application/pdf"
EMAIL: Final = "message/rfc822"
_UNKNOWN_KEY: Final = "unknown_key"  # may arrive with the next deployment; every other fault of a seal is for good


@dataclass(frozen=True)
class WritingDesk:
    """Where documents are written: the keys, the press, the sender of e-mails."""

    opener: Opener
    press: Press
    sender: str

    async def write(
        self, notification: Notification, *, content: LetterContent, dated_on: date, written_at: datetime
    ) -> StoredDocument:
        """Write the letter or e-mail of a notification.

        Raises Undeliverable for what is wrong with the order for good, Delayed for what a person or a deployment can
        mend: no confirmed court, a letter that cannot be set.
        """
        if content.facts.kind in EMAIL_KINDS:
            return self._email(notification, content, dated_on, written_at)
        return await self._letter(content, dated_on)

    def open(self, notification: Notification) -> LetterContent:
        """The content, seen to be the signed one. Raises Undeliverable; Delayed when no key for it is here yet."""
        try:
            opened = self.opener.open(notification.content or "", bound_to=str(notification.id))
        except SealingError as failure:
            if failure.code == _UNKNOWN_KEY:
                raise Delayed("sealing_key_unknown") from None
            raise Undeliverable(FailureReason.CONTENT_NOT_OPENABLE) from None
        if content_digest(opened) != notification.content_digest:
            raise Undeliverable(FailureReason.CONTENT_DIGEST_MISMATCH)
        return _as_ordered(notification, opened)

    async def _letter(self, content: LetterContent, dated_on: date) -> StoredDocument:
        try:
            document = await self.press.print(content, dated_on=dated_on)
        except CourtUnconfirmed:
            raise Delayed("court_unconfirmed") from None
        except TypesettingFailed as failure:
            raise Delayed(f"typesetting_{failure.code}") from None
        except TemplateUnknown:
            raise Undeliverable(FailureReason.TEMPLATE_UNKNOWN) from None
        except (LanguageUnknown, SummaryUnknown):
            raise Undeliverable(FailureReason.LANGUAGE_UNKNOWN) from None
        return StoredDocument(PDF, document.content, document.sha256, document.pages, dated_on)

    def _email(
        self, notification: Notification, content: LetterContent, dated_on: date, written_at: datetime
    ) -> StoredDocument:
        if content.template_version != 1:
            raise Undeliverable(FailureReason.TEMPLATE_UNKNOWN)
        if content.language not in LANGUAGES:
            raise Undeliverable(FailureReason.LANGUAGE_UNKNOWN)
        message = self._message(notification, content, self._said(content), written_at)
        return StoredDocument(EMAIL, message, content_digest(message), None, dated_on)

    def notice(self, notification: Notification, content: LetterContent, *, written_at: datetime) -> bytes:
        """The e-mail that says that a message waits. Raises Undeliverable for an address that is none."""
        return self._message(notification, content, message_waits(self.press.letterhead), written_at)

    def _said(self, content: LetterContent) -> Email:
        facts, letterhead = content.facts, self.press.letterhead
        if isinstance(facts, MunicipalityNoticeFacts):
            return municipality_notice(facts, letterhead)
        if isinstance(facts, WebhookDisabledFacts):
            return webhook_disabled(facts, letterhead)
        return message_waits(letterhead)

    def _message(self, notification: Notification, content: LetterContent, said: Email, written_at: datetime) -> bytes:
        addressee = content.addressee
        if isinstance(addressee, FamilyAddressee):
            raise Undeliverable(FailureReason.CONTENT_INVALID)  # a family has no inbox and is told by post alone
        letterhead = self.press.letterhead
        try:
            return written(
                notification.id, addressee.email, said, sender=self.sender, letterhead=letterhead, written_at=written_at
            )
        except AddressUnusable:
            raise Undeliverable(FailureReason.RECIPIENT_REFUSED) from None


def recipient_of(message: bytes) -> str:
    """The address an e-mail of ours goes to."""
    return str(BytesHeaderParser(policy=SMTP).parsebytes(message)["To"].addresses[0].addr_spec)


def _as_ordered(notification: Notification, opened: bytes) -> LetterContent:
    """The content, if it is what the order says it is: nothing may be sent another way than it was signed."""
    try:
        content = read_content(opened)
    except ValidationError:
        raise Undeliverable(FailureReason.CONTENT_INVALID) from None
    is_email = content.facts.kind in EMAIL_KINDS
    said = (content.template, content.template_version, content.language, is_email)
    ordered = (notification.template, notification.template_version, notification.language)
    if said != (*ordered, notification.channel is Channel.EMAIL):
        raise Undeliverable(FailureReason.CONTENT_INVALID)
    return content
