"""Towns that planners named for households before a plan was accepted, each with its reason."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select

from kfi_allocation.domain.overriding import Override, OverrideReason
from kfi_allocation.run_tables import RUN_OVERRIDE
from kfi_chassis.work import Work

_NO_OVERRIDES: Final[Sequence[Override]] = ()


class Overrides:
    """The overrides of one transaction; what a planner wrote lies under the key of the household."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def add(self, run_id: UUID, overrides: Sequence[Override]) -> None:
        """Store the overrides a run is planned around. Raises PersonErased."""
        if not overrides:
            return
        keys = await self._work.persons.keys_to_write(one.household_id for one in overrides)
        rows = [
            {
                "run_id": run_id, "household_id": one.household_id, "ags": one.ags, "reason": one.reason.value,
                "decided_by": one.decided_by,
                "explanation": keys[one.household_id].encrypt(
                    RUN_OVERRIDE.c.explanation, f"{run_id}:{one.household_id}", one.explanation
                ),
            }
            for one in overrides
        ]  # fmt: skip
        await self._work.connection.execute(insert(RUN_OVERRIDE), rows)

    async def of_run(self, run_id: UUID) -> Sequence[Override]:
        """The overrides of a run, in the order of the households' ids."""
        asked = select(RUN_OVERRIDE).where(RUN_OVERRIDE.c.run_id == run_id).order_by(RUN_OVERRIDE.c.household_id)
        rows = (await self._work.connection.execute(asked)).all()
        if not rows:
            return _NO_OVERRIDES
        keys = await self._work.persons.keys({row.household_id for row in rows})
        return [
            Override(
                row.household_id, row.ags, OverrideReason(row.reason),
                keys[row.household_id].text(
                    RUN_OVERRIDE.c.explanation, f"{run_id}:{row.household_id}", row.explanation
                ),
                row.decided_by,
            )
            for row in rows
        ]  # fmt: skip
