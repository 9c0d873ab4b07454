"""One published example or more of every event and letter, for readers, tests and the frozen ``examples/`` folder."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kfi_contracts.allocation_examples import ALLOCATION_EXAMPLES
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    FinalityBasis,
    InformationRequested,
    Outcome,
    PersonErased,
    YearAmount,
)
from kfi_contracts.cloudevents import CloudEvent
from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    Channel,
    FailureReason,
    LegalEffect,
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationOrdered,
    NotificationRecalled,
    NotificationReturned,
    RecallReason,
    RemedyPeriodEnded,
    ReturnReason,
)

APPLICATION: Final = UUID("0f8a5c1e-3b62-4d8e-9a51-6f0c7d2e4b10")
DECISION: Final = UUID("5d1b9e42-7c3f-4a06-8e2d-90b4c6a1f377")
LETTER: Final = UUID("c2e47a90-1d58-4f3b-b6a9-3e8f05d7c214")
EMAIL: Final = UUID("e91c0b6d-5a27-4e84-93f0-18d2b7a6c5f3")
FILE_NUMBER: Final = "MSO-2026-000123"
SEALED: Final = "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyIsImVuYyI6IkEyNTZHQ00ifQ.a2V5.aXY.c2VhbGVk.dGFn"
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_FILED: Final = ApplicationFiled(
    application_id=APPLICATION,
    file_number=FILE_NUMBER,
    programme="mso-einzelprojekt",
    call="2026-1",
    filed_on=date(2026, 2, 12),
    late=False,
    requested_amount=Decimal("24000.00"),
)
_ASKED: Final = InformationRequested(
    application_id=APPLICATION,
    file_number=FILE_NUMBER,
    requested_on=date(2026, 2, 16),
    answer_by=date(2026, 3, 16),
    items=("statutes", "register-extract"),
    consequence="decided-on-the-file",
    letter_id=LETTER,
)
_WITHDRAWN: Final = ApplicationWithdrawn(
    application_id=APPLICATION, file_number=FILE_NUMBER, withdrawn_on=date(2026, 2, 20)
)
_GRANTED: Final = DecisionMade(
    application_id=APPLICATION,
    decision_id=DECISION,
    file_number=FILE_NUMBER,
    outcome=Outcome.GRANTED,
    granted_amount=Decimal("24000.00"),
    decided_on=date(2026, 3, 9),
    years=(
        YearAmount(year=2026, amount=Decimal("16000.00")),
        YearAmount(year=2027, amount=Decimal("8000.00")),
    ),
    letter_id=LETTER,
)
_REJECTED: Final = DecisionMade(
    application_id=APPLICATION,
    decision_id=DECISION,
    file_number=FILE_NUMBER,
    outcome=Outcome.REJECTED,
    granted_amount=Decimal("0.00"),
    decided_on=date(2026, 3, 9),
    years=(),
    letter_id=LETTER,
)
_FINAL: Final = DecisionFinal(
    application_id=APPLICATION,
    decision_id=DECISION,
    final_on=date(2026, 4, 14),
    basis=FinalityBasis.REMEDY_PERIOD_ENDED,
)
_ERASED: Final = PersonErased(application_id=APPLICATION, erased_on=date(2038, 1, 11))
_LETTER_ORDERED: Final = NotificationOrdered(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    legal_effect=LegalEffect.ACT,
    template="grant-decision",
    template_version=1,
    language="de",
    not_before=date(2026, 3, 9),
    content_digest=DIGEST,
    content=SEALED,
    organisation="organisation-1",
)
_EMAIL_ORDERED: Final = NotificationOrdered(
    notification_id=EMAIL,
    ordered_by="applications",
    concerns=APPLICATION,
    channel=Channel.EMAIL,
    legal_effect=LegalEffect.NONE,
    template="message-waits",
    template_version=1,
    language="de",
    content_digest=DIGEST,
    content=SEALED,
    organisation="organisation-1",
    accompanies=LETTER,
)
_DISPATCHED: Final = NotificationDispatched(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    dispatched_on=date(2026, 3, 9),
)
_ANNOUNCED: Final = NotificationAnnounced(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    announced_on=date(2026, 3, 13),
    remedy_ends_on=date(2026, 4, 13),
)
_PROVIDED: Final = NotificationDispatched(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    dispatched_on=date(2026, 3, 2),
    through_inbox=True,
)
_RETRIEVED: Final = NotificationAnnounced(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    announced_on=date(2026, 3, 6),
    remedy_ends_on=date(2026, 4, 7),
    through_inbox=True,
)
_NOT_ANNOUNCED: Final = NotificationNotAnnounced(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    provided_on=date(2026, 3, 2),
    last_day=date(2026, 3, 12),
)
_FAILED: Final = NotificationFailed(
    notification_id=EMAIL,
    ordered_by="applications",
    concerns=APPLICATION,
    channel=Channel.EMAIL,
    reason=FailureReason.RECIPIENT_REFUSED,
    final=True,
)
_RECALLED: Final = NotificationRecalled(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    recalled_on=date(2026, 3, 9),
    reason=RecallReason.WRONG_CONTENT,
)
_RETURNED: Final = NotificationReturned(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    channel=Channel.LETTER,
    dispatched_on=date(2026, 3, 9),
    announced_on=date(2026, 3, 13),
    returned_on=date(2026, 3, 18),
    reason=ReturnReason.MOVED,
)
_ENDED: Final = RemedyPeriodEnded(
    notification_id=LETTER,
    ordered_by="applications",
    concerns=APPLICATION,
    act_id=DECISION,
    announced_on=date(2026, 3, 13),
    last_day=date(2026, 4, 13),
    ended_on=date(2026, 4, 14),
)

EVENT_EXAMPLES: Final[Mapping[type[Event], Mapping[str, Event]]] = MappingProxyType(
    {
        ApplicationFiled: {"filed": _FILED},
        InformationRequested: {"asked": _ASKED},
        ApplicationWithdrawn: {"withdrawn": _WITHDRAWN},
        DecisionMade: {"granted": _GRANTED, "rejected": _REJECTED},
        DecisionFinal: {"remedy-period-ended": _FINAL},
        PersonErased: {"erased": _ERASED},
        **ALLOCATION_EXAMPLES,
        NotificationOrdered: {"letter": _LETTER_ORDERED, "email": _EMAIL_ORDERED},
        NotificationDispatched: {"letter": _DISPATCHED, "inbox": _PROVIDED},
        NotificationAnnounced: {"letter": _ANNOUNCED, "inbox": _RETRIEVED},
        NotificationNotAnnounced: {"not-retrieved": _NOT_ANNOUNCED},
        NotificationFailed: {"email": _FAILED},
        NotificationRecalled: {"letter": _RECALLED},
        NotificationReturned: {"letter": _RETURNED},
        RemedyPeriodEnded: {"letter": _ENDED},
    }
)


def example_envelope(event: Event) -> CloudEvent:
    """Put an example into an envelope that is the same in every run."""
    return CloudEvent.wrap(
        event,
        id=UUID("7b0f4c52-2a9e-4d1c-8f63-5e7a1b9c0d24"),
        time=datetime(2026, 3, 9, 8, 30, tzinfo=UTC),
        sequence=1,
        correlationid="3c8d1f70-6e5b-4b9a-a2c4-f1d0e9b87a65",
    )
