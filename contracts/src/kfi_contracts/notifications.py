"""How a service orders a letter or an e-mail, and what it hears about it afterwards."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import Field

from kfi_contracts.classification import Internal, Public
from kfi_contracts.codes import Code, Language, OrganisationId, SealedText, Sha256
from kfi_contracts.event import Event
from kfi_contracts.topics import NOTIFICATIONS, ORDERS

SOURCE: Final = "/kfi/notifications"

NotificationId = Annotated[UUID, Internal("The notification; its events are read in order")]
OrderedBy = Annotated[Code, Public("The service that ordered it, such as applications")]
Concerns = Annotated[UUID, Internal("The orderer's aggregate, such as the application")]
ThroughInbox = Annotated[
    bool, Public("A letter that was provided in the organisation's inbox, with its consent, instead of being posted")
]


class Channel(StrEnum):
    """The way a notification leaves the authority."""

    LETTER = "letter"
    EMAIL = "email"


class LegalEffect(StrEnum):
    """Whether the notification announces an administrative act (§ 41 VwVfG NRW) or is mere information."""

    ACT = "act"
    NONE = "none"


class FailureReason(StrEnum):
    """Why a notification could not be sent or did not arrive."""

    CONTENT_NOT_OPENABLE = "content_not_openable"
    CONTENT_DIGEST_MISMATCH = "content_digest_mismatch"
    CONTENT_INVALID = "content_invalid"
    TEMPLATE_UNKNOWN = "template_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"
    RENDERING_FAILED = "rendering_failed"
    RECIPIENT_REFUSED = "recipient_refused"
    CHANNEL_REFUSED = "channel_refused"
    CHANNEL_UNAVAILABLE = "channel_unavailable"
    RETURNED_UNDELIVERABLE = "returned_undeliverable"


class RecallReason(StrEnum):
    """Why a notification was stopped before it left the authority."""

    WRONG_CONTENT = "wrong_content"
    WRONG_ADDRESSEE = "wrong_addressee"
    ORDERED_TWICE = "ordered_twice"
    OTHER = "other"


class ReturnReason(StrEnum):
    """Why the post brought a letter back; each means that it did not reach its addressee."""

    UNKNOWN_AT_ADDRESS = "unknown_at_address"
    MOVED = "moved"
    ADDRESS_INCOMPLETE = "address_incomplete"
    NO_LETTERBOX = "no_letterbox"
    NOT_COLLECTED = "not_collected"
    OTHER = "other"


class NotificationOrdered(Event):
    """A service orders a notification; facts for routing are open, everything about the person is sealed."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-ordered.v1"
    topic: ClassVar[str] = ORDERS.name
    source: ClassVar[str] = "/kfi/applications"
    subject_field: ClassVar[str] = "notification_id"
    revision: ClassVar[int] = 2

    @classmethod
    def sources(cls) -> tuple[str, ...]:
        """Every service that may order."""
        return tuple(f"/kfi/{service}" for service in ORDERS.senders)

    @property
    def said_by(self) -> str:
        """The service that orders says so."""
        return f"/kfi/{self.ordered_by}"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it announces, such as the decision")] = None
    channel: Annotated[Channel, Public("The way it is to be sent")]
    legal_effect: Annotated[LegalEffect, Public("Whether it announces an act")]
    template: Annotated[Code, Public("The template that renders it")]
    template_version: Annotated[int, Field(ge=1), Public("The version of the template that was signed")]
    language: Annotated[Language, Public("Language tag, de")]
    not_before: Annotated[date | None, Internal("The earliest day to send it, local time of the authority")] = None
    content_digest: Annotated[
        Sha256, Internal("SHA-256 of the content before sealing; what was signed is what is sent")
    ]
    content: SealedText
    organisation: Annotated[
        OrganisationId | None,
        Internal("Whose inbox it belongs to; a letter goes there when the organisation has consented"),
    ] = None
    accompanies: Annotated[
        UUID | None,
        Internal("The letter that an e-mail points to; in an inbox the letter brings a notice of its own"),
    ] = None


class NotificationDispatched(Event):
    """The notification left the authority: handed to the post or accepted by the mail server."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-dispatched.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"
    revision: ClassVar[int] = 2

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it announces")] = None
    channel: Annotated[Channel, Public("The way it was sent")]
    dispatched_on: Annotated[date, Internal("Day of posting or sending, local time of the authority")]
    through_inbox: ThroughInbox = False


class NotificationAnnounced(Event):
    """The act counts as announced (Bekanntgabe); from now on the remedy period runs."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-announced.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"
    revision: ClassVar[int] = 2

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it announces")] = None
    channel: Annotated[Channel, Public("The way it was announced")]
    announced_on: Annotated[date, Internal("Day of announcement by law")]
    remedy_ends_on: Annotated[date | None, Internal("Last day for a remedy; none where no remedy runs")] = None
    through_inbox: ThroughInbox = False


class NotificationNotAnnounced(Event):
    """A letter in an inbox was not retrieved in time: nothing is announced, no period runs; it goes by post now."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-not-announced.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act that is still to be announced")] = None
    channel: Annotated[Channel, Public("The way it is sent instead")]
    provided_on: Annotated[date, Internal("Day on which the organisation was told that a message waits")]
    last_day: Annotated[date, Internal("Last day on which retrieving it would have announced it")]


class NotificationFailed(Event):
    """The notification could not be sent or did not arrive."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-failed.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it announces")] = None
    channel: Annotated[Channel, Public("The way it was to be sent")]
    reason: Annotated[FailureReason, Internal("Why it failed")]
    final: Annotated[bool, Public("Nobody tries again; somebody has to act")]


class RemedyPeriodEnded(Event):
    """The last day for a remedy has passed; nobody but the orderer knows whether an action is pending."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.remedy-period-ended.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID, Internal("The administrative act whose remedy period ended")]
    announced_on: Annotated[date, Internal("Day of announcement by law")]
    last_day: Annotated[date, Internal("Last day for a remedy")]
    ended_on: Annotated[date, Internal("The day after the last day, on which the act is final if nobody sued")]


class NotificationRecalled(Event):
    """The notification was stopped by a person before it left the authority; it never will, and announces nothing."""

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-recalled.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it would have announced")] = None
    channel: Annotated[Channel, Public("The way it was to be sent")]
    recalled_on: Annotated[date, Internal("Day of the recall, local time of the authority")]
    reason: Annotated[RecallReason, Internal("Why it was stopped")]


class NotificationReturned(Event):
    """The post brought the letter back: it did not reach its addressee, and its announcement does not count.

    § 41 (2) S. 3 VwVfG NRW. It may have counted as announced before; `announced_on` says since when.
    """

    type: ClassVar[str] = "de.nrw.kfi.notifications.notification-returned.v1"
    topic: ClassVar[str] = NOTIFICATIONS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "notification_id"

    notification_id: NotificationId
    ordered_by: OrderedBy
    concerns: Concerns
    act_id: Annotated[UUID | None, Internal("The administrative act it was to announce")] = None
    channel: Annotated[Channel, Public("The way it was sent")]
    dispatched_on: Annotated[date, Internal("Day of posting, local time of the authority")]
    announced_on: Annotated[date | None, Internal("Day on which it counted as announced, wrongly")] = None
    returned_on: Annotated[date, Internal("Day on which it came back, local time of the authority")]
    reason: Annotated[ReturnReason, Internal("Why it came back")]
