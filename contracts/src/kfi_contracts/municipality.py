"""What a municipality is told: the published translation of what concerns it, and nothing that concerns another.

The same events come through three doors: pull feed, webhooks, the town's own Kafka topic. Their subject is the town
itself, and `sequence` is the place in the town's feed, from 1 without gaps, so that a town sees when one is missing.
Ids, days, codes and counts; `dataref` says where the town may fetch what names a person. These events are read by towns
alone: no service subscribes to them, so they are not in `ALL_EVENTS`.
"""

from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from kfi_contracts.allocation import HouseholdChange, ObjectionReason
from kfi_contracts.classification import Internal, Public
from kfi_contracts.codes import Ags, Code, Sha256
from kfi_contracts.event import Event
from kfi_contracts.topics import MUNICIPALITY

SOURCE: Final = "/kfi/allocation"

DataRef = Annotated[
    str,
    StringConstraints(pattern=r"^/allocation/v1/municipalities/[0-9]{8}/[a-z0-9/-]{1,120}$"),
    Internal("Where the town may fetch more with its own right, below the address of the gateway"),
]
HouseholdId = Annotated[UUID, Internal("The household")]
Persons = Annotated[int, Field(ge=0, le=100), Internal("How many persons the household has")]
ArrivalDay = Annotated[date | None, Internal("Day of arrival as announced; none while it is not known")]


class StopOutcome(StrEnum):
    """What became of a temporary stop the town had asked for (Überlastungsanzeige)."""

    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


class MunicipalEvent(Event):
    """Something a town is told; the subject is the town, so all its events are read in one order."""

    topic: ClassVar[str] = MUNICIPALITY.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "ags"

    ags: Annotated[Ags, Internal("Official municipality key (AGS) of the town that is told")]


class TownPlacementProposed(MunicipalEvent):
    """A household is meant for the town; it may object until the day that is named."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.placement-proposed.v1"

    household_id: HouseholdId
    run_id: Annotated[UUID, Internal("The plan run that proposed it; its certificate proves the placement")]
    persons: Persons
    arrival_on: ArrivalDay = None
    object_until: Annotated[date, Internal("Last day on which the town may object, local time of the authority")]
    dataref: DataRef


class TownPlacementReceived(MunicipalEvent):
    """The town said that it has taken note of a proposed placement."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.placement-received.v1"

    household_id: HouseholdId
    received_on: Annotated[date, Internal("Day on which the town said so, local time of the authority")]


class TownPlacementWithdrawn(MunicipalEvent):
    """The household is no longer meant for the town; the right to fetch its data has ended."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.placement-withdrawn.v1"

    household_id: HouseholdId


class TownObjectionRecorded(MunicipalEvent):
    """The town's objection was recorded; a person decides on it."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.objection-recorded.v1"

    household_id: HouseholdId
    reason: Annotated[ObjectionReason, Internal("Why, in codes")]
    objected_on: Annotated[date, Internal("Day of the objection, local time of the authority")]


class TownPlacementAgreed(MunicipalEvent):
    """The family agreed to the town (§ 16 (2) TIntG)."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.placement-agreed.v1"

    household_id: HouseholdId
    agreed_on: Annotated[date, Internal("Day of the agreement, local time of the authority")]


class TownPlacementDecided(MunicipalEvent):
    """The household was allocated to the town (Zuweisungsbescheid, § 16 (1) TIntG)."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.placement-decided.v1"

    household_id: HouseholdId
    decision_id: Annotated[UUID, Internal("The decision (Zuweisungsbescheid)")]
    decided_on: Annotated[date, Internal("Day of the second signature, local time of the authority")]


class TownHouseholdAmended(MunicipalEvent):
    """Size or expected arrival of a household that is meant for the town were corrected."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-amended.v1"

    household_id: HouseholdId
    persons: Persons
    arrival_on: ArrivalDay = None


class TownHouseholdCancelled(MunicipalEvent):
    """A household that was meant for the town will not come."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-cancelled.v1"

    household_id: HouseholdId
    cancelled_on: Annotated[date, Internal("Day of the cancellation, local time of the authority")]


