"""What the steps of a household mean for the quota account: entries that are only ever added.

Who is placed is credited to the town as `placed` at once, so that the next plan does not send others there on the same
duty; the credit ends by a correction when the household arrives, is placed elsewhere, or will not come. The arrival is
the intake. Whether `placed` counts is the policy's: it counts where the policy names that credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from kfi_allocation.domain.account.entries import Booking, Entry
from kfi_allocation.domain.refusals import BookingNotPossible

PLACED: Final = "placed"
"""The credit for a household that is to come."""


class BookedBecause(StrEnum):
    """Why an entry was booked, in codes."""

    PLACED = "placed"
    PLACED_ELSEWHERE = "placed-elsewhere"
    WILL_NOT_COME = "will-not-come"
    ARRIVED = "arrived"
    MOVED = "moved"
    OTHER_FIGURE = "other-figure"
    RECOGNISED = "recognised"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be booked; the ledger gives it its number."""

    ags: str
    on: date
    kind: Entry
    persons: int
    because: BookedBecause
    household_id: UUID | None = None
    credit: str | None = None
    until: date | None = None
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """An entry and the persons its corrections have left of it."""

    booking: Booking
    persons: int


def left_of(history: Sequence[Booking]) -> list[Open]:
    """Each intake and credit with what is left of it, those with nothing left out."""
    left = {one.number: one.persons for one in history if one.kind is not Entry.CORRECTION}
    for one in history:
        if one.corrects in left:
            left[one.corrects] += one.persons
    return [Open(one, left[one.number]) for one in history if left.get(one.number)]


def placed(history: Sequence[Booking], household_id: UUID, ags: str, persons: int, on: date) -> list[NewEntry]:
    """The household is to come to this town; what was credited to another, or another number, is taken back."""
    still = _still_placed(history)
    if [(one.booking.ags, one.persons) for one in still] == [(ags, persons)]:
        return []
    back = [_taken_back(one, household_id, on, BookedBecause.PLACED_ELSEWHERE) for one in still]
    return [*back, NewEntry(ags, on, Entry.CREDIT, persons, BookedBecause.PLACED, household_id, credit=PLACED)]


def will_not_come(history: Sequence[Booking], household_id: UUID, on: date) -> list[NewEntry]:
    """Nobody is to come any more."""
    return [_taken_back(one, household_id, on, BookedBecause.WILL_NOT_COME) for one in _still_placed(history)]


def arrived(history: Sequence[Booking], household_id: UUID, ags: str, persons: int, on: date) -> list[NewEntry]:
    """The intake on the day of the arrival; from that day on the household is no longer to come."""
    back = [_taken_back(one, household_id, on, BookedBecause.ARRIVED) for one in _still_placed(history)]
    return [*back, NewEntry(ags, on, Entry.INTAKE, persons, BookedBecause.ARRIVED, household_id)]


def moved(
    history: Sequence[Booking], household_id: UUID, from_ags: str, to_ags: str | None, persons: int, on: date
) -> list[NewEntry]:
    """Under a policy by which the intake follows: taken back where they lived, booked where they live now."""
    entries, wanted = [], persons
    for one in _received_by(history, from_ags):
        taken = min(wanted, one.persons)
        wanted -= taken
        entries.append(_correction(one.booking, household_id, -taken, on, BookedBecause.MOVED))
        if not wanted:
            break
    taken_back = persons - wanted
    if to_ags is not None and taken_back:
        entries.append(NewEntry(to_ags, on, Entry.INTAKE, taken_back, BookedBecause.MOVED, household_id))
    return entries


def another_figure(history: Sequence[Booking], household_id: UUID, ags: str, change: int, on: date) -> list[NewEntry]:
    """So many persons more or fewer arrived in the town than was booked. Raises BookingNotPossible."""
    received = _received_by(history, ags)
    if not received:
        raise BookingNotPossible("The town received nobody of the household.", fix="Book the arrival first.")
    entry = _correction(received[0].booking, household_id, change, on, BookedBecause.OTHER_FIGURE)
    must_fit(history, entry)
    return [entry]


def must_fit(history: Iterable[Booking], new: NewEntry) -> None:
    """A correction meets an earlier intake or credit of its town and leaves no less than nobody of it.

    Raises BookingNotPossible with the field that is to blame.
    """
    if new.kind is not Entry.CORRECTION:
        return
    known = list(history)
    corrected = next((one for one in known if one.number == new.corrects), None)
    if corrected is None or corrected.ags != new.ags or corrected.kind is Entry.CORRECTION:
        raise BookingNotPossible(
            "There is no such intake or credit of this municipality.", fix="Name the number of one.", field="corrects"
        )
    if new.on < corrected.on:
        raise BookingNotPossible(
            "A correction cannot count before what it corrects.", fix=f"Take {corrected.on} or a later day.", field="on"
        )
    left = corrected.persons + sum(one.persons for one in known if one.corrects == new.corrects)
    if left + new.persons < 0:
        raise BookingNotPossible(
            f"Only {left} persons are left of the entry.", fix="Take back as many at most.", field="persons"
        )


def _still_placed(history: Sequence[Booking]) -> list[Open]:
    return [one for one in left_of(history) if one.booking.credit == PLACED]


def _received_by(history: Sequence[Booking], ags: str) -> list[Open]:
    return [one for one in left_of(history) if one.booking.kind is Entry.INTAKE and one.booking.ags == ags]


def _taken_back(one: Open, household_id: UUID, on: date, because: BookedBecause) -> NewEntry:
    return _correction(one.booking, household_id, -one.persons, on, because)


def _correction(of: Booking, household_id: UUID, persons: int, on: date, because: BookedBecause) -> NewEntry:
    return NewEntry(of.ags, max(on, of.on), Entry.CORRECTION, persons, because, household_id, corrects=of.number)
