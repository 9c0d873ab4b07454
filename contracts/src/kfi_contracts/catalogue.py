"""Every event that is published, found by its type."""

from types import MappingProxyType
from typing import Final

from kfi_contracts.allocation import (
    AllocationDecided,
    AllocationObjected,
    AllocationProposed,
    AllocationRevised,
    ArrivalConfirmed,
    HouseholdAmended,
    HouseholdAnnounced,
    HouseholdCancelled,
    HouseholdChanged,
    HouseholdErased,
    HouseholdMoved,
    PlacementAgreed,
    PlanProved,
    QuotaPublished,
)
from kfi_contracts.applications import (
    ApplicationFiled,
    ApplicationWithdrawn,
    DecisionFinal,
    DecisionMade,
    InformationRequested,
    PersonErased,
)
from kfi_contracts.event import Event
from kfi_contracts.notifications import (
    NotificationAnnounced,
    NotificationDispatched,
    NotificationFailed,
    NotificationNotAnnounced,
    NotificationOrdered,
    NotificationRecalled,
    NotificationReturned,
    RemedyPeriodEnded,
)

ALL_EVENTS: Final[tuple[type[Event], ...]] = (
    ApplicationFiled,
    InformationRequested,
    ApplicationWithdrawn,
    DecisionMade,
    DecisionFinal,
    PersonErased,
    HouseholdAnnounced,
    HouseholdAmended,
    HouseholdCancelled,
    AllocationProposed,
    AllocationObjected,
    AllocationRevised,
    PlacementAgreed,
    AllocationDecided,
    ArrivalConfirmed,
    HouseholdMoved,
    HouseholdChanged,
    HouseholdErased,
    PlanProved,
    QuotaPublished,
    NotificationOrdered,
    NotificationDispatched,
    NotificationAnnounced,
    NotificationNotAnnounced,
    NotificationFailed,
    NotificationRecalled,
    NotificationReturned,
    RemedyPeriodEnded,
)

_BY_TYPE: Final = MappingProxyType({event.type: event for event in ALL_EVENTS})


def event_for(type: str) -> type[Event] | None:  # noqa: A002 - the CloudEvents attribute
    """Find the model of a CloudEvents type; None for a type that is not published here."""
    return _BY_TYPE.get(type)
