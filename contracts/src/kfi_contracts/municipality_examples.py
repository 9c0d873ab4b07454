"""One example of each event a municipality is told; frozen with its schema."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kfi_contracts import municipality as told
from kfi_contracts.allocation import HouseholdChange, ObjectionReason

_AGS: Final = "05515000"
_HOUSEHOLD: Final = UUID("5d1f6a3e-8b0c-4f5e-9a77-2c4e6f8a0b13")
_RUN: Final = UUID("0c9e7b52-1f64-4c8d-b1a0-7d3f5e9c2a46")
_DATA: Final = told.household_dataref(_AGS, _HOUSEHOLD)

_EVENTS: Final = (
    (
        "proposed",
        told.TownPlacementProposed(
            ags=_AGS,
            household_id=_HOUSEHOLD,
            run_id=_RUN,
            persons=4,
            arrival_on=date(2026, 4, 14),
            object_until=date(2026, 3, 23),
            dataref=_DATA,
        ),
    ),
    ("received", told.TownPlacementReceived(ags=_AGS, household_id=_HOUSEHOLD, received_on=date(2026, 3, 10))),
    ("withdrawn", told.TownPlacementWithdrawn(ags=_AGS, household_id=_HOUSEHOLD)),
    (
        "objected",
        told.TownObjectionRecorded(
            ags=_AGS, household_id=_HOUSEHOLD, reason=ObjectionReason.NO_HOUSING, objected_on=date(2026, 3, 12)
        ),
    ),
    ("agreed", told.TownPlacementAgreed(ags=_AGS, household_id=_HOUSEHOLD, agreed_on=date(2026, 3, 24))),
    (
        "decided",
        told.TownPlacementDecided(
            ags=_AGS,
            household_id=_HOUSEHOLD,
            decision_id=UUID("b7a3d4c1-6e2f-4f0b-8c95-3d1e7f9a5b28"),
            decided_on=date(2026, 3, 26),
        ),
    ),
    (
        "amended",
        told.TownHouseholdAmended(ags=_AGS, household_id=_HOUSEHOLD, persons=5, arrival_on=date(2026, 4, 21)),
    ),
    ("cancelled", told.TownHouseholdCancelled(ags=_AGS, household_id=_HOUSEHOLD, cancelled_on=date(2026, 3, 30))),
    (
        "arrived",
        told.TownArrivalConfirmed(ags=_AGS, household_id=_HOUSEHOLD, persons=5, arrived_on=date(2026, 4, 21)),
    ),
    (
        "moved-out",
        told.TownHouseholdMovedOut(ags=_AGS, household_id=_HOUSEHOLD, persons=5, moved_on=date(2026, 9, 1)),
    ),
    (
        "moved-in",
        told.TownHouseholdMovedIn(
            ags=_AGS, household_id=_HOUSEHOLD, persons=5, moved_on=date(2026, 9, 1), dataref=_DATA
        ),
    ),
    (
        "born",
        told.TownHouseholdChanged(
            ags=_AGS, household_id=_HOUSEHOLD, persons=6, change=HouseholdChange.BIRTH, changed_on=date(2026, 6, 2)
        ),
    ),
    ("erased", told.TownHouseholdErased(ags=_AGS, household_id=_HOUSEHOLD, erased_on=date(2037, 1, 4))),
    (
        "published",
        told.TownAccountPublished(
            ags=_AGS,
            publication_id=UUID("e4c8a1d7-5b93-4a06-8f2d-6c0b9e7a3f15"),
            as_of=date(2026, 3, 31),
            policy_version="population-2026",
            digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            dataref=told.account_dataref(_AGS),
        ),
    ),
    (
        "approved",
        told.TownStopDecided(
            ags=_AGS,
            stop_id=UUID("2a7c9e4f-3d18-4b65-a0e2-8f5d1c6b7a39"),
            outcome=told.StopOutcome.APPROVED,
            begins_on=date(2026, 4, 1),
            ends_on=date(2026, 6, 30),
            decided_on=date(2026, 3, 27),
        ),
    ),
    ("asked", told.TownTestEvent(ags=_AGS, test_id=UUID("c1d5e9f3-7a2b-4c6d-9e8f-0b4a5c3d2e71"))),
)

MUNICIPAL_EXAMPLES: Final[Mapping[type[told.MunicipalEvent], Mapping[str, told.MunicipalEvent]]] = MappingProxyType(
    {type(event): MappingProxyType({name: event}) for name, event in _EVENTS}
)
