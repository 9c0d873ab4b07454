"""A portion of a list: what each entry means for its household today, and whether the placement can bear it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from kfi_allocation.arrival_entries import Entry
from kfi_allocation.domain.arrivals.arrival_list import ArrivalList
from kfi_allocation.domain.arrivals.difference import Change, Difference, Outcome, change_of
from kfi_allocation.domain.errors import RuleBroken
from kfi_allocation.domain.household import Announcement, Household
from kfi_allocation.domain.placement import Placement


class Compared:
    """An entry of a list beside its household as that is known now."""

    def __init__(self, importing: ArrivalList, entry: Entry, household: Household | None) -> None:
        self.entry, self.household = entry, household
        by_absence = entry.difference is Difference.CANCELLED and entry.line == 0
        if by_absence and household is not None and household.list_id != importing.root_id:
            self.change = Change(Difference.UNCHANGED, {})
        else:
            self.change = change_of(household, entry.said, cancelled=entry.said is None)

    @property
    def placements(self) -> tuple[UUID, ...]:
        """Whose placement it touches: where a household can be reached says nothing about where it is placed."""
        touched = self.change.difference is Difference.CANCELLED or (
            self.change.difference is Difference.AMENDED and set(self.change.fields) != {"contact"}
        )
        return (self.household.id,) if touched and self.household is not None else ()

    def became(self, outcome: Outcome, household: Household | None, refusal: str | None = None) -> Entry:
        """The entry with what became of it."""
        known_as = None if household is None else household.id
        return replace(self.entry, outcome=outcome, household_id=known_as, refusal=refusal)


class Portion:
    """What some households of a list bring into force: decided one by one, stored together."""

    def __init__(self, importing: ArrivalList, today: date, placements: Mapping[UUID, Placement]) -> None:
        self._importing, self._today, self._placements = importing, today, placements
        self.added: list[tuple[Household, Placement]] = []
        self.amended: list[tuple[Household, tuple[str, ...]]] = []
        self.cancelled: list[Household] = []
        self.corrected: list[Placement] = []
        self.resized: set[UUID] = set()

    def taken(self, one: Compared) -> Entry:
        """The entry with its outcome; what a rule forbids is refused and holds up no other."""
        household, said, difference = one.household, one.entry.said, one.change.difference
        try:
            if difference is Difference.ADDED and said is not None:
                household = self._announce(said)
            elif difference is Difference.AMENDED and household is not None and said is not None:
                self._amend(household, said, one)
            elif difference is Difference.CANCELLED and household is not None:
                self._cancel(household)
        except RuleBroken as refused:
            return one.became(Outcome.REFUSED, household, refused.code)
        return one.became(Outcome(difference.value), household)

    def _announce(self, said: Announcement) -> Household:
        root, today = self._importing.root_id, self._today
        household = Household.announced(uuid4(), said, list_id=root, source=self._importing.source, on=today)
        placement = Placement.announce(
            household.id, list_id=root, group=said.group, persons=said.persons, arrival_on=said.arrival_on, on=today
        )
        self.added.append((household, placement))
        return household

    def _amend(self, household: Household, said: Announcement, one: Compared) -> None:
        """The placement says first whether it can bear it. Raises RuleBroken before anything is changed."""
        for home in one.placements:
            placement = self._placements[home]
            before = placement.persons
            placement.amend(persons=said.persons, arrival_on=said.arrival_on)
            self.corrected.append(placement)
            self.resized |= {home} if said.persons != before else set()
        self.amended.append((household.amended(said), tuple(one.change.fields)))

    def _cancel(self, household: Household) -> None:
        placement = self._placements[household.id]
        placement.cancel(self._today)
        self.corrected.append(placement)
        self.cancelled.append(household)
