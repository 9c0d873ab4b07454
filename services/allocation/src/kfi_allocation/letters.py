"""Orders of letters and e-mails: sealed for the notifications service, and recorded with what they are about."""

from typing import Final
from uuid import UUID

from kfi_chassis.sealing import Sealer
from kfi_chassis.work import Work
from kfi_contracts.letters import LetterContent, content_bytes, content_digest
from kfi_contracts.notifications import Channel, LegalEffect, NotificationOrdered

ORDERED_BY: Final = "allocation"


class LetterOrders:
    """The orders of one transaction; a notification has one order, so its sequence is 1.

    A family has no inbox: what is ordered for it goes by post. Raises ContentTooLarge for what nobody could open.
    """

    def __init__(self, work: Work, sealer: Sealer) -> None:
        self._work = work
        self._sealer = sealer

    def announce(self, content: LetterContent, *, household_id: UUID, act_id: UUID, notification_id: UUID) -> None:
        """Order the letter that announces a decision on the town of a household."""
        self._add(content, Channel.LETTER, concerns=household_id, act_id=act_id, notification_id=notification_id)

    def write(self, content: LetterContent, *, household_id: UUID, notification_id: UUID) -> None:
        """Order a letter to a family that announces no act."""
        self._add(content, Channel.LETTER, concerns=household_id, act_id=None, notification_id=notification_id)

    def mail(self, content: LetterContent, *, concerns: UUID, notification_id: UUID) -> None:
        """Order an e-mail to a town; `concerns` is the run, the placement or the endpoint it is about."""
        self._add(content, Channel.EMAIL, concerns=concerns, act_id=None, notification_id=notification_id)

    def _add(
        self, content: LetterContent, channel: Channel, *, concerns: UUID, act_id: UUID | None, notification_id: UUID
    ) -> None:
        plain = content_bytes(content)
        order = NotificationOrdered(
            notification_id=notification_id,
            ordered_by=ORDERED_BY,
            concerns=concerns,
            act_id=act_id,
            channel=channel,
            legal_effect=LegalEffect.NONE if act_id is None else LegalEffect.ACT,
            template=content.template,
            template_version=content.template_version,
            language=content.language,
            content_digest=content_digest(plain),
            content=self._sealer.seal(plain, bound_to=str(notification_id)),
        )
        self._work.outbox.add(order, sequence=1)
