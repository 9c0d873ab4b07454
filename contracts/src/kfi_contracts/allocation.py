"""What the allocation service tells the others: where households are placed, and how plans were proven.

Ids, days, codes and counts; never a person. What a household is and who belongs to it is fetched by whoever may see it.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from kfi_contracts.classification import Internal, Public
from kfi_contracts.codes import Ags, Code, Sha256
from kfi_contracts.event import Event
from kfi_contracts.topics import PLACEMENTS, PLANS

SOURCE: Final = "/kfi/allocation"

HouseholdId = Annotated[UUID, Internal("The household; its events are read in order")]
RunId = Annotated[UUID, Internal("The plan run that proposed it")]
Persons = Annotated[int, Field(ge=1, le=100), Internal("How many persons the household has")]
Town = Annotated[Ags, Internal("Official municipality key (AGS) of the town")]
ArrivalDay = Annotated[date | None, Internal("Day of arrival as announced; none while it is not known")]
ObjectUntil = Annotated[date, Internal("Last day on which the town may object, local time of the authority")]

Figure = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$")]
"""An exact figure as a decimal text without exponent: ``"21465"``, ``"0.00081"``; never parsed as a float."""

SolverName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
"""Name and version of what solved, one line."""

Ed25519Signature = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
"""An Ed25519 signature (RFC 8032) in lower-case hexadecimal."""


class ObjectionReason(StrEnum):
    """Why a town objects to a proposed placement; its words stay with the authority."""

    NO_HOUSING = "no-housing"
    NO_SUITABLE_HOUSING = "no-suitable-housing"
    NO_SPECIALIST_CARE = "no-specialist-care"
    NO_PLACES_IN_SCHOOL = "no-places-in-school"
    OVERLOADED = "overloaded"
    OTHER = "other"


class RevisionReason(StrEnum):
    """Why a household is placed anew."""

    OBJECTION_UPHELD = "objection-upheld"
    RECEPTION_STOPPED = "reception-stopped"
    CAPACITY_CHANGED = "capacity-changed"
    OFFER_LOST = "offer-lost"
    HOUSEHOLD_CHANGED = "household-changed"
    HOUSEHOLD_CANCELLED = "household-cancelled"
    HEARING = "hearing"
    OVERRIDDEN = "overridden"
    OTHER = "other"


class HouseholdChange(StrEnum):
    """Why a household counts another number of persons after its arrival."""

    BIRTH = "birth"
    DEATH = "death"
    CORRECTION = "correction"


class PlanStatus(StrEnum):
    """What is proven about a plan; no plan is published for a run in which nothing fits."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


class PlanStop(StrEnum):
    """Why the search for a plan ended; one that was stopped by time is not reproducible."""

    PROOF = "proof"
    WORK = "work"
    TIME = "time"


class HouseholdAnnounced(Event):
    """A household was announced and waits for a town."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-announced.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    list_id: Annotated[UUID, Internal("The list of arrivals on which it came")]
    group: Annotated[Code, Internal("The group of § 14 TIntG, in codes")]
    persons: Persons
    arrival_on: ArrivalDay = None


class HouseholdAmended(Event):
    """What was announced about a household was corrected."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-amended.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    persons: Persons
    arrival_on: ArrivalDay = None


class HouseholdCancelled(Event):
    """A household will not come; a town that had been chosen for it no longer waits."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-cancelled.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    cancelled_on: Annotated[date, Internal("Day of the cancellation, local time of the authority")]
    ags: Annotated[Ags | None, Internal("The town that had been chosen, none before one was")] = None


class AllocationProposed(Event):
    """A planner accepted a proven plan: the household is meant for this town, which may object."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.allocation-proposed.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    run_id: RunId
    ags: Town
    persons: Persons
    arrival_on: ArrivalDay = None
    object_until: ObjectUntil


class AllocationObjected(Event):
    """The town objected to the proposed placement; a person decides on it."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.allocation-objected.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    ags: Annotated[Ags, Internal("The town that objects")]
    reason: Annotated[ObjectionReason, Internal("Why, in codes")]
    objected_on: Annotated[date, Internal("Day of the objection, local time of the authority")]


class AllocationRevised(Event):
    """The household is meant for another town than before; the new one may object."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.allocation-revised.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    run_id: RunId
    from_ags: Annotated[Ags, Internal("The town it was meant for until now")]
    to_ags: Annotated[Ags, Internal("The town it is meant for now")]
    reason: Annotated[RevisionReason, Internal("Why, in codes")]
    object_until: ObjectUntil


