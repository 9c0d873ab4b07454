"""What a town says against a proposal, and what the planner makes of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ObjectionReason(StrEnum):
    """Why a town objects; what no code says stands in its own words."""

    NO_HOUSING = "no-housing"
    NO_SUITABLE_HOUSING = "no-suitable-housing"
    NO_SPECIALIST_CARE = "no-specialist-care"
    NO_PLACES_IN_SCHOOL = "no-places-in-school"
    OVERLOADED = "overloaded"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of an objection; ``text`` is the planner's reason, ``by`` a person."""

    upheld: bool
    ruled_on: date
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection of one town; ``text`` is in the town's own words."""

    ags: str
    reason: ObjectionReason
    text: str
    objected_on: date
    ruling: Ruling | None = None
