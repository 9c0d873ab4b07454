"""One published example or more of every event of the allocation service, for an invented household."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kfi_contracts.allocation import (
    AllocationDecided,
    AllocationObjected,
    AllocationProposed,
    AllocationRevised,
    ArrivalConfirmed,
    HouseholdAmended,
    HouseholdAnnounced,
    HouseholdCancelled,
    HouseholdChange,
    HouseholdChanged,
    HouseholdErased,
    HouseholdMoved,
    ObjectionReason,
    PlacementAgreed,
    PlanProved,
    PlanStatus,
    PlanStop,
    QuotaPublished,
    RevisionReason,
)
from kfi_contracts.event import Event

HOUSEHOLD: Final = UUID("2f6d9c40-8b1e-4a57-9d03-c5e7a2b8f641")
ARRIVALS: Final = UUID("91c4e7b2-05da-4f36-8b7c-6a1d3e9f2058")
RUN: Final = UUID("48e0b3d6-7f29-4c81-a5d4-0e9c6b2f7a13")
REPAIR: Final = UUID("d03f5a81-6c4b-4e97-b2f8-19a7c5d0e364")
TOWN: Final = "05515000"
OTHER_TOWN: Final = "05913000"
ARRIVES: Final = date(2027, 3, 17)

_PLAN: Final = PlanProved(
    run_id=RUN,
    policy_version="population-2026",
    solver="kfi-allocation 1.0.0, HiGHS 1.12.0",
    seed=1,
    status=PlanStatus.OPTIMAL,
    objective="21465",
    bound="21447.6",
    gap="0.00081062",
    stopped_by=PlanStop.PROOF,
    reproducible=True,
    households=42,
    persons=120,
    input_root="6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    plan_root="d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
    signature="5e" * 64,
)

ALLOCATION_EXAMPLES: Final[Mapping[type[Event], Mapping[str, Event]]] = MappingProxyType(
    {
        HouseholdAnnounced: {
            "with-day": HouseholdAnnounced(
                household_id=HOUSEHOLD, list_id=ARRIVALS, group="resettlement", persons=4, arrival_on=ARRIVES
            ),
            "day-unknown": HouseholdAnnounced(
                household_id=HOUSEHOLD, list_id=ARRIVALS, group="late-repatriates", persons=2
            ),
        },
        HouseholdAmended: {"one-more": HouseholdAmended(household_id=HOUSEHOLD, persons=5, arrival_on=ARRIVES)},
        HouseholdCancelled: {
            "placed": HouseholdCancelled(household_id=HOUSEHOLD, cancelled_on=date(2027, 3, 1), ags=TOWN),
            "not-placed": HouseholdCancelled(household_id=HOUSEHOLD, cancelled_on=date(2027, 3, 1)),
        },
        AllocationProposed: {
            "proposed": AllocationProposed(
                household_id=HOUSEHOLD, run_id=RUN, ags=TOWN, persons=4, arrival_on=ARRIVES,
                object_until=date(2027, 2, 24),
            ),
        },
        AllocationObjected: {
            "no-housing": AllocationObjected(
                household_id=HOUSEHOLD, ags=TOWN, reason=ObjectionReason.NO_HOUSING, objected_on=date(2027, 2, 22)
            ),
        },
        AllocationRevised: {
            "objection-upheld": AllocationRevised(
                household_id=HOUSEHOLD, run_id=REPAIR, from_ags=TOWN, to_ags=OTHER_TOWN,
                reason=RevisionReason.OBJECTION_UPHELD, object_until=date(2027, 3, 3),
            ),
        },
        PlacementAgreed: {
            "agreed": PlacementAgreed(household_id=HOUSEHOLD, ags=OTHER_TOWN, agreed_on=date(2027, 3, 5)),
        },
        AllocationDecided: {
            "decided": AllocationDecided(
                household_id=HOUSEHOLD, decision_id=UUID("b7a2c9e4-3d60-4f18-95cb-7e0d4a6f8132"), ags=OTHER_TOWN,
                decided_on=date(2027, 3, 8), letter_id=UUID("0c95e7d3-b148-4a2f-8e6d-f27b3c1a9640"),
            ),
        },
        ArrivalConfirmed: {
            "arrived": ArrivalConfirmed(household_id=HOUSEHOLD, ags=OTHER_TOWN, persons=4, arrived_on=ARRIVES),
        },
        HouseholdMoved: {
            "within-the-state": HouseholdMoved(
                household_id=HOUSEHOLD, from_ags=OTHER_TOWN, to_ags=TOWN, persons=4, moved_on=date(2027, 9, 1)
            ),
            "out-of-the-state": HouseholdMoved(
                household_id=HOUSEHOLD, from_ags=OTHER_TOWN, persons=1, moved_on=date(2027, 9, 1)
            ),
        },
        HouseholdChanged: {
            "birth": HouseholdChanged(
                household_id=HOUSEHOLD, ags=OTHER_TOWN, persons=5, change=HouseholdChange.BIRTH,
                changed_on=date(2027, 6, 2),
            ),
        },
        HouseholdErased: {"erased": HouseholdErased(household_id=HOUSEHOLD, erased_on=date(2038, 1, 11))},
        PlanProved: {"optimal": _PLAN},
        QuotaPublished: {
            "published": QuotaPublished(
                publication_id=UUID("7e19f4b0-2c85-4d63-a9f7-50b8d1c6e2a4"), as_of=date(2027, 2, 28),
                policy_version="population-2026",
                digest="4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
            ),
        },
    }
)  # fmt: skip