class TownArrivalConfirmed(MunicipalEvent):
    """The household's arrival in the town is on record; from now on it counts in the town's account."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.arrival-confirmed.v1"

    household_id: HouseholdId
    persons: Persons
    arrived_on: Annotated[date, Internal("Day of arrival")]


class TownHouseholdMovedOut(MunicipalEvent):
    """Persons of the household moved away from the town; where to is not told."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-moved-out.v1"

    household_id: HouseholdId
    persons: Annotated[int, Field(ge=1, le=100), Internal("How many persons moved")]
    moved_on: Annotated[date, Internal("Day of the move")]


class TownHouseholdMovedIn(MunicipalEvent):
    """Persons of a household moved into the town; where from is not told."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-moved-in.v1"

    household_id: HouseholdId
    persons: Annotated[int, Field(ge=1, le=100), Internal("How many persons moved")]
    moved_on: Annotated[date, Internal("Day of the move")]
    dataref: DataRef


class TownHouseholdChanged(MunicipalEvent):
    """A household that lives in the town counts another number of persons."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-changed.v1"

    household_id: HouseholdId
    persons: Annotated[int, Field(ge=0, le=100), Internal("How many persons the household has now")]
    change: Annotated[HouseholdChange, Internal("Why, in codes")]
    changed_on: Annotated[date, Internal("Day from which on it counts")]


class TownHouseholdErased(MunicipalEvent):
    """The authority erased the personal data of the household: `dataref` answers 410 from now on."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.household-erased.v1"

    household_id: HouseholdId
    erased_on: Annotated[date, Internal("Day of the erasure, local time of the authority")]


class TownAccountPublished(MunicipalEvent):
    """The quota account was published; the town fetches its own entries and recomputes its figures."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.account-published.v1"

    publication_id: Annotated[UUID, Internal("The publication")]
    as_of: Annotated[date, Public("The day whose account it is")]
    policy_version: Annotated[Code, Public("The version of the policy that computed it")]
    digest: Annotated[Sha256, Public("SHA-256 of the published account")]
    dataref: DataRef


class TownStopDecided(MunicipalEvent):
    """The authority decided on a temporary stop of the town, or the stop ended."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.stop-decided.v1"

    stop_id: Annotated[UUID, Internal("The stop")]
    outcome: Annotated[StopOutcome, Internal("What was decided, in codes")]
    begins_on: Annotated[date, Internal("First day of the stop")]
    ends_on: Annotated[date | None, Internal("Last day of the stop; none while it is open")] = None
    decided_on: Annotated[date, Internal("Day of the decision, local time of the authority")]


class TownTestEvent(MunicipalEvent):
    """Somebody of the town, or the authority, asked for a test; it means nothing."""

    type: ClassVar[str] = "de.nrw.kfi.municipality.test-event.v1"

    test_id: Annotated[UUID, Internal("The test, as the one who asked for it knows it")]


MUNICIPAL_EVENTS: Final[tuple[type[MunicipalEvent], ...]] = (
    TownPlacementProposed,
    TownPlacementReceived,
    TownPlacementWithdrawn,
    TownObjectionRecorded,
    TownPlacementAgreed,
    TownPlacementDecided,
    TownHouseholdAmended,
    TownHouseholdCancelled,
    TownArrivalConfirmed,
    TownHouseholdMovedOut,
    TownHouseholdMovedIn,
    TownHouseholdChanged,
    TownHouseholdErased,
    TownAccountPublished,
    TownStopDecided,
    TownTestEvent,
)

_BY_TYPE: Final = MappingProxyType({event.type: event for event in MUNICIPAL_EVENTS})


def municipal_event_for(type: str) -> type[MunicipalEvent] | None:  # noqa: A002 - the CloudEvents attribute
    """Find the model of a CloudEvents type; None for a type no town is told."""
    return _BY_TYPE.get(type)


def household_dataref(ags: str, household_id: UUID) -> str:
    """Where the town reads a household."""
    return f"/allocation/v1/municipalities/{ags}/households/{household_id}"


def account_dataref(ags: str) -> str:
    """Where the town reads its account."""
    return f"/allocation/v1/municipalities/{ags}/account"