class PlacementAgreed(Event):
    """The family agreed to the town (coordinated placement, § 16 (2) TIntG); no act is needed."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.placement-agreed.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    ags: Town
    agreed_on: Annotated[date, Internal("Day of the agreement, local time of the authority")]


class AllocationDecided(Event):
    """A second person signed the allocation (Zuweisungsbescheid, § 16 (1) TIntG)."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.allocation-decided.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    decision_id: Annotated[UUID, Internal("The decision (Zuweisungsbescheid)")]
    ags: Town
    decided_on: Annotated[date, Internal("Day of the second signature, local time of the authority")]
    letter_id: Annotated[UUID, Internal("The notification that carries the decision")]


class ArrivalConfirmed(Event):
    """The town confirmed that the household has arrived; from now on it counts in the town's account."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.arrival-confirmed.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    ags: Town
    persons: Persons
    arrived_on: Annotated[date, Internal("Day of arrival")]


class HouseholdMoved(Event):
    """Persons of the household moved, to another town or out of the state."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-moved.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    from_ags: Annotated[Ags, Internal("The town they moved from")]
    to_ags: Annotated[Ags | None, Internal("The town they moved to, none outside of the state")] = None
    persons: Annotated[int, Field(ge=1, le=100), Internal("How many persons moved")]
    moved_on: Annotated[date, Internal("Day of the move")]


class HouseholdChanged(Event):
    """After its arrival the household counts another number of persons."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-changed.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    ags: Annotated[Ags, Internal("The town in which they live")]
    persons: Annotated[int, Field(ge=0, le=100), Internal("How many persons the household has now")]
    change: Annotated[HouseholdChange, Internal("Why, in codes")]
    changed_on: Annotated[date, Internal("Day from which on it counts")]


class HouseholdErased(Event):
    """The time to keep the personal data of a household is over: whoever holds any of it deletes it as well.

    What the household was stays known by its id alone.
    """

    type: ClassVar[str] = "de.nrw.kfi.allocation.household-erased.v1"
    topic: ClassVar[str] = PLACEMENTS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "household_id"

    household_id: HouseholdId
    erased_on: Annotated[date, Internal("Day of the erasure, local time of the authority")]


class PlanProved(Event):
    """A run ended with a plan; its bound is proven, its certificate signed over the frozen input and all placements."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.plan-proved.v1"
    topic: ClassVar[str] = PLANS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "run_id"

    run_id: Annotated[UUID, Internal("The plan run; its events are read in order")]
    policy_version: Annotated[Code, Public("The version of the policy whose weights were used")]
    solver: Annotated[SolverName, Public("What solved, with its version")]
    seed: Annotated[int, Field(ge=0), Public("The same input, solver and seed give the same plan again")]
    status: Annotated[PlanStatus, Public("Optimal: proven within one in a thousand")]
    objective: Annotated[Figure, Public("Cost of the plan, exact")]
    bound: Annotated[Figure, Public("No plan can cost less, exact")]
    gap: Annotated[Figure, Public("(objective - bound) / objective, rounded to eight decimals; 0 when both are 0")]
    stopped_by: Annotated[PlanStop, Public("Why the search ended")]
    reproducible: Annotated[bool, Public("False when the search was stopped by time")]
    households: Annotated[int, Field(ge=0), Public("How many households were placed")]
    persons: Annotated[int, Field(ge=0), Public("How many persons they are")]
    input_root: Annotated[Sha256, Public("Root of the salted hash tree over the frozen input")]
    plan_root: Annotated[Sha256, Public("Root of the salted hash tree over the placements")]
    signature: Annotated[Ed25519Signature, Public("Signature of the certificate")]


class QuotaPublished(Event):
    """The quota account of all municipalities was published as it stood on a day."""

    type: ClassVar[str] = "de.nrw.kfi.allocation.quota-published.v1"
    topic: ClassVar[str] = PLANS.name
    source: ClassVar[str] = SOURCE
    subject_field: ClassVar[str] = "publication_id"

    publication_id: Annotated[UUID, Internal("The publication")]
    as_of: Annotated[date, Public("The day whose account it is")]
    policy_version: Annotated[Code, Public("The version of the policy that computed it")]
    digest: Annotated[Sha256, Public("SHA-256 of the published account")]
