"""Entries of the account, and whether each of them counts on a day; a correction is an entry of its own."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kfi_allocation.domain.account.policy import AccountPolicy
from kfi_law.periods import nominal_end_of_month_period


class Entry(StrEnum):
    """What an entry records."""

    INTAKE = "intake"
    CREDIT = "credit"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Booking:
    """Persons of a town on a day. A correction counts as long as the entry it corrects, and may be negative.

    `until` is the last day of a credit that ended early, or of one that lasts as long as its cause.
    """

    number: int
    ags: str
    on: date
    kind: Entry
    persons: int
    credit: str | None = None
    until: date | None = None
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a booking counts for on the day, and why; `last_day` None: without an end."""

    booking: Booking
    persons: int
    last_day: date | None
    why: str


def counted(booking: Booking, corrected: Booking | None, policy: AccountPolicy, as_of: date) -> Counted:
    """Whether a booking counts on the day; `corrected` is the entry a correction is about, else None."""
    cause = corrected or booking
    last_day = _last_day(cause, policy)
    why = _why_not(booking, cause, last_day, policy, as_of)
    if why:
        return Counted(booking, 0, last_day, why)
    return Counted(booking, booking.persons, last_day, "counts" if last_day is None else f"counts until {last_day}")


def _last_day(cause: Booking, policy: AccountPolicy) -> date | None:
    rule = policy.credits.get(cause.credit or "")
    window = nominal_end_of_month_period(cause.on, rule.months) if rule and rule.months else None
    ends = [day for day in (window, cause.until) if day is not None]
    return min(ends, default=None)


def _why_not(booking: Booking, cause: Booking, last_day: date | None, policy: AccountPolicy, as_of: date) -> str:
    if booking.on > as_of:
        return "later than the day of the account"
    if cause.kind is Entry.INTAKE and cause.on < policy.counts_from:
        return f"intake counts from {policy.counts_from}"
    if cause.kind is Entry.CREDIT and cause.credit not in policy.credits:
        return f"the policy {policy.version} knows no credit {cause.credit}"
    if last_day is not None and last_day < as_of:
        return f"its window ended on {last_day}"
    return ""
