"""Who is where, in numbers: entries that are only ever added; a correction is an entry of its own.

Persons who came on one day form a cohort, named by the number of the entry that brought them: they count from one day
for one time. Of a birth the ledger knows the first head count after it and not the day, because nobody needs the day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from kfi_allocation.domain.presence.law import law_on, next_head_count
from kfi_allocation.domain.refusals import PresenceNotPossible
from kfi_law.periods import nominal_end_of_month_period


class Happened(StrEnum):
    """What an entry records."""

    ARRIVED = "arrived"
    MOVED_IN = "moved-in"
    MOVED_OUT = "moved-out"
    BORN = "born"
    DIED = "died"
    CORRECTED = "corrected"


CORRECTABLE: Final = frozenset({Happened.ARRIVED, Happened.BORN, Happened.DIED})
"""Entries that are corrected by another figure."""


@dataclass(frozen=True, slots=True)
class Change:
    """`persons` more or fewer (below 0) of a cohort in a town from a day on; a cohort None: this entry brings one.

    `counts_from` and `counts_before` bound the time for which a new cohort counts; None: it never counts.
    """

    household_id: UUID
    ags: str
    on: date
    happened: Happened
    persons: int
    cohort: int | None = None
    counts_from: date | None = None
    counts_before: date | None = None
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class PresenceEntry:
    """A change with its number in the ledger."""

    number: int
    change: Change

    @property
    def cohort(self) -> int:
        """The cohort it is about."""
        return self.number if self.change.cohort is None else self.change.cohort


@dataclass(frozen=True, slots=True)
class Cohort:
    """So many persons of a cohort who live in a town."""

    number: int
    ags: str
    persons: int


def present(entries: Iterable[PresenceEntry], on: date | None = None) -> list[Cohort]:
    """Who lives where on a day, without a day after all entries; cohorts by number, towns by AGS, nobody left out."""
    persons: dict[tuple[int, str], int] = {}
    for entry in entries:
        if on is None or entry.change.on <= on:
            place = (entry.cohort, entry.change.ags)
            persons[place] = persons.get(place, 0) + entry.change.persons
    return [Cohort(cohort, ags, number) for (cohort, ags), number in sorted(persons.items()) if number]


def arrival(household_id: UUID, ags: str, persons: int, *, arrived_on: date, entered_on: date) -> Change:
    """The household is in its town; it counts for two years from its entry (§ 17 TIntG).

    Raises PresenceNotPossible when it would have entered the country after its arrival.
    """
    if entered_on > arrived_on:
        raise PresenceNotPossible(
            "It would have entered the country after its arrival.", fix="Correct the days.", field="entered_on"
        )
    until = _end_of_time(entered_on)
    return Change(household_id, ags, arrived_on, Happened.ARRIVED, persons, None, entered_on, until)


def birth(history: Sequence[PresenceEntry], household_id: UUID, ags: str, children: int, born_on: date) -> Change:
    """Children of a household that is there; they count for two years if born within two years of the entry.

    Raises PresenceNotPossible.
    """
    _must_live_there(history, ags, 1, born_on)
    day = next_head_count(born_on)
    of_first = next(entry.change for entry in history if entry.change.happened is Happened.ARRIVED)
    within = of_first.counts_before is not None and born_on < of_first.counts_before
    window = (day, _end_of_time(day)) if within else (None, None)
    return Change(household_id, ags, day, Happened.BORN, children, None, *window)


def leaving(
    history: Sequence[PresenceEntry], household_id: UUID, ags: str, persons: int, on: date, why: Happened,
    *, cohort: int | None = None,
) -> list[Change]:  # fmt: skip
    """So many persons leave the town, those of the named cohort or else those who came first.

    Raises PresenceNotPossible when not so many live there on that day and after it.
    """
    _must_live_there(history, ags, persons, on, cohort)
    wanted, changes = persons, []
    for one in present(history):
        if one.ags != ags or (cohort is not None and one.number != cohort) or not wanted:
            continue
        taken = min(wanted, one.persons)
        wanted -= taken
        changes.append(Change(household_id, ags, _not_before(history, one.number, on), why, -taken, one.number))
    _nobody_below_nothing(history, changes)
    return changes


def move(
    history: Sequence[PresenceEntry], household_id: UUID, from_ags: str, to_ags: str | None, persons: int, on: date,
    *, cohort: int | None = None,
) -> list[Change]:  # fmt: skip
    """So many persons leave the town and, within the Land, live in the other from that day on; their time goes on."""
    if from_ags == to_ags:
        raise PresenceNotPossible("They live there already.", fix="Name another town, or none.", field="to_ags")
    out = leaving(history, household_id, from_ags, persons, on, Happened.MOVED_OUT, cohort=cohort)
    if to_ags is None:
        return out
    into = [Change(household_id, to_ags, one.on, Happened.MOVED_IN, -one.persons, one.cohort) for one in out]
    return [*out, *into]


def correction(history: Sequence[PresenceEntry], number: int, persons: int) -> Change:
    """So many persons more or fewer in an earlier entry, from its own day on; a wrong move is moved back instead.

    Raises PresenceNotPossible.
    """
    wrong = next((entry for entry in history if entry.number == number), None)
    if wrong is None or wrong.change.happened not in CORRECTABLE:
        raise PresenceNotPossible(
            "The household has no arrival, birth or death of this number.", fix="Name one.", field="corrects"
        )
    one = wrong.change
    change = Change(one.household_id, one.ags, one.on, Happened.CORRECTED, persons, wrong.cohort, corrects=number)
    _nobody_below_nothing(history, [change])
    return change


def _nobody_below_nothing(history: Sequence[PresenceEntry], changes: Sequence[Change]) -> None:
    supposed = [*history, *(PresenceEntry(0, change) for change in changes)]
    if any(one.persons < 0 for day in {entry.change.on for entry in supposed} for one in present(supposed, day)):
        raise PresenceNotPossible(
            "Less than nobody would live there on some day.", fix="Correct the number or the day.", field="persons"
        )


def _must_live_there(
    history: Sequence[PresenceEntry], ags: str, persons: int, on: date, cohort: int | None = None
) -> None:
    """On the day and, because entries may come late, on every later day."""
    days = {on, *(entry.change.on for entry in history if entry.change.on > on)}
    least = min(_living(history, ags, day, cohort) for day in days)
    if least < persons:
        raise PresenceNotPossible(
            f"{max(0, least)} persons of the household live there then.", fix="Correct the number or the day.",
            field="persons",
        )  # fmt: skip


def _living(history: Sequence[PresenceEntry], ags: str, day: date, cohort: int | None) -> int:
    return sum(
        one.persons for one in present(history, day) if one.ags == ags and (cohort is None or one.number == cohort)
    )


def _not_before(history: Sequence[PresenceEntry], cohort: int, on: date) -> date:
    """The day, but none before the cohort was there: of a birth the first head count after it stands for its day."""
    came = next(entry.change.on for entry in history if entry.cohort == cohort and entry.change.persons > 0)
    return max(on, came)


def _end_of_time(first: date) -> date:
    """The first day that no longer counts."""
    return nominal_end_of_month_period(first, law_on(first).months)
