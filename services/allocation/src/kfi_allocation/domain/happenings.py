"""What happens to a placement that somebody else acts on; each becomes one event with the next sequence number."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HouseholdAnnounced:
    """A list announced the household."""

    list_id: UUID
    group: str
    persons: int
    arrival_on: date | None


@dataclass(frozen=True, slots=True)
class HouseholdAmended:
    """A later list corrected it."""

    persons: int
    arrival_on: date | None


@dataclass(frozen=True, slots=True)
class HouseholdCancelled:
    """It will not come; ``ags`` is the town that waited for it."""

    cancelled_on: date
    ags: str | None


@dataclass(frozen=True, slots=True)
class AllocationProposed:
    """A town is told that the household is to come."""

    run_id: UUID
    ags: str
    persons: int
    arrival_on: date | None
    object_until: date


@dataclass(frozen=True, slots=True)
class AllocationObjected:
    """The town objects."""

    ags: str
    reason: str
    objected_on: date


@dataclass(frozen=True, slots=True)
class AllocationRevised:
    """Another town is named."""

    run_id: UUID
    from_ags: str
    to_ags: str
    reason: str
    object_until: date


@dataclass(frozen=True, slots=True)
class PlacementAgreed:
    """Family and town agree."""

    ags: str
    agreed_on: date


@dataclass(frozen=True, slots=True)
class AllocationDecided:
    """Two persons decided."""

    decision_id: UUID
    ags: str
    decided_on: date
    letter_id: UUID


@dataclass(frozen=True, slots=True)
class ArrivalConfirmed:
    """The household is there."""

    ags: str
    persons: int
    arrived_on: date


@dataclass(frozen=True, slots=True)
class HouseholdMoved:
    """It moved, within the Land to ``to_ags``, or out of it."""

    from_ags: str
    to_ags: str | None
    persons: int
    moved_on: date


@dataclass(frozen=True, slots=True)
class HouseholdChanged:
    """A birth, a death or a correction; ``persons`` are there from that day on."""

    ags: str
    persons: int
    change: str
    changed_on: date


@dataclass(frozen=True, slots=True)
class HouseholdErased:
    """Its personal data is gone for good."""

    erased_on: date


Happening = (
    HouseholdAnnounced
    | HouseholdAmended
    | HouseholdCancelled
    | AllocationProposed
    | AllocationObjected
    | AllocationRevised
    | PlacementAgreed
    | AllocationDecided
    | ArrivalConfirmed
    | HouseholdMoved
    | HouseholdChanged
    | HouseholdErased
)
