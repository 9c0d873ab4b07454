"""Flats that are reserved for households when a plan is accepted, and given free when they are placed elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from kfi_allocation.domain.flat_matching import FreeFlat
from kfi_allocation.domain.towns.flat import FlatState
from kfi_allocation.run_tables import RUN_HOUSEHOLD
from kfi_allocation.town_tables import FLAT_OFFER
from kfi_chassis.among import among

if TYPE_CHECKING:
    from kfi_allocation.work import AllocationWork

_COLUMNS: Final = ("id", "ags", "version", "persons", "barrier_free", "free_from")
_NOTED: Final = (
    update(RUN_HOUSEHOLD)
    .where(RUN_HOUSEHOLD.c.run_id == bindparam("run"), RUN_HOUSEHOLD.c.household_id == bindparam("home"))
    .values(flat_id=bindparam("flat"), flat_missing=bindparam("missing"))
)


class FlatReservations:
    """The flats of one transaction."""

    def __init__(self, work: "AllocationWork") -> None:
        self._work = work

    async def free_in(self, towns: Collection[str]) -> Sequence[FreeFlat]:
        """The free flats of these towns, locked."""
        asked = (
            select(*(FLAT_OFFER.c[name] for name in _COLUMNS))
            .where(among(FLAT_OFFER.c.ags, towns), FLAT_OFFER.c.state == FlatState.FREE.value)
            .order_by(FLAT_OFFER.c.id)
            .with_for_update()
        )
        return [FreeFlat(**row._mapping) for row in await self._work.connection.execute(asked)]

    async def held_by(self, households: Collection[UUID]) -> Mapping[UUID, FreeFlat]:
        """The flat that is reserved for each of these households."""
        asked = select(FLAT_OFFER.c.household_id, *(FLAT_OFFER.c[name] for name in _COLUMNS)).where(
            among(FLAT_OFFER.c.household_id, households), FLAT_OFFER.c.state == FlatState.RESERVED.value
        )
        return {
            row.household_id: FreeFlat(**{name: getattr(row, name) for name in _COLUMNS})
            for row in await self._work.connection.execute(asked)
        }

    async def reserve(self, flat: FreeFlat, household: UUID) -> None:
        """Keep a flat for a household. Raises VersionConflict, OfferNotFree."""
        found = await self._work.towns.flat(flat.id, flat.ags, seen_version=flat.version)
        found.reserve(household)
        await self._work.towns.save_flat(found)

    async def release(self, flat: FreeFlat) -> None:
        """The household is placed elsewhere. Raises VersionConflict, OfferNotFree."""
        found = await self._work.towns.flat(flat.id, flat.ags, seen_version=flat.version)
        found.release()
        await self._work.towns.save_flat(found)

    async def note(self, run_id: UUID, given: Mapping[UUID, UUID], missing: Mapping[UUID, str]) -> None:
        """Note with the run who got which flat, and who got none for what."""
        rows: list[dict[str, object]] = [
            {"run": run_id, "home": home, "flat": flat, "missing": None} for home, flat in sorted(given.items())
        ]
        rows += [{"run": run_id, "home": home, "flat": None, "missing": need} for home, need in sorted(missing.items())]
        if rows:
            await self._work.connection.execute(_NOTED, rows)
