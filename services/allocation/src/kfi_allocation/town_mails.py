"""The e-mails to towns: something waits behind the gateway, or their endpoint gets nothing more. They name nobody."""

from datetime import date
from uuid import UUID

from kfi_allocation.domain.comparison_sentences import town_name
from kfi_allocation.letter_contents import content_of
from kfi_contracts.addressees import MailAddressee
from kfi_contracts.allocation_letters import MunicipalityNoticeFacts, NoticeOccasion, WebhookDisabledFacts
from kfi_contracts.letters import LetterContent


def town_notice(
    ags: str,
    mailbox: str,
    *,
    occasion: NoticeOccasion,
    placements: int,
    reference: str,
    object_until: date | None = None,
) -> LetterContent:
    """The e-mail that asks a town to look behind the gateway; it names no person and counts none."""
    notice = MunicipalityNoticeFacts(
        town=town_name(ags), occasion=occasion, placements=placements, object_until=object_until
    )
    return content_of(notice, MailAddressee(email=mailbox), reference)


def endpoint_disabled(
    ags: str,
    mailbox: str,
    *,
    endpoint_id: UUID,
    host: str,
    failing_since: date,
    disabled_on: date,
) -> LetterContent:
    """The e-mail to a town's technical contact: its endpoint gets nothing more until it is enabled again."""
    disabled = WebhookDisabledFacts(
        town=town_name(ags),
        endpoint_id=endpoint_id,
        endpoint_host=host,
        failing_since=failing_since,
        disabled_on=disabled_on,
    )
    return content_of(disabled, MailAddressee(email=mailbox), f"{ags}-{endpoint_id}")
