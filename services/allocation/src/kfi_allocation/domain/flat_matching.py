"""Which household gets which flat: as many as possible of those who need one, by a rule that can be repeated.

A barrier-free flat is for who needs it without steps, a large one for who needs a large home; it holds all persons and
is free on the day of arrival. Households come in the order of their ids, flats smallest first.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kfi_allocation.domain.towns.situation import ACCESSIBLE, LARGE_HOME

FLAT_NEEDS = frozenset({ACCESSIBLE, LARGE_HOME})
"""The needs that a flat meets."""


@dataclass(frozen=True, slots=True)
class FreeFlat:
    """A flat nobody has yet."""

    id: UUID
    ags: str
    version: int
    persons: int
    barrier_free: bool
    free_from: date


@dataclass(frozen=True, slots=True)
class Seeker:
    """A household that needs a flat in its town from a day on."""

    household_id: UUID
    ags: str
    persons: int
    needs: AbstractSet[str]
    from_day: date

    def fits(self, flat: FreeFlat, large_home_persons: int) -> bool:
        """Whether this flat is one for the household."""
        least = max(self.persons, large_home_persons) if LARGE_HOME in self.needs else self.persons
        steps = flat.barrier_free or ACCESSIBLE not in self.needs
        return flat.ags == self.ags and steps and flat.persons >= least and flat.free_from <= self.from_day


def matched(seekers: Sequence[Seeker], flats: Sequence[FreeFlat], large_home_persons: int) -> Mapping[UUID, FreeFlat]:
    """The flat of each household that gets one; no other choice gives flats to more of them."""
    order = sorted(flats, key=lambda flat: (flat.persons, flat.barrier_free, flat.id))
    fitting = {
        seeker.household_id: [flat for flat in order if seeker.fits(flat, large_home_persons)]
        for seeker in sorted(seekers, key=lambda seeker: seeker.household_id)
    }
    holder: dict[UUID, UUID] = {}
    for household in fitting:
        _find(household, fitting, holder, set())
    by_id = {flat.id: flat for flat in order}
    return {household: by_id[flat] for flat, household in holder.items()}


def _find(
    household: UUID, fitting: Mapping[UUID, Sequence[FreeFlat]], holder: dict[UUID, UUID], seen: set[UUID]
) -> bool:
    """Give the household a flat, by moving others where that helps (augmenting paths)."""
    for flat in fitting[household]:
        if flat.id in seen:
            continue
        seen.add(flat.id)
        if flat.id not in holder or _find(holder[flat.id], fitting, holder, seen):
            holder[flat.id] = household
            return True
    return False
